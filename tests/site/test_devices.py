"""Which tablets belong to a site: paired by a secret that works once, and put out again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.adapters.entropy import SystemEntropy
from edge.domain.believable import Belief
from edge.domain.errors import BadInput, NotAllowed, NotFound
from edge.node import Node
from edge.services.devices import INVITED_FOR, Devices


class Hands:
    """A clock that stands where a test puts it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 12, 1, 8, tzinfo=UTC)

    @property
    def zone(self) -> tzinfo:
        return UTC

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()

    def believed(self) -> bool:
        return True

    def belief(self) -> Belief:
        return Belief(True)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def devices(node: Node, hands: Hands) -> Devices:
    return Devices(node.journal, hands, SystemEntropy(), node.site.ids, demanded=True)


def paired(devices: Devices, name: str = "Tablet 1") -> str:
    return devices.pair(devices.invite(name, "S1").secret)


def test_a_tablet_is_known_by_the_key_it_was_given(devices: Devices) -> None:
    device = devices.of(paired(devices))
    assert device is not None
    assert (device.name, device.paired_by) == ("Tablet 1", "S1")
    assert devices.of("") is None
    assert devices.of("0" * 64) is None


def test_a_secret_pairs_one_tablet_and_no_second(devices: Devices) -> None:
    secret = devices.invite("Tablet 1", "S1").secret
    devices.pair(secret)
    with pytest.raises(NotAllowed, match="used already"):
        devices.pair(secret)
    assert len(devices.all()) == 1


def test_a_secret_is_typed_in_small_letters_and_in_the_digits_of_any_script(
    devices: Devices,
) -> None:
    typed = devices.invite("Tablet 1", "S1").secret.lower()
    devices.pair(typed.translate(str.maketrans("234567", "٢٣٤٥٦٧")))
    assert len(devices.all()) == 1


@pytest.mark.parametrize("later", [INVITED_FOR, timedelta(days=400), -timedelta(seconds=1)])
def test_a_secret_is_over_after_its_time_and_when_the_clock_was_set_back(
    devices: Devices, hands: Hands, later: timedelta
) -> None:
    secret = devices.invite("Tablet 1", "S1").secret
    begun = hands.at
    hands.at = begun + later
    with pytest.raises(NotAllowed):
        devices.pair(secret)
    hands.at = begun
    with pytest.raises(NotAllowed):  # who came too late or too early has used it up
        devices.pair(secret)


def test_a_secret_may_be_typed_as_people_type(devices: Devices) -> None:
    secret = devices.invite("Tablet 1", "S1").secret
    devices.pair(f"  {secret.lower().replace('-', ' ').replace('o', '0').replace('i', '1')} ")
    assert len(devices.all()) == 1


@pytest.fixture
def inviting(devices: Devices) -> Devices:
    """Give devices, one of which has a code that is still good."""
    devices.invite("Tablet 1", "S1")
    return devices


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_text_that_was_not_given_out_pairs_a_tablet(inviting: Devices, text: str) -> None:
    with pytest.raises(NotAllowed):
        inviting.pair(text)


def test_a_guess_at_a_pairing_code_writes_nothing(
    devices: Devices, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = devices.invite("Tablet 1", "S1").secret
    runs: list[object] = []
    run = node.journal.run

    def counted(work: Any) -> Any:
        runs.append(work)
        return run(work)

    monkeypatch.setattr(node.journal, "run", counted)
    for guess in ("", "A" * 24, code[:-1]):
        with pytest.raises(NotAllowed):
            devices.pair(guess)
    assert runs == []
    devices.pair(code)
    assert len(runs) == 1


def test_a_tablet_that_was_revoked_is_out_at_once_and_leaves_a_trace(
    devices: Devices, node: Node
) -> None:
    key, other = paired(devices), paired(devices, "Tablet 2")
    device = devices.of(key)
    assert device is not None
    token = node.authenticator.sign_in("V1", "2468", device.id)
    assert node.authenticator.who(token, device.id)
    devices.revoke(device.id, "S1")
    assert devices.of(key) is None
    assert devices.of(other) is not None
    with node.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM session").fetchone()[0] == 0
    assert [(one.name, one.revoked_at is None) for one in devices.all()] == [
        ("Tablet 2", True),
        ("Tablet 1", False),
    ]


def test_a_tablet_that_is_not_there_cannot_be_revoked(devices: Devices) -> None:
    with pytest.raises(NotFound):
        devices.revoke("nobody", "S1")


def test_a_session_is_of_the_tablet_on_which_it_was_opened(devices: Devices, node: Node) -> None:
    token = node.authenticator.sign_in("V1", "2468", "one")
    assert node.authenticator.who(token, "one")
    assert node.authenticator.who(token, "other") is None
    assert node.authenticator.who(token) is None
    assert node.authenticator.who(token, "one")


@pytest.mark.parametrize("name", ["", "   ", "\x1b", "\u202e"])
def test_a_tablet_has_a_name_that_can_be_read(devices: Devices, name: str) -> None:
    with pytest.raises(BadInput):
        devices.invite(name, "S1")


def test_when_a_tablet_was_last_here_is_known_to_five_minutes(
    devices: Devices, hands: Hands
) -> None:
    key, begun = paired(devices), hands.at
    for minutes in (1, 4):
        hands.at = begun + timedelta(minutes=minutes)
        devices.of(key)
        assert devices.all()[0].seen_at == begun
    hands.at = begun + timedelta(minutes=6)
    devices.of(key)
    assert devices.all()[0].seen_at == hands.at
    hands.at = begun - timedelta(days=30)  # the clock was set right
    devices.of(key)
    assert devices.all()[0].seen_at == hands.at


def test_neither_a_secret_nor_a_key_stands_anywhere_in_the_journal(
    devices: Devices, node: Node, tmp_path: Path
) -> None:
    code = devices.invite("Tablet 1", "S1")
    key = devices.pair(devices.invite("Tablet 2", "S1").secret)
    secrets = {code.secret, code.secret.replace("-", ""), key}
    with node.journal.reading() as db:
        for table in db.table_names():
            for row in db.execute(f"SELECT * FROM {table}"):
                assert not secrets & {str(value) for value in row}, table
