"""Invitations of staff, from the registry's office to the supervisor's word, and who gets in not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from inviting import NEWCOMER, Office, newcomer
from rebuilding import rebuilt_is_the_same

from edge.domain.catalogue import Staff
from edge.domain.errors import EdgeError
from edge.journal.entries import entries
from edge.node import Node
from edge.services.guesses import PinAsker
from edge.services.invitations import Invitations
from sync.protocol.instants import read_instant
from sync.protocol.keys import node_id

TABLET = PinAsker("10.0.0.7", "")


@pytest.fixture
def node(node: Node) -> Node:
    """A site of whose staff one more is named, who has no PIN."""
    newcomer(node)
    return node


@pytest.fixture
def office(node: Node) -> Office:
    return Office(node)


@pytest.fixture
def door(node: Node) -> Invitations:
    return node.use_cases.invitations


def told(node: Node, *types: str) -> list[Any]:
    with node.journal.reading() as db:
        return [one for one in entries(db) if one.type in types]


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(EdgeError) as error:
        work()
    return error.value.code


def test_an_invited_person_chooses_a_pin_that_counts_once_a_supervisor_has_confirmed_it(
    node: Node, office: Office, door: Invitations, staff: Callable[[str], Staff]
) -> None:
    code = office.invite()
    assert door.take(NEWCOMER.lower(), f" {code.lower()} ", "8642", TABLET).code == NEWCOMER
    enter = partial(node.authenticator.sign_in, NEWCOMER, "8642")
    assert refused(enter) == "sign-in.wrong"  # nobody has said who that was
    ((who, waiting),) = door.here()
    assert (who.code, bool(waiting.taken_at)) == (NEWCOMER, True)
    assert door.confirm(waiting.id, staff("S1")).name == "Nia Newcomer"
    entered = node.authenticator.who(enter())
    assert entered is not None
    assert entered.roles == {"vaccinator"}  # the campaign's, as before
    assert door.here() == []
    whole = json.dumps([dict(one.document) for one in told(node, "StaffInvited", "PinSet")])
    assert "$argon2" not in whole
    assert code not in whole
    assert rebuilt_is_the_same(node, node.folder)


def test_an_invitation_is_accepted_once(node: Node, office: Office, door: Invitations) -> None:
    code = office.invite()
    door.take(NEWCOMER, code, "8642", TABLET)
    assert refused(lambda: door.take(NEWCOMER, code, "1357", TABLET)) == "invitation.spent"
    assert len(told(node, "StaffInvitationTaken")) == 1


def test_a_supervisor_refuses_who_took_an_invitation_and_nobody_gets_in_by_it(
    node: Node, office: Office, door: Invitations, staff: Callable[[str], Staff]
) -> None:
    code = office.invite()
    door.take(NEWCOMER, code, "8642", TABLET)
    door.refuse("i-1", staff("S1"))
    assert refused(lambda: door.confirm("i-1", staff("S1"))) == "invitation.gone"
    assert refused(lambda: door.take(NEWCOMER, code, "8642", TABLET)) == "invitation.wrong"
    assert rebuilt_is_the_same(node, node.folder)


def test_what_nobody_took_is_not_confirmed_and_nobody_confirms_their_own(
    node: Node, office: Office, door: Invitations, staff: Callable[[str], Staff]
) -> None:
    code = office.invite()
    assert refused(lambda: door.confirm("i-1", staff("S1"))) == "invitation.untaken"
    door.take(NEWCOMER, code, "8642", TABLET)
    assert refused(lambda: door.confirm("i-1", staff(NEWCOMER))) == "invitation.own"


def test_a_newer_invitation_replaces_an_older_one_and_never_the_other_way_round(
    office: Office, door: Invitations
) -> None:
    late, late_code = office.body("i-old", ago=1)
    first, second = office.invite("i-1"), office.invite("i-2")
    assert refused(lambda: door.take(NEWCOMER, first, "8642", TABLET)) == "invitation.wrong"
    office.letter("invitation", "i-old", late)
    assert refused(lambda: door.take(NEWCOMER, late_code, "8642", TABLET)) == "invitation.wrong"
    assert door.take(NEWCOMER, second, "8642", TABLET).code == NEWCOMER


def test_codes_are_counted_as_pins_are_and_a_right_one_makes_no_tablet_known(
    node: Node, office: Office, door: Invitations
) -> None:
    code = office.invite()
    guess = partial(door.take, NEWCOMER, "AAAA-AAAA-AAAA", "8642", TABLET)
    assert [refused(guess) for _ in range(6)] == ["invitation.wrong"] * 5 + ["sign-in.locked"]
    assert refused(lambda: door.take(NEWCOMER, code, "8642", TABLET)) == "sign-in.locked"
    assert door.take(NEWCOMER, code, "8642", PinAsker("10.0.0.8")).code == NEWCOMER
    with node.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM right_pin").fetchone() == (0,)


@pytest.mark.slow
def test_ten_people_are_invited_and_choose_their_pins_at_one_tablet_one_after_another(
    node: Node, office: Office, door: Invitations
) -> None:
    for number in range(10):
        newcomer(node, code=f"T{number}")
        code = office.invite(f"t-{number}", f"T{number}")
        assert door.take(f"T{number}", code, "8642", TABLET).code == f"T{number}"
    again = partial(door.take, "T9", code, "8642", TABLET)
    assert [refused(again) for _ in range(6)] == ["invitation.spent"] * 5 + ["sign-in.locked"]


def test_a_code_that_nobody_has_and_somebody_without_an_invitation_learn_the_same(
    office: Office, door: Invitations
) -> None:
    code = office.invite()
    for staff in ("V1", "nobody", ""):
        assert refused(partial(door.take, staff, code, "8642", TABLET)) == "invitation.wrong"


def test_a_pin_of_the_invited_keeps_to_the_rules_of_pins_and_spends_no_try(
    office: Office, door: Invitations
) -> None:
    code = office.invite()
    for pin in ("12", "x" * 5, "1" * 13, ""):
        assert refused(partial(door.take, NEWCOMER, code, pin, TABLET)) == "pin.form"
    assert door.take(NEWCOMER, code, "8642", TABLET).code == NEWCOMER


def test_an_invitation_never_replaces_a_pin(
    node: Node, office: Office, door: Invitations, staff: Callable[[str], Staff]
) -> None:
    """Whether the campaign gave it, a supervisor set it before, or after the code was taken."""
    campaign = office.invite("i-1", "V1")
    assert refused(lambda: door.take("V1", campaign, "8642", TABLET)) == "invitation.has-pin"
    code = office.invite("i-2")
    door.take(NEWCOMER, code, "8642", TABLET)
    node.authenticator.set_pin(NEWCOMER, "1357", by="S1")
    assert refused(lambda: door.confirm("i-2", staff("S1"))) == "invitation.gone"
    again = office.invite("i-3")
    assert refused(lambda: door.take(NEWCOMER, again, "8642", TABLET)) == "invitation.has-pin"
    assert node.authenticator.sign_in(NEWCOMER, "1357")


def test_an_invitation_that_is_withdrawn_counts_no_more_however_often_its_letter_comes(
    node: Node, office: Office, door: Invitations, staff: Callable[[str], Staff]
) -> None:
    body, code = office.body("i-1")
    office.letter("invitation", "i-1", body)
    door.take(NEWCOMER, code, "8642", TABLET)
    office.withdraw()
    assert refused(lambda: door.confirm("i-1", staff("S1"))) == "invitation.gone"
    office.letter("invitation", "i-1", body)
    office.letter("invitation", "i-9", body)  # under an id of another letter
    assert refused(lambda: door.take(NEWCOMER, code, "8642", TABLET)) == "invitation.wrong"
    early, early_code = office.body("i-2")
    office.withdraw("i-2")  # and one whose withdrawal came first
    office.letter("invitation", "i-2", early)
    assert refused(lambda: door.take(NEWCOMER, early_code, "8642", TABLET)) == "invitation.wrong"
    assert rebuilt_is_the_same(node, node.folder)


def test_an_invitation_of_another_node_or_place_or_one_that_was_changed_is_refused_in_words(
    node: Node, office: Office, door: Invitations
) -> None:
    other = Ed25519PrivateKey.generate().public_key()
    office.invite("a", key=other)
    office.invite("b", node=node_id(other))
    office.invite("c", facility="DEMO02")
    body, _ = office.body("d")
    middle = len(body["sealed"]) // 2
    swapped = "A" if body["sealed"][middle] != "A" else "B"
    changed = body["sealed"][:middle] + swapped + body["sealed"][middle + 1 :]
    for id_, sealed in (("d", changed), ("e", ""), ("f", 7), ("g", "A" * 9000), ("h", "%")):
        office.letter("invitation", id_, {"sealed": sealed})
    office.letter("invitation", "i", office.body("another letter's")[0])
    assert door.here() == []
    codes = {one.body["letter"]: one.body["code"] for one in told(node, "LetterRefused")}
    assert codes == dict.fromkeys("abcdefghi", "invitation.other")


def test_who_left_the_campaign_or_the_site_gets_in_by_no_invitation_and_comes_back_with_the_campaign(
    node: Node, office: Office, door: Invitations, staff: Callable[[str], Staff]
) -> None:
    code = office.invite()
    newcomer(node, facilities=["DEMO02"])
    assert refused(lambda: door.take(NEWCOMER, code, "8642", TABLET)) == "invitation.wrong"
    newcomer(node)
    door.take(NEWCOMER, code, "8642", TABLET)
    newcomer(node, active=False)
    assert door.here() == []
    assert refused(lambda: door.confirm("i-1", staff("S1"))) == "invitation.not-here"
    newcomer(node)
    assert door.confirm("i-1", staff("S1")).code == NEWCOMER


@pytest.mark.parametrize(
    ("days", "code"),
    [(730, "invitation.clock"), (-730, "invitation.clock"), (8, "invitation.expired")],
)
def test_a_clock_that_is_two_years_off_lets_nobody_in_and_says_what_it_shows(
    node: Node,
    office: Office,
    door: Invitations,
    staff: Callable[[str], Staff],
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    code: str,
) -> None:
    typed = office.invite()
    off = node.clock.now() + timedelta(days=days)
    with monkeypatch.context() as wrong:
        wrong.setattr(node.clock, "now", lambda: off)
        assert refused(lambda: door.take(NEWCOMER, typed, "8642", TABLET)) == code
    door.take(NEWCOMER, typed, "8642", TABLET)
    monkeypatch.setattr(node.clock, "now", lambda: off)
    assert refused(lambda: door.confirm("i-1", staff("S1"))) == code


def test_an_invitation_that_has_expired_is_listed_for_a_month_and_no_longer(
    node: Node, office: Office, door: Invitations, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.invite()
    ((_, row),) = door.here()
    end = read_instant(row.expires)
    for days, listed in ((-1, 1), (1, 1), (29, 1), (31, 0)):
        monkeypatch.setattr(node.clock, "now", lambda after=days: end + timedelta(days=after))
        assert len(door.here()) == listed, days
