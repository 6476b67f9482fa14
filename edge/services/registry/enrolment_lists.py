"""Lists of people that the nation expects here: taken in piece by piece, replaced and withdrawn.

What a list says is in entries: which pieces it has, which of them were taken and who is in them,
and whom it named no more. So a journal that is made again knows them, and the registry sees how far
a site is without being told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from edge.campaign.divoc_csv import read_enrolments
from edge.campaign.files.table_file import TableFile
from edge.domain.errors import EdgeError
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.enrolment_lists import (
    MissingPiece,
    edition_of,
    list_names,
    missing_pieces,
    named_no_more,
    registered_by_list,
)
from edge.journal.journal import Journal
from edge.journal.letter_troubles import LetterTrouble, tell
from edge.journal.unit import Unit
from edge.services.imports.importer import Importer
from edge.services.imports.people import NamedPeople
from edge.services.imports.reports import ImportOptions, Report, unseen
from edge.services.lookups import check_programme
from edge.services.registry.inbox import Handler
from edge.services.registry.letter_handlers import unreadable
from edge.services.registry.stick_memory import own_identity
from edge.services.site import Site
from sync.protocol.enrolment_lists import LETTER, Piece, ToldList, read_list, read_piece
from sync.protocol.errors import LineError, ProtocolError, SyncError
from sync.protocol.letters import Letter
from sync.site.asking import Asker
from sync.site.pieces import fetch_pieces
from sync.site.transports import Transport

_BY = "nation"
_AT_ONCE = 200
"""People who are taken away in one commit."""


class EnrolmentLists:
    """The lists of one site."""

    def __init__(
        self, journal: Journal, importer: Importer, site: Site, nonce: Callable[[], str]
    ) -> None:
        self._journal = journal
        self._importer = importer
        self._site = site
        self._nonce = nonce
        self._unsettled = True
        self._wrong: dict[str, ProtocolError] = {}

    def prepare(self, letter: Letter) -> Handler:
        """Read a list's letter; what it does is to record the list, unless a newer one is here."""
        try:
            told = read_list(letter.body)
        except ProtocolError:
            raise unreadable() from None

        def record(unit: Unit, letter: Letter) -> None:
            id_ = derived_id("enrolment list", {"letter": letter.id})
            if has_entry(unit.db, id_) or told.edition < edition_of(unit.db, told.name):
                return
            unit.append("EnrolmentListTold", _list_body(told), id_=id_, by=_BY)
            self._unsettled = True

        return record

    def fetch(self, transport: Transport, asker: Asker) -> None:
        """Fetch what is missing, by line; raises :class:`LineError` when that breaks off."""
        wrong = -1
        while wrong < len(self._wrong):  # one that is wrong keeps none of the others back
            wrong = len(self._wrong)
            try:
                fetch_pieces(transport, asker, self, self._nonce)
            except LineError:
                raise
            except SyncError as error:
                self._tell(error)
        self.settle()

    def missing(self) -> Sequence[str]:
        """Give the hashes of the pieces that are to be fetched, of programmes that run here.

        What came once and was wrong is not: under its hash nothing else can come.
        """
        with self._journal.reading() as db:
            pieces = missing_pieces(db)
            if not pieces:
                return ()
            try:
                catalogue = self._site.catalogues.current(db)
            except EdgeError:  # the campaign comes first
                return ()
        refused: dict[str, EdgeError] = {}
        for programme in sorted({piece.programme for piece in pieces.values()}):
            try:
                check_programme(catalogue, programme)
            except EdgeError as error:
                refused[programme] = error
        for unknown in refused.values():
            self._tell(unknown)
        return [
            hash_
            for hash_, piece in pieces.items()
            if piece.programme not in refused and hash_ not in self._wrong
        ]

    def identity(self) -> str:
        """Give the site's own age identity."""
        return self._journal.run(own_identity)

    def take(self, frames: Mapping[str, bytes]) -> int:
        """Take in what is missing of these frames; gives how many pieces that were.

        Raises :class:`ProtocolError` for a piece that is not what its list says, after the others
        were taken.
        """
        with self._journal.reading() as db:
            pieces = missing_pieces(db)
        wanted = set(self.missing())
        came = [piece for hash_, piece in pieces.items() if hash_ in frames and hash_ in wanted]
        for missing in came:
            try:
                piece = read_piece(frames[missing.hash])
                self._check(piece, missing)
            except ProtocolError as error:
                self._wrong[missing.hash] = error
            else:
                self._take(piece, missing.hash)
        if came:
            self._unsettled = True
            told = (error for hash_, error in self._wrong.items() if hash_ in pieces)
            self._tell(next(told, None))
        for missing in came:
            if missing.hash in self._wrong:
                raise self._wrong[missing.hash]
        return len(came)

    def settle(self) -> None:
        """Take away whom a list that is here whole names no more, and who was never seen here.

        Who was seen stays, and is expected no longer; whom the site registered itself stays as is.
        """
        if not self._unsettled:
            return
        self._unsettled = False
        with self._journal.reading() as db:
            names = list_names(db)
        for name in names:
            after = ""
            while last := self._journal.run(partial(self._let_go, name=name, after=after)):
                after = last

    def _let_go(self, unit: Unit, name: str, after: str) -> str:
        """Take some of those away, or expect them no longer; give the last looked at, or empty."""
        found = named_no_more(unit.db, name, after, _AT_ONCE)
        gone = []
        for id_, programme, seen in found:
            by_list, corrected = registered_by_list(unit.db, id_)
            if by_list and (seen or corrected):
                body = {"person": id_, "programme": programme, "expected": False}
                unit.append("EnrolmentChanged", body, id_=self._site.ids.new(), by=_BY)
            elif by_list:
                gone.append(id_)
        if gone:
            body = {"list": name, "edition": edition_of(unit.db, name), "people": gone}
            unit.append("EnrolmentsWithdrawn", body, id_=self._site.ids.new(), by=_BY)
        return found[-1][0] if found else ""

    def _check(self, piece: Piece, missing: MissingPiece) -> None:
        told = (missing.list, missing.edition, missing.programme)
        here = piece.facility.casefold() == self._site.facility.casefold()
        if (piece.list, piece.edition, piece.programme) != told or not here:
            raise ProtocolError(
                "piece.other",
                "A piece of the list {list} is of another list or another site. Nothing of it is"
                " taken; ask the registry's office to publish the list again.",
                list=missing.list,
            )

    def _take(self, piece: Piece, hash_: str) -> None:
        named = NamedPeople(piece.list)
        held = self._register(piece, named)
        body = {
            "list": piece.list,
            "edition": piece.edition,
            "piece": hash_,
            "people": list(named.people),
            "held": [{"line": line, "code": code} for line, code in held],
        }
        id_ = derived_id("enrolment piece", {"list": piece.list, "piece": hash_})

        def work(unit: Unit) -> None:
            if not has_entry(unit.db, id_):
                unit.append("EnrolmentPieceTaken", body, id_=id_, by=_BY)

        self._journal.run(work)

    def _register(self, piece: Piece, named: NamedPeople) -> list[tuple[int, str]]:
        """Register who is in a piece; give the lines that were not taken, each with the reason."""
        with self._journal.reading() as db:
            region = self._site.catalogues.current(db).issuer.country
        table = TableFile.of(piece.list, piece.rows.encode())
        rows = read_enrolments(table, self._site.clock.today(), region)
        how = ImportOptions(by=_BY)
        try:
            report = self._importer.enrolments(
                piece.list, rows, piece.programme, unseen, how, named
            )
        except EdgeError as error:
            if error.temporary:
                raise
            return [(line, error.code) for line in piece.lines]
        return _held(report, piece.lines)

    def _tell(self, error: EdgeError | SyncError | None) -> None:
        """Say on the site's page what is wrong with the lists, or that nothing is any more."""
        trouble = None
        if error is not None:
            values = {name: str(value) for name, value in error.values.items()}
            trouble = LetterTrouble(LETTER, "", error.sentence, values)
        self._journal.run(lambda unit: tell(unit, LETTER, trouble))


def _list_body(told: ToldList) -> dict[str, Any]:
    return {
        "list": told.name,
        "edition": told.edition,
        "programme": told.programme,
        "pieces": [{"hash": piece.hash, "people": piece.people} for piece in told.pieces],
    }


def _held(report: Report, lines: Sequence[int]) -> list[tuple[int, str]]:
    """Give the lines of the officer's file that were not taken: the table's row 2 is the first."""
    found = {mistake.line: mistake.code for mistake in report.mistakes}
    found |= {question.line: question.code for question in report.questions}
    if report.broken:
        rest = range(report.broken.line, len(lines) + 2)
        found |= dict.fromkeys(rest, report.broken.code)
    return [(line, found[row]) for row, line in enumerate(lines, 2) if row in found]
