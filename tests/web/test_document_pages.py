"""Documents of any kind at the tablet: one form, one list, one page, as the campaign describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from documents import CARD, TEST, certificates, describe_documents
from flask.testing import FlaskClient
from forms import ids
from playwright.sync_api import Browser
from serving import Serving

from edge.journal import print_jobs, views
from edge.node import Node
from edge.web.app import create_app

SignedIn = Callable[[str], FlaskClient]
TYPED = {
    "f.name": "Amina Diallo",
    "f.birthDate": "1990-01-31",
    "f.gender": "",
    "f.testName": "antigen",
    "f.result": "Positive",
    "f.contact": "tel:+254700000001\r\n\r\nmailto:amina@example.org",
}


@pytest.fixture(scope="module")
def described(vouched: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    describe_documents(vouched, tmp_path_factory.mktemp("described") / "campaign")
    return vouched


def typed(node: Node, **more: str) -> dict[str, str]:
    return {**TYPED, "f.sampleCollected": node.clock.today().isoformat(), **more}


def recorded(browser: FlaskClient, node: Node, **more: str) -> str:
    """Record a test on its page, and give the path of what was recorded."""
    form = {"id": ids(browser.get(f"/documents/{TEST}/new").text)[0], **typed(node, **more)}
    answer = browser.post(f"/documents/{TEST}/new", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


@pytest.mark.slow
def test_a_document_is_recorded_on_its_form_and_found_in_its_list_by_word_and_number(
    described: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    path = recorded(browser, described)
    page = browser.get(path).text
    assert all(said in page for said in ("Amina Diallo", "Antigen", "tel:+254700000001, mailto:"))
    number = certificates(described, path.rpartition("/")[2])[0].id
    for text, there in (
        ("", True),
        ("diallo", True),
        (f"{number[:4]} {number[4:]}", True),
        ("x", False),
    ):
        listed = browser.post(f"/documents/{TEST}", data={"text": text}).text
        assert (path in listed) is there, text
    assert TEST in browser.get("/documents").text
    assert CARD not in browser.get("/documents").text, "of another role"
    assert browser.get(f"/documents/{CARD}").status_code == 403
    assert browser.get("/documents/nothing").status_code == 404


def contents_of(node: Node, path: str) -> Mapping[str, Any]:
    with node.journal.reading() as db:
        record = views.document(db, path.rpartition("/")[2])
    assert record is not None
    return record.contents


def test_what_does_not_fit_is_told_by_its_label_and_nothing_typed_is_lost(
    described: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    form = {"id": ids(browser.get(f"/documents/{TEST}/new").text)[0]}
    form |= typed(described, **{"f.birthDate": "", "f.testName": "antibody"})
    answer = browser.post(f"/documents/{TEST}/new", data=form)
    assert answer.status_code == 409
    assert "The field Date of birth is missing." in answer.text
    assert 'value="Amina Diallo"' in answer.text
    assert re.search(r'value="antibody" required checked', answer.text)
    assert "tel:+254700000001\nmailto:amina@example.org</textarea>" in answer.text


def test_a_correction_sends_what_changed_and_a_revocation_says_why(
    described: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("S1")
    path = recorded(browser, described, **{"f.name": "Fatima Diallo"})
    form = {"id": ids(browser.get(f"{path}/correct").text)[0], "reason": "Read wrongly"}
    form |= typed(described, **{"f.name": "Fatima Diallo", "f.result": "Negative", "f.contact": ""})
    assert browser.post(f"{path}/correct", data=form).status_code == 303
    with described.journal.reading() as db:
        record = views.document(db, path.rpartition("/")[2])
    assert record is not None
    assert (record.contents["result"], "contact" in record.contents) == ("Negative", False)
    again = {**form, "id": ids(browser.get(f"{path}/correct").text)[0]}
    unchanged = browser.post(f"{path}/correct", data=again)
    assert "Nothing is different from what is recorded." in unchanged.text
    page = browser.get(path).text
    short = browser.post(f"{path}/revoke", data={"id": ids(page)[0], "reason": "x"})
    assert (short.status_code, "Fatima Diallo" in short.text) == (409, True)
    done = browser.post(f"{path}/revoke", data={"id": ids(page)[0], "reason": "Wrong person"})
    assert done.status_code == 303
    page = browser.get(path).text
    assert "This document is revoked." in page
    assert "Wrong person" in page
    assert f"{path}/correct" not in page


def shown(page: str) -> dict[str, str]:
    """Give what a browser would send of a correction's form, with what it carries unseen."""
    form = page[page.index('/correct" class') :]
    fields = dict(re.findall(r'name="([\w.]+)"[^>]*? value="([^"]*)"(?![^>]*radio)', form))
    chosen = r'type="radio" name="(f[\w.]+)" value="([^"]*)"[^>]*?checked'
    fields |= dict(re.findall(chosen, form))
    fields |= dict(re.findall(r'name="(f[\w.]+)"[^>]*>([^<]*)</textarea>', form))
    return {name: value for name, value in fields.items() if not name.startswith("choose.")}


