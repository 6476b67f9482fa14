"""What the slip of a person's coming visits can say: a name, a code, days and vaccines."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, unknown_vaccine
from edge.domain.errors import Conflict
from edge.domain.people import Person
from edge.domain.session_days import WEEKDAY_WORDS
from edge.domain.visits import PlannedVisit, VisitPlan
from edge.journal.coming_visits import coming_visits
from edge.slips.layout import Values
from edge.slips.speech import Speech
from edge.slips.values import number_on_paper, person_of_slip

if TYPE_CHECKING:
    from sqlite_utils import Database

_MOST = 30
"""Visits on one paper: what comes later is asked for later."""


def plan_slip(
    db: Database,
    catalogue: Catalogue,
    facility: str,
    subject: str,
    today: date,
    zone: tzinfo,
    speech: Speech,
) -> tuple[Values, str, tuple[str, ...]]:
    """Fill the plan of a person's coming visits; raises what :func:`plan_values` does."""
    person = person_of_slip(db, subject)
    plan = coming_visits(db, catalogue, facility, person, today, zone)
    own = plan_values(plan, person, catalogue, speech)
    return {**own, "person_qr": person.code.encode()}, person.code, ()


def plan_values(plan: VisitPlan, person: Person, catalogue: Catalogue, speech: Speech) -> Values:
    """Say when to come and for what; raises :class:`Conflict` where no visit is planned."""
    if not plan.visits:
        raise Conflict(
            "plan.none",
            "No visit is planned for this person.",
            hint="Look under what is due for this person.",
            field="subject",
        )

    say = speech.say

    def name(code: str) -> str:
        return (catalogue.find_vaccine(code) or unknown_vaccine(code)).name

    return {
        "name": person.name,
        "person_code": person.code,
        "as_of": speech.day(plan.as_of),
        "born_about": say("The date of birth is not known.") if plan.births else "",
        "more": say("yes") if plan.more or len(plan.visits) > _MOST else "",
        "visits": [
            {
                "visit_date": speech.day(visit.on),
                "weekday": say(WEEKDAY_WORDS[visit.on.weekday()]),
                "come_by": speech.day(_come_by(visit)),
                "doses": [
                    {
                        "vaccine": name(dose.vaccine),
                        "dose": number_on_paper(dose.number, dose.total, dose.kind, say),
                        "unsure": say("ask for the date of birth")
                        if dose.vaccine in visit.unsure
                        else "",
                    }
                    for dose in visit.doses
                ],
            }
            for visit in plan.visits[:_MOST]
        ],
        "unplanned": [
            {"vaccine": vaccine}
            for vaccine in dict.fromkeys(name(missing.vaccine) for missing in plan.unplanned)
        ],
    }


def _come_by(visit: PlannedVisit) -> date | None:
    """Give the last day on which none of a visit's doses is late that is not late anyway."""
    days = [dose.past_due for dose in visit.doses if dose.past_due and dose.past_due >= visit.on]
    last = min(days, default=None)
    return last if last and last > visit.on else None
