"""The recall list: everybody who is due or overdue, for the phone, the radio or the village."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.recall import RecallItem, calls
from edge.journal import people_pages
from edge.journal.counts import count_people
from edge.services.lookups import check_programme

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = (
    "code", "name", "birthDate", "phone", "district", "programme", "vaccine", "dose", "total",
    "status", "since", "pastDue",
)  # fmt: skip
_PAGE = 500
_FORMULA = ("=", "@", "+", "-", "\t", "\r")


def recall(
    reading: Callable[[], AbstractContextManager[Database]],
    catalogue: Catalogue,
    today: date,
    until: date,
    programme: str = "",
    progress: Callable[[int, int], None] = lambda done, whole: None,  # noqa: ARG005
) -> Iterator[RecallItem]:
    """Go through everybody, a page at a time, and give the doses that are due until a day.

    ``reading`` opens the database for a page. ``progress`` is told after each how many people of
    how many were looked at. Raises :class:`BadInput` for an unknown programme.
    """
    if programme:
        check_programme(catalogue, programme)
    return _all(reading, catalogue, today, until, programme, progress)


def _all(
    reading: Callable[[], AbstractContextManager[Database]],
    catalogue: Catalogue,
    today: date,
    until: date,
    programme: str,
    progress: Callable[[int, int], None],
) -> Iterator[RecallItem]:
    after, done = "", 0
    with reading() as db:
        whole = count_people(db)
    while True:
        with reading() as db:
            page = people_pages.people_after(db, after, _PAGE)
        if not page:
            return
        for known in page:
            for call in calls(
                known.person, known.doses, known.observations, catalogue, today, until
            ):
                if programme in ("", call.programme):
                    yield call
        after, done = page[-1].person.id, done + len(page)
        progress(done, max(whole, done))


def as_csv(found: Iterable[RecallItem]) -> Iterator[str]:
    """Write a recall list as CSV (RFC 4180), line by line, the names of the columns first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(values: Iterable[str]) -> str:
        writer.writerow(values)
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield line(COLUMNS)
    for call in found:
        yield line(_harmless(str(value)) for value in _values(call))


def as_documents(found: Iterable[RecallItem]) -> Iterator[dict[str, str | int]]:
    """Write a recall list as one object a line of the CSV, under the names of its columns."""
    for call in found:
        yield dict(zip(COLUMNS, _values(call), strict=True))


def _values(call: RecallItem) -> tuple[str | int, ...]:
    person = call.person
    return (
        person.code,
        person.name,
        person.birth_date.isoformat() if person.birth_date else str(person.birth_year or ""),
        person.phone,
        person.address.district,
        call.programme,
        call.vaccine,
        call.number,
        call.total,
        call.status,
        call.since.isoformat(),
        call.past_due.isoformat() if call.past_due else "",
    )


def _harmless(value: str) -> str:
    """Keep a spreadsheet from taking a name for a formula; a phone number may begin with a plus."""
    number = value[:1] == "+" and value[1:].replace(" ", "").isdigit()
    return f"'{value}" if value.startswith(_FORMULA) and not number else value
