"""What is asked before a dose, and what the answers come to: as data, and each mistake in it."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

import pytest
from asking import QUESTIONS, RULES, write_campaign

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput
from edge.domain.people import Gender, Person
from edge.domain.questions import (
    GivenAnswer,
    Question,
    asked_before,
    outcome,
    read_answers,
    seen_by_answers,
)
from edge.domain.schedule.observed import Seen
from edge.domain.scheduled import Case, facts_of
from sync.resources import resource

SCHEMAS, TODAY = resource("config/schemas"), date(2026, 11, 24)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("asking") / "campaign"
    body = read_campaign(write_campaign(folder, questions=QUESTIONS, eligibility=RULES), SCHEMAS)
    assert read_packed(body, SCHEMAS) == body
    return to_catalogue(body)


@pytest.fixture(scope="module")
def known(catalogue: Catalogue) -> dict[str, Question]:
    return {question.code: question for question in catalogue.questions}


def case(catalogue: Catalogue, gender: Gender = "Female", **seen: Seen) -> Case:
    person = Person(
        id="p", code="C", name="Amina Diallo", gender=gender, birth_date=date(1990, 1, 1)
    )
    return Case.of(person, seen, (), catalogue, UTC)


def codes(catalogue: Catalogue, who: Case, programme: str, vaccine: str) -> list[str]:
    asked = asked_before(catalogue.questions, programme, vaccine, facts_of(who), TODAY)
    return [question.code for question in asked]


def test_a_question_is_asked_of_those_and_before_those_doses_that_the_campaign_says(
    catalogue: Catalogue,
) -> None:
    woman, man = case(catalogue), case(catalogue, "Male")
    everything = ["fever", "consent", "pregnant", "identity", "remark"]
    assert codes(catalogue, woman, "covid-19", "coviprotect") == everything
    assert "pregnant" not in codes(catalogue, man, "covid-19", "coviprotect")
    assert "pregnant" not in codes(catalogue, woman, "covid-19", "adenovax")
    assert "fever" not in codes(catalogue, woman, "yellow-fever", "amarilia")
    assert "pregnant" in codes(catalogue, case(catalogue, "Other"), "covid-19", "coviprotect")


def told(catalogue: Catalogue, known: dict[str, Question], who: Case, **answers: str) -> list[str]:
    asked = asked_before(catalogue.questions, "covid-19", "coviprotect", facts_of(who), TODAY)
    found = outcome(asked, read_answers(answers, known), known, facts_of(who))
    return [
        *(f"{one.code} {one.decides if one.overridable else 'refuse'}" for one in found.objections),
        *(f"{one.code} advise" for one in found.advice),
    ]


GOOD = {"fever": "none", "consent": "self", "pregnant": "not-pregnant", "identity": "card"}


def test_what_is_not_answered_or_answered_against_the_dose_is_decided_as_the_campaign_says(
    catalogue: Catalogue, known: dict[str, Question]
) -> None:
    who = case(catalogue)
    assert told(catalogue, known, who, **GOOD) == []
    assert told(catalogue, known, who, **{**GOOD, "fever": ""}) == [
        "question.unanswered supervisor"
    ]
    assert told(catalogue, known, who, **{**GOOD, "fever": "fever"}) == [
        "question.fever supervisor"
    ]
    assert told(catalogue, known, who, **{**GOOD, "consent": "nobody"}) == [
        "question.consent refuse"
    ]
    assert told(catalogue, known, who, **{**GOOD, "identity": ""}) == []
    assert told(catalogue, known, who, **{**GOOD, "identity": "unchecked"}) == ["question.identity advise"]  # fmt: skip


def test_an_answer_that_contradicts_what_is_noted_is_said_and_one_that_says_so_is_judged(
    catalogue: Catalogue, known: dict[str, Question]
) -> None:
    noted = case(catalogue, pregnant=Seen(TODAY, date(2027, 3, 1)))
    assert told(catalogue, known, noted, **GOOD) == ["question.contradicts clinician"]
    given = read_answers({"pregnant": "pregnant"}, known)
    assert seen_by_answers(given, known, TODAY) == {"pregnant": Seen(TODAY)}
    assert told(catalogue, known, noted, **{**GOOD, "pregnant": "pregnant"}) == []


def test_answers_keep_the_words_that_stood_there_and_earlier_ones_stay_until_another_is_given(
    known: dict[str, Question],
) -> None:
    (first,) = read_answers({"fever": "none"}, known)
    assert first == GivenAnswer("fever", "none", "Fever today?", "No")
    both = read_answers({"remark": "came late"}, known, [first])
    assert [one.said for one in both] == ["No", "came late"]
    assert [one.said for one in read_answers({"fever": "fever"}, known, both)] == [
        "Yes",
        "came late",
    ]
    assert read_answers({"fever": ""}, known, [first]) == ()
    with pytest.raises(BadInput, match="The campaign has no question fewer"):
        read_answers({"fewer": "none"}, known)
    with pytest.raises(BadInput, match="maybe is no answer to the question: Fever today"):
        read_answers({"fever": "maybe"}, known)


MISTAKES = [
    ("programmes: [covid-19, measles-rubella]", "programmes: [covid]", "questions.yaml, line 2: covid is not in programmes.yaml. Did you mean covid-19?"),
    ("vaccines: [coviprotect]", "vaccines: [covi]", "questions.yaml, line 15: covi is not in vaccines.yaml."),
    ("seen: pregnant}", "seen: pregnent}", "questions.yaml, line 21: pregnent is no observation of eligibility.yaml, nor of a schedule. Did you mean pregnant?"),
    ("code: consent", "code: fever", "questions.yaml, line 7: The code fever is used twice; first on line 1."),
    ("{code: guardian, words: A guardian}", "{code: self, words: A guardian}", "questions.yaml, line 12: The code self is used twice; first on line 11."),
    ("{code: none, words: {en: 'No', ar: لا}}", "{code: none, words: {ar: لا}}", "questions.yaml, line 5: These words are not in the campaign's own language, en."),
    ("until: 55 years", "until: 9 years", "questions.yaml, line 16: Nobody is of this age: it is until 9 years, and from 12 years on."),
    ("{code: none, words: {en: 'No', ar: لا}}", "{code: none, words: 'No', against: true}", "questions.yaml, line 4: Every answer to fever is against the dose: nobody could get it."),
    ("asks: Remark", "ask: Remark", "questions.yaml, line 30, ask: The field ask is not known here. Did you mean asks?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_each_mistake_in_the_questions_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    assert old in QUESTIONS
    folder = write_campaign(
        tmp_path / "campaign", questions=QUESTIONS.replace(old, new, 1), eligibility=RULES
    )
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(folder, SCHEMAS)
    assert wanted in [str(one) for one in caught.value.mistakes]
