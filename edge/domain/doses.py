"""The decision to give a dose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta, tzinfo

from edge.domain.catalogue import Catalogue, Programme, Vaccine
from edge.domain.dose import Dose
from edge.domain.errors import BadInput, Refusal
from edge.domain.objections import stopped_vaccine
from edge.domain.people import Person
from edge.domain.schedule.observed import Seen
from edge.domain.scheduled import Case, DoseJudgement, judge, subject_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A dose somebody is about to give: all dates are calendar dates of the site.

    ``lot_expiry`` None: nobody knows it. ``zone`` is the site's.
    """

    programme: str
    vaccine: str
    lot: str
    lot_expiry: date | None
    on: date
    today: date
    facility: str
    vaccinator: str
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a proposal comes to.

    ``number`` of ``total`` doses; beyond ``total`` it is a booster. ``effective_until`` is
    DIVOC's: the next dose's date before the last dose, the end of validity after it.
    ``objections`` are the rules that say no, gravest first; none: the dose is due. ``advice`` is
    what the campaign only wants said. ``expiry`` is the lot's.
    """

    number: int
    total: int
    effective_until: date | None
    next_due: date | None
    expiry: date
    objections: tuple[Refusal, ...]
    advice: tuple[Refusal, ...] = ()


def give_dose(
    person: Person,
    history: Sequence[Dose],
    catalogue: Catalogue,
    proposal: Proposal,
    observations: Mapping[str, Seen] | None = None,
) -> Decision:
    """Decide a dose: its number, its dates, and what the schedule says against it.

    Raises :class:`Refusal` for what no supervisor may override: unknown or stopped programme,
    vaccine, facility or vaccinator, an expired lot, a date that cannot be; :class:`BadInput` for a
    lot whose expiry nobody knows.
    """
    programme = _programme(catalogue, proposal)
    vaccine = _vaccine(catalogue, programme, proposal)
    _check_place(catalogue, proposal)
    check_hand(catalogue, proposal.facility, proposal.vaccinator)
    check_day(programme, person, proposal.on, proposal.today)
    expiry = _check_lot(proposal)
    case = Case.of(person, observations, history, catalogue, proposal.zone)
    judged = counted = judge(case, programme, vaccine, proposal.on)
    earlier = before_it(history, proposal.vaccine, proposal.on)
    if len(earlier) < len(history):  # entered late: its number and dates are those of its day
        counted = judge(replace(case, history=earlier), programme, vaccine, proposal.on)
    return Decision(
        number=counted.number,
        total=counted.total,
        effective_until=valid_until(counted, vaccine, proposal.on),
        next_due=counted.next_due,
        expiry=expiry,
        objections=judged.objections,
        advice=judged.advice,
    )


def before_it(history: Sequence[Dose], vaccine: str, on: date) -> list[Dose]:
    """Give what a dose given here is numbered by: what was given until its day.

    What others told of the same vaccine on the same day is this dose, and counts once.
    """
    return [
        dose
        for dose in history
        if dose.on <= on and not (dose.reported and (dose.vaccine, dose.on) == (vaccine, on))
    ]


def valid_until(judged: DoseJudgement, vaccine: Vaccine, on: date) -> date | None:
    """Give until when a certificate counts: until the next dose, else DIVOC's days after this."""
    if judged.next_due or not vaccine.effective_until:
        return judged.next_due
    return on + timedelta(days=vaccine.effective_until)


def _programme(catalogue: Catalogue, proposal: Proposal) -> Programme:
    programme = catalogue.programmes.get(proposal.programme)
    if programme is None:
        raise _unknown_programme(proposal.programme)
    if not programme.active:
        raise Refusal(
            "programme.stopped",
            "The programme {programme} is not active.",
            field="programme",
            programme=programme.name,
        )
    return programme


def _vaccine(catalogue: Catalogue, programme: Programme, proposal: Proposal) -> Vaccine:
    vaccine = catalogue.vaccines.get(proposal.vaccine)
    if vaccine is None or vaccine.code not in programme.vaccines:
        raise _not_in_programme(vaccine.name if vaccine else proposal.vaccine, programme)
    if not vaccine.active:
        raise stopped_vaccine(vaccine)
    return vaccine


def check_kind(catalogue: Catalogue, programme: str, vaccine: str) -> tuple[Programme, Vaccine]:
    """Find the programme and the vaccine of a dose that was given already, active or not."""
    known, given = catalogue.find_programme(programme), catalogue.find_vaccine(vaccine)
    if known is None:
        raise _unknown_programme(programme)
    if given is None or given.code not in known.vaccines:
        raise _not_in_programme(given.name if given else vaccine, known)
    return known, given


