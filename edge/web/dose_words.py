"""How a dose is called on the screen: by its number, or by its kind where it is not primary."""

from __future__ import annotations

from collections.abc import Callable

from edge.domain.catalogue import Programme
from edge.domain.dose import Dose
from edge.domain.dose_kinds import ExpectedDose, kind_on_record
from edge.domain.outlook import ComingDose
from edge.domain.schedule.model import BOOSTER, PRIMARY, SUPPLEMENTARY, ZERO
from edge.domain.scheduled import DoseJudgement
from edge.web.translations import Language


def called(language: Language, judged: DoseJudgement | ComingDose | ExpectedDose) -> str:
    """Give the number of a primary dose, and what a dose of another kind is called."""
    beyond = {"number": max(judged.number - judged.total, 1)}
    match judged.kind:
        case kind if kind == ZERO:
            return language.say("dose 0", {})
        case kind if kind == BOOSTER:
            return language.say("booster {number}", beyond)
        case kind if kind == SUPPLEMENTARY:
            return language.say("supplementary dose {number}", beyond)
    return str(judged.number)


def which(
    language: Language,
    programme_of: Callable[[str], Programme | None],
    dose: Dose,
    *,
    of: bool = True,
) -> str:
    """Say which dose one on record is: ``2/3`` (``of``) or ``2`` in its course, else its kind."""
    if 0 < dose.number <= dose.total:
        return f"{dose.number}/{dose.total}" if of else str(dose.number)
    kind = kind_on_record(dose.number, dose.total, programme_of(dose.programme), dose.vaccine)
    return called(language, ExpectedDose(dose.number, dose.total, kind))


def place_in_course(
    language: Language,
    programme_of: Callable[[str], Programme | None],
    programme: str,
    vaccine: str,
    number: int,
    total: int,
) -> str:
    """Say where a dose stands, within a sentence: in its course, or outside it by its kind.

    ``programme`` and ``vaccine`` are codes.
    """
    kind = kind_on_record(number, total, programme_of(programme), vaccine)
    if kind == PRIMARY:
        return language.say("dose {number} of {total}", {"number": number, "total": total})
    return called(language, ExpectedDose(number, total, kind))


def to_give(language: Language, vaccine: str, judged: DoseJudgement) -> str:
    """Say what a tap gives: a vaccine, and which dose of it."""
    name = called(language, judged)
    if name == str(judged.number):
        return language.say("Give {vaccine} dose {number}", {"vaccine": vaccine, "number": name})
    return language.say("Give {vaccine}, {called}", {"vaccine": vaccine, "called": name})
