"""The JSON API under /api/v1: what each route does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed, NotFound
from edge.domain.people import Person
from edge.journal import print_jobs, views
from edge.journal.entry import Entry
from edge.journal.journal import entries_of
from edge.services.attention import attention as attention_of
from edge.services.commands import Command, GiveDose
from edge.services.desk import Look, Outcome, check_id, no_look
from edge.services.history import age_of
from edge.services.slip_roles import check_slip_role
from edge.web import answers
from edge.web.door import Door
from edge.web.language import Language

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the API: who, what, in which language."""

    door: Door
    staff: Staff | None
    token: str
    values: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    language: Language


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A staff code, as on the badge, and its PIN."""

    code: str
    pin: str


class AskedPrint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slip to print: which, of what, where.

    ``slip`` is ``certificate`` (then a copy is printed), ``appointment``, ``sticker``, ``vial``,
    ``tally`` or ``setup``. ``subject`` is a certificate's number, a dose's id for appointment and
    sticker, ``VACCINE|LOT``, a date, the facility's code. ``id`` is a UUIDv7 made by the sender:
    after a lost answer the same one prints nothing twice.
    """

    id: str
    slip: str
    subject: str
    printer: str = ""


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The beginning of words that people are filed under."""

    text: str


_WITH_RECORDS = frozenset({"registrar", "vaccinator", "supervisor"})

_asked_print = msgspec.json.Decoder(AskedPrint)
_search = msgspec.json.Decoder(Search)
_sign_in = msgspec.json.Decoder(SignIn)
_command = msgspec.json.Decoder(Command)


def sign_in(call: Call) -> answers.SessionAnswer:
    """Open a session with a staff code and a PIN."""
    given = decode(_sign_in, call.body)
    token = call.door.gate.sign_in(given.code, given.pin)
    staff = call.door.gate.who(token)
    return answers.SessionAnswer(token=token, staff=answers.staff_answer(signed_in(staff)))


def sign_out(call: Call) -> answers.PingAnswer:
    """End the session."""
    call.door.gate.sign_out(call.token)
    return answers.PingAnswer(ok=True)


def session(call: Call) -> answers.StaffAnswer:
    """Say who is signed in."""
    return answers.staff_answer(signed_in(call.staff))


def put_entry(call: Call) -> answers.OutcomeAnswer:
    """Record a request under its own number: sending it twice records it once."""
    command = decode(_command, call.body)
    staff = signed_in(call.staff)
    outcome = take(call.door, call.values["id"], command, staff, look=outcome_views)
    return outcome_answer(outcome.id, outcome.entries, outcome.seen, repeated=outcome.repeated)


def take(
    door: Door, id_: str, command: Command, staff: Staff, look: Look[Any] = no_look
) -> Outcome[Any]:
    """Check a supervisor's PIN at the door, then hand the request to the desk without it."""
    if isinstance(command, GiveDose) and command.override is not None:
        override = command.override
        if override.supervisor and override.supervisor != staff.code:
            door.gate.check_pin(override.supervisor, override.pin)
        cleared = msgspec.structs.replace(override, pin="")
        command = msgspec.structs.replace(command, override=cleared)
    outcome = door.desk.take(id_, command, staff, look)
    door.wake_printers()
    return outcome


def get_entry(call: Call) -> answers.OutcomeAnswer:
    """Give the answer to an earlier request again."""
    check_id(call.values["id"])
    with call.door.journal.reading() as db:
        found = entries_of(db, call.values["id"])
        seen = outcome_views(db, found)
    if not found:
        raise NotFound("entry.unknown", "No request with this number was recorded.", field="id")
    return outcome_answer(call.values["id"], found, seen, repeated=True)


