"""From a slip's name and what it is of to a document: reads, fills the template, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from edge.domain.catalogue import NARROW, WIDE, Catalogue, Lot
from edge.domain.certificate_plan import NOTHING, CertificatePlan
from edge.domain.errors import Conflict, NotFound
from edge.domain.numbers import grouped
from edge.domain.slip_template import SlipTemplate
from edge.domain.tally import tally
from edge.journal import tallies, views
from edge.journal.delivery import REGISTRY, delivery, prove
from edge.ports import Clock
from edge.slips import values
from edge.slips.appointments import appointment_values, expected_values, next_appointment
from edge.slips.codes import code_values, left_to_list
from edge.slips.coming_visits import plan_slip
from edge.slips.documents import document_values
from edge.slips.histories import card_slip, history_slip
from edge.slips.layout import Print, Values, lay_out
from edge.slips.payments import cash_slip, payer_values, receipt_slip
from edge.slips.speech import Speak, Speech
from printers.document import Document
from printers.layout import USUAL
from printers.qr import fits

if TYPE_CHECKING:
    from sqlite_utils import Database

_NARROW_DOTS = 400
"""Paper of 58 mm has 384 dots at 203 an inch, of 80 mm 512 or 576."""

DOWNLOAD = "/my-certificate"
"""The page of a site on which people take their certificate to their telephone."""
_Filled = tuple[Values, str, tuple[str, ...]]
"""A slip's values, what stands at its end, and the numbers of what it replaces."""
_OF_DOCUMENTS = "document"
"""The template of a document's certificate where its type has none."""


@dataclass(frozen=True, slots=True)
class SlipRequest:
    """A slip and what it is of.

    ``subject``: a certificate's number; a dose's id for ``appointment`` (or an appointment's) and
    ``sticker``, a person's for ``plan``, ``card``
    and ``history``, a payment's for ``receipt``; ``VACCINE|LOT`` for ``vial``;
    a date for ``tally``, ``cash`` and ``expected``; the facility's code for ``setup``; a staff code
    for ``badge``.
    """

    slip: str
    subject: str
    copy: int = 1
    serial: int = 0


def unknown_slip(slip: str, known: Iterable[str]) -> NotFound:
    """Say that there is no such slip, and which there are."""
    return NotFound(
        "slip.unknown",
        "There is no slip {slip}.",
        hint="Choose one of: {known}.",
        field="slip",
        slip=slip,
        known=", ".join(known),
    )


