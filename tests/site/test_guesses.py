"""Who guesses PINs slows a tablet, and no person: counted before a PIN is looked at."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.clock import SystemClock
from edge.domain.errors import BadInput, NotAllowed, Unavailable
from edge.journal import pin_tries, sessions
from edge.node import Node
from edge.plugins.sign_in import verifiers
from edge.services.guesses import HERE, LIMITS, PinAsker
from edge.services.pins import PinSeal
from sync.protocol.instants import instant

GUEST, NURSE = PinAsker("192.0.2.66"), PinAsker("192.0.2.10")
QUARTER = timedelta(minutes=15)


class MovedClock(SystemClock):
    """A clock that shows some time later."""

    later = timedelta()

    def now(self) -> datetime:
        return super().now() + self.later


@pytest.fixture
def clock(node: Node) -> MovedClock:
    moved = MovedClock("UTC")
    node.authenticator._clock = moved
    node.authenticator.sessions._clock = moved
    node.authenticator.guard._clock = moved.now
    return moved


def tried(node: Node, code: str, pin: str, asker: PinAsker = GUEST) -> str:
    """Try a PIN until others let it be looked at; give what came of it."""
    while True:
        try:
            node.authenticator.check_pin(code, pin, asker)
        except Unavailable:
            continue
        except NotAllowed as error:
            return error.code
        return "right"


@pytest.mark.slow
def test_twenty_guesses_at_once_get_exactly_five_through(node: Node) -> None:
    with ThreadPoolExecutor(20) as guessing:
        found = list(guessing.map(lambda pin: tried(node, "S1", f"{pin:04}"), range(20)))
    assert found.count("sign-in.wrong") == 5
    assert found.count("sign-in.locked") == 15


def test_a_guess_that_waits_for_its_turn_counts_those_that_came_later_and_were_let_in_first(
    node: Node, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(asker: PinAsker) -> bool:
        monkeypatch.setattr(node.authenticator.guard, "_goes_first", lambda asker: False)
        clock.later += timedelta(seconds=1)
        assert [tried(node, "S1", "0000") for _ in range(5)] == ["sign-in.wrong"] * 5
        return False

    monkeypatch.setattr(node.authenticator.guard, "_goes_first", overtaken)
    assert tried(node, "S1", "0000") == "sign-in.locked"


def test_a_guess_is_counted_before_it_is_looked_at_so_that_a_power_cut_forgives_none(
    node: Node, site_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        with node.journal.reading() as db:
            counted.append(pin_tries.tries_since(db, "S1", ""))
        raise NotAllowed("cut", "The power went.")

    counted: list[int] = []
    monkeypatch.setattr("edge.plugins.sign_in.pin.check", cut)
    with pytest.raises(NotAllowed):
        node.authenticator.check_pin("S1", "0000", GUEST)
    assert counted == [1]


def test_the_limit_holds_over_a_restart(node: Node, site_folder: Path) -> None:
    assert [tried(node, "S1", "0000") for _ in range(5)] == ["sign-in.wrong"] * 5
    node.close()
    again = Node(site_folder)
    assert tried(again, "S1", "2468") == "sign-in.locked"
    again.close()


def test_a_guests_guesses_lock_the_supervisor_out_nowhere_but_at_the_guests_tablet(
    node: Node,
) -> None:
    assert tried(node, "S1", "2468", NURSE) == "right"
    for number in range(60):
        tried(node, "S1", "0000", PinAsker(f"192.0.2.{100 + number}"))
    assert tried(node, "S1", "2468", PinAsker("192.0.2.201")) == "sign-in.locked"
    assert tried(node, "S1", "2468", NURSE) == "right"
    assert tried(node, "S1", "2468", PinAsker("192.0.2.202", "tablet-1")) == "right"
    assert tried(node, "S1", "2468", HERE) == "right"


@pytest.mark.parametrize(("accounts", "through"), [(1, 10), (8, 30)])
def test_strangers_have_ten_tries_of_an_account_and_thirty_of_the_site_together(
    node: Node, accounts: int, through: int
) -> None:
    codes = ["S1", "V1", "R1", "T1", "V2", "nobody", "none", "neither"][:accounts]
    found = [
        tried(node, codes[number % accounts], "0000", PinAsker(f"192.0.2.{number}"))
        for number in range(60)
    ]
    assert found.count("sign-in.wrong") == through


def test_who_signs_in_between_guesses_at_anothers_pin_has_no_more_of_them(node: Node) -> None:
    found = []
    for number in range(12):
        found.append(tried(node, "S1", f"{number:04}", NURSE))
        tried(node, "V1", "2468", NURSE)
    assert found.count("sign-in.wrong") == 5


def test_who_works_here_gets_no_more_guesses_at_anothers_pin_by_signing_in_from_many_addresses(
    node: Node,
) -> None:
    found = []
    for number in range(12):
        one = PinAsker(f"2001:db8::{number:x}")
        assert tried(node, "V1", "2468", one) == "right"
        found += [tried(node, "S1", "0000", one) for _ in range(5)]
    assert found.count("sign-in.wrong") == 10
    assert tried(node, "V1", "2468", one) == "right"
    assert tried(node, "S1", "2468", PinAsker("192.0.2.202", "tablet-1")) == "right"
    assert tried(node, "S1", "2468", HERE) == "right"


def test_after_a_quarter_of_an_hour_five_more_are_tried_and_twenty_in_a_day(
    node: Node, clock: MovedClock
) -> None:
    found = []
    for _ in range(10):
        found += [tried(node, "S1", "0000", NURSE) for _ in range(6)]
        clock.later += QUARTER + timedelta(seconds=1)
    assert found.count("sign-in.wrong") == 20
    clock.later += timedelta(days=1)
    assert tried(node, "S1", "2468", NURSE) == "right"


def test_a_clock_that_was_set_back_locks_nobody_out(node: Node, clock: MovedClock) -> None:
    clock.later = timedelta(days=400)
    assert [tried(node, "S1", "0000") for _ in range(6)][-1] == "sign-in.locked"
    clock.later = timedelta()
    assert tried(node, "S1", "2468") == "right"


def test_the_refusal_says_how_long_this_tablet_has_to_wait(node: Node, clock: MovedClock) -> None:
    for _ in range(5):
        tried(node, "S1", "0000")
    clock.later = timedelta(minutes=10)
    with pytest.raises(NotAllowed) as refused:
        node.authenticator.check_pin("S1", "2468", GUEST)
    assert refused.value.values == {"minutes": 5}


def test_a_tablet_that_is_known_is_looked_at_before_the_guests_that_wait(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(node, "V1", "2468", NURSE)
    order: list[str] = []
    begun, go = threading.Event(), threading.Event()
    real = verifiers.check

    def slow(bind: verifiers.Bind, staff: str, kept: str, pin: str) -> verifiers.CheckedPin:
        order.append(pin)
        begun.set()
        assert go.wait(30)
        return real(bind, staff, kept, pin)

    monkeypatch.setattr("edge.plugins.sign_in.pin.check", slow)
    with ThreadPoolExecutor(8) as asking:
        guests = [
            asking.submit(tried, node, "S1", f"guest {number}", PinAsker(f"192.0.2.{50 + number}"))
            for number in range(4)
        ]
        assert begun.wait(30)
        turns = node.authenticator.guard._turns
        while len(turns._waiting) < 3:
            pass
        nurse = asking.submit(tried, node, "V1", "2468", NURSE)
        while len(turns._waiting) < 4:
            pass
        go.set()
        assert nurse.result() == "right"
        assert [guest.result() for guest in guests] == ["sign-in.wrong"] * 4
    assert order[1] == "2468"


def test_a_code_that_nobody_has_costs_and_counts_as_one_that_somebody_has(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is computed is counted, not timed: Argon2's cost is its verifier's parameters."""
    from argon2 import PasswordHasher, extract_parameters

    costs = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, hash_: str, password: bytes) -> bool:
        asked = extract_parameters(hash_)
        costs.append((asked.memory_cost, asked.time_cost, asked.parallelism))
        return real(self, hash_, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    answers: list[str] = []
    for code in ("S1", "nobody", "", "x" * 300, "S9\0", "S2"):
        with pytest.raises(NotAllowed) as refused:
            node.authenticator.check_pin(code, "0000", PinAsker(f"192.0.2.{len(answers)}"))
        answers.append(str(refused.value))
    assert len(set(answers)) == 1
    assert costs == [(19456, 2, 1)] * 6
    with node.journal.reading() as db:
        assert pin_tries.try_that_must_pass(
            db, "site", "", "", ("", instant(node.clock.now())), len(costs)
        )


@pytest.mark.parametrize("code", ["13579", "Grace Wanjiru"])
def test_what_is_typed_in_place_of_a_code_stands_nowhere(
    node: Node, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    tried(node, code, "86420")
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        kept = [
            *db.execute("SELECT device, staff FROM pin_try").fetchall(),
            *db.execute("SELECT staff, content FROM access").fetchall(),
        ]
    assert len(kept) == 2
    for secret in (code, "86420"):
        assert secret not in str(kept) + caplog.text


def test_a_verifier_of_a_campaign_is_bound_to_the_node_at_the_first_right_pin(node: Node) -> None:
    def kept() -> str:
        with node.journal.reading() as db:
            row = db.execute("SELECT verifier FROM pin_remade WHERE staff = 'V1'").fetchone()
        return row[0] if row else ""

    assert kept() == ""
    assert tried(node, "V1", "0000") == "sign-in.wrong"
    assert kept() == ""
    assert tried(node, "V1", "2468") == "right"
    made = kept()
    opened = node.use_cases.seal.open("V1", made)
    assert opened.startswith("bound:$argon2id$")
    assert tried(node, "V1", "2468") == "right"
    assert kept() == made
    assert tried(node, "V1", "2469") == "sign-in.wrong"


def test_a_leaked_verifier_opens_nothing_at_another_site(node: Node) -> None:
    """Not even with its seal open: it is of a digest that the node's key makes."""
    node.authenticator.set_pin("V1", "135790", by="S1")
    with node.journal.reading() as db:
        leaked = node.use_cases.seal.open("V1", sessions.pin_verifier(db, "V1"))
    other = PinSeal(Ed25519PrivateKey.generate())
    for kept in (leaked, leaked.removeprefix("bound:"), other.seal("V1", leaked)):
        assert not verifiers.check(other.bound, "V1", other.open("V1", kept), "135790").right
    assert verifiers.check(node.use_cases.seal.bound, "V1", leaked, "135790").right
    assert not verifiers.check(node.use_cases.seal.bound, "V2", leaked, "135790").right


def test_a_pin_of_any_text_is_wrong_in_words(node: Node) -> None:
    for number, pin in enumerate(("", "\0", "\ud800", "9" * 100_000, "１２３４", "'; --")):
        assert tried(node, "S1", pin, PinAsker(f"192.0.2.{number}")) == "sign-in.wrong"


def test_the_limits_are_those_that_the_documents_promise() -> None:
    told = [(one.scope, one.tries, int(one.within.total_seconds() // 60)) for one in LIMITS]
    assert told == [
        ("device", 5, 15), ("device", 20, 1440), ("account", 10, 15), ("account", 40, 1440),
        ("site", 30, 15), ("addresses", 10, 15), ("addresses", 40, 1440), ("papers", 10, 15), ("papers", 40, 1440),
    ]  # fmt: skip


def test_a_badge_of_digits_that_is_read_over_the_pin_is_no_wrong_pin(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = node.use_cases.site.catalogues
    with node.journal.reading() as db:
        known = catalogue.current(db)
    numbered = replace(known.staff["V1"], code="40417")
    found = replace(known, staff={**known.staff, "40417": numbered})
    monkeypatch.setattr(catalogue, "current", lambda _db: found)

    def typed(code: str, pin: str, asker: PinAsker) -> str:
        try:
            node.authenticator.check_pin(code, pin, asker)
        except (BadInput, NotAllowed) as error:
            return error.code
        return "right"

    for _ in range(7):
        assert typed("40417", "40417", GUEST) == "sign-in.badge"
    assert typed("S1", "40417", GUEST) == "sign-in.wrong"  # a stranger learns no code by it
    assert typed("S1", "2468", NURSE) == "right"
    for _ in range(7):
        assert typed("S1", "40417", NURSE) == "sign-in.badge"
    assert typed("S1", "40418", NURSE) == "sign-in.wrong"
    assert typed("S1", "2468", NURSE) == "right"