def outcome_views(db: Database, entries: Sequence[Entry]) -> dict[str, Any]:
    """Look up what an answer shows of the things a request's entries tell of."""
    seen: dict[str, Any] = {}
    for entry in entries:
        if entry.type == "PersonRegistered":
            person = views.person(db, entry.id)
            seen["person"] = answers.person_answer(person) if person else None
        elif entry.type == "DoseGiven":
            record = views.recorded(db, entry.id)
            seen["dose"] = answers.dose_answer(record.dose, record) if record else None
        elif entry.type in ("CertificateIssued", "CopyRequested"):
            issued = views.certificate(db, entry.body["certificate"])
            seen["certificate"] = answers.certificate_answer(issued) if issued else None
            copy = entry.body.get("copy", 1)
            jobs = print_jobs.jobs_of(db, entry.body["certificate"])
            job = next((one for one in jobs if one.copy == copy), None)
            seen["print_job"] = _job_answer(job) if job else None
        elif entry.type == "SlipRequested":
            jobs = print_jobs.jobs_of(db, entry.body["subject"], entry.body["slip"])
            job = next((one for one in jobs if one.copy == entry.body["copy"]), None)
            seen["print_job"] = _job_answer(job) if job else None
    return seen


def outcome_answer(
    id_: str, entries: Sequence[Entry], seen: Mapping[str, Any], *, repeated: bool
) -> answers.OutcomeAnswer:
    """Answer what a request came to."""
    return answers.OutcomeAnswer(
        id=id_,
        repeated=repeated,
        entries=[
            answers.EntryAnswer(
                id=entry.id,
                type=entry.type,
                epoch=entry.epoch,
                number=entry.number,
                hash=entry.hash,
            )
            for entry in entries
        ],
        **seen,
    )


def search(call: Call) -> list[answers.PersonAnswer]:
    """Find people by name, phone, code or identity number; in the body, as it is personal."""
    text = decode(_search, call.body).text.strip()
    if not text:
        raise BadInput(
            "search.empty",
            "There is nothing to search for.",
            hint="Type a name, a phone number or a code.",
            field="text",
        )
    with call.door.journal.reading() as db:
        return [answers.person_answer(person) for person in views.find_people(db, text)]


def person(call: Call) -> answers.PersonFileAnswer:
    """Give everything this site knows of a person, with what is due today."""
    door = call.door
    with door.journal.reading() as db:
        found = known_person(db, call.values["id"])
        doses = views.history(db, found.id)
        observations = views.observations(db, found.id)
        catalogue = door.site.shelf.catalogue(db)
        certificates = views.certificates_of(db, found.id)
        age = age_of(db, found.id, door.site.clock.today(), door.zone)
    return answers.PersonFileAnswer(
        person=answers.person_answer(found),
        doses=[answers.dose_answer(dose) for dose in doses],
        certificates=[answers.certificate_answer(one) for one in certificates],
        verdicts=[
            answers.verdict_answer(
                programme,
                judged,
                problem(judged.objections[0], call.language) if judged.objections else None,
            )
            for programme, judged in answers.verdicts_of(
                found, doses, observations, catalogue, door.site.clock.today()
            )
        ],
        observations=observations,
        history_as_of=age.as_of if age else None,
    )


def history(call: Call) -> answers.HistoryAnswer:
    """Ask the registry what other sites recorded of a person, and record it here as told."""
    door = call.door
    with door.journal.reading() as db:
        found = known_person(db, call.values["id"])
    new = door.ask_history([found.id], signed_in(call.staff).code)
    with door.journal.reading() as db:
        age = age_of(db, found.id, door.site.clock.today(), door.zone)
    return answers.HistoryAnswer(new=new, as_of=age.as_of if age else None)


def queue(call: Call) -> list[answers.WaitingAnswer]:
    """Give those who wait, longest first."""
    with call.door.journal.reading() as db:
        return [
            answers.WaitingAnswer(
                person=answers.person_answer(one.person),
                programme=one.programme,
                arrived_at=one.arrived_at,
            )
            for one in views.queue(db)
        ]


