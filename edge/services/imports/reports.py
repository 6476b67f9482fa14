"""What an import is told, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.domain.people import Person

Progress = Callable[[int], None]
"""Told how many rows have been read."""


def unseen(rows: int) -> None:
    """Take the progress of an import that nobody watches."""


@dataclass(frozen=True, slots=True)
class RowAnswers:
    """What somebody said of the rows that were asked about, by their numbers.

    ``different``: whom the row tells of is none of those who look alike, or the expiry date of its
    lot is the right one and not that on record. ``same``: it is this one
    of them (the code). ``again``: lines like earlier ones are of another delivery.
    """

    different: frozenset[int] = frozenset()
    same: Mapping[int, str] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How an import is done: recorded under whom, with which answers, or only to see.

    ``outside``: it is the word of a system outside, which may change what it has booked alone.
    """

    by: str = "import"
    answers: RowAnswers = RowAnswers()
    dry_run: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A row that nobody takes in before somebody has said a word; ``people`` look like its own.

    ``line`` is the row's as of a mistake; ``sentence`` and ``hint`` are templates for translation.
    """

    file: str
    line: int
    code: str
    sentence: str
    hint: str
    values: Mapping[str, Any] = field(default_factory=dict)
    people: tuple[Person, ...] = ()

    def __str__(self) -> str:
        """Write the question as a technician reads it: codes stand for people."""
        told = f"{self.file}, line {self.line}: {self.sentence.format(**self.values)}"
        codes = ", ".join(person.code for person in self.people)
        return f"{told} {codes + '. ' if codes else ''}{self.hint.format(**self.values)}"


def as_mistake(question: Question) -> Mistake:
    """Name a row that is asked about where nobody can answer."""
    return Mistake(
        question.file,
        question.line,
        question.code,
        question.sentence,
        question.values,
        hint=question.hint,
    )


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user is told of the whole file; a template for translation."""

    code: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write it as a technician reads it."""
        return self.sentence.format(**self.values)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to: rows taken, rows known before, what is open, and each mistake."""

    taken: int = 0
    known: int = 0
    mistakes: tuple[Mistake, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def broken(self) -> Mistake | None:
        """Where the file breaks, so that nothing behind it was read."""
        return next((mistake for mistake in self.mistakes if mistake.final), None)

    @property
    def clean(self) -> bool:
        """Whether nothing is left to be put right."""
        return not self.mistakes and not self.questions
