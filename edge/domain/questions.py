"""What a programme has asked before a dose, what was answered, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from edge.domain.campaign_texts import CampaignText
from edge.domain.eligibility import EVERYTHING, NO_TEXT, Otherwise, RuleScope, refusal_of
from edge.domain.errors import BadInput, Refusal
from edge.domain.people_groups import PeopleGroup, PersonFacts, is_of_any
from edge.domain.schedule.observed import Seen

LONGEST_ANSWER = 200
CODE = "question."
"""Begins the code of a refusal because of an answer; the question's own code ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChoice:
    """An answer to choose: ``against`` the dose, with what the campaign ``says`` of that.

    ``seen`` is the code of an observation that the answer says is so.
    """

    code: str
    words: CampaignText
    against: bool = False
    says: CampaignText = NO_TEXT
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question before a dose; without ``choices`` its answer is a text.

    It is asked of people of one of the ``groups``, or of everybody. ``otherwise`` is what comes of
    an answer against the dose, and of none where one is ``needed``.
    """

    code: str
    words: CampaignText
    choices: tuple[AnswerChoice, ...] = ()
    scope: RuleScope = EVERYTHING
    groups: tuple[PeopleGroup, ...] = ()
    otherwise: Otherwise = "supervisor"
    needed: bool = True

    def choice(self, code: str) -> AnswerChoice | None:
        """Find one of the answers to choose from by its code."""
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered, by the codes of both, and in the words that stood there."""

    question: str
    answer: str
    asked: str
    said: str


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """What the answers come to: what speaks against the dose, and what is only to be said."""

    objections: tuple[Refusal, ...] = ()
    advice: tuple[Refusal, ...] = ()


def asked_before(
    questions: Iterable[Question], programme: str, vaccine: str, facts: PersonFacts, on: date
) -> tuple[Question, ...]:
    """Give the questions that somebody is asked before a dose; in doubt one is asked."""
    return tuple(
        question
        for question in questions
        if question.scope.holds(programme, vaccine)
        and (not question.groups or is_of_any(question.groups, facts, on).holds is not False)
    )


def read_answers(
    told: Mapping[str, str], known: Mapping[str, Question], earlier: Iterable[GivenAnswer] = ()
) -> tuple[GivenAnswer, ...]:
    """Give answers with the words of their questions, behind those given ``earlier``.

    ``known`` is every question that was ever in force: a form may have been drawn before the
    campaign changed, and what was answered is kept. An empty answer takes one away. Raises
    :class:`BadInput` for a question or an answer that nobody ever had.
    """
    found = {given.question: given for given in earlier}
    for code, answer in told.items():
        question = known.get(code)
        if question is None:
            raise BadInput(
                "question.unknown",
                "The campaign has no question {question}.",
                hint="Choose one of: {known}.",
                field="answers",
                question=code,
                known=", ".join(known) or "none",
            )
        if not answer:
            found.pop(code, None)
            continue
        choice = question.choice(answer)
        if question.choices and choice is None:
            raise BadInput(
                "question.answer-unknown",
                "{answer} is no answer to the question: {asked}",
                hint="Choose one of: {choices}.",
                field=f"answers.{code}",
                answer=answer,
                asked=question.words,
                choices=", ".join(choice.code for choice in question.choices),
            )
        said = str(choice.words) if choice else answer
        found[code] = GivenAnswer(code, answer, str(question.words), said)
    return tuple(found.values())


def seen_by_answers(
    given: Iterable[GivenAnswer], known: Mapping[str, Question], on: date
) -> dict[str, Seen]:
    """Give what the answers say is so of a person, by the codes of observations."""
    choices = (_choice(known, answer) for answer in given)
    return {choice.seen: Seen(on) for choice in choices if choice is not None and choice.seen}


def outcome(
    asked: Sequence[Question],
    given: Sequence[GivenAnswer],
    known: Mapping[str, Question],
    facts: PersonFacts,
) -> QuestionOutcome:
    """Say what answers come to: those that are missing, against the dose, or against the record.

    ``facts`` are the person's as they are recorded, without the answers.
    """
    answered = {answer.question for answer in given}
    found: list[tuple[Otherwise, Refusal]] = [
        (question.otherwise, _missing(question))
        for question in asked
        if question.needed and question.otherwise != "advise" and question.code not in answered
    ]
    for answer in given:
        question, choice = known.get(answer.question), _choice(known, answer)
        if question is None or choice is None:
            continue
        if choice.against:
            found.append((question.otherwise, _against(question, choice)))
        denied = _denied(question, choice, facts)
        if denied:
            found.append((question.otherwise, _contradicts(question, choice, facts, denied)))
    return QuestionOutcome(
        tuple(refusal for otherwise, refusal in found if otherwise != "advise"),
        tuple(refusal for otherwise, refusal in found if otherwise == "advise"),
    )


def _choice(known: Mapping[str, Question], answer: GivenAnswer) -> AnswerChoice | None:
    question = known.get(answer.question)
    return question.choice(answer.answer) if question is not None else None


def _denied(question: Question, choice: AnswerChoice, facts: PersonFacts) -> str:
    """Name what is recorded of a person and the answer says is not so; else nothing."""
    if choice.seen:
        return ""
    asked = {other.seen for other in question.choices if other.seen}
    return next((code for code in sorted(asked) if code in facts.subject.observations), "")


def _missing(question: Question) -> Refusal:
    return refusal_of(
        question.otherwise,
        "question.unanswered",
        "This is not answered: {asked}",
        hint="Ask, and choose the answer.",
        field=f"answers.{question.code}",
        asked=question.words,
    )


def _against(question: Question, choice: AnswerChoice) -> Refusal:
    return refusal_of(
        question.otherwise,
        CODE + question.code,
        "{says}" if choice.says else "{asked} {said}",
        field=f"answers.{question.code}",
        says=choice.says,
        asked=question.words,
        said=choice.words,
    )


def _contradicts(
    question: Question, choice: AnswerChoice, facts: PersonFacts, code: str
) -> Refusal:
    title = facts.observable[code].title if code in facts.observable else code
    return refusal_of(
        question.otherwise,
        "question.contradicts",
        "It is noted of this person: {title}. The answer says otherwise: {asked} {said}",
        hint="Ask again. If the answer is right, note on the person's page that it is so no more.",
        field=f"answers.{question.code}",
        title=title,
        asked=question.words,
        said=choice.words,
    )