def doses(call: Call) -> list[answers.RecordAnswer]:
    """Give the doses of a day (query ``on``, today by default), newest first."""
    day = query_day(call.query.get("on", ""), "on") or call.door.site.clock.today()
    with call.door.journal.reading() as db:
        return [
            answers.RecordAnswer(
                dose=answers.dose_answer(one.dose, one),
                person=answers.person_answer(one.person),
                certificate=one.certificate,
                print_state=one.print_state,
            )
            for one in views.recorded_on(db, day)
        ]


def certificate(call: Call) -> answers.CertificateAnswer:
    """Give a certificate with its signed text."""
    return answers.certificate_answer(certificate_of(call), with_credential=True)


def certificate_qr(call: Call) -> bytes:
    """Draw a certificate's QR code (PNG)."""
    found, name = certificate_of(call), call.query.get("format", "")
    if name and name not in found.credentials:
        raise BadInput(
            "certificate.format",
            "This certificate was not issued in the format {format}.",
            hint="It has: {known}.",
            field="format",
            format=name[:40],
            known=", ".join(found.credentials),
        )
    return call.door.qr_image(found, name)


def certificate_of(call: Call) -> views.IssuedCertificate:
    """Find the certificate a path names."""
    with call.door.journal.reading() as db:
        found = views.certificate(db, call.values["id"])
    if found is None:
        raise NotFound(
            "certificate.unknown",
            "There is no certificate with this number here.",
            hint="Check the number on the paper.",
            field="certificate",
        )
    return found


def prints(call: Call) -> answers.OutcomeAnswer:
    """Print a slip on paper, once for each number of a request."""
    asked = decode(_asked_print, call.body)
    document = (
        {"type": "PrintCopy", "certificate": asked.subject, "printer": asked.printer}
        if asked.slip == "certificate"
        else {
            "type": "PrintSlip",
            "slip": asked.slip,
            "subject": asked.subject,
            "printer": asked.printer,
        }
    )
    command = decode(_command, msgspec.json.encode(document))
    outcome = take(call.door, asked.id, command, signed_in(call.staff), look=outcome_views)
    return outcome_answer(outcome.id, outcome.entries, outcome.seen, repeated=outcome.repeated)


def slip_png(call: Call) -> bytes:
    """Draw a slip from the very bytes that the usual printer would get."""
    slip, staff = call.values["slip"], signed_in(call.staff)
    check_slip_role(slip, staff.roles)
    return call.door.slip_image(slip, call.query.get("of", ""), "")


def print_job(call: Call) -> answers.PrintJobAnswer:
    """Say what became of a print."""
    number = call.values["id"]
    with call.door.journal.reading() as db:
        job = print_jobs.job(db, int(number)) if number.isdigit() and len(number) < 12 else None
    if job is None:
        raise NotFound("print.unknown-job", "There is no such print.", field="printJob")
    return _job_answer(job)


def stock(call: Call) -> list[answers.LotAnswer]:
    """Give the lots at the site, first to expire first."""
    with call.door.journal.reading() as db:
        return [
            answers.LotAnswer(
                vaccine=lot.vaccine, lot=lot.lot, expiry=lot.expiry, quantity=lot.quantity
            )
            for lot in views.lots(db)
        ]


def catalogue(call: Call) -> answers.CatalogueAnswer:
    """Give the campaign in force, as far as a tablet needs it."""
    site = call.door.site
    with call.door.journal.reading() as db:
        found = site.shelf.catalogue(db)
    return answers.CatalogueAnswer(
        version=found.version,
        facility=site.facility,
        programmes=[
            answers.ProgrammeAnswer(id=one.id, name=one.name, vaccines=list(one.vaccines))
            for one in found.programmes.values()
            if one.active
        ],
        vaccines={one.code: one.name for one in found.vaccines.values()},
        staff=[
            answers.staff_answer(one)
            for one in found.staff.values()
            if one.active and site.facility in one.facilities
        ],
    )


