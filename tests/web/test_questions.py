"""Questions before a dose: asked once on the way, kept with the dose, never lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import QUESTIONS, RULES, campaign_with
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from next_edition import put_in_force
from rebuilding import rebuilt_is_the_same

from edge.journal import views
from edge.journal.entries import entries_of
from edge.node import Node
from edge.services import commands
from sync.resources import resource

SCHEMAS = resource("config/schemas/entries")
SignedIn = Callable[[str], FlaskClient]
GOOD = {"answer.fever": "none", "answer.consent": "self", "answer.pregnant": "not-pregnant"}
GIVE = {"programme": "covid-19", "lot": "coviprotect|CP2611A", "vaccinator": "V1"}


@pytest.fixture(autouse=True)
def asking(node: Node, tmp_path: Path) -> None:
    put_in_force(node, campaign_with(tmp_path / "asking", questions=QUESTIONS, eligibility=RULES))


@pytest.fixture
def new_person(node: Node, signed_in: SignedIn) -> Callable[..., str]:
    def register(name: str, **more: str) -> str:
        form = {"id": node.site.ids.new(), "name": name, "gender": "Female",
                "birthDate": "1990-02-03", "programme": "covid-19", **more}  # fmt: skip
        answer = signed_in("V1").post("/register", data=form)
        return answer.headers["location"].rpartition("/")[2]

    return register


def give(
    client: FlaskClient, node: Node, person: str, id_: str = "", **form: str
) -> tuple[Any, str]:
    number = id_ or node.site.ids.new()
    return client.post(f"/people/{person}/give", data={"id": number, **GIVE, **form}), number


def kept(node: Node, dose: str) -> dict[str, str]:
    with node.journal.reading() as db:
        record = views.recorded(db, dose)
    assert record is not None
    return {one.question: one.said for one in record.answers}


@pytest.mark.slow
def test_a_vaccine_with_questions_leads_to_them_and_one_tap_there_gives_the_dose(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Amina Diallo"), signed_in("V1")
    page = client.get(f"/people/{person}").text
    ask = f"/people/{person}/ask/covid-19/coviprotect"
    assert f'href="{ask}"' in page
    asked = client.get(ask).text
    assert "Fever today?" in asked
    assert "Pregnant?" in asked
    assert 'action="/people/' in asked
    answer, number = give(client, node, person, **GOOD)
    assert answer.headers["location"] == f"/doses/{number}"
    assert kept(node, number) == {"fever": "No", "consent": "The person", "pregnant": "No"}
    with node.journal.reading() as db:
        (entry, *_) = entries_of(db, number)
    assert {"question": "fever", "answer": "none", "asked": "Fever today?", "said": "No"} in (
        entry.body["answers"]
    )
    shown = client.get(f"/people/{person}").text
    assert "Who consents?" in shown
    assert "<bdi>The person</bdi>" in shown


def test_what_was_answered_today_is_not_asked_again_before_the_next_vaccine(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Fatou Sow"), signed_in("V1")
    _, first = give(
        client, node, person, **GOOD, **{"answer.identity": "card", "answer.remark": "-"}
    )
    assert f'href="/people/{person}/ask/yellow-fever/amarilia"' not in client.get(f"/doses/{first}").text  # fmt: skip
    lot = "amarilia|" + _lot(node, "amarilia")
    answer, second = give(client, node, person, programme="yellow-fever", lot=lot)
    assert answer.status_code == 303
    assert kept(node, second) == {"consent": "The person", "identity": "By a card", "remark": "-"}


def _lot(node: Node, vaccine: str) -> str:
    with node.journal.reading() as db:
        return next(lot.lot for lot in views.lots(db) if lot.vaccine == vaccine)


def test_a_form_drawn_before_the_campaign_asked_comes_back_with_what_was_typed_and_the_question(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str], tmp_path: Path
) -> None:
    person, client = new_person("Awa Ndiaye"), signed_in("V1")
    changed = QUESTIONS.replace("code: fever\n", "code: cough\n").replace(
        "Fever today", "Cough today"
    )
    put_in_force(node, campaign_with(tmp_path / "cough", questions=changed, eligibility=RULES))
    typed = {**GOOD, "answer.remark": "comes with her aunt"}
    answer, number = give(client, node, person, **typed)
    assert answer.status_code == 409
    assert "This is not answered: Cough today?" in answer.text
    assert 'value="comes with her aunt"' in answer.text
    assert re.search(r'name="answer.consent" value="self"\s+checked', answer.text)
    answer, number = give(client, node, person, number, **typed, **{"answer.cough": "none"})
    assert answer.status_code == 303
    assert kept(node, number)["fever"] == "No"  # nobody asks it any more, and it was answered
    assert kept(node, number)["cough"] == "No"


def test_answers_that_stood_open_past_midnight_are_looked_at_again_before_they_count(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Khady Mbaye"), signed_in("V1")
    today = node.clock.today().isoformat()
    assert f'name="drawn" value="{today}"' in client.get(
        f"/people/{person}/ask/covid-19/coviprotect"
    ).text  # fmt: skip
    yesterday = (node.clock.today() - timedelta(days=1)).isoformat()
    answer, number = give(client, node, person, **GOOD, on=yesterday, drawn=yesterday)
    assert answer.status_code in (400, 409)
    assert "today is another day" in answer.text
    assert re.search(r'name="answer.fever" value="none"\s+checked', answer.text)
    answer, _ = give(client, node, person, number, **GOOD, on=today, drawn=today)
    assert answer.status_code == 303


def test_an_answer_against_the_dose_asks_for_who_decides_and_one_that_refuses_for_nobody(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Binta Bah"), signed_in("V1")
    fever = {**GOOD, "answer.fever": "fever"}
    answer, number = give(client, node, person, **fever)
    assert "Not with a fever: another day." in answer.text
    assert 'name="pin"' in answer.text
    refused, _ = give(client, node, person, **{**GOOD, "answer.consent": "nobody"})
    assert "Who consents? Nobody" in refused.text
    assert 'name="pin"' not in refused.text
    pregnant, _ = give(client, node, person, **{**GOOD, "answer.pregnant": "pregnant"})
    assert "Not in pregnancy." in pregnant.text  # a rule that the answer is judged by
    assert "A clinician may decide otherwise" in pregnant.text
    override = {"supervisor": "S1", "pin": "2468", "reason": "a slight fever only"}
    answer, _ = give(client, node, person, number, **fever, **override)
    assert answer.status_code == 303
    with node.journal.reading() as db:
        assert views.overrides_of(db, number) == ["question.fever"]


def test_advice_that_an_answer_brings_is_said_after_the_tap_and_only_then(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    client, said = signed_in("V1"), "Identity checked how? Not at all"
    person = new_person("Awa Kane")
    for answer, told in (("unchecked", True), ("card", False)):
        _, number = give(client, node, person, **GOOD, **{"answer.identity": answer})
        page = client.get(f"/doses/{number}").text
        assert (f"<bdi>{said}</bdi>" in page) is told
        person = new_person("Sokhna Ly", differentPerson="yes")


def test_the_same_request_with_the_same_answers_is_done_once_and_with_others_is_a_conflict(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str], tmp_path: Path
) -> None:
    person, client = new_person("Coumba Fall"), signed_in("V1")
    _, number = give(client, node, person, **GOOD)
    put_in_force(node, campaign_with(tmp_path / "none"))  # the answer was lost, the questions gone
    answer, _ = give(client, node, person, number, **GOOD)
    assert answer.headers["location"] == f"/doses/{number}"
    other, _ = give(client, node, person, number, **{**GOOD, "answer.fever": "fever"})
    assert other.status_code == 409


def test_a_correction_puts_an_answer_right_and_keeps_the_others(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Dado Sall"), signed_in("V1")
    _, number = give(client, node, person, **GOOD)
    page = client.get(f"/doses/{number}/correct").text
    assert 'name="was.answer.consent" value="self"' in page
    form = {"id": node.site.ids.new(), "reason": "her mother consented", "do": "correct",
            "answer.consent": "guardian", "was.answer.consent": "self",
            "answer.fever": "none", "was.answer.fever": "none"}  # fmt: skip
    fields = {"lot": "CP2611A", "expiry": "", "vaccinator": "V1", "number": "1",
              "given": "covid-19|coviprotect"}  # fmt: skip
    same = {f"was.{name}": value for name, value in fields.items()}
    answer = client.post(f"/doses/{number}/correct", data={**form, **fields, **same})
    assert answer.status_code == 303, answer.text
    assert kept(node, number) == {"fever": "No", "consent": "A guardian", "pregnant": "No"}
    against = {**form, "id": node.site.ids.new(), "answer.consent": "nobody",
               "was.answer.consent": "guardian"}  # fmt: skip
    answer = client.post(f"/doses/{number}/correct", data={**against, **fields, **same})
    assert answer.status_code == 409
    assert 'name="pin"' in answer.text


def test_the_api_says_what_is_asked_takes_the_answers_and_gives_them_back(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Fanta Keita"), signed_in("V1")
    questions = client.get("/api/v1/catalogue").json["questions"]  # type: ignore[index]
    assert [one["code"] for one in questions][:2] == ["fever", "consent"]
    path = f"/api/v1/people/{person}"
    verdict = next(
        one
        for one in client.get(path).json["verdicts"]  # type: ignore[index]
        if one["vaccine"] == "coviprotect"
    )
    assert verdict["questions"] == ["fever", "consent", "pregnant", "identity", "remark"]
    number = node.site.ids.new()
    dose = {"type": "GiveDose", "person": person, "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A"}  # fmt: skip
    refused = client.put(f"/api/v1/entries/{number}", json=dose)
    assert (refused.status_code, refused.json["code"]) == (409, "question.unanswered")  # type: ignore[index]
    assert refused.json["field"] == "answers.consent"  # type: ignore[index]
    answers = [
        {"question": name.partition(".")[2], "answer": value} for name, value in GOOD.items()
    ]
    wrong = [*answers, {"question": "fewer", "answer": "none"}]
    assert (
        client.put(f"/api/v1/entries/{number}", json={**dose, "answers": wrong}).status_code == 400
    )
    taken = client.put(f"/api/v1/entries/{number}", json={**dose, "answers": answers})
    assert taken.status_code == 200, taken.text
    assert [one["said"] for one in taken.json["dose"]["answers"]] == ["No", "The person", "No"]  # type: ignore[index]
    (given,) = client.get(path).json["doses"]  # type: ignore[index]
    assert given["answers"][0]["asked"] == "Fever today?"


def test_in_arabic_the_question_stands_in_its_own_words(
    signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Hawa Barry"), signed_in("V1")
    client.post("/language", data={"language": "ar"})
    page = client.get(f"/people/{person}/ask/covid-19/coviprotect").text
    assert "هل هناك حمى اليوم؟" in page
    assert 'dir="rtl"' in page


def test_what_was_asked_and_corrected_is_made_again_from_the_journal_and_keeps_to_its_schema(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str]
) -> None:
    person, client = new_person("Mame Diop"), signed_in("V1")
    _, number = give(client, node, person, **GOOD)
    command = commands.CorrectDose(
        dose=number,
        reason="she was not asked",
        answers=(commands.AnsweredQuestion(question="fever", answer=""),),
    )
    with node.journal.reading() as db:
        vaccinator = node.site.catalogues.current(db).staff["V1"]
    corrected = node.desk.take(node.site.ids.new(), command, vaccinator)
    assert kept(node, number) == {"consent": "The person", "pregnant": "No"}
    with node.journal.reading() as db:
        given = entries_of(db, number)[0]
    for entry in (given, corrected.entries[0]):
        schema = json.loads((SCHEMAS / f"{entry.type}.schema.json").read_text())
        Draft202012Validator(schema).validate(entry.body)
    assert rebuilt_is_the_same(node, node.folder)


def shown_form(page: str) -> dict[str, str]:
    """Give what a browser would send of the form that corrects a dose."""
    form = page[page.index('/correct" class="grid"') :]
    fields = dict(re.findall(r'type="hidden" name="([\w.]+)" value="([^"]*)"', form))
    fields |= {
        name.removeprefix("was."): text for name, text in fields.items() if name[:4] == "was."
    }
    radios = r'type="radio" name="(answer[\w.]+)" value="([^"]*)"[^>]*?checked'
    fields |= dict(re.findall(radios, form))
    return fields | dict(re.findall(r'<input name="(answer[\w.]+)"[^>]*? value="([^"]*)"', form))


@pytest.mark.parametrize("choice", ["theirs", "mine"])
def test_of_two_tablets_that_correct_one_answer_the_second_is_shown_both_in_words(
    node: Node, signed_in: SignedIn, new_person: Callable[..., str], choice: str
) -> None:
    one, other = signed_in("V1"), signed_in("V2")
    person = new_person(f"Rokia {choice}")
    _, number = give(one, node, person, **GOOD, **{"answer.identity": "card", "answer.remark": "-"})
    path = f"/doses/{number}/correct"
    first, second = (shown_form(client.get(path).text) for client in (one, other))
    first |= {"answer.identity": "known", "answer.remark": "late", "reason": "Misread"}
    assert one.post(path, data=first).status_code == 303
    refused = other.post(path, data={**second, "answer.identity": "unchecked", "reason": "Misread"})
    assert refused.status_code == 409
    assert "<legend>Identity checked how?</legend>" in refused.text
    said = re.findall(r'name="choose.answer.identity".*?<bdi>([^<]*)</bdi>', refused.text)
    assert said == ["Known here", "Not at all"]
    third = {**shown_form(refused.text), "choose.answer.identity": choice, "reason": "Misread"}
    assert third["answer.remark"] == "late", "what nobody touched here is as it is now"
    assert other.post(path, data=third).status_code == 303
    answers = kept(node, number)
    assert answers["identity"] == {"theirs": "Known here", "mine": "Not at all"}[choice]
    assert answers["remark"] == "late"
