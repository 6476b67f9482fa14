"""The page on which a supervisor gives somebody a new PIN."""

from __future__ import annotations

from flask import request

from edge.domain.errors import BadInput, EdgeError
from edge.web import serializers
from edge.web.office import set_pin, staff_here
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal


def staff_pins(visit: Visit) -> Answer:
    """List who works here, and set a PIN anew."""
    problem, renewed = None, ""
    if request.method == "POST":
        try:
            code = visit.form.get("code") or form_missing("code")
            pin, again = visit.form.get("newPin", ""), visit.form.get("newPinAgain", "")
            if pin != again:
                raise BadInput(
                    "pin.differ",
                    "The two new PINs are not the same.",
                    hint="Type the new PIN twice.",
                    field="newPinAgain",
                )
            set_pin(visit.backend, visit.staff, code, pin, visit.form.get("pin", ""))
            renewed = code
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    members = staff_here(visit.backend)
    drawn = visit.page(
        "staff.html",
        members=members,
        renewed=next((member for member in members if member.code == renewed), None),
        problem=problem,
    )
    return page_or_refusal(problem, drawn)