def status(call: Call) -> answers.StatusAnswer:
    """Say how the node, its printers and its delivery to the registry are."""
    door = call.door
    with door.journal.reading() as db:
        count = db.execute("SELECT coalesce(max(position), 0) FROM entry").fetchone()[0]
    sync = door.sync_state()
    return answers.StatusAnswer(
        facility=door.site.facility,
        clock_believed=door.site.clock.believed(),
        entries=count,
        sync=answers.SyncAnswer(
            state=sync.state,
            recorded=sync.recorded,
            delivered=sync.delivered,
            last_receipt=sync.last_receipt,
            trouble=call.language.say(sync.trouble, sync.trouble_values or {}),
            attention=sync.attention,
            letters=[call.language.say(one.sentence, one.values) for one in sync.letters],
        ),
        printers=[
            answers.PrinterAnswer(
                name=one.name,
                state=one.state,
                waiting=one.waiting,
                trouble=call.language.say(one.trouble, {}),
            )
            for one in door.printer_states()
        ],
    )


def attention(call: Call) -> list[answers.AttentionAnswer]:
    """List the delivered records that the registry does not count as they stand."""
    clinical = bool(_WITH_RECORDS & signed_in(call.staff).roles)
    with call.door.journal.reading() as db:
        found = attention_of(db)
    return [
        answers.AttentionAnswer(
            entry=one.entry,
            type=one.type,
            state=one.state,
            field=one.field,
            sentence=call.language.gettext(one.sentence),
            at=one.at,
            value=one.value if clinical else "",
            person=answers.person_answer(one.person) if clinical and one.person else None,
            dose=one.dose.id if one.dose else "",
            correct=one.correct if clinical else "",
            corrected=one.corrected,
            theirs=one.theirs if clinical else "",
            facility=one.facility,
        )
        for one in found
    ]


def verify(call: Call) -> answers.VerificationAnswer:
    """Verify a certificate: the body is its text, its bytes, or a picture of its QR code."""
    if not call.body:
        raise BadInput(
            "verify.empty",
            "There is nothing to verify.",
            hint="Send the text of a certificate, or a picture of its QR code.",
        )
    verdict = call.door.verify(call.body)
    reason = call.language.say(verdict.reason, verdict.values)
    return msgspec.convert({**verdict.document(), "reason": reason}, answers.VerificationAnswer)


def ping(call: Call) -> answers.PingAnswer:  # noqa: ARG001
    """Say that the node is there."""
    return answers.PingAnswer(ok=True)


def problem(error: EdgeError, language: Language) -> answers.ProblemAnswer:
    """Answer an error in the caller's language."""
    return answers.problem_answer(
        error,
        language.say(error.sentence, error.values),
        language.say(error.hint, error.values),
    )


def decode(decoder: Any, body: bytes) -> Any:
    """Read a JSON body into its type, or name the field that does not fit."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        raise BadInput(
            "request.field",
            "The field {path} does not fit: {what}.",
            hint="See /api/v1/openapi.json for what each field takes.",
            field=path.strip("`.") or "body",
            path=path.strip("`.") or "body",
            what=what,
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadInput(
            "request.not-json",
            "The request is not JSON.",
            hint="Send an object with Content-Type: application/json.",
            field="body",
        ) from None


def _job_answer(job: print_jobs.PrintJob) -> answers.PrintJobAnswer:
    return answers.PrintJobAnswer(
        id=job.id,
        slip=job.slip,
        printer=job.printer,
        copy=job.copy,
        state=job.state,
        cause=job.cause,
    )


def query_day(text: str, field: str) -> date | None:
    """Read a calendar date of a query; None where it is not there."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(
            "date.form",
            "The date must be written as year-month-day.",
            hint="For example 2026-11-24.",
            field=field,
        ) from None


def known_person(db: Database, id_: str) -> Person:
    """Find the person a path names."""
    found = views.person(db, id_)
    if found is None:
        raise NotFound("person.unknown", "This person is not registered here.", field="person")
    return found


def signed_in(staff: Staff | None) -> Staff:
    """Give who is signed in, or refuse a call without a session."""
    if staff is None:
        raise NotAllowed(
            "session.none",
            "You are not signed in.",
            hint="Sign in with your code and PIN.",
        )
    return staff
