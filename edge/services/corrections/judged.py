"""What speaks against a dose as it is put right, and did not as it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.domain.dose import Dose
from edge.domain.errors import Refusal, as_a_fact
from edge.domain.questions import GivenAnswer
from edge.domain.scheduled import Case, judge
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import AnsweredQuestion
from edge.services.doses.answers import answered, corrected_answers
from edge.services.doses.approving import newly_unapproved
from edge.services.site import Site


@dataclass(frozen=True, slots=True)
class CorrectedDose:
    """The answers before a dose as they are put right, and what speaks against the dose."""

    answers: tuple[GivenAnswer, ...]
    objections: tuple[Refusal, ...]


def judge_put_right(
    unit: Unit,
    site: Site,
    case: Case,
    record: views.DoseRecord,
    dose: Dose,
    told: Sequence[AnsweredQuestion],
) -> CorrectedDose:
    """Judge a dose as it is put right; ``case`` is its person's, without it.

    Of another dose (another person, vaccine) everything counts that speaks against it; of the same
    one what answers, lot, vaccinator and day bring that was not so. What a day that moves is to the
    schedule, the consequences say.
    """
    answers, asked = corrected_answers(case, record.answers, told)
    was = () if _is_another(record.dose, dose) else _against(case, record.answers, dose)
    known = {objection.code for objection in was}
    broken = [refusal for refusal in _against(case, answers, dose) if refusal.code not in known]
    return CorrectedDose(
        answers,
        (
            *map(as_a_fact, (*asked.objections, *broken)),
            *newly_unapproved(unit.db, site, case, record.dose, dose),
        ),
    )


def _is_another(before: Dose, after: Dose) -> bool:
    return (before.person, before.programme, before.vaccine) != (
        *(after.person, after.programme, after.vaccine),
    )


def _against(case: Case, answers: Sequence[GivenAnswer], dose: Dose) -> Sequence[Refusal]:
    """Give what schedule and rules say against a dose, before which this was answered."""
    programme = case.catalogue.find_programme(dose.programme)
    vaccine = case.catalogue.find_vaccine(dose.vaccine)
    if programme is None or vaccine is None:
        return ()
    return judge(answered(case, answers, dose.on), programme, vaccine, dose.on).objections
