"""The desk: takes each request once, and writes what comes of it in one unit of work."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from uuid import UUID

from edge.domain.catalogue import Role, Staff
from edge.domain.disk import Purpose
from edge.domain.errors import BadInput, Conflict, EdgeError, NotAllowed, Unavailable
from edge.journal.entries import entries_of
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.services import commands
from edge.services.appointments.booking import (
    book_appointment,
    cancel_appointment,
    move_appointment,
)
from edge.services.certificates.issue import issue_certificate
from edge.services.certificates.renewal import revoke_certificate
from edge.services.commands import command_document, older_document
from edge.services.commands.texts import with_composed_texts
from edge.services.corrections.dose import correct_dose
from edge.services.corrections.observation import observe
from edge.services.corrections.person import correct_person
from edge.services.corrections.take_back import take_back
from edge.services.documents.certifying import certify_document
from edge.services.documents.recording import (
    correct_document,
    record_document,
    revoke_document,
)
from edge.services.doses.following import number_doses
from edge.services.doses.give_dose import give_dose
from edge.services.doses.report_card import report_card
from edge.services.doses.report_doses import report_doses
from edge.services.doses.stock import receive_stock
from edge.services.doubtful_clock import named
from edge.services.merging import (
    distinguish_doses,
    distinguish_people,
    merge_people,
    undo_merge,
)
from edge.services.payments.asking import with_payment
from edge.services.payments.cash import count_cash, hand_over_cash
from edge.services.payments.payers import Payers
from edge.services.payments.recording import pay_dose, return_payment
from edge.services.people.contact import record_contact_preference
from edge.services.people.queue import arrive, leave
from edge.services.people.register_person import register_person
from edge.services.printing.failover import move_print
from edge.services.printing.print_slip import print_slip
from edge.services.printing.reprint import print_copy, settle_print
from edge.services.record_status import record_status
from edge.services.request import Request
from edge.services.settle_difference import settle_difference
from edge.services.site import Site
from sync.protocol.entries import canonical

if TYPE_CHECKING:
    from sqlite_utils import Database

S = TypeVar("S")
Look = Callable[["Database", Sequence[Entry]], S]
_Handler = Callable[[Unit, Request[Any], Site], None]

_EVERY_DAY: frozenset[Role] = frozenset({"registrar", "vaccinator", "supervisor"})

_STAFF: frozenset[Role] = _EVERY_DAY | {"clinician", "technician"}
"""Of documents, and of their paper, their type says in the campaign who may do what."""

_HANDLERS: Mapping[type, tuple[_Handler, frozenset[Role]]] = {
    commands.RegisterPerson: (register_person, _EVERY_DAY),
    commands.Arrive: (arrive, _EVERY_DAY),
    commands.Leave: (leave, _EVERY_DAY),
    commands.GiveDose: (give_dose, frozenset({"vaccinator", "supervisor"})),
    commands.IssueCertificate: (issue_certificate, frozenset({"vaccinator", "supervisor"})),
    commands.CorrectPerson: (correct_person, frozenset({"vaccinator", "supervisor"})),
    commands.CorrectDose: (correct_dose, frozenset({"vaccinator", "supervisor"})),
    commands.TakeBackDose: (take_back, _EVERY_DAY),
    commands.NumberDoses: (number_doses, frozenset({"vaccinator", "supervisor"})),
    commands.ReportDoses: (report_doses, _EVERY_DAY),
    commands.RecordStatus: (record_status, _EVERY_DAY),
    commands.MergePeople: (merge_people, frozenset({"supervisor"})),
    commands.UndoMerge: (undo_merge, frozenset({"supervisor"})),
    commands.DistinguishPeople: (distinguish_people, frozenset({"supervisor"})),
    commands.DistinguishDoses: (distinguish_doses, frozenset({"supervisor"})),
    commands.ReportCard: (report_card, _EVERY_DAY),
    commands.RecordObservation: (observe, frozenset({"vaccinator", "supervisor", "clinician"})),
    commands.SettleDifference: (settle_difference, frozenset({"supervisor"})),
    commands.RevokeCertificate: (revoke_certificate, frozenset({"supervisor"})),
    commands.RecordDocument: (record_document, _STAFF),
    commands.CertifyDocument: (certify_document, _STAFF),
    commands.CorrectDocument: (correct_document, _STAFF),
    commands.RevokeDocument: (revoke_document, _STAFF),
    commands.BookAppointment: (book_appointment, _EVERY_DAY),
    commands.MoveAppointment: (move_appointment, _EVERY_DAY),
    commands.CancelAppointment: (cancel_appointment, _EVERY_DAY),
    commands.PayDose: (pay_dose, _EVERY_DAY),
    commands.ReturnPayment: (return_payment, _EVERY_DAY),
    commands.CountCash: (count_cash, _EVERY_DAY),
    commands.HandOverCash: (hand_over_cash, _EVERY_DAY),
    commands.RecordContactPreference: (record_contact_preference, _EVERY_DAY),
    commands.ReceiveStock: (receive_stock, frozenset({"supervisor", "technician"})),
    commands.PrintCopy: (print_copy, _STAFF),
    commands.PrintSlip: (print_slip, _EVERY_DAY | {"technician"}),
    commands.MovePrint: (move_print, _STAFF),
    commands.SettlePrint: (settle_print, _STAFF),
}
"""What may be asked, who does it, and which roles may ask."""


_ESSENTIAL: frozenset[type] = frozenset(
    (
        commands.RegisterPerson,
        commands.GiveDose,
        commands.IssueCertificate,
        commands.CorrectPerson,
        commands.CorrectDose,
        commands.CorrectDocument,
        commands.TakeBackDose,
        commands.RevokeCertificate,
        commands.RevokeDocument,
        commands.RecordObservation,
        commands.PayDose,
        commands.MovePrint,
        commands.SettlePrint,
    )
)
"""What is recorded as long as anything is: people, doses, what was wrong, and their paper."""


def no_look(_db: Database, _entries: Sequence[Entry]) -> Any:
    """Look at nothing."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """The entries a request caused; ``repeated`` when it had been answered before.

    ``seen`` is what the asker looked up in the same unit of work, where every page is at hand.
    """

    id: str
    entries: tuple[Entry, ...]
    repeated: bool
    seen: S


class Desk:
    """Takes requests, whoever asks; the number on a request makes sending it twice harmless."""

    def __init__(self, journal: Journal, site: Site, payers: Payers) -> None:
        self._journal = journal
        self._site = site
        self._payers = payers

    @overload
    def take(self, id_: str, command: commands.Command, actor: Staff) -> Outcome[None]: ...

    @overload
    def take(
        self, id_: str, command: commands.Command, actor: Staff, look: Look[S]
    ) -> Outcome[S]: ...

    def take(
        self, id_: str, command: commands.Command, actor: Staff, look: Look[Any] = no_look
    ) -> Outcome[Any]:
        """Do what is asked, or give the first answer again.

        ``id_`` is a UUIDv7 made where the request was made. Raises :class:`NotAllowed` for the
        wrong role, :class:`Conflict` for a number used for another request, and whatever the
        request itself is refused for; then nothing was written.
        """
        handler, request = _asked(id_, command, actor)
        prepared, refused = self._prepared(request)

        def answered(db: Database) -> Outcome[Any] | None:
            earlier = entries_of(db, id_)
            if not earlier:
                return None
            if not _is_of(earlier[0], request):
                raise Conflict(
                    "entry.number-used",
                    "This number was used before for another request.",
                    hint="Reload the page and enter it again.",
                    field="id",
                )
            return Outcome(id_, tuple(earlier), True, look(db, earlier))

        def work(unit: Unit) -> Outcome[Any]:
            first: Outcome[Any] | None = answered(unit.db)
            if first is not None:
                return first
            if refused is not None:
                raise refused
            self._do(handler, unit, prepared)
            return Outcome(id_, tuple(unit.entries), False, look(unit.db, unit.entries))

        try:
            return self._journal.run(work, _purpose(type(command)))
        except Unavailable:  # a disk without room takes no answer away that was given
            with self._journal.reading() as db:
                given: Outcome[Any] | None = answered(db)
            if given is None:
                raise
            return given

    def rehearse(self, command: commands.Command, actor: Staff) -> tuple[Entry, ...]:
        """Do what is asked and undo it: give the entries it would write, for whoever is to decide.

        Raises what the request itself would be refused for.
        """
        handler, request = _asked(self._site.ids.new(), command, actor)
        prepared, refused = self._prepared(request)
        if refused is not None:
            raise refused

        def work(unit: Unit) -> None:
            self._do(handler, unit, prepared)
            raise _UndoneError(unit.entries)

        try:
            self._journal.run(work, Purpose.UPKEEP)  # nothing of it is kept
        except _UndoneError as undone:
            return undone.entries
        raise AssertionError("a rehearsal was kept")

    def _do(self, handler: _Handler, unit: Unit, request: Request[commands.Command]) -> None:
        """Do what is asked; what a wrong clock may be the reason of is refused in its name."""
        try:
            handler(unit, request, self._site)
        except EdgeError as error:
            if unit.stamp.believed:
                raise
            raise named(error, self._site.clock) from error

    def _prepared(
        self, request: Request[commands.Command]
    ) -> tuple[Request[commands.Command], EdgeError | None]:
        """Read an identity and ask the payer before the unit of work; what is wrong is told in it.

        A request that was answered before gets that answer, whatever became of plug-ins since.
        """
        try:
            command = self._site.identities.kept_in(request.command)
            if command is not request.command:
                request = replace(request, command=command)
            return with_payment(self._journal, self._site, self._payers, request), None
        except EdgeError as error:
            return request, error


class _UndoneError(Exception):
    """Ends a rehearsal, so that nothing of it is kept."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        super().__init__()


