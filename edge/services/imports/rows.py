"""Goes through the rows of an import, some at a time, and keeps account of what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from edge.campaign.mistakes import Mistake
from edge.campaign.tables import ValidRow
from edge.domain.errors import EdgeError
from edge.journal.unit import Unit
from edge.services.imports.books import Books
from edge.services.imports.ledgers import Ledger
from edge.services.imports.reports import Progress, Question, Report

T = TypeVar("T")
Rows = Iterable[ValidRow[T] | Mistake]
Taker = Callable[[Unit, Books, int, T], bool | Question]
"""Takes a row: whether it was new, or what must be asked first; raises an error that is its own."""
Batch = list[ValidRow[T] | Mistake]
_UNIT = 20
"""Rows in one commit: a long import must not keep the tablets waiting."""


def take_rows(
    ledger: Ledger, file: str, rows: Rows[T], take: Taker[T], progress: Progress
) -> Report:
    """Take each row that can be taken; every other one is named in the report."""
    mistakes: list[Mistake] = []
    questions: list[Question] = []
    taken = known = count = 0
    for batch in _batches(rows):

        def work(unit: Unit, books: Books, batch: Batch[T] = batch) -> Report:
            return _taken(unit, books, file, batch, take)

        done = ledger.run(work)
        taken, known, count = taken + done.taken, known + done.known, count + len(batch)
        mistakes += done.mistakes
        questions += done.questions
        progress(count)
    return Report(taken, known, tuple(mistakes), tuple(questions))


def _taken(unit: Unit, books: Books, file: str, batch: Batch[T], take: Taker[T]) -> Report:
    mistakes: list[Mistake] = []
    questions: list[Question] = []
    new = known = 0
    for row in batch:
        if isinstance(row, Mistake):
            mistakes.append(row)
            continue
        try:
            found = take(unit, books, row.row, row.value)
        except EdgeError as error:
            mistakes.append(mistake_of(file, row.row, error))
            continue
        if isinstance(found, Question):
            questions.append(found)
        else:
            new, known = new + found, known + (not found)
    return Report(new, known, tuple(mistakes), tuple(questions))


def mistake_of(file: str, line: int, error: EdgeError) -> Mistake:
    """Make the mistake of a row that was refused."""
    return Mistake(file, line, error.code, error.sentence, error.values, error.field, error.hint)


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    source = iter(rows)
    while batch := list(islice(source, _UNIT)):
        yield batch
