"""What the API answers of doses that were taken back, and of what follows from a change."""

from __future__ import annotations

from datetime import date

from edge.web.answer import Answer
from edge.web.people_answers import PersonAnswer


class WithdrawalAnswer(Answer, frozen=True):
    """How a dose was taken back: when, what it was, why, and which dose stands for it."""

    at: str
    kind: str
    reason: str
    replaced_by: str = ""


class GivenAnswerAnswer(Answer, frozen=True):
    """What was answered before a dose: by the codes of both, and in the words that stood there."""

    question: str
    answer: str
    asked: str
    said: str


class ChoiceAnswer(Answer, frozen=True):
    """An answer to choose; ``against``: it speaks against the dose."""

    code: str
    words: str
    against: bool


class QuestionAnswer(Answer, frozen=True):
    """A question that the campaign has asked before a dose; without ``choices`` a text is typed.

    ``otherwise`` is what comes of an answer against the dose, and of none where one is ``needed``:
    advise, supervisor, clinician or refuse.
    """

    code: str
    asks: str
    choices: list[ChoiceAnswer]
    otherwise: str
    needed: bool


class RecalledDoseAnswer(Answer, frozen=True):
    """A dose of a recalled lot, and who was given it."""

    dose: str
    lot: str
    on: date
    person: PersonAnswer


class LotRecallAnswer(Answer, frozen=True):
    """Lots of a vaccine that are not given any more: why, what to do, and who was given one."""

    code: str
    vaccine: str
    lots: list[str]
    on: date
    why: str
    to_do: str
    doses: list[RecalledDoseAnswer]


class RenumberedDoseAnswer(Answer, frozen=True):
    """A dose that would get another number: ``number`` of ``total`` in the place of ``was``.

    ``wasTotal`` is how many its course had. A number beyond its total is of a booster or a
    supplementary dose.
    """

    dose: str
    programme: str
    vaccine: str
    on: date
    was: int
    was_total: int
    number: int
    total: int


class RehearsalAnswer(Answer, frozen=True):
    """What would follow from a request, of which nothing was recorded.

    ``revoked`` are numbers of certificates, ``renewed`` those of them in whose place another is
    printed; ``entries`` the types of what would be recorded, in order.
    """

    entries: list[str]
    revoked: list[str]
    renewed: list[str]
    numbers: list[RenumberedDoseAnswer]
