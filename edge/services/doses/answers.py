"""What was asked before a dose, as a request brings the answers and an entry keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.questions import (
    GivenAnswer,
    Question,
    QuestionOutcome,
    asked_before,
    outcome,
    read_answers,
    seen_by_answers,
)
from edge.domain.scheduled import Case, facts_of
from edge.journal import views
from edge.services.commands.doses import AnsweredQuestion

if TYPE_CHECKING:
    from sqlite_utils import Database


def questions_before(
    db: Database, case: Case, person: str, programme: str, vaccine: str, on: date
) -> tuple[tuple[Question, ...], tuple[GivenAnswer, ...]]:
    """Give what is asked before a dose, and what was answered to it before another of that day."""
    asked = asked_before(case.catalogue.questions, programme, vaccine, facts_of(case), on)
    codes = {question.code for question in asked}
    answered = views.answers_on(db, person, on) if codes else ()
    return asked, tuple(given for given in answered if given.question in codes)


def answers_before(
    db: Database,
    case: Case,
    person: str,
    programme: str,
    vaccine: str,
    on: date,
    told: Sequence[AnsweredQuestion],
) -> tuple[tuple[GivenAnswer, ...], QuestionOutcome]:
    """Give the answers that a dose is recorded with, and what they come to.

    What was answered today before another dose is not asked again. Raises :class:`BadInput` for
    what the campaign never asked.
    """
    asked, earlier = questions_before(db, case, person, programme, vaccine, on)
    known = case.catalogue.ever.questions
    given = read_answers(_by_question(told), known, earlier)
    return given, outcome(asked, given, known, facts_of(case))


def corrected_answers(
    case: Case, recorded: Sequence[GivenAnswer], told: Sequence[AnsweredQuestion]
) -> tuple[tuple[GivenAnswer, ...], QuestionOutcome]:
    """Give the answers of a dose as they are put right, and what comes of those that changed."""
    known = case.catalogue.ever.questions
    given = read_answers(_by_question(told), known, recorded)
    changed = [answer for answer in given if answer not in recorded]
    return given, outcome((), changed, known, facts_of(case))


def answered(case: Case, given: Sequence[GivenAnswer], on: date) -> Case:
    """Give a person's case with what answers before a dose of a day say is so of the person."""
    seen = seen_by_answers(given, case.catalogue.ever.questions, on)
    own = case.subject
    observations = {**own.observations, **{code: told.on for code, told in seen.items()}}
    until = {code: last for code, last in own.until.items() if code not in seen}
    return replace(case, subject=replace(own, observations=observations, until=until))


def written_answers(given: Sequence[GivenAnswer]) -> list[dict[str, str]]:
    """Give answers as an entry has them."""
    return [asdict(answer) for answer in given]


def _by_question(told: Sequence[AnsweredQuestion]) -> dict[str, str]:
    return {answer.question: answer.answer.strip() for answer in told}
