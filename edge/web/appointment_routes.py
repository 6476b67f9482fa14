"""The routes of coming visits and of appointments."""

from __future__ import annotations

from edge.domain.modules import APPOINTMENTS
from edge.web import answers, appointments_api, plan_api, schedule_api
from edge.web.appointment_answers import AppointmentAnswer, AppointmentDayAnswer, SlotAnswer
from edge.web.noting import LIST, PERSON
from edge.web.plan_answers import VisitPlanAnswer
from edge.web.route import CLINICAL, Route

VISIT_ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/people/{id}/plan",
        APPOINTMENTS,
        CLINICAL,
        plan_api.plan,
        VisitPlanAnswer,
        query=("until",),
        sees=PERSON,
    ),
    Route(
        "GET",
        "/recall",
        APPOINTMENTS,
        CLINICAL,
        schedule_api.recall_list,
        list[answers.CallAnswer],
        query=("until", "programme", "limit"),
        sees=LIST,
    ),
    Route(
        "GET",
        "/recall.csv",
        APPOINTMENTS,
        CLINICAL,
        schedule_api.recall_csv,
        bytes,
        query=("until", "programme"),
        media="text/csv",
        sees=LIST,
    ),
)


APPOINTMENT_ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/people/{id}/appointments",
        APPOINTMENTS,
        CLINICAL,
        appointments_api.person_appointments,
        list[AppointmentAnswer],
        sees=PERSON,
    ),
    Route(
        "GET",
        "/appointments",
        APPOINTMENTS,
        CLINICAL,
        appointments_api.appointments,
        AppointmentDayAnswer,
        query=("on",),
        sees=LIST,
    ),
    Route(
        "GET",
        "/appointments.csv",
        APPOINTMENTS,
        CLINICAL,
        appointments_api.appointments_csv,
        bytes,
        query=("on",),
        media="text/csv",
        sees=LIST,
    ),
    Route(
        "GET",
        "/slots",
        APPOINTMENTS,
        CLINICAL,
        appointments_api.slots,
        list[SlotAnswer],
        query=("programme", "from", "days", "facility"),
    ),
)
