"""What the API answers: each answer's type is also its schema."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import field

from edge.domain.dose_status import Status
from edge.web.answer import Answer
from edge.web.clock_answers import ClockAnswer
from edge.web.disk_answers import DiskAnswer
from edge.web.dose_answers import GivenAnswerAnswer, QuestionAnswer, WithdrawalAnswer
from edge.web.people_answers import AgeAnswer, GuardianAnswer, PersonAnswer, PersonStatusAnswer
from edge.web.problem_answers import ObjectionAnswer, ProblemAnswer
from edge.web.registry_answers import SyncAnswer

__all__ = [
    "AgeAnswer",
    "GuardianAnswer",
    "ObjectionAnswer",
    "PersonAnswer",
    "PersonStatusAnswer",
    "ProblemAnswer",
]


class StaffAnswer(Answer, frozen=True):
    """A member of staff."""

    code: str
    name: str
    roles: list[str]


class EntryAnswer(Answer, frozen=True):
    """An entry's place in the journal."""

    id: str
    type: str
    epoch: str
    number: int
    hash: str


class DoseAnswer(Answer, frozen=True):
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
    answers: list[GivenAnswerAnswer] = field(default_factory=list)


class CertificateAnswer(Answer, frozen=True):
    """A certificate, its usual code as a PNG (``?format=`` of another), its usual text and all."""

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
    credentials: dict[str, str] = field(default_factory=dict)


class PrintJobAnswer(Answer, frozen=True):
    """A slip on its way to paper."""

    id: int
    slip: str
    printer: str
    copy: int
    state: str
    cause: str = ""


class OutcomeAnswer(Answer, frozen=True):
    """What a request came to; ``repeated``: it was answered before, and this is that answer.

    ``advice`` is what is told of a dose and held nothing up.
    """

    id: str
    repeated: bool
    entries: list[EntryAnswer]
    person: PersonAnswer | None = None
    dose: DoseAnswer | None = None
    certificate: CertificateAnswer | None = None
    print_job: PrintJobAnswer | None = None
    advice: list[ProblemAnswer] = field(default_factory=list)


class VerdictAnswer(Answer, frozen=True):
    """What a programme says of a person today, for one vaccine.

    ``status`` is what to tell first; ``recommended`` the day this dose is best on, ``pastDue`` the
    last on which it is not late. An ``objection`` is the rule that says no, and from when it would
    say yes. ``kind`` is zero, primary, booster or supplementary; a ``dose`` beyond the ``total`` is
    no primary one, and a dose zero has the number 0. ``advice`` is what the campaign wants said,
    ``questions`` the codes of what it has asked before.
    """

    programme: str
    vaccine: str
    status: Status
    due: bool
    dose: int
    total: int
    kind: str = "primary"
    recommended: date | None = None
    past_due: date | None = None
    objection: ProblemAnswer | None = None
    advice: list[ProblemAnswer] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


class ReasonAnswer(Answer, frozen=True):
    """One sentence of an explanation; ``depth`` says under which it stands.

    ``rule`` names what was asked (``change``: what would change the answer), ``source`` where that
    stands: in the country's schedule, and in CDSi's Logic Specification.
    """

    depth: int
    sentence: str
    rule: str = ""
    source: str = ""


class ExplanationAnswer(Answer, frozen=True):
    """Why a programme says what it says of a vaccine: every rule that was asked, in words.

    ``unknown`` are vaccines of the history that the programme's schedule does not know.
    """

    programme: str
    vaccine: str
    status: Status
    reasons: list[ReasonAnswer]
    unknown: list[str] = field(default_factory=list)


class CallAnswer(Answer, frozen=True):
    """Somebody to be called for a dose; ``since`` it is due, and late after ``pastDue``.

    ``comesBack`` is the day to come on: of sessions, not before today.
    """

    person: PersonAnswer
    programme: str
    vaccine: str
    dose: int
    total: int
    status: str
    since: date
    comes_back: date
    past_due: date | None = None