def _asked(
    id_: str, command: commands.Command, actor: Staff
) -> tuple[_Handler, Request[commands.Command]]:
    """Find who does what is asked; raises :class:`NotAllowed` for the wrong role."""
    handler, roles = _HANDLERS[type(command)]
    if not roles & actor.roles:
        raise NotAllowed(
            "staff.not-allowed",
            "Your role does not allow this.",
            hint="Ask a colleague with the role: {roles}.",
            roles=", ".join(sorted(roles)),
        )
    check_id(id_)
    command = with_composed_texts(command)
    return handler, Request(id_, actor, command, _digest(command_document(command)))


def _purpose(command: type) -> Purpose:
    return Purpose.ESSENTIAL if command in _ESSENTIAL else Purpose.OTHER


def _is_of(entry: Entry, request: Request[commands.Command]) -> bool:
    """Say whether an entry came of the same request; an older version may have taken it."""
    kept = entry.document.get("command")
    return kept in (request.digest, _digest(older_document(request.command)))


def _digest(document: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()


def check_id(id_: str) -> None:
    """Refuse an id that is not a UUIDv7 in its usual form (RFC 9562)."""
    try:
        valid = UUID(id_).version == 7 and str(UUID(id_)) == id_
    except ValueError:
        valid = False
    if not valid:
        raise BadInput(
            "entry.id-form",
            "The number of the request is not a UUIDv7 in lower case.",
            hint="Make one for each request; after a lost answer send the same one again.",
            field="id",
        )