@pytest.mark.parametrize("choice", ["theirs", "mine"])
def test_of_two_tablets_at_one_field_of_a_document_the_second_is_shown_both_and_nothing_else_goes_back(
    described: Node, signed_in: SignedIn, choice: str
) -> None:
    one, other = signed_in("V1"), signed_in("S1")
    path = recorded(one, described, **{"f.name": f"Nadia {choice}"})
    first, second = (shown(browser.get(f"{path}/correct").text) for browser in (one, other))
    first |= {"f.result": "Negative", "f.contact": "tel:+254700000009", "reason": "Read wrongly"}
    assert one.post(f"{path}/correct", data=first).status_code == 303
    second |= {"f.result": "Void", "f.name": "Nadia Diallo", "reason": "Void after all"}
    answer = other.post(f"{path}/correct", data=second)
    assert answer.status_code == 409
    assert "Somebody else has changed this record in between." in answer.text
    choices = re.findall(r'name="choose.f.result".*?<bdi>([^<]*)</bdi>', answer.text)
    assert choices == ["Negative", "Void"]
    third = {**shown(answer.text), "choose.f.result": choice}
    assert third["f.contact"] == "tel:+254700000009", "what nobody touched here is as it is now"
    assert third["reason"] == "Void after all"
    assert other.post(f"{path}/correct", data=third).status_code == 303
    with described.journal.reading() as db:
        record = views.document(db, path.rpartition("/")[2])
    assert record is not None
    assert record.contents["result"] == {"theirs": "Negative", "mine": "Void"}[choice]
    assert record.contents["contact"] == ["tel:+254700000009"]
    assert record.contents["name"] == "Nadia Diallo"


def test_two_tablets_correct_one_document_and_neither_brings_an_old_value_back(
    described: Node, signed_in: SignedIn
) -> None:
    one, other = signed_in("V1"), signed_in("S1")
    path = recorded(one, described, **{"f.name": "Selma Diallo"})
    first, second = (shown(each.get(f"{path}/correct").text) for each in (one, other))
    first |= {"f.name": "Selma Dialo", "reason": "Read wrongly"}
    assert one.post(f"{path}/correct", data=first).status_code == 303
    assert one.post(f"{path}/correct", data=first).status_code == 303, "twice is as once"
    second |= {"f.result": "Void", "reason": "Read wrongly"}
    assert other.post(f"{path}/correct", data=second).status_code == 303
    contents = contents_of(described, path)
    assert (contents["name"], contents["result"]) == ("Selma Dialo", "Void")


def test_a_number_that_no_reader_keeps_is_told_by_its_field_and_is_no_fault_of_the_site(
    described: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("S1")
    form = {"id": described.site.ids.new(), "f.name": "A", "f.staffCode": "V7", "f.courses.1": "yes",
            "f.trainedUntil": "2099-12-31", "f.score": "9999999999999999"}  # fmt: skip
    answer = browser.post(f"/documents/{CARD}/new", data=form)
    assert answer.status_code == 409
    assert "The field Score is of the wrong kind." in answer.text
    for contents in ({"score": 2**53}, {"\u00e9": "x"}):
        entry = {"type": "RecordDocument", "documentType": CARD, "contents": contents}
        answer = browser.put(f"/api/v1/entries/{described.site.ids.new()}", json=entry)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "request.field")


def test_who_may_not_read_a_type_sees_neither_its_paper_nor_its_code(
    described: Node, signed_in: SignedIn
) -> None:
    supervisor, nurse = signed_in("S1"), signed_in("V1")
    form = {"f.name": "Samuel Otieno", "f.staffCode": "V7", "f.courses.1": "yes", "f.score": "٩١"}
    form |= {"f.trainer": "false", "f.trainedUntil": "2099-12-31"}
    form["id"] = ids(supervisor.get(f"/documents/{CARD}/new").text)[0]
    answer = supervisor.post(f"/documents/{CARD}/new", data=form)
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"]
    with described.journal.reading() as db:
        record = views.document(db, path.rpartition("/")[2])
    assert record is not None
    assert record.contents["score"] == 91, "digits of any script"
    assert record.contents["courses"] == ["injection safety"]
    assert record.contents["trainer"] is False
    number = certificates(described, record.id)[0].id
    for place in (path, f"/certificates/{number}/qr.png", f"/slips/certificate.png?of={number}"):
        assert (supervisor.get(place).status_code, nurse.get(place).status_code) == (200, 403), (
            place
        )
    assert (
        nurse.post(
            f"/certificates/{number}/copy", data={"id": described.site.ids.new()}
        ).status_code
        == 403
    )


