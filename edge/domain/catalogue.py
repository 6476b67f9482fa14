"""What the nation has decided: programmes, vaccines, facilities, staff; and the lots at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from edge.domain.approval import USUAL, ApprovalRules, Certification, LotRecall
from edge.domain.campaign_words import CampaignWords
from edge.domain.cards import CardRule
from edge.domain.certificate_plan import USUAL_CERTIFICATES, CertificatePlan
from edge.domain.contact import SENDS_NOTHING, DistributionPlan
from edge.domain.date_forms import GREGORIAN, DateForms
from edge.domain.document_types import DocumentType
from edge.domain.eligibility import EligibilityRule
from edge.domain.facility_programmes import FacilityProgramme
from edge.domain.identities import NO_IDENTITIES, IdentityRules
from edge.domain.modules import EVERY
from edge.domain.payments import PaymentRules
from edge.domain.people import NOWHERE, Address
from edge.domain.questions import Question
from edge.domain.schedule.model import Observable, Schedule
from edge.domain.session_days import EVERY_DAY, SessionDays
from edge.domain.sign_in_rules import BY_PIN, SignInRules
from edge.domain.slip_template import SlipTemplate

Role = Literal["registrar", "vaccinator", "supervisor", "clinician", "technician"]
"""What somebody does at a site; a clinician decides where a schedule asks for judgement."""


FacilityKind = Literal["fixed", "mobile", "outreach"]
FacilityOwner = Literal["government", "private"]


@dataclass(frozen=True, slots=True)
class DoseInterval:
    """Days from one dose to the next (DIVOC ``Medicine.doseIntervals``); ``max`` 0: no limit."""

    min: int
    max: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vaccine:
    """A product that is given (DIVOC ``Medicine``): n intervals make n+1 doses.

    ``effective_until`` counts days after the last dose (DIVOC ``effectiveUntil``; 0: no limit).
    ``icd11`` is a WHO ICD-11 extension code (XM…); ``prophylaxis`` its wording. ``codes`` are the
    vaccine's in the code systems of certificates: ``disease``, ``prophylaxis``, ``product`` and
    ``manufacturer`` as EU DCC has them, ``icvp`` (WHO's product id), ``cvx`` (CDC).
    ``valid_after`` counts the days from the dose until it protects (10 for yellow fever).
    """

    code: str
    name: str
    manufacturer: str
    dose_intervals: tuple[DoseInterval, ...] = ()
    effective_until: int = 0
    icd11: str = ""
    prophylaxis: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    valid_after: int = 0
    active: bool = True

    @property
    def total_doses(self) -> int:
        """How many doses complete the primary series."""
        return len(self.dose_intervals) + 1


def unknown_vaccine(code: str) -> Vaccine:
    """Stand in for a vaccine that no campaign ever named here."""
    return Vaccine(code=code, name=code, manufacturer="")


LIST_KEYS: Mapping[str, str] = {
    "programmes": "id",
    "vaccines": "code",
    "facilities": "code",
    "staff": "code",
}
"""The lists of a campaign's body, and the field that names an item of each."""
ONCE_KEYS: Mapping[str, str] = {**LIST_KEYS, "questions": "code"}
"""The lists of which everything is kept that was ever in force, and the field that names each."""
STALE_AFTER_DAYS = 7
IDLE_MINUTES = 30
"""Minutes without a request after which a session asks for the PIN again."""
NARROW, WIDE = 58, 80
"""Millimetres of paper: 384 dots and up to 576."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A vaccination programme: which vaccines, by which schedule, from when to when.

    ``end`` None means no limit. Doses given elsewhere count from ``counts_from`` on, None: from the
    start. The schedule is the country's own, or made of the programme's ages and the vaccines'
    intervals.
    """

    id: str
    name: str
    vaccines: tuple[str, ...]
    schedule: Schedule
    start: date
    end: date | None = None
    counts_from: date | None = None
    certificates: CertificatePlan = USUAL_CERTIFICATES
    active: bool = True

    def runs_on(self, day: date) -> bool:
        """Say whether doses of it may be given on a day."""
        return self.active and self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A place where vaccinations are given; ``code`` is DIVOC's ``facilityCode``.

    ``part_of`` is the facility whose team a sub-site is, by its code, or empty. ``programmes`` are
    those that it is approved for, by their ids; None: for all.
    """

    code: str
    name: str
    address: Address = NOWHERE
    sessions: SessionDays = EVERY_DAY
    active: bool = True
    kind: FacilityKind = "fixed"
    run_by: FacilityOwner = "government"
    part_of: str = ""
    programmes: Mapping[str, FacilityProgramme] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody who works at a facility; ``code`` is DIVOC's vaccinator ``code``.

    ``facilities`` are facility codes, with the sub-sites of those, ``worked`` those where they ever
    worked. ``certified`` is what they were certified for; None: nobody said. ``pin`` is an
    Argon2id verifier, sealed to the node, never the PIN; empty means that this person cannot sign
    in until a technician sets one.
    """

    code: str
    name: str
    facilities: tuple[str, ...]
    roles: frozenset[Role] = frozenset({"vaccinator"})
    active: bool = True
    pin: str = field(default="", repr=False)
    certified: tuple[Certification, ...] | None = None
    worked: tuple[str, ...] = ()

    def worked_at(self, facility: str) -> bool:
        """Say whether they work at a facility (by its code) or ever did."""
        return facility in self.facilities or facility in self.worked


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who stands behind the certificates: names and addresses that go into them.

    ``did`` is the issuing authority's DID; a site signs under ``<did>:<facility>#<key>``.
    ``base_url`` begins each certificate's id. ``country`` is ISO 3166-1 alpha-2. ``participant``
    is the id in WHO's trust network (GDHCN), ``card_issuer`` the URL under which the nation
    publishes its keys for SMART Health Cards; either may be empty.
    """

    name: str
    url: str
    did: str
    base_url: str
    country: str
    participant: str = ""
    card_issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A batch of vaccine at the site: GS1's lot number, expiry, and doses on hand."""

    vaccine: str
    lot: str
    expiry: date
    quantity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EverInForce:
    """Everything that was ever in force, each as it was last: whoever reads the past needs it.

    What is in force now is in it too. ``contexts`` are types of documents by the address of their
    credentials' context, each as it last was under that address.
    """

    programmes: Mapping[str, Programme] = field(default_factory=dict)
    vaccines: Mapping[str, Vaccine] = field(default_factory=dict)
    facilities: Mapping[str, Facility] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=dict)
    documents: Mapping[str, DocumentType] = field(default_factory=dict)
    contexts: Mapping[str, DocumentType] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything decided elsewhere that a dose is judged by, as in force at one moment.

    ``ever`` is for reading what was recorded when something else was in force, and for nothing
    that is to be done now.

    ``slip`` are the campaign's own words on paper, ``language`` that of the labels beside them,
    ``templates`` its own slips, in place of the shipped ones of the same name, ``captions`` what
    stands over a certificate's codes, by format or family.
    A revocation list older than ``stale_after`` days is called old. ``cards`` says which doses of
    handwritten cards count. After ``idle_minutes`` without a request a session asks for the PIN
    again (0: never). ``documents`` are the types of documents that are recorded here, ``modules``
    those that the campaign wants. ``words`` are its own by the code of their language, ``dates``
    how days are written, ``pictures`` its logos and seals by name, as PNG of one bit.
    ``eligibility`` are the campaign's rules, in its order, and ``own_observations`` what they ask
    about a person beside the schedules; ``questions`` are asked before a dose, in this order.
    ``approval`` says what comes of a dose without one, ``identities`` which numbers people are
    asked for, ``payments`` who pays (None: nobody asks), ``distribution`` what people are sent,
    ``sign_in`` with what staff sign in.
    """

    version: str
    issuer: Issuer
    programmes: Mapping[str, Programme]
    vaccines: Mapping[str, Vaccine]
    facilities: Mapping[str, Facility]
    staff: Mapping[str, Staff]
    slip: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, SlipTemplate] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    stale_after: int = STALE_AFTER_DAYS
    cards: CardRule = "all"
    idle_minutes: int = IDLE_MINUTES
    documents: Mapping[str, DocumentType] = field(default_factory=dict)
    modules: frozenset[str] = EVERY
    words: Mapping[str, CampaignWords] = field(default_factory=dict)
    dates: DateForms = GREGORIAN
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    ever: EverInForce = EverInForce()
    eligibility: tuple[EligibilityRule, ...] = ()
    own_observations: Mapping[str, Observable] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    sign_in: SignInRules = BY_PIN
    approval: ApprovalRules = USUAL
    lot_recalls: tuple[LotRecall, ...] = ()
    payments: PaymentRules | None = None
    identities: IdentityRules = NO_IDENTITIES
    distribution: DistributionPlan = SENDS_NOTHING

    @property
    def observable(self) -> dict[str, Observable]:
        """What may be observed of a person, by code: what schedules and the campaign ask about."""
        found = dict(self.own_observations)
        for programme in self.programmes.values():
            if programme.active:
                found |= programme.schedule.observations
        return found

    @property
    def asks_for_certification(self) -> bool:
        """Whether somebody of whom no certification is said has none: it is said of others."""
        return any(member.certified is not None for member in self.staff.values())

    def find_programme(self, id_: str) -> Programme | None:
        """Find a programme that is in force or once was."""
        return self.programmes.get(id_) or self.ever.programmes.get(id_)

    def find_vaccine(self, code: str) -> Vaccine | None:
        """Find a vaccine that is in force or once was."""
        return self.vaccines.get(code) or self.ever.vaccines.get(code)

    def find_facility(self, code: str) -> Facility | None:
        """Find a facility that is in force or once was."""
        return self.facilities.get(code) or self.ever.facilities.get(code)

    def sessions_of(self, code: str) -> SessionDays:
        """Give the days on which a facility vaccinates: every day of one that nobody tells of."""
        facility = self.find_facility(code)
        return facility.sessions if facility else EVERY_DAY

    def find_staff(self, code: str) -> Staff | None:
        """Find somebody who is in force or once was."""
        return self.staff.get(code) or self.ever.staff.get(code)

    def find_document(self, id_: str) -> DocumentType | None:
        """Find a type of document that is in force or once was."""
        return self.documents.get(id_) or self.ever.documents.get(id_)


def names_of_codes(catalogue: Catalogue) -> dict[str, str]:
    """Give the campaign's own names of the codes that its certificates carry."""
    found: dict[str, str] = {}
    for vaccine in catalogue.vaccines.values():
        names = {
            "product": vaccine.name,
            "icvp": vaccine.name,
            "manufacturer": vaccine.manufacturer,
            "prophylaxis": vaccine.prophylaxis,
        }
        for kind, name in names.items():
            if vaccine.codes.get(kind) and name:
                found.setdefault(vaccine.codes[kind], name)
    return found
