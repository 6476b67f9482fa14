"""Each role signs in with what the campaign says, and nothing else lets anybody in."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from authenticators import SoftAuthenticator
from flask.testing import FlaskClient
from next_edition import put_in_force
from PIL import Image
from site_factory import demonstration, filled_site

from edge.adapters.settings import Settings
from edge.domain.errors import BadInput, NotAllowed
from edge.node import Node
from edge.plugins.sign_in.contract import Place
from edge.plugins.sign_in.password import check_password, plain_password
from edge.services.campaigns import CheckedCampaign
from edge.services.guesses import PinAsker
from edge.services.sign_in_outcomes import Signature
from edge.web.app import create_app

PASSWORD = "kettle brings yellow morning"
ORIGIN = "http://localhost"
RULES: dict[str, Any] = {
    "roles": [
        {"role": "registrar", "methods": ["password", "pin"]},
        {"role": "vaccinator", "methods": ["badge", "passkey"]},
        {
            "role": "supervisor",
            "methods": ["passkey", "badge"],
            "signs": ["pin", "password", "passkey"],
        },
        {"role": "technician", "methods": ["pin"], "then": ["passkey"]},
    ]
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Node]:
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": RULES}))
    yield node
    node.close()


def tablet(node: Node) -> FlaskClient:
    return create_app(node.backend()).test_client()


def signed_in(node: Node, code: str) -> FlaskClient:
    """Sign somebody in who has registered nothing yet: their PIN does."""
    browser = tablet(node)
    answer = browser.post("/sign-in", data={"code": code, "pin": "2468"})
    assert answer.status_code == 303, answer.text
    return browser


def enters(browser: FlaskClient, **form: str) -> bool:
    """Say whether a form of the sign-in lets somebody in."""
    return browser.post("/sign-in", data=form).status_code == 303


def added(browser: FlaskClient, method: str, second: str, pin: str = "2468", **form: str) -> str:
    """Add what somebody signs in with; give what the page says where it does not."""
    data = {"do": method, "second": second, "pin": pin, **form}
    answer = browser.post("/sign-in-methods", data=data)
    return "" if answer.status_code == 303 else html.unescape(answer.text)


def passkey_of(browser: FlaskClient, second: str, **other: Any) -> SoftAuthenticator:
    """Have somebody who is signed in make a passkey."""
    asked = browser.post("/api/v1/session/registrations", json={"method": "passkey"}).get_json()
    made = SoftAuthenticator("localhost", ORIGIN, **other)
    answer = made.register(asked["show"])
    assert added(browser, "passkey", second, passkey=answer, step=asked["step"]) == ""
    return made


def asked(browser: FlaskClient, step: str = "") -> dict[str, Any]:
    found = browser.post("/api/v1/session/steps", json={"method": "passkey", "step": step})
    return dict(found.get_json())


def badge_of(supervisor: FlaskClient, code: str) -> str:
    """Read the badge that is printed, with a scanner."""
    picture = supervisor.get(f"/slips/badge.png?of={code}").data
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


def test_a_password_signs_a_registrar_in_once_a_supervisor_has_signed_for_it(site: Node) -> None:
    registrar, other = signed_in(site, "R1"), tablet(site)
    new = {"newPassword": PASSWORD, "newPasswordAgain": PASSWORD}
    assert "Nobody signs for themselves" in added(registrar, "password", "R1", **new)
    assert "A supervisor signs" in added(registrar, "password", "V2", **new)
    assert "The code or the PIN is wrong" in added(registrar, "password", "S1", pin="1111", **new)
    assert not enters(other, code="R1", pin=PASSWORD)
    assert added(registrar, "password", "S1", **new) == ""
    assert enters(other, code="R1", pin=PASSWORD)
    assert enters(tablet(site), code="r1", pin="kettle brings yellow morning")
    assert not enters(tablet(site), code="R1", pin=PASSWORD.upper())
    assert not enters(tablet(site), code="S1", pin=PASSWORD)
    assert enters(tablet(site), code="R1", pin="2468")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("too short words", ""),
        ("fourteen chars", "A password has 15 to 128 characters."),
        ("passwordpassword123", "one of the first"),
        ("aaaaaaaaaaaaaaaaaaa", "one of the first"),
        ("1234567890123456", "one of the first"),
        ("R1 vaccination R1", "one of the first"),
        ("abcdefghijklmnop", "one of the first"),
        ("𝐤𝐞𝐭𝐭𝐥𝐞 brings yellow", ""),
        ("ሰላም ለዓለም ሁሉ ደህና", ""),
    ],
)
def test_a_password_is_refused_where_it_is_short_or_guessed_first(password: str, says: str) -> None:
    if not says:
        check_password(plain_password(password), "R1")
        return
    with pytest.raises(BadInput, match=says):
        check_password(plain_password(password), "R1")


def test_a_badge_lets_its_person_in_with_their_pin_and_neither_does_alone(site: Node) -> None:
    supervisor, reader = signed_in(site, "S1"), tablet(site)
    assert enters(tablet(site), code="V1", pin="2468")
    assert added(supervisor, "badge", "S1", of="V1") == ""
    badge = badge_of(supervisor, "V1")
    assert re.fullmatch(r"DEB1[A-Z2-7]{32}", badge)
    assert "Your role signs in with a badge" in refused(reader, code="V1", pin="2468")
    assert not enters(reader, code=badge, pin="1111")
    assert enters(reader, code=badge.lower(), pin="2468")
    shown = tablet(site).post("/sign-in", data={"code": badge, "pin": ""})
    assert "One thing more goes with it" in shown.text
    assert not enters(
        tablet(site), code=badge[:-1] + ("A" if badge[-1] != "A" else "B"), pin="2468"
    )


def test_a_lost_badge_lets_nobody_in_and_ends_the_sessions_of_its_person(site: Node) -> None:
    supervisor = signed_in(site, "S1")
    assert added(supervisor, "badge", "S1", of="V1") == ""
    badge, holder = badge_of(supervisor, "V1"), tablet(site)
    assert enters(holder, code=badge, pin="2468")
    assert holder.get("/").status_code == 200
    assert added(supervisor, "badge", "S1", of="V1") == ""
    assert not enters(tablet(site), code=badge, pin="2468")
    newer = badge_of(supervisor, "V1")
    (row,) = site.use_cases.registrations.of("V1")
    supervisor.post(
        "/sign-in-methods", data={"do": "remove", "why": "lost", "id": row.id, "of": "V1"}
    )
    assert holder.get("/").status_code == 303
    assert not enters(tablet(site), code=newer, pin="2468")


def test_who_found_a_badge_gets_no_more_guesses_at_its_pin_by_showing_it_again(site: Node) -> None:
    supervisor, thief = signed_in(site, "S1"), tablet(site)
    assert added(supervisor, "badge", "S1", of="V1") == ""
    badge = badge_of(supervisor, "V1")
    thief.environ_base["REMOTE_ADDR"] = "192.0.2.66"
    for number in range(5):
        assert "One thing more" in thief.post("/sign-in", data={"code": badge, "pin": ""}).text
        assert "wrong" in refused(thief, code=badge, pin=f"111{number}")
    assert "Too many wrong PINs" in refused(thief, code=badge, pin="2468")


def test_a_passkey_lets_in_whoever_registered_it_and_a_copy_of_it_nobody(site: Node) -> None:
    made = passkey_of(signed_in(site, "S1"), "R1")
    reader = tablet(site)
    told = asked(reader)
    answer = made.sign(told["show"])
    assert enters(reader, passkey=answer, step=told["step"])
    assert reader.get("/site").status_code == 200
    assert "took too long" in refused(tablet(site), passkey=answer, step=told["step"])
    made.counts -= 1  # as a copy of it would say
    told = asked(reader)
    assert "does not fit here" in refused(
        reader, passkey=made.sign(told["show"]), step=told["step"]
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:81"},
        {"host": "other.local"},
        {"verifies": False},
    ],
)
def test_a_passkey_of_another_page_or_without_its_person_lets_nobody_in(
    site: Node, wrong: dict[str, Any]
) -> None:
    made = passkey_of(signed_in(site, "S1"), "R1")
    for name, value in wrong.items():
        setattr(made, name, value)
    reader = tablet(site)
    told = asked(reader)
    assert "does not fit here" in refused(
        reader, passkey=made.sign(told["show"]), step=told["step"]
    )


def test_a_second_factor_goes_with_a_pin_and_must_be_of_the_same_person(site: Node) -> None:
    technician, supervisor = signed_in(site, "T1"), signed_in(site, "S1")
    made, theirs = (
        passkey_of(technician, "S1"),
        passkey_of(supervisor, "T1", number=b"another-passkey"),
    )
    for key, whether in ((made, True), (theirs, False)):
        reader = tablet(site)
        shown = reader.post("/sign-in", data={"code": "T1", "pin": "2468"})
        assert shown.status_code == 200
        (step,) = set(re.findall(r'name="step" value="(\w+)"', shown.text))
        told = asked(reader, step)
        assert enters(reader, passkey=key.sign(told["show"]), step=told["step"]) is whether


def test_the_api_gives_a_step_where_something_more_goes_with_what_was_shown(site: Node) -> None:
    made, reader = passkey_of(signed_in(site, "T1"), "S1"), tablet(site)
    first = reader.post("/api/v1/session", json={"code": "T1", "pin": "2468"}).get_json()
    assert (first.get("token"), first["missing"]) == (None, ["passkey"])
    told = asked(reader, first["step"])
    body = {"fields": {"passkey": made.sign(told["show"])}, "step": told["step"]}
    assert reader.post("/api/v1/session", json=body).get_json()["staff"]["code"] == "T1"


def test_a_step_is_of_the_tablet_on_which_it_was_begun(site: Node) -> None:
    made = passkey_of(signed_in(site, "S1"), "R1")
    here, there = tablet(site), tablet(site)
    there.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    told = asked(here)
    assert "another tablet" in refused(there, passkey=made.sign(told["show"]), step=told["step"])


def test_a_supervisor_signs_with_a_passkey_against_a_rule(site: Node) -> None:
    made = passkey_of(signed_in(site, "S1"), "R1")
    reader = tablet(site)
    told = asked(reader)
    signature = Signature(passkey=made.sign(told["show"]), step=told["step"])
    asker = PinAsker("127.0.0.1")
    place = Place(ORIGIN, "localhost", site.clock.now())
    assert site.authenticator.sign("S1", signature, asker, place).code == "S1"
    told = asked(reader)
    signature = Signature(passkey=made.sign(told["show"]), step=told["step"])
    with pytest.raises(NotAllowed, match="does not fit"):
        site.authenticator.sign("V1", signature, asker, place)


def test_nobody_adds_what_another_person_signs_in_with(site: Node) -> None:
    supervisor = signed_in(site, "S1")
    new = {"newPassword": PASSWORD, "newPasswordAgain": PASSWORD, "of": "R1"}
    assert "added by whoever signs in with them" in added(supervisor, "password", "T1", **new)
    vaccinator = signed_in(site, "V1")
    assert "role does not allow" in added(vaccinator, "badge", "S1", of="R1")


def test_a_campaign_without_the_file_has_everybody_sign_in_by_pin_and_shows_nothing_else(
    tmp_path: Path,
) -> None:
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    page = tablet(node).get("/sign-in").text
    assert "passkey" not in page
    assert "badge-token" not in page
    assert enters(tablet(node), code="V1", pin="2468")
    assert "How I sign in" not in signed_in(node, "S1").get("/site").text
    node.close()


def refused(browser: FlaskClient, **form: str) -> str:
    """Give what a page says that lets nobody in."""
    answer = browser.post("/sign-in", data=form)
    assert answer.status_code != 303
    return html.unescape(answer.text)


def test_a_sign_in_half_done_with_a_badge_ends_when_another_takes_its_place(site: Node) -> None:
    supervisor, finder = signed_in(site, "S1"), tablet(site)
    assert added(supervisor, "badge", "S1", of="V1") == ""
    shown = finder.post("/api/v1/session", json={"code": badge_of(supervisor, "V1")}).get_json()
    assert shown["missing"] == ["pin"]
    assert added(supervisor, "badge", "S1", of="V1") == ""
    pin = {"code": "V1", "pin": "2468", "step": shown["step"]}
    assert finder.post("/api/v1/session", json=pin).status_code == 403


def test_a_sign_in_half_done_with_a_badge_ends_when_it_is_removed(site: Node) -> None:
    passkey_of(signed_in(site, "V1"), "S1")
    supervisor, finder = signed_in(site, "S1"), tablet(site)
    assert added(supervisor, "badge", "S1", of="V1") == ""
    shown = finder.post("/api/v1/session", json={"code": badge_of(supervisor, "V1")}).get_json()
    (row,) = [has for has in site.backend().registrations.of("V1") if has.method == "badge"]
    lost = {"do": "remove", "id": row.id, "why": "lost", "of": "V1"}
    assert supervisor.post("/sign-in-methods", data=lost).status_code == 303
    pin = {"code": "V1", "pin": "2468", "step": shown["step"]}
    assert finder.post("/api/v1/session", json=pin).status_code == 403


def test_a_pin_does_till_all_that_goes_together_is_registered(tmp_path: Path) -> None:
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    both = {"roles": [{"role": "registrar", "methods": ["password"], "then": ["passkey"]}]}
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": both}))
    registrar = signed_in(node, "R1")
    new = {"newPassword": PASSWORD, "newPasswordAgain": PASSWORD}
    assert added(registrar, "password", "S1", **new) == ""
    again = signed_in(node, "R1")
    passkey_of(again, "S1")
    assert "signs, with a password" in refused(tablet(node), code="R1", pin="2468")
    node.close()