def test_a_technician_whom_a_type_lets_read_prints_its_paper_and_no_other(
    described: Node, signed_in: SignedIn
) -> None:
    supervisor, technician = signed_in("S1"), signed_in("T1")
    form = {"f.name": "Wanja Otieno", "f.staffCode": "V8", "f.courses.1": "yes", "f.score": "80"}
    form |= {"f.trainer": "false", "f.trainedUntil": "2099-12-31"}
    form["id"] = ids(supervisor.get(f"/documents/{CARD}/new").text)[0]
    path = supervisor.post(f"/documents/{CARD}/new", data=form).headers["Location"]
    card = certificates(described, path.rpartition("/")[2])[0].id
    test = certificates(described, recorded(supervisor, described).rpartition("/")[2])[0].id
    for number, code in ((card, 200), (test, 403)):
        for place in (f"/slips/certificate.png?of={number}", f"/certificates/{number}/qr.png"):
            assert technician.get(place).status_code == code, place
        answer = technician.post(
            f"/certificates/{number}/copy", data={"id": described.site.ids.new()}
        )
        assert answer.status_code == (303 if code == 200 else 403)
    with described.journal.reading() as db:
        job = print_jobs.jobs_of(db, card)[-1]
    moved = technician.post(
        f"/print-jobs/{job.id}/move", data={"id": described.site.ids.new(), "printer": "desk"}
    )
    assert moved.status_code == 303, "moved to where it is"
    assert moved.headers["Location"] == path


def test_the_page_of_verification_tells_a_document_in_the_readers_words(
    described: Node, signed_in: SignedIn
) -> None:
    path = recorded(signed_in("V1"), described)
    for text in certificates(described, path.rpartition("/")[2])[0].credentials.values():
        browser = signed_in("")
        browser.set_cookie("language", "fr")
        page = browser.post("/verify", data={"text": text}).text
        assert all(
            said in page for said in ("VALABLE", "Certificat de test", "Positif", "Antigène")
        )


@pytest.fixture(scope="module")
def site(described: Node) -> Iterator[str]:
    serving = Serving(create_app(described.backend()))
    yield serving.url
    serving.close()


@pytest.mark.slow  # a browser
def test_the_offline_page_reads_a_document_as_the_site_does(
    browser: Browser, described: Node, signed_in: SignedIn, site: str
) -> None:
    path = recorded(signed_in("V1"), described, **{"f.laboratory": "constructor"})
    text = certificates(described, path.rpartition("/")[2])[0].credentials["cwt"]
    page = browser.new_context().new_page()
    page.goto(f"{site}/verify/offline")
    page.wait_for_selector("#age[data-ready]")
    page.context.set_offline(True)
    page.fill("#text", text)
    page.click("#form button")
    page.wait_for_selector("#verdict .valid")
    said = page.locator("#verdict").inner_text()
    assert all(
        words in said for words in ("Test certificate", "Amina Diallo", "Antigen", "Positive")
    )
    assert "constructor" in said, "no name of what the browser itself has"
    assert "native code" not in said
    assert said.index("Amina Diallo") < said.index("Positive"), "in the order of the form"
    page.context.set_offline(False)
    verdicts = page.evaluate(
        """async (text) => {
          const { judge } = await import("/static/verify-core.js");
          const answer = await (await fetch("/verify/keys.json")).json();
          const { keys, rules } = answer, documents = { ...answer.documents, rules }, now = Date.now() / 1000;
          const other = { ...documents, country: "XO" };
          const nameless = keys.map((key) => ({ ...key, country: "" }));
          const called = nameless.map((key) => ({ ...key, names: [...key.names, `${documents.did}:DEMO01#1`] }));
          const changed = text.slice(0, 40) + (text[40] === "A" ? "B" : "A") + text.slice(41);
          return [
            (await judge(text, keys, now, other)).verdict, (await judge(text, keys, now, { rules })).verdict,
            (await judge(text, [], now, documents)).verdict, (await judge(text, keys, now + 9e5, documents)).verdict,
            (await judge(text, nameless, now, documents)).verdict, (await judge(text, called, now, documents)).verdict,
            (await judge(changed, keys, now, documents)).verdict,
          ];
        }""",
        text,
    )
    assert verdicts[:4] == ["unknown-issuer", "unreadable", "unknown-issuer", "expired"]
    assert verdicts[4:6] == ["unknown-issuer", "valid"], "whose a key is without a country"
    assert verdicts[6] != "valid"
    page.context.close()
