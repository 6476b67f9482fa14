"""What was answered before a dose, when the dose is put right or people turn out to be one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from asking import QUESTIONS, RULES, campaign_with
from desks import doses, of_type, take
from next_edition import put_in_force
from site_factory import filled_site

from edge.adapters.settings import Settings
from edge.domain.errors import Refusal
from edge.journal import views
from edge.node import Node
from edge.services import commands

GOOD = {"fever": "none", "consent": "self", "pregnant": "not-pregnant", "identity": "card"}


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("answers")
    node = filled_site(folder / "site", Settings(facility="DEMO01"))
    put_in_force(node, campaign_with(folder / "asking", questions=QUESTIONS, eligibility=RULES))
    yield node
    node.close()


def told(**answers: str) -> tuple[commands.AnsweredQuestion, ...]:
    return tuple(commands.AnsweredQuestion(question=q, answer=a) for q, a in answers.items())


def given(node: Node, name: str, **answers: str) -> tuple[str, str]:
    """Register a woman and give her a dose with these answers; give her id and the dose's."""
    person = take(
        node,
        commands.RegisterPerson(
            name=name, gender="Female", birth_date=date(1990, 2, 3), different_person=True
        ),
    )
    dose = commands.GiveDose(
        person=person,
        programme="covid-19",
        vaccine="coviprotect",
        lot="CP2611A",
        answers=told(**{**GOOD, **answers}),
    )
    return person, take(node, dose)


def kept(node: Node, person: str) -> dict[str, str]:
    with node.journal.reading() as db:
        record = views.recorded(db, doses(node, person)[-1].id)
    assert record is not None
    return {one.question: one.answer for one in record.answers}


def test_an_answer_is_put_right_with_the_vaccine_in_one_correction(asking: Node) -> None:
    person, dose = given(asking, "Awa Corrected")
    take(
        asking,
        commands.CorrectDose(
            dose=dose,
            reason="Another vial, and her aunt consented",
            programme="covid-19",
            vaccine="adenovax",
            lot="AV4417",
            answers=told(consent="guardian", identity=""),
        ),
    )
    assert doses(asking, person)[-1].vaccine == "adenovax"
    assert kept(asking, person) == {
        "fever": "none", "consent": "guardian", "pregnant": "not-pregnant"
    }  # fmt: skip


@pytest.mark.parametrize("other_vaccine", [False, True])
def test_an_answer_that_is_put_right_is_judged_by_the_rules_as_when_it_is_given(
    asking: Node, other_vaccine: bool
) -> None:
    """Nobody gives it without a clinician, and nobody corrects it so without one."""
    if other_vaccine:
        person = take(
            asking,
            commands.RegisterPerson(name="Bea Rule", gender="Female", birth_date=date(1990, 2, 3)),
        )
        first = commands.GiveDose(
            person=person, programme="covid-19", vaccine="adenovax", lot="AV4417",
            answers=told(fever="none", consent="self", pregnant="pregnant"),
        )  # fmt: skip
        dose = take(asking, first, "V1")
        change = commands.CorrectDose(
            dose=dose, reason="It was the other vial", programme="covid-19",
            vaccine="coviprotect", lot="CP2611A",
        )  # fmt: skip
    else:
        _, dose = given(asking, "Bea Judged")
        change = commands.CorrectDose(
            dose=dose, reason="She is pregnant", answers=told(pregnant="pregnant")
        )
    count = len(of_type(asking, "DoseCorrected")) + len(of_type(asking, "DoseWithdrawn"))
    with pytest.raises(Refusal, match=r"Not in pregnancy\."):
        take(asking, change, "V1")
    assert len(of_type(asking, "DoseCorrected")) + len(of_type(asking, "DoseWithdrawn")) == count


def test_what_two_records_of_one_person_answered_otherwise_is_asked_again(asking: Node) -> None:
    """People are merged on the day of both doses: of two answers neither is taken for theirs."""
    kept_person, _ = given(asking, "Coumba Twice")
    other, _ = given(asking, "Coumba Twise", consent="guardian", identity="known")
    take(asking, commands.MergePeople(kept=kept_person, merged=other, reason="One and the same"))
    with asking.journal.reading() as db:
        found = views.answers_on(db, kept_person, asking.clock.today())
    assert {one.question: one.answer for one in found} == {
        "fever": "none", "pregnant": "not-pregnant"
    }  # fmt: skip
