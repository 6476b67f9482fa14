"""The routes of coming visits and of appointments."""

from __future__ import annotations

from edge.domain.catalogue import Role
from edge.domain.modules import APPOINTMENTS
from edge.web import answers, appointments_api, plan_api, schedule_api
from edge.web.appointment_answers import AppointmentAnswer, AppointmentDayAnswer, SlotAnswer
from edge.web.noting import LIST, PERSON
from edge.web.plan_answers import VisitPlanAnswer
from edge.web.route import Route


def visit_routes(readers: frozenset[Role]) -> tuple[Route, ...]:
    """Give the routes of coming visits and of recall, for those who read people's records."""
    return (
        Route(
            "GET",
            "/people/{id}/plan",
            APPOINTMENTS,
            readers,
            plan_api.plan,
            VisitPlanAnswer,
            query=("until",),
            sees=PERSON,
        ),
        Route(
            "GET",
            "/recall",
            APPOINTMENTS,
            readers,
            schedule_api.recall_list,
            list[answers.CallAnswer],
            query=("until", "programme", "limit"),
            sees=LIST,
        ),
        Route(
            "GET",
            "/recall.csv",
            APPOINTMENTS,
            readers,
            schedule_api.recall_csv,
            bytes,
            query=("until", "programme"),
            media="text/csv",
            sees=LIST,
        ),
    )


def appointment_routes(readers: frozenset[Role]) -> tuple[Route, ...]:
    """Give the routes of appointments, for those who read people's records."""
    return (
        Route(
            "GET",
            "/people/{id}/appointments",
            APPOINTMENTS,
            readers,
            appointments_api.person_appointments,
            list[AppointmentAnswer],
            sees=PERSON,
        ),
        Route(
            "GET",
            "/appointments",
            APPOINTMENTS,
            readers,
            appointments_api.appointments,
            AppointmentDayAnswer,
            query=("on",),
            sees=LIST,
        ),
        Route(
            "GET",
            "/appointments.csv",
            APPOINTMENTS,
            readers,
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
            readers,
            appointments_api.slots,
            list[SlotAnswer],
            query=("programme", "from", "days", "facility"),
        ),
    )
