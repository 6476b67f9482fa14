"""What the API answers: each answer's type is also its schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from edge.domain.catalogue import Catalogue, Programme, Staff
from edge.domain.dose import Dose
from edge.domain.errors import EdgeError, Refusal
from edge.domain.people import Person
from edge.domain.scheduled import Judged, Status, due_now, subject_of
from edge.journal.views import IssuedCertificate, Recorded


class _Answer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Fields are camelCase; empty ones are left out."""


class ProblemAnswer(_Answer, frozen=True):
    """Why something was not done (in the manner of RFC 9457).

    ``code`` is stable; ``sentence`` and ``hint`` are in the language asked for; ``field`` names
    what was wrong in the request; ``temporary``: the same request may succeed later; ``earliest``:
    the first date on which it would; ``overridable``: a supervisor may decide otherwise.
    """

    code: str
    sentence: str
    hint: str = ""
    field: str = ""
    temporary: bool = False
    overridable: bool = False
    earliest: date | None = None


class StaffAnswer(_Answer, frozen=True):
    """A member of staff."""

    code: str
    name: str
    roles: list[str]


class SessionAnswer(_Answer, frozen=True):
    """An open session; ``token`` goes into ``Authorization: Bearer``."""

    token: str
    staff: StaffAnswer


class EntryAnswer(_Answer, frozen=True):
    """An entry's place in the journal."""

    id: str
    type: str
    epoch: str
    number: int
    hash: str


class PersonAnswer(_Answer, frozen=True):
    """A person."""

    id: str
    code: str
    name: str
    gender: str
    birth_date: date | None = None
    birth_year: int | None = None
    identity: str = ""
    nationality: str = ""
    phone: str = ""
    email: str = ""
    address: dict[str, str] = {}


class DoseAnswer(_Answer, frozen=True):
    """A dose; ``reported``: given elsewhere and told here."""

    id: str
    programme: str
    vaccine: str
    number: int
    total: int
    lot: str
    on: date
    facility: str
    vaccinator: str
    reported: bool = False
    effective_until: date | None = None
    next_due: date | None = None


class CertificateAnswer(_Answer, frozen=True):
    """A certificate; ``qr`` is the path of its usual QR code as a PNG, ``?format=`` of another.

    ``credential`` is the text of the usual format, ``credentials`` of all.
    """

    id: str
    dose: str
    format: str
    issued_at: str
    qr: str
    formats: list[str]
    replaces: str = ""
    replaced_by: str = ""
    revoked_at: str = ""
    credential: str = ""
    credentials: dict[str, str] = {}


class PrintJobAnswer(_Answer, frozen=True):
    """A slip on its way to paper."""

    id: int
    slip: str
    printer: str
    copy: int
    state: str
    cause: str = ""


class OutcomeAnswer(_Answer, frozen=True):
    """What a request came to; ``repeated``: it was answered before, and this is that answer."""

    id: str
    repeated: bool
    entries: list[EntryAnswer]
    person: PersonAnswer | None = None
    dose: DoseAnswer | None = None
    certificate: CertificateAnswer | None = None
    print_job: PrintJobAnswer | None = None


class VerdictAnswer(_Answer, frozen=True):
    """What a programme says of a person today, for one vaccine.

    ``status`` is what to tell first; ``recommended`` the day this dose is best on, ``pastDue`` the
    last on which it is not late. An ``objection`` is the rule that says no, and from when it would
    say yes.
    """

    programme: str
    vaccine: str
    status: Status
    due: bool
    dose: int
    total: int
    recommended: date | None = None
    past_due: date | None = None
    objection: ProblemAnswer | None = None


class ReasonAnswer(_Answer, frozen=True):
    """One sentence of an explanation; ``depth`` says under which it stands."""

    depth: int
    sentence: str


class ExplanationAnswer(_Answer, frozen=True):
    """Why a programme says what it says of a vaccine: every rule that was asked, in words.

    ``unknown`` are vaccines of the history that the programme's schedule does not know.
    """

    programme: str
    vaccine: str
    status: Status
    reasons: list[ReasonAnswer]
    unknown: list[str] = []


class CallAnswer(_Answer, frozen=True):
    """Somebody to be called for a dose; ``since`` it is due, and late after ``pastDue``."""

    person: PersonAnswer
    programme: str
    vaccine: str
    dose: int
    total: int
    status: str
    since: date
    past_due: date | None = None


class PersonFileAnswer(_Answer, frozen=True):
    """Everything this site knows of a person."""

    person: PersonAnswer
    doses: list[DoseAnswer]
    certificates: list[CertificateAnswer]
    verdicts: list[VerdictAnswer]
    observations: dict[str, date | None] = {}
    history_as_of: date | None = None


class HistoryAnswer(_Answer, frozen=True):
    """What the registry told of a person: how many doses are new here, and as of which day."""

    new: int
    as_of: date | None


class WaitingAnswer(_Answer, frozen=True):
    """Somebody in the queue."""

    person: PersonAnswer
    programme: str
    arrived_at: str


class RecordAnswer(_Answer, frozen=True):
    """A dose of the day, with its person and its paper."""

    dose: DoseAnswer
    person: PersonAnswer
    certificate: str = ""
    print_state: str = ""


class LotAnswer(_Answer, frozen=True):
    """A lot in stock; ``quantity`` is what is left."""

    vaccine: str
    lot: str
    expiry: date
    quantity: int


class ProgrammeAnswer(_Answer, frozen=True):
    """A programme of the campaign in force."""

    id: str
    name: str
    vaccines: list[str]