class PersonFileAnswer(Answer, frozen=True):
    """Everything this site knows of a person; ``position``: what a correction gives as ``seen``.

    ``observed_until``: the last day of those observations that end on a known day.
    """

    position: int
    person: PersonAnswer
    doses: list[DoseAnswer]
    certificates: list[CertificateAnswer]
    verdicts: list[VerdictAnswer]
    observations: dict[str, date | None] = field(default_factory=dict)
    observed_until: dict[str, date] = field(default_factory=dict)
    history_as_of: date | None = None


class HistoryAnswer(Answer, frozen=True):
    """What the registry told of a person: how many doses are new here, and as of which day.

    ``askedOn``: it was asked for that day, and the answer comes with a stick.
    """

    new: int
    as_of: date | None
    asked_on: date | None = None


class WaitingAnswer(Answer, frozen=True):
    """Somebody in the queue."""

    person: PersonAnswer
    programme: str
    arrived_at: str


class RecordAnswer(Answer, frozen=True):
    """A dose of the day, with its person and its paper; ``withdrawn``: it was taken back."""

    dose: DoseAnswer
    person: PersonAnswer
    certificate: str = ""
    print_state: str = ""
    withdrawn: WithdrawalAnswer | None = None


class LotAnswer(Answer, frozen=True):
    """A lot in stock; ``quantity`` is what is left."""

    vaccine: str
    lot: str
    expiry: date
    quantity: int


class ProgrammeAnswer(Answer, frozen=True):
    """A programme of the campaign in force."""

    id: str
    name: str
    vaccines: list[str]


class IdentityKindAnswer(Answer, frozen=True):
    """A kind of number that people are asked for, by the type of ``did:<type>:<number>``.

    ``needed_from`` is the age in whole years from which some number is needed.
    """

    type: str
    words: str
    kept: str
    shown: str
    example: str = ""
    needed_from: int | None = None


class CatalogueAnswer(Answer, frozen=True):
    """The campaign in force, as far as a tablet needs it."""

    version: str
    facility: str
    programmes: list[ProgrammeAnswer]
    vaccines: dict[str, str]
    staff: list[StaffAnswer]
    questions: list[QuestionAnswer]
    identities: list[IdentityKindAnswer]


class AttentionAnswer(Answer, frozen=True):
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


class PrinterAnswer(Answer, frozen=True):
    """A printer of the site."""

    name: str
    state: str
    waiting: int
    trouble: str = ""


class StickAnswer(Answer, frozen=True):
    """The stick of a site that looks for one; ``busy``: it must stay in."""

    there: bool
    busy: bool
    written_at: str
    entries: int
    troubles: list[str] = field(default_factory=list)


class StatusAnswer(Answer, frozen=True):
    """How the node is, and which modules run."""

    facility: str
    clock_believed: bool
    clock: ClockAnswer
    entries: int
    sync: SyncAnswer
    printers: list[PrinterAnswer]
    stick: StickAnswer | None = None
    modules: list[str] = field(default_factory=list)
    disk: DiskAnswer | None = None


class PingAnswer(Answer, frozen=True):
    """The node is there."""

    ok: bool


class VerificationAnswer(Answer, frozen=True):
    """What the node can say of a certificate somebody shows.

    ``claims.notCounted`` is what it tells of that is no dose of this person, each with a
    ``reason``; only under the kind ``vaccination`` does a dose count. ``validFrom`` and
    ``validUntil`` are the first and the last day on which a rightly signed one counts (ISO 8601),
    empty without limit. ``others`` are the answers for the other codes of the same picture: each is
    judged, the gravest verdict comes first, and what is no certificate last.
    """

    verdict: str
    format: str
    profile: str
    reason: str
    checks: dict[str, Any]
    claims: dict[str, Any]
    valid_from: str
    valid_until: str
    others: tuple[VerificationAnswer, ...]