def _unknown_programme(programme: str) -> Refusal:
    return Refusal(
        "programme.unknown",
        "The programme {programme} is not in the campaign in force.",
        hint="Choose one of the programmes offered.",
        field="programme",
        programme=programme,
    )


def _not_in_programme(vaccine: str, programme: Programme) -> Refusal:
    return Refusal(
        "vaccine.not-in-programme",
        "The vaccine {vaccine} is not part of the programme {programme}.",
        hint="Check the vial against the list of the programme.",
        field="vaccine",
        vaccine=vaccine,
        programme=programme.name,
    )


def _check_place(catalogue: Catalogue, proposal: Proposal) -> None:
    facility = catalogue.facilities.get(proposal.facility)
    if facility is None or not facility.active:
        raise Refusal(
            "facility.not-active",
            "The facility {facility} is not an active facility of this campaign.",
            hint="Ask the programme office to activate it.",
            field="facility",
            facility=facility.name if facility else proposal.facility,
        )


def check_hand(catalogue: Catalogue, facility: str, code: str) -> None:
    """Refuse somebody who does not give doses, or not at a facility (both by their codes)."""
    vaccinator = catalogue.staff.get(code)
    if vaccinator is None or not vaccinator.active or "vaccinator" not in vaccinator.roles:
        raise Refusal(
            "vaccinator.not-active",
            "{vaccinator} is not an active vaccinator.",
            hint="Choose the person who gives the dose.",
            field="vaccinator",
            vaccinator=vaccinator.name if vaccinator else code,
        )
    if facility not in vaccinator.facilities:
        place = catalogue.facilities.get(facility)
        raise not_assigned(vaccinator.name, place.name if place else facility)


def check_hand_then(catalogue: Catalogue, facility: str, code: str) -> None:
    """Do the same for a dose of the past: who has left since, or moved, gave it all the same."""
    vaccinator = catalogue.staff.get(code)
    known = vaccinator or catalogue.find_staff(code)
    if known is None or "vaccinator" not in known.roles or not known.worked_at(facility):
        check_hand(catalogue, facility, code)
    if vaccinator is not None and not vaccinator.active:
        check_hand(catalogue, facility, code)


def not_assigned(vaccinator: str, facility: str) -> Refusal:
    """Refuse a dose of somebody who does not give doses at a facility, both by their names."""
    return Refusal(
        "vaccinator.not-assigned",
        "{vaccinator} is not assigned to {facility}.",
        hint="Ask the programme office to assign the vaccinator.",
        field="vaccinator",
        vaccinator=vaccinator,
        facility=facility,
    )


def check_day(programme: Programme | None, person: Person, on: date, today: date) -> None:
    """Refuse a dose of a day that cannot be: to come, before birth, outside the programme."""
    check_lived(person, on, today)
    check_running(programme, on)


def check_lived(person: Person, on: date, today: date) -> None:
    """Refuse a dose of a day that is to come, or before the person's birth."""
    if on > today:
        raise Refusal(
            "dose.in-the-future",
            "The dose is dated {on}, after today, {today}.",
            field="on",
            on=on,
            today=today,
        )
    if on < subject_of(person).born:
        raise Refusal(
            "dose.before-birth",
            "The dose is dated {on}, before the person's birth.",
            hint="Check the date of this dose, and the date of birth.",
            field="on",
            on=on,
        )


def check_running(programme: Programme | None, on: date, *, elsewhere: bool = False) -> None:
    """Refuse a day outside a programme; of one given ``elsewhere``, before its doses count.

    Of a programme that nobody knows (None) nobody knows when it ran.
    """
    if programme is None:
        return
    first = (programme.counts_from if elsewhere else None) or programme.start
    if on < first or (programme.end and on > programme.end):
        raise Refusal(
            "programme.not-running",
            "The programme {programme} does not run on {on}.",
            hint="Check the date of this dose, and the programme.",
            field="on",
            programme=programme.name,
            on=on,
        )


def _check_lot(proposal: Proposal) -> date:
    if proposal.lot_expiry is None:
        raise BadInput(
            "lot.unknown",
            "Lot {lot} is not in this site's stock.",
            hint="Check the vial, or give its expiry date as well.",
            field="lot",
            lot=proposal.lot,
        )
    if proposal.lot_expiry < proposal.on:
        raise Refusal(
            "lot.expired",
            "Lot {lot} expired on {expiry}.",
            hint="Put the vial aside and take another lot.",
            field="lot",
            lot=proposal.lot,
            expiry=proposal.lot_expiry,
        )
    return proposal.lot_expiry
