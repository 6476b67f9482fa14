"""What the API answers to an import: each answer's type is also its schema."""

from __future__ import annotations

from msgspec import field

from edge.web.answer import Answer


class RowAnswer(Answer, frozen=True):
    """A row that was not taken: why, in the language asked for.

    ``row`` is its line in the file, or its row in a workbook; ``people`` the codes of those who
    look like whom it tells of.
    """

    row: int
    code: str
    sentence: str
    hint: str = ""
    column: str = ""
    people: list[str] = field(default_factory=list)


class ImportAnswer(Answer, frozen=True):
    """What an import came to, or would come to.

    ``broken``: the file breaks in the row of the last mistake, and nothing behind it was read.
    ``questions`` are rows that wait for an answer: ``different``, ``same`` or ``again``.
    """

    taken: int
    known: int
    mistakes: list[RowAnswer]
    questions: list[RowAnswer]
    notes: list[str]
    broken: bool = False
