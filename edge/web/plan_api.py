"""What the API says of coming visits."""

from __future__ import annotations

from edge.domain.visit_reasons import why
from edge.domain.visits import VisitPlan
from edge.journal.coming_visits import coming_visits
from edge.web import serializers
from edge.web.calls import ApiInput, known_person, query_day
from edge.web.dose_words import called
from edge.web.plan_answers import (
    PlannedDoseAnswer,
    PlannedVisitAnswer,
    UnplannedDoseAnswer,
    VisitPlanAnswer,
)
from edge.web.serializers import answer_of
from edge.web.translations import Language


def plan(call: ApiInput) -> VisitPlanAnswer:
    """Plan all coming visits of a person: days, vaccines, and why (query ``until``: no further)."""
    site = call.backend.site
    until = query_day(call.query.get("until", ""), "until")
    with call.backend.journal.reading() as db:
        person = known_person(db, call.values["id"])
        found = coming_visits(
            db,
            site.catalogues.current(db),
            site.facility,
            person,
            site.clock.today(),
            site.clock.zone,
            until,
        )
    return plan_answer(found, call.language)


def plan_answer(plan: VisitPlan, language: Language) -> VisitPlanAnswer:
    """Answer a plan, its reasons in a language."""
    return answer_of(
        VisitPlanAnswer,
        plan,
        born_from=plan.births[0] if plan.births else None,
        born_until=plan.births[1] if plan.births else None,
        unplanned=[
            answer_of(
                UnplannedDoseAnswer, missing, objection=serializers.problem(missing.why, language)
            )
            for missing in plan.unplanned
        ],
        visits=[
            answer_of(
                PlannedVisitAnswer,
                visit,
                doses=[
                    answer_of(
                        PlannedDoseAnswer,
                        dose,
                        dose=dose.number,
                        called=called(language, dose),
                        late=visit.late(dose),
                        unsure=dose.vaccine in visit.unsure,
                        why=[
                            language.say(reason.sentence, reason.values)
                            for reason in why(visit, dose, plan.as_of)
                        ],
                    )
                    for dose in visit.doses
                ],
            )
            for visit in plan.visits
        ],
    )
