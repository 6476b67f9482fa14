"""What the nation approves: which facility for which programme, who for which vaccine, which lot.

A dose is held against it at the site, offline, on the day on which it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from edge.domain.campaign_texts import CampaignText
from edge.domain.eligibility import EVERYTHING, NO_TEXT, Otherwise, RuleScope, refusal_of
from edge.domain.errors import Refusal
from edge.domain.facility_programmes import FacilityProgramme
from edge.domain.lots import lot_key
from edge.domain.session_days import EVERY_DAY, SessionDays

_FEW = 10
"""Doses of a day that are left when somebody is told so, as DIVOC's own application does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """What comes of a dose without an approval, kind by kind."""

    facility: Otherwise = "refuse"
    certification: Otherwise = "supervisor"
    recalled_lot: Otherwise = "refuse"
    daily_rate: Otherwise = "advise"
    opening: Otherwise = "advise"
    appointment: Otherwise = "advise"


USUAL = ApprovalRules()


@dataclass(frozen=True, slots=True)
class Certification:
    """What somebody was trained for, and the last day on which it counts; None: for good."""

    scope: RuleScope = EVERYTHING
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRecall:
    """Lots of a vaccine that are not to be given any more, why, and what is to be done.

    ``lots`` are compared as lots are.
    """

    code: str
    vaccine: str
    lots: frozenset[str]
    on: date
    why: CampaignText = NO_TEXT
    to_do: CampaignText = NO_TEXT

    def names(self, vaccine: str, lot: str) -> bool:
        """Say whether a lot of a vaccine is recalled, however its number is typed."""
        return vaccine == self.vaccine and lot_key(lot) in self.lots


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenHere:
    """A dose that is to be given at a facility, as an approval looks at it.

    ``programmes`` are the facility's, by their ids; None: it has every one. ``certified`` is what
    the vaccinator was certified for; None: nobody said. ``so_far`` counts the doses of the
    programme given on the day, ``so_far_by`` those by the vaccinator. ``now`` is the moment in the
    site's own time, None for a dose of another day. ``expected``: somebody who has an appointment,
    was enrolled, or has had a dose of the programme.
    """

    programme: str
    programme_name: str
    vaccine: str
    vaccine_name: str
    lot: str
    on: date
    facility_name: str
    vaccinator_name: str
    programmes: Mapping[str, FacilityProgramme] | None = None
    sessions: SessionDays = EVERY_DAY
    certified: Sequence[Certification] | None = None
    so_far: int = 0
    so_far_by: int = 0
    now: datetime | None = None
    expected: bool = True


@dataclass(frozen=True, slots=True)
class ApprovalOutcome:
    """What an approval comes to: what speaks against the dose, and what is only to be said."""

    objections: tuple[Refusal, ...] = ()
    advice: tuple[Refusal, ...] = ()


def approve(dose: GivenHere, rules: ApprovalRules, recalls: Iterable[LotRecall]) -> ApprovalOutcome:
    """Say what speaks against a dose because something is not approved."""
    found = list(_found(dose, rules, recalls))
    return ApprovalOutcome(
        tuple(refusal for otherwise, refusal in found if otherwise != "advise"),
        tuple(refusal for otherwise, refusal in found if otherwise == "advise"),
    )


def recall_of(recalls: Iterable[LotRecall], vaccine: str, lot: str) -> LotRecall | None:
    """Find the recall that names a lot of a vaccine."""
    return next((recall for recall in recalls if recall.names(vaccine, lot)), None)


def _found(
    dose: GivenHere, rules: ApprovalRules, recalls: Iterable[LotRecall]
) -> Iterator[tuple[Otherwise, Refusal]]:
    recall = recall_of(recalls, dose.vaccine, dose.lot)
    if recall is not None:
        # who was given it before the recall is to be on its list: that is recorded, and said
        otherwise = "advise" if dose.on < recall.on else rules.recalled_lot
        yield otherwise, _recalled(otherwise, recall, dose)
    at = _at_facility(dose)
    if at is None or not at.runs_on(dose.on):
        yield rules.facility, _not_approved(rules.facility, dose)
    if not _is_certified(dose):
        yield rules.certification, _not_certified(rules.certification, dose)
    if not dose.sessions.holds(dose.on):
        yield rules.opening, _closed(rules.opening, dose)
    elif at is not None:
        yield from _hours(rules.opening, dose, at)
    if at is not None and at.daily_rate:
        yield from _rate(rules.daily_rate, dose, at.daily_rate)
    if at is not None and 0 < at.rate_per_vaccinator <= dose.so_far_by:
        rate = at.rate_per_vaccinator
        yield rules.daily_rate, _vaccinators_rate(rules.daily_rate, dose, rate)


