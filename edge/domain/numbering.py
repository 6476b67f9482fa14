"""The numbers of a person's doses follow from the history: when it changes, so do they."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from edge.domain.catalogue import Programme, Vaccine
from edge.domain.dose import Dose
from edge.domain.doses import valid_until
from edge.domain.scheduled import Case, judge


@dataclass(frozen=True, slots=True)
class NumberedDose:
    """Where a dose stands: ``number`` of ``total``, as it counts until, and the next one's day.

    ``effective_until`` and ``next_due`` are as of the dose's own day, by what was given before it.
    """

    number: int
    total: int
    effective_until: date | None
    next_due: date | None


def places(case: Case, since: date) -> dict[str, NumberedDose]:
    """Number each dose given here from a day on, by id; no number is held twice in a series.

    Doses told by others keep the number that their paper has; those of a card without numbers are
    counted. A dose whose programme or vaccine is not in the catalogue keeps its own, and has no
    place.
    """
    earlier: list[Dose] = []
    found: dict[str, NumberedDose] = {}
    for dose in sorted(case.history, key=lambda one: (one.on, one.position)):
        programme = case.catalogue.find_programme(dose.programme)
        vaccine = case.catalogue.find_vaccine(dose.vaccine)
        numbered_here = not dose.reported or dose.unnumbered
        if dose.on >= since and numbered_here and programme is not None and vaccine is not None:
            place = (
                count_dose(earlier, vaccine)
                if dose.reported
                else number_dose(replace(case, history=earlier), dose, programme, vaccine)
            )
            found[dose.id] = place
            dose = replace(dose, number=place.number, total=place.total)
        earlier.append(dose)
    return found


def number_dose(case: Case, dose: Dose, programme: Programme, vaccine: Vaccine) -> NumberedDose:
    """Number one dose by ``case.history``, which holds what was given before it."""
    judged = judge(case, programme, vaccine, dose.on, dose.stated_number or 1)
    until = valid_until(judged, vaccine, dose.on)
    return NumberedDose(judged.number, judged.total, until, judged.next_due)


def count_dose(earlier: Sequence[Dose], vaccine: Vaccine) -> NumberedDose:
    """Number a dose of a card that gives no number: the next of its vaccine after those before."""
    number = 1 + max((dose.number for dose in earlier if dose.vaccine == vaccine.code), default=0)
    return NumberedDose(number, max(vaccine.total_doses, number), None, None)


def misnumbered(case: Case, *, parted: bool = False) -> dict[str, NumberedDose]:
    """Give the place of each dose, by id, whose number does not follow from the history any more.

    That may be so after others told of a dose before it, or that two people are one, or are two
    again (``parted``). Where nothing was recorded late, and all for one record, it is not looked
    for.
    """
    if parted or len({dose.recorded_for for dose in case.history}) > 1:
        return renumbered(case, case, date.min)
    late = [
        dose.on
        for dose in case.history
        for later in case.history
        if later.on > dose.on
        and later.position < dose.position
        and (not later.reported or later.unnumbered)
    ]
    return renumbered(case, case, min(late)) if late else {}


def renumbered(before: Case, after: Case, since: date) -> dict[str, NumberedDose]:
    """Give the new place of each dose, by id, that another history has put elsewhere.

    ``since`` is the first day on which the two histories differ.
    Also of one whose recorded number is not the one that follows. What only the campaign has
    changed since a dose was given stays as it was certified.
    """
    return renumbered_among([before], [after], since)


def renumbered_among(
    before: Sequence[Case], after: Sequence[Case], since: date = date.min
) -> dict[str, NumberedDose]:
    """Do the same where doses are of other people than before, such as of two who are one."""
    was = {id_: place for case in before for id_, place in places(case, since).items()}
    is_ = {id_: place for case in after for id_, place in places(case, since).items()}
    recorded = {dose.id: dose.number for case in before for dose in case.history}
    return {
        id_: place
        for id_, place in is_.items()
        if id_ in was and (place != was[id_] or place.number != recorded[id_])
    }
