"""The page of whoever was invited, and the supervisor's word about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from inviting import NEWCOMER, Office, newcomer

from edge.node import Node


@pytest.mark.slow
def test_an_invited_person_chooses_a_pin_on_the_page_and_a_supervisor_confirms_it_on_another(
    node: Node, signed_in: Callable[[str], FlaskClient]
) -> None:
    newcomer(node)
    code = Office(node).invite()
    tablet, supervisor = signed_in(""), signed_in("S1")
    assert 'href="/invited"' in tablet.get("/sign-in").text
    form = {"code": NEWCOMER, "invitation": code, "newPin": "8642", "newPinAgain": "8641"}
    differ = tablet.post("/invited", data=form)
    assert "The two new PINs are not the same." in differ.text
    assert f'value="{code}"' in differ.text  # nothing is typed twice, but for the PIN
    wrong = tablet.post("/invited", data={**form, "newPinAgain": "8642", "invitation": "AAAA"})
    assert "does not count any more" in wrong.text
    assert "Invited until" in supervisor.get("/staff").text
    assert "let the PIN count" not in supervisor.get("/staff").text
    taken = tablet.post("/invited", data={**form, "newPinAgain": "8642"})
    assert "waits for a supervisor" in taken.text
    assert code not in taken.text
    entered = {"code": NEWCOMER, "pin": "8642"}
    assert tablet.post("/sign-in", data=entered).status_code == 403
    assert "It is Nia Newcomer: let the PIN count" in supervisor.get("/staff").text
    decided = {"invitation": "i-1", "do": "confirm", "pin": "1111"}
    assert "The code or the PIN is wrong." in supervisor.post("/staff", data=decided).text
    done = supervisor.post("/staff", data={**decided, "pin": "2468"}).text
    assert "Nia Newcomer can sign in with the new PIN." in done
    assert "Invited by the office" not in done
    assert tablet.post("/sign-in", data=entered).status_code == 303


def test_only_a_supervisor_says_who_was_invited_and_ends_an_invitation(
    node: Node, signed_in: Callable[[str], FlaskClient]
) -> None:
    newcomer(node, code="N2")
    code = Office(node).invite("i-2", "N2")
    decided = {"invitation": "i-2", "do": "refuse", "pin": "2468"}
    for other in ("V1", "R1", ""):
        assert signed_in(other).post("/staff", data=decided).status_code in (303, 403)
    assert len(node.use_cases.invitations.here()) == 1
    ended = signed_in("S1").post("/staff", data=decided).text
    assert "The invitation does not count any more." in ended
    form = {"code": "N2", "invitation": code, "newPin": "8642", "newPinAgain": "8642"}
    assert "is wrong" in signed_in("").post("/invited", data=form).text