def _at_facility(dose: GivenHere) -> FacilityProgramme | None:
    if dose.programmes is None:
        return FacilityProgramme()
    return dose.programmes.get(dose.programme)


def _is_certified(dose: GivenHere) -> bool:
    return dose.certified is None or any(
        training.scope.holds(dose.programme, dose.vaccine)
        and (training.until is None or dose.on <= training.until)
        for training in dose.certified
    )


def _recalled(otherwise: Otherwise, recall: LotRecall, dose: GivenHere) -> Refusal:
    sentence = "Lot {lot} of {vaccine} was recalled on {on}."
    return refusal_of(
        otherwise,
        "lot.recalled",
        "Lot {lot} of {vaccine} was recalled on {on}: {why}" if recall.why else sentence,
        hint="{to_do}" if recall.to_do else "Put the vial aside and take another lot.",
        field="lot",
        lot=dose.lot,
        vaccine=dose.vaccine_name,
        on=recall.on,
        why=recall.why,
        to_do=recall.to_do,
    )


def _not_approved(otherwise: Otherwise, dose: GivenHere) -> Refusal:
    return refusal_of(
        otherwise,
        "facility.not-for-programme",
        "{facility} is not approved for the programme {programme} on {on}.",
        hint="Ask the programme office to approve it.",
        field="programme",
        facility=dose.facility_name,
        programme=dose.programme_name,
        on=dose.on,
    )


def _not_certified(otherwise: Otherwise, dose: GivenHere) -> Refusal:
    held = [
        training.until
        for training in dose.certified or ()
        if training.scope.holds(dose.programme, dose.vaccine) and training.until is not None
    ]
    sentence = "{vaccinator} is not certified for {vaccine}."
    if held:
        sentence = "The certification of {vaccinator} for {vaccine} ended on {until}."
    return refusal_of(
        otherwise,
        "vaccinator.not-certified",
        sentence,
        hint="Choose somebody who is certified, or ask who may decide.",
        field="vaccinator",
        vaccinator=dose.vaccinator_name,
        vaccine=dose.vaccine_name,
        until=max(held, default=None),
    )


def _closed(otherwise: Otherwise, dose: GivenHere) -> Refusal:
    return refusal_of(
        otherwise,
        "facility.closed",
        "{facility} has no session on {on}.",
        hint="Check the day of this dose.",
        field="on",
        facility=dose.facility_name,
        on=dose.on,
    )


def _hours(
    otherwise: Otherwise, dose: GivenHere, at: FacilityProgramme
) -> Iterator[tuple[Otherwise, Refusal]]:
    """Say that nobody is vaccinated at this time of the day; of another day nobody asks."""
    if dose.now is None:
        return
    times = at.walk_ins
    if dose.expected:
        times = None if at.appointments is None else (*at.appointments, *(at.walk_ins or ()))
    if times is None or any(opening.holds(dose.now) for opening in times):
        return
    sentence = "The programme {programme} has no session at this time."
    if not dose.expected:
        sentence = "The programme {programme} takes nobody without an appointment at this time."
    yield (
        otherwise,
        refusal_of(
            otherwise,
            "facility.hours",
            sentence,
            hint="Ask the person to come at another time.",
            field="on",
            programme=dose.programme_name,
        ),
    )


def _vaccinators_rate(otherwise: Otherwise, dose: GivenHere, rate: int) -> Refusal:
    return refusal_of(
        otherwise,
        "vaccinator.daily-rate",
        "{vaccinator} has given as many doses as one vaccinator is meant to give in a day: {rate}.",
        hint="Let a colleague go on.",
        field="vaccinator",
        vaccinator=dose.vaccinator_name,
        rate=rate,
    )


def _rate(otherwise: Otherwise, dose: GivenHere, rate: int) -> Iterator[tuple[Otherwise, Refusal]]:
    left = rate - dose.so_far
    if left <= 0:
        yield (
            otherwise,
            refusal_of(
                otherwise,
                "facility.daily-rate",
                "As many doses have been given as are meant for {programme} in a day: {rate}.",
                hint="Ask the programme office for more.",
                field="programme",
                rate=rate,
                programme=dose.programme_name,
            ),
        )
    elif left <= _FEW:
        yield (
            "advise",
            refusal_of(
                "advise",
                "facility.few-left",
                "Doses left today for {programme}: {left} of {rate}.",
                field="programme",
                rate=rate,
                programme=dose.programme_name,
                left=left,
            ),
        )
