"""What a programme has asked before a dose, as forms show it and bring it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.questions import LONGEST_ANSWER, GivenAnswer, Question
from edge.services.doses.answers import questions_before
from edge.services.seen import RecordChangedConflict
from edge.web.offers import Offer
from edge.web.payment_form import prices_asked
from edge.web.person_file import PersonFile
from edge.web.seen_forms import FieldChoice, touched
from edge.web.visit import Visit

ANSWERS = "answers"
"""What an entry calls all of them."""
FIELD = "answer."
"""Begins the name of a field of a form that holds an answer; the question's code ends it."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as a form shows it: ``answer`` is what was answered already, or empty."""

    question: Question
    answer: str

    @property
    def field(self) -> str:
        """The name of its field in the form."""
        return FIELD + self.question.code


def asked_questions(visit: Visit, file: PersonFile, offer: Offer) -> list[AskedQuestion]:
    """Give what is asked before a dose today: with what was typed, or answered before another."""
    today = visit.backend.site.clock.today()
    with visit.backend.journal.reading() as db:
        asked, earlier = questions_before(
            db, file.case, file.person.id, offer.programme.id, offer.vaccine.code, today
        )
    known = {given.question: given.answer for given in earlier}
    return [
        AskedQuestion(question, visit.form.get(FIELD + question.code, known.get(question.code, "")))
        for question in asked
    ]


def unanswered(visit: Visit, file: PersonFile) -> set[tuple[str, str]]:
    """Name the vaccines that are due, by programme and vaccine, about which something is asked.

    Who pays is asked too where it is not plain: the government asks nothing.
    """
    asked = {
        (offer.programme.id, offer.vaccine.code)
        for offer in file.offers.due
        if any(not told.answer for told in asked_questions(visit, file, offer))
    }
    return asked | prices_asked(visit, file).keys()


def answers_typed(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the answers of a form as a field of a request; what was left open is none."""
    return [
        {"question": name.removeprefix(FIELD), "answer": text[:LONGEST_ANSWER]}
        for name, text in form.items()
        if name.startswith(FIELD) and text.strip()
    ]


def corrected_answers(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the answers of a form that somebody has changed; an empty one takes one away."""
    return [
        {"question": name.removeprefix(FIELD), "answer": text[:LONGEST_ANSWER]}
        for name, text in form.items()
        if name.startswith(FIELD) and touched({f"was.{name}": "", **form}, [name])
    ]


def disputed_answers(
    visit: Visit, error: Exception, known: Mapping[str, Question], given: Iterable[GivenAnswer]
) -> list[FieldChoice]:
    """Give the answers to choose of, where an error says that somebody else has changed some."""
    if not isinstance(error, RecordChangedConflict) or ANSWERS not in error.fields:
        return []
    now = {told.question: _said(visit, told, known) for told in given}
    return [
        FieldChoice(
            FIELD + typed["question"],
            now.get(question.code, ""),
            visit.language.gettext(choice.words) if choice else typed["answer"],
            visit.language.gettext(question.words),
        )
        for typed in corrected_answers(visit.form)
        if (question := known.get(typed["question"])) is not None
        for choice in (question.choice(typed["answer"]),)
    ]


def correctable(
    visit: Visit, known: Mapping[str, Question], given: Iterable[GivenAnswer]
) -> list[AskedQuestion]:
    """Give the answers of a dose as a form corrects them."""
    return [
        AskedQuestion(
            known[told.question],
            visit.form.get(FIELD + told.question, told.answer),
        )
        for told in given
        if told.question in known
    ]


def shown_answers(visit: Visit, given: Iterable[GivenAnswer], known: Mapping[str, Question]) -> Any:
    """Give answers in words: the reader's, where the campaign still says the same."""
    return [(_asked(visit, told, known), _said(visit, told, known)) for told in given]


def _asked(visit: Visit, given: GivenAnswer, known: Mapping[str, Question]) -> str:
    question = known.get(given.question)
    same = question is not None and question.words == given.asked
    return visit.language.gettext(question.words) if question and same else given.asked


def _said(visit: Visit, given: GivenAnswer, known: Mapping[str, Question]) -> str:
    question = known.get(given.question)
    choice = question.choice(given.answer) if question else None
    same = choice is not None and choice.words == given.said
    return visit.language.gettext(choice.words) if choice and same else given.said