class CatalogueAnswer(_Answer, frozen=True):
    """The campaign in force, as far as a tablet needs it."""

    version: str
    facility: str
    programmes: list[ProgrammeAnswer]
    vaccines: dict[str, str]
    staff: list[StaffAnswer]


class SyncAnswer(_Answer, frozen=True):
    """How the site stands with the registry; ``synced`` only if a receipt proves it.

    ``attention`` counts what is delivered and must be put right before it is accepted.
    """

    state: str
    recorded: int
    delivered: int
    last_receipt: str = ""
    trouble: str = ""
    attention: int = 0
    letters: list[str] = []
    """What was wrong with letters of the nation, in sentences."""


class AttentionAnswer(_Answer, frozen=True):
    """A record that is delivered, and what the registry makes of it.

    ``state`` is ``rejected`` (``field`` is to be put right), ``held`` (it waits for another record,
    and nothing is to be done), or ``conflict``: ``facility`` has recorded ``theirs``, to be decided
    with ``SettleDifference``, whose field goes without ``person.``. ``correct`` is the page that
    corrects it, or empty; ``corrected``: that was done, and the registry has not answered yet.
    ``person``, ``value`` and ``theirs`` are for those who may see records.
    """

    entry: str
    type: str
    state: str
    field: str
    sentence: str
    at: str
    value: str = ""
    person: PersonAnswer | None = None
    dose: str = ""
    correct: str = ""
    corrected: bool = False
    theirs: str = ""
    facility: str = ""


class PrinterAnswer(_Answer, frozen=True):
    """A printer of the site."""

    name: str
    state: str
    waiting: int
    trouble: str = ""


class StatusAnswer(_Answer, frozen=True):
    """How the node is."""

    facility: str
    clock_believed: bool
    entries: int
    sync: SyncAnswer
    printers: list[PrinterAnswer]


class PingAnswer(_Answer, frozen=True):
    """The node is there."""

    ok: bool


class VerificationAnswer(_Answer, frozen=True):
    """What the node can say of a certificate somebody shows."""

    verdict: str
    format: str
    profile: str
    reason: str
    checks: dict[str, Any]
    claims: dict[str, Any]


def problem_answer(error: EdgeError, sentence: str, hint: str) -> ProblemAnswer:
    """Answer an error, in words already translated."""
    refusal = error if isinstance(error, Refusal) else None
    return ProblemAnswer(
        code=error.code,
        sentence=sentence,
        hint=hint,
        field=error.field,
        temporary=error.temporary,
        overridable=bool(refusal and refusal.overridable),
        earliest=refusal.earliest if refusal else None,
    )


def staff_answer(staff: Staff) -> StaffAnswer:
    """Answer a member of staff."""
    return StaffAnswer(code=staff.code, name=staff.name, roles=sorted(staff.roles))


def person_answer(person: Person) -> PersonAnswer:
    """Answer a person."""
    address = {
        key: text
        for key in person.address.__dataclass_fields__
        if (text := getattr(person.address, key))
    }
    return PersonAnswer(
        id=person.id,
        code=person.code,
        name=person.name,
        gender=person.gender,
        birth_date=person.birth_date,
        birth_year=person.birth_year,
        identity=person.identity,
        nationality=person.nationality,
        phone=person.phone,
        email=person.email,
        address=address,
    )


def dose_answer(dose: Dose, record: Recorded | None = None) -> DoseAnswer:
    """Answer a dose, with its dates where they are known."""
    return DoseAnswer(
        id=dose.id,
        programme=dose.programme,
        vaccine=dose.vaccine,
        number=dose.number,
        total=dose.total,
        lot=dose.lot,
        on=dose.on,
        facility=dose.facility,
        vaccinator=dose.vaccinator,
        reported=dose.reported,
        effective_until=record.effective_until if record else None,
        next_due=record.next_due if record else None,
    )


def certificate_answer(
    certificate: IssuedCertificate, *, with_credential: bool = False
) -> CertificateAnswer:
    """Answer a certificate, with its signed text only where that is asked for."""
    return CertificateAnswer(
        id=certificate.id,
        dose=certificate.dose,
        format=certificate.format,
        formats=list(certificate.credentials),
        replaces=certificate.replaces,
        replaced_by=certificate.replaced_by,
        revoked_at=certificate.revoked_at,
        issued_at=certificate.issued_at,
        qr=f"/api/v1/certificates/{certificate.id}/qr.png",
        credential=certificate.credentials[certificate.format] if with_credential else "",
        credentials=dict(certificate.credentials) if with_credential else {},
    )


def verdicts_of(
    person: Person,
    doses: list[Dose],
    observations: Mapping[str, date | None],
    catalogue: Catalogue,
    today: date,
) -> list[tuple[Programme, Judged]]:
    """Judge, for each running programme, the dose of every vaccine group that would come next."""
    subject = subject_of(person, observations)
    return [
        (programme, judged)
        for programme in catalogue.programmes.values()
        if programme.active
        for judged in due_now(subject, doses, programme, catalogue.vaccines, today)
    ]


def verdict_answer(
    programme: Programme, judged: Judged, objection: ProblemAnswer | None
) -> VerdictAnswer:
    """Answer what a programme says of a person today."""
    return VerdictAnswer(
        programme=programme.id,
        vaccine=judged.vaccine,
        status=judged.status,
        due=not judged.objections,
        dose=judged.number,
        total=judged.total,
        recommended=judged.recommended,
        past_due=judged.past_due,
        objection=objection,
    )
