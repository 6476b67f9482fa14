"""The page of what the registry does not count as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request

from edge.domain.demographics import FIELDS
from edge.domain.errors import BadInput, EdgeError
from edge.journal import views
from edge.services.registry.attention import attention as attention_of
from edge.web import serializers
from edge.web.field_words import FIELD_WORDS
from edge.web.noting import showed
from edge.web.route import CLINICAL
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal

TYPE_WORDS: Mapping[str, str] = {
    "PersonRegistered": "Registration",
    "PersonArrived": "Arrival",
    "PersonLeft": "Left without a dose",
    "PersonCorrected": "Correction of a person",
    "DoseGiven": "Dose given here",
    "DoseReported": "Dose given elsewhere",
    "DoseCorrected": "Correction of a dose",
    "RuleOverridden": "Decision of a supervisor",
    "CertificateIssued": "Certificate",
    "ObservationRecorded": "Observation",
    "AppointmentBooked": "Appointment",
}
"""What a record is called on the screen, by its type; another type goes by its own name."""
_MOST = 200
"""Doses without payment on the page."""


def attention(visit: Visit) -> Answer:
    """List what must be put right, and below it what only waits."""
    problem = None
    if request.method == "POST":
        try:
            visit.take_print(_decision(visit.form))
            return redirect("/attention", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        found = attention_of(db)
        unpaid = views.lost_vouchers(db, _MOST)
        vaccines = visit.backend.site.catalogues.current(db).ever.vaccines
    if CLINICAL & visit.staff.roles:
        showed(item.person.id for item in found if item.person)
    drawn = visit.page(
        "attention.html",
        problem=problem,
        rejected=[item for item in found if item.state != "held"],
        held=[item for item in found if item.state == "held"],
        unpaid=unpaid,
        vaccines=vaccines,
        types=TYPE_WORDS,
        fields=FIELD_WORDS,
    )
    return page_or_refusal(problem, drawn)


def _decision(form: Mapping[str, str]) -> dict[str, Any]:
    field = form.get("field", "")
    if field not in FIELDS:
        raise BadInput("form.missing", "{name} is missing.", field="field", name="field")
    return {
        "type": "SettleDifference",
        "person": form.get("person") or form_missing("person"),
        "field": field,
        "theirs": form.get("theirs", "")[:200],
        "take": form.get("do") == "take",
    }
