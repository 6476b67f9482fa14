"""Who is expected here by the word of a scheduler outside: fetched, and taken in as enrolments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from edge.campaign.files.table_file import TableFile
from edge.domain.errors import EdgeError
from edge.journal.journal import Journal
from edge.journal.letter_troubles import LetterTrouble, tell
from edge.services.imports.own_bookings import OUTSIDE
from edge.services.imports.reports import ImportOptions, Report
from edge.services.imports.tables import ImportRequest, TableImporter
from edge.services.site import Site
from sync.protocol.instants import instant

TROUBLE = "scheduler."
"""Begins the name of a scheduler's trouble, beside those of letters."""
Fetch = Callable[[str, str], bytes]
"""Gives what is at an address, with the token in a file if one is named; raises an error."""


@dataclass(frozen=True, slots=True)
class AskedScheduler:
    """Which scheduler is asked for whom: see the settings of the site."""

    name: str
    url: str
    programme: str
    token_file: str
    days: int


class OutsideScheduler:
    """Asks one scheduler; whatever it answers, what is here already stays.

    Taking the same answer again changes nothing, so a process may end at any point of it.
    """

    def __init__(
        self,
        asked: AskedScheduler,
        fetch: Fetch,
        tables: TableImporter,
        journal: Journal,
        site: Site,
    ) -> None:
        self._asked = asked
        self._fetch = fetch
        self._tables = tables
        self._journal = journal
        self._site = site
        self._last = ""

    def run(self) -> Report | None:
        """Fetch and take in; None where nothing new was said. What is wrong stands on the page."""
        try:
            content = self._fetch(self._url(), self._asked.token_file)
            digest = hashlib.sha256(content).hexdigest()
            if digest == self._last:
                self._tell(None)
                return None
            report = self._take(content)
        except EdgeError as error:
            self._tell(_trouble(self._asked.name, error, self._now()))
            return None
        held = len(report.mistakes) + len(report.questions)
        self._last = "" if held else digest  # a row may find room, or be mended here, meanwhile
        self._tell(_held(self._asked.name, held, self._now()) if held else None)
        return report

    def _take(self, content: bytes) -> Report:
        file = TableFile.of(f"{self._asked.name}.{_ending(content)}", content)
        how = ImportOptions(by=f"{OUTSIDE}{self._asked.name}", outside=True)
        return self._tables.take(ImportRequest("enrolments", self._asked.programme), file, how)

    def _url(self) -> str:
        """Put in for whom and for which days is asked."""
        today = self._site.clock.today()
        told = {
            "{facility}": quote(self._site.facility, safe=""),
            "{from}": today.isoformat(),
            "{until}": (today + timedelta(days=self._asked.days)).isoformat(),
        }
        url = self._asked.url
        for place, value in told.items():
            url = url.replace(place, value)
        return url

    def _now(self) -> str:
        return instant(self._site.clock.now())

    def _tell(self, trouble: LetterTrouble | None) -> None:
        kind = f"{TROUBLE}{self._asked.name}"
        self._journal.run(lambda unit: tell(unit, kind, trouble))


def _ending(content: bytes) -> str:
    return "json" if content.lstrip()[:1] in (b"[", b"{") else "csv"


def _trouble(name: str, error: EdgeError, at: str) -> LetterTrouble:
    values = {key: str(value) for key, value in error.values.items()}
    return LetterTrouble(f"{TROUBLE}{name}", at, error.sentence, values, detail=name)


def _held(name: str, count: int, at: str) -> LetterTrouble:
    return LetterTrouble(
        f"{TROUBLE}{name}",
        at,
        "Rows that were not taken: {count}. They are wrong, or look like somebody who is here.",
        {"count": str(count)},
        detail=name,
    )
