"""The recall list: everybody who is due or overdue, for the phone, the radio or the village."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.recall import RecallItem, calls
from edge.journal import people_pages
from edge.journal.counts import count_people
from edge.services.csv_lines import csv_lines
from edge.services.lookups import check_programme

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = (
    "code", "name", "birthDate", "phone", "district", "programme", "vaccine", "dose", "total",
    "status", "since", "pastDue", "comesBack",
)  # fmt: skip
_PAGE = 500
_AT_ONCE = 50
"""People that a page's list looks at before it counts its rows."""
Reading = Callable[[], AbstractContextManager["Database"]]


@dataclass(frozen=True, slots=True)
class RecallQuery:
    """What a list is asked for: doses due until a day, to be given at a facility (its code).

    ``programme`` empty: of all that run. ``overdue``: only those that are late ``today``.
    """

    catalogue: Catalogue
    today: date
    until: date
    facility: str
    programme: str = ""
    overdue: bool = False

    def items(self, known: people_pages.PersonRecord) -> Iterator[RecallItem]:
        """Give what one person is to be called for."""
        sessions = self.catalogue.sessions_of(self.facility)
        for item in calls(
            known.person,
            known.doses,
            known.observations,
            self.catalogue,
            self.today,
            self.until,
            sessions,
        ):
            if self.programme in ("", item.programme) and (
                item.status == "overdue" or not self.overdue
            ):
                yield item


@dataclass(frozen=True, slots=True)
class RecallPage:
    """A stretch of the list: what was found among the people that were looked at.

    ``after`` is the last of them, to go on behind, or empty at the end; ``looked`` counts them.
    """

    items: tuple[RecallItem, ...]
    after: str
    looked: int


def recall(
    reading: Reading,
    query: RecallQuery,
    progress: Callable[[int, int], None] = lambda done, whole: None,  # noqa: ARG005
) -> Iterator[RecallItem]:
    """Go through everybody, a page at a time, and give the doses that are due until a day.

    ``reading`` opens the database for a page. ``progress`` is told after each how many people of
    how many were looked at. Raises :class:`BadInput` for an unknown programme.
    """
    for page, done, whole in stretches(reading, query):
        yield from page.items
        progress(done, whole)


def stretches(reading: Reading, query: RecallQuery) -> Iterator[tuple[RecallPage, int, int]]:
    """Give the whole list a page at a time, with how many people of how many were looked at."""
    _check(query)
    return _stretches(reading, query)


def _stretches(reading: Reading, query: RecallQuery) -> Iterator[tuple[RecallPage, int, int]]:
    after, done = "", 0
    with reading() as db:
        whole = count_people(db)
    while True:
        page = _looked_at(reading, query, after, _PAGE)
        done += page.looked
        if page.looked:
            yield page, done, max(whole, done)
        if not page.after:
            return
        after = page.after


def recall_page(
    reading: Reading, query: RecallQuery, after: str, rows: int, people: int
) -> RecallPage:
    """Look at people behind one until there are so many rows, and at no more than so many people.

    The last person is given whole. Raises :class:`BadInput` for an unknown programme.
    """
    _check(query)
    items: list[RecallItem] = []
    looked = 0
    while len(items) < rows and looked < people:
        page = _looked_at(reading, query, after, min(_AT_ONCE, people - looked))
        items += page.items
        looked, after = looked + page.looked, page.after
        if not after:
            break
    return RecallPage(tuple(items), after, looked)


def _looked_at(reading: Reading, query: RecallQuery, after: str, most: int) -> RecallPage:
    with reading() as db:
        page = people_pages.people_after(db, after, most)
    items = tuple(item for known in page for item in query.items(known))
    more = len(page) == most
    return RecallPage(items, page[-1].person.id if more else "", len(page))


def _check(query: RecallQuery) -> None:
    if query.programme:
        check_programme(query.catalogue, query.programme)


def as_csv(found: Iterable[RecallItem]) -> Iterator[str]:
    """Write a recall list as CSV (RFC 4180), line by line, the names of the columns first."""
    return csv_lines(COLUMNS, map(_values, found))


def as_documents(found: Iterable[RecallItem]) -> Iterator[dict[str, str | int]]:
    """Write a recall list as one object a line of the CSV, under the names of its columns."""
    for call in found:
        yield dict(zip(COLUMNS, _values(call), strict=True))


def _values(call: RecallItem) -> tuple[str | int, ...]:
    person = call.person
    return (
        person.code,
        person.name,
        person.born_text,
        person.phone,
        person.address.district,
        call.programme,
        call.vaccine,
        call.number,
        call.total,
        call.status,
        call.since.isoformat(),
        call.past_due.isoformat() if call.past_due else "",
        call.comes_back.isoformat(),
    )