class SlipMaker:
    """Makes every slip of a site.

    ``shipped`` are the templates where the campaign has none of its own; ``payload`` gives what a
    credential's QR code holds; ``speak`` how a campaign's paper speaks; ``badge`` what the badge of
    a staff code says, empty for the code itself;
    ``registry`` says whether the site delivers to one. Times are told in ``zone``.
    """

    def __init__(
        self,
        shipped: Mapping[str, SlipTemplate],
        facility: str,
        clock: Clock,
        payload: Callable[[str, str], bytes],
        setup: Callable[[], values.SetUp],
        speak: Speak,
        badge: Callable[[Database, str], str],
        *,
        zone: tzinfo,
        registry: bool,
    ) -> None:
        self._shipped = shipped
        self._facility = facility
        self._clock = clock
        self._payload = payload
        self._setup = setup
        self._speak = speak
        self._badge = badge
        self._zone = zone
        self._registry = registry

    def make(
        self,
        db: Database,
        catalogue: Catalogue,
        wanted: SlipRequest,
        width: int,
        dots_per_inch: int = USUAL,
    ) -> Document:
        """Lay out a slip for paper of a width (dots).

        Raises :class:`NotFound` for a slip or subject that is not known here, :class:`Conflict`
        for an appointment where no dose follows, and a plan without visits.
        """
        speech = self._speak(catalogue)
        printed = self._clock.now().astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
        today = self._clock.today()
        of_person = (db, catalogue, self._facility, wanted.subject, today, self._zone, speech)
        makers: Mapping[str, Callable[[], _Filled]] = {
            "certificate": lambda: self._certificate(
                db, catalogue, wanted.subject, (width, dots_per_inch), speech
            ),
            "appointment": lambda: self._appointment(db, catalogue, wanted.subject, speech),
            "expected": lambda: self._expected(db, catalogue, wanted.subject, speech),
            "plan": lambda: plan_slip(*of_person),
            "card": lambda: card_slip(*of_person),
            "history": lambda: history_slip(
                db,
                catalogue,
                wanted.subject,
                today,
                speech,
                lambda issued, plan: self._codes(issued, plan, width, dots_per_inch),
            ),
            "sticker": lambda: self._dose(db, catalogue, wanted.subject, speech),
            "vial": lambda: self._vial(db, catalogue, wanted.subject),
            "tally": lambda: self._tally(db, catalogue, wanted.subject, speech),
            "receipt": lambda: receipt_slip(db, catalogue, wanted.subject, speech),
            "cash": lambda: cash_slip(db, catalogue, _day(wanted.subject), speech),
            "setup": lambda: self._setup_sheet(catalogue, wanted.subject),
            "badge": lambda: (
                values.badge_values(
                    catalogue, wanted.subject, self._facility, self._badge(db, wanted.subject)
                ),
                wanted.subject,
                (),
            ),
        }
        if wanted.slip not in makers:
            raise unknown_slip(wanted.slip, makers)
        own, closing, replaces = makers[wanted.slip]()
        site = values.site_values(catalogue, self._facility, printed)
        template = self._template(db, catalogue, wanted)
        this = Print(wanted.copy, wanted.serial, printed, closing, replaces)
        filled = left_to_list(template, {**site, **own})
        return lay_out(
            template, filled, this, speech.say, rtl=speech.rtl, pictures=catalogue.pictures
        )

    def _certificate(
        self,
        db: Database,
        catalogue: Catalogue,
        number: str,
        paper: tuple[int, int],
        speech: Speech,
    ) -> _Filled:
        issued = views.certificate(db, number)
        document = views.document(db, issued.document) if issued and issued.document else None
        if issued is not None and document is not None:
            return self._of_document(db, catalogue, issued, document, paper, speech)
        record = views.recorded(db, issued.dose) if issued else None
        if issued is None or record is None:
            raise NotFound(
                "certificate.unknown",
                "There is no certificate with this number here.",
                hint="Check the number on the paper.",
                field="certificate",
            )
        programme = catalogue.find_programme(record.dose.programme)
        plan = programme.certificates if programme else NOTHING
        codes = self._codes(issued, plan, *paper)
        own = {
            **values.dose_values(record, catalogue, speech),
            **values.certificate_values(issued, catalogue, codes, speech),
        }
        if issued.revoked_at:
            own |= {"title": speech.say("REVOKED")}
        elif catalogue.distribution.download and record.person.opens_by_birth:
            own["download"] = self._download()
        replaces = views.replaced_by(db, issued.id)
        return own, issued.id, tuple(map(grouped, replaces))

    def _download(self) -> str:
        """Give where people take their certificate to their telephone; empty: nobody reaches it."""
        address = next(iter(self._setup().addresses), "")
        return f"{address.rstrip('/')}{DOWNLOAD}" if address else ""

    def _of_document(
        self,
        db: Database,
        catalogue: Catalogue,
        issued: views.IssuedCertificate,
        document: views.DocumentRecord,
        paper: tuple[int, int],
        speech: Speech,
    ) -> _Filled:
        type_ = catalogue.find_document(document.type)
        if type_ is None:
            raise NotFound("document.unknown", "There is no such document here.", field="subject")
        codes = code_values(self._codes(issued, type_.plan, *paper), catalogue.captions, speech.say)
        own = dict(
            document_values(document, type_, issued, codes, catalogue.language, speech, self._zone)
        )
        if issued.revoked_at:
            own |= {"title": speech.say("REVOKED")}
        replaces = views.replaced_by(db, issued.id)
        return own, issued.id, tuple(map(grouped, replaces))

    def _template(self, db: Database, catalogue: Catalogue, wanted: SlipRequest) -> SlipTemplate:
        """Give the template of a slip: the type's own, the campaign's, or the shipped one."""
        name = wanted.slip
        issued = views.certificate(db, wanted.subject) if name == "certificate" else None
        document = views.document(db, issued.document) if issued and issued.document else None
        if document is not None:
            name = _OF_DOCUMENTS
            type_ = catalogue.find_document(document.type)
            if type_ is not None and type_.slip is not None:
                return type_.slip
        return catalogue.templates.get(name) or self._shipped[name]

    def _codes(
        self,
        issued: views.IssuedCertificate,
        plan: CertificatePlan,
        width: int,
        dots_per_inch: int,
    ) -> dict[str, bytes]:
        """Give the codes for paper of a width (dots): what the campaign puts on it, in order.

        What no longer fits (a name longer than any the campaign was checked with) is left out,
        as long as something is left. What is revoked has none: nobody is to take it for valid.
        """
        if issued.revoked_at:
            return {}
        narrow = width * USUAL <= _NARROW_DOTS * dots_per_inch
        paper = NARROW if narrow else WIDE
        names = [name for name in plan.on_paper(paper) if name in issued.credentials] or [
            issued.format
        ]
        payloads = {name: self._payload(name, issued.credentials[name]) for name in names}
        fitting = {
            name: payload
            for name, payload in payloads.items()
            if fits(payload, width, dots_per_inch)
        }
        return fitting or {names[0]: payloads[names[0]]}

    def _dose(self, db: Database, catalogue: Catalogue, dose: str, speech: Speech) -> _Filled:
        record = views.recorded(db, dose)
        if record is None or record.dose.reported or record.withdrawn:
            raise NotFound("dose.unknown", "There is no such dose here.", field="subject")
        return values.dose_values(record, catalogue, speech), record.person.code, ()

    def _appointment(
        self, db: Database, catalogue: Catalogue, subject: str, speech: Speech
    ) -> _Filled:
        today, zone = self._clock.today(), self._zone
        booked = views.appointment(db, subject, zone)
        own: Values = {}
        if booked is None:
            own, _, _ = self._dose(db, catalogue, subject, speech)
            dose = views.recorded(db, subject)
            booked = next_appointment(db, dose, today, zone) if dose else None
        if booked is None and not own.get("next_date"):
            raise Conflict(
                "appointment.none",
                "No dose is planned after this one.",
                hint="Look under what is due for this person.",
                field="subject",
            )
        told = {**own, **(appointment_values(booked, catalogue, speech) if booked else {})}
        code = str(told["person_code"])
        return {**told, "person_qr": code.encode()}, code, ()

    def _expected(
        self, db: Database, catalogue: Catalogue, subject: str, speech: Speech
    ) -> _Filled:
        day, today = _day(subject), self._clock.today()
        records = views.appointments_on(db, self._facility, day, self._zone)
        own = expected_values(records, day, today, catalogue, speech)
        return own, day.isoformat(), ()

    def _vial(self, db: Database, catalogue: Catalogue, subject: str) -> _Filled:
        vaccine, _, lot = subject.partition("|")
        known = views.lot(db, vaccine, lot)
        if known is None:
            raise NotFound("lot.not-here", "This lot is not in this site's stock.", field="subject")
        return values.lot_values(known, catalogue), lot, ()

    def _tally(self, db: Database, catalogue: Catalogue, subject: str, speech: Speech) -> _Filled:
        day = _day(subject)
        lots: dict[tuple[str, str], Lot] = {(lot.vaccine, lot.lot): lot for lot in views.lots(db)}
        counted = tally(tallies.counted_on(db, day))
        own = dict(values.tally_values(day, counted, lots, catalogue, speech))
        own |= payer_values(db, catalogue, day, speech)
        if self._registry:
            held = delivery(db, REGISTRY)
            own["recorded"] = str(held.recorded)
            own["delivered"] = str(held.delivered)
            own["waiting"] = str(held.recorded - held.delivered)
            proof = prove(db, day)
            own["proven"] = str(proof.proven)
            own["receipt"] = proof.receipt.line() if proof.receipt else ""
        return own, day.isoformat(), ()

    def _setup_sheet(self, catalogue: Catalogue, subject: str) -> _Filled:
        if subject != self._facility:
            raise NotFound(
                "slip.other-site",
                "This site is {facility}.",
                field="subject",
                facility=self._facility,
            )
        return values.setup_values(self._setup(), catalogue), subject, ()


def _day(subject: str) -> date:
    try:
        return date.fromisoformat(subject)
    except ValueError:
        raise NotFound(
            "date.form", "The date must be written as year-month-day.", field="subject"
        ) from None
