"""The pages about certificates: judging, taking in, putting right, and doing without the site."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from forms import give, ids, newcomer

from edge.journal import views
from edge.node import Node

SignedIn = Callable[[str], FlaskClient]


def payloads(node: Node, dose: str) -> dict[str, bytes]:
    with node.journal.reading() as db:
        record = views.recorded(db, dose.rpartition("/")[2])
        assert record
        issued = views.certificate(db, record.certificate)
    assert issued
    return {name: node.certifier.payload(name, text) for name, text in issued.credentials.items()}


@pytest.mark.slow
def test_a_certificate_shows_one_code_for_each_format(vouched: Node, signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    done = browser.get(give(browser, newcomer(browser, "Ravi Fresh"))).text
    sources = re.findall(r'src="(/certificates/\w+/qr\.png\?format=[\w.-]+)"', done)
    assert [one.rpartition("=")[2] for one in sources] == ["dcc-1.3", "divoc"]
    for source in sources:
        picture = browser.get(source).data
        verdict = vouched.verify(picture)
        assert verdict.verdict == "valid"
    whole = browser.get(f"/slips/certificate.png?of={sources[0].split('/')[2]}").data
    assert vouched.verify(whole).format == "hcert"


@pytest.mark.slow
def test_the_api_names_the_formats_and_refuses_one_that_was_not_issued(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    location = give(browser, newcomer(browser, "Ngozi Fresh"))
    with vouched.journal.reading() as db:
        record = views.recorded(db, location.rpartition("/")[2])
    assert record
    path = f"/api/v1/certificates/{record.certificate}"
    answer = browser.get(path).get_json()
    assert (answer["format"], answer["formats"]) == ("dcc-1.3", ["dcc-1.3", "divoc"])
    assert answer["credentials"]["dcc-1.3"].startswith("HC1:")
    refused = browser.get(f"{path}/qr.png?format=shc")
    assert refused.status_code == 400
    assert "not issued in the format shc" in refused.get_json()["sentence"]


@pytest.mark.parametrize(
    ("text", "word"),
    [("HC1:6BFOXN", "UNREADABLE"), ("shc:/12", "UNREADABLE"), ("hello", "UNREADABLE")],
)
def test_the_verdict_is_one_big_word_and_a_sentence(
    vouched: Node, signed_in: SignedIn, text: str, word: str
) -> None:
    page = signed_in("").post("/verify", data={"text": text}).text
    assert f"<strong>{word}</strong>" in page
    assert "Register with this" not in page
    assert vouched


def test_what_was_pasted_with_blanks_around_it_is_read(vouched: Node, signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    codes = payloads(vouched, give(browser, newcomer(browser, "Søren Fresh")))
    page = signed_in("").post("/verify", data={"text": f"\n {codes['dcc-1.3'].decode()} \r\n"}).text
    assert "<strong>VALID</strong>" in page
    assert "Register with this" not in page  # that is for staff


def test_a_scanned_certificate_registers_its_owner_with_their_doses(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    codes = payloads(vouched, give(browser, newcomer(browser, "Eleni Fresh")))
    picture = {"picture": (io.BytesIO(codes["divoc"]), "code.zip")}
    seen = browser.post("/verify", data=picture, content_type="multipart/form-data").text
    carried = re.search(r'name="certificate" value="([^"]+)"', seen)
    assert carried
    assert base64.b64decode(carried[1]) == codes["divoc"]
    form = browser.post("/register", data={"do": "scan", "certificate": carried[1]}).text
    assert "From an earlier certificate" in form
    assert "add it to this person" in form  # Eleni is known here
    name = re.search(r'name="name" value="([^"]+)"', form)
    born = re.search(r'name="birthDate" type="date" value="([^"]+)"', form)
    assert name
    assert born
    assert name[1] == "Eleni Fresh"
    first, second = re.findall(r'name="(?:id|evidence)" value="([0-9a-f-]{36})"', form)[-2:]
    answer = browser.post("/register", data={
        "id": first, "evidence": second, "certificate": carried[1], "name": "Eleni Elsewhere",
        "gender": "Female", "birthDate": born[1], "programme": "covid-19",
    })  # fmt: skip
    assert answer.status_code == 303, answer.text
    person = browser.get(answer.headers["Location"]).text
    assert "given elsewhere" in person
    assert "from a certificate" in person


def test_a_certificate_that_is_not_good_prefills_nothing(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    for carried in ("", "!!!", base64.b64encode(b"HC1:6BFOXN").decode()):
        page = browser.post("/register", data={"do": "scan", "certificate": carried}).text
        assert "From an earlier certificate" not in page
    assert vouched


def test_a_correction_on_the_screen_revokes_and_replaces(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Zoë Fresh")
    location = give(browser, person)
    old = payloads(vouched, location)
    path = f"{person}/correct"
    page = browser.get(path).text
    assert "revoked and printed anew: 1" in page
    form = {"id": ids(page)[0], "name": "Zoë Corrected", "gender": "Female",
            "birthYear": "1979", "reason": ""}  # fmt: skip
    refused = browser.post(path, data=form)
    assert refused.status_code in (400, 409)
    form["reason"] = "Misspelt"
    assert browser.post(path, data=form).status_code == 303
    assert {vouched.verify(one).verdict for one in old.values()} == {"revoked"}
    page = signed_in("").post("/verify", data={"text": old["dcc-1.3"].decode()}).text
    assert "<strong>REVOKED</strong>" in page
    assert "does not count" in page
    done = browser.get(location).text
    assert "Replaces" in done


def test_only_a_supervisor_is_offered_to_withdraw_a_certificate(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    location = give(browser, newcomer(browser, "Kwame Fresh"))
    path = f"{location}/correct"
    assert "Only revoke" not in browser.get(path).text
    supervisor = signed_in("S1")
    page = supervisor.get(path).text
    assert "Only revoke" in page
    form = {"id": ids(page)[0], "do": "revoke", "reason": "Given to another"}
    assert supervisor.post(path, data=form).status_code == 303
    done = supervisor.get(location).text
    assert "This certificate is revoked." in done
    assert "Print a copy" not in done
    assert vouched


def test_a_dose_is_corrected_on_the_screen(vouched: Node, signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    location = give(browser, newcomer(browser, "Sita Fresh"))
    path, day = f"{location}/correct", vouched.clock.today() - timedelta(days=2)
    page = browser.get(path).text
    wrong = {"id": ids(page)[0], "lot": "NOSUCH", "reason": "Wrong lot"}
    assert "not in this site" in browser.post(path, data=wrong).text
    right = {"id": ids(page)[0], "lot": "CP2611A", "on": day.isoformat(), "reason": "Wrong day"}
    assert browser.post(path, data=right).status_code == 303
    with vouched.journal.reading() as db:
        record = views.recorded(db, location.rpartition("/")[2])
    assert record
    assert record.dose.on == day


def test_the_site_page_says_until_when_the_site_can_sign(
    vouched: Node, signed_in: SignedIn
) -> None:
    page = signed_in("T1").get("/site").text
    assert "This site can sign until" in page
    assert vouched


def test_the_published_keys_are_public_and_hold_no_secret(
    vouched: Node, signed_in: SignedIn
) -> None:
    keys = signed_in("").get("/verify/keys.json").get_json()["keys"]
    told = {"names", "kind", "country", "from", "until", "usages", "issuer"}
    assert {key["kind"] for key in keys} >= {"EC", "Ed25519"}
    assert all(set(key) - {"curve", "x", "y"} == told for key in keys)
    offline = signed_in("").get("/verify/offline").text
    assert "Works without a network" in offline
    worker = signed_in("").get("/worker.js")
    assert str(worker.mimetype).endswith("javascript")
    for path in re.findall(r'"(/static/[\w.-]+)"', worker.text):
        assert (Path(__file__).parents[2] / "edge/web" / path.strip("/")).exists()
    assert vouched
