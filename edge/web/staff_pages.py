"""The page on which a supervisor gives somebody a new PIN, and says who was invited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request

from edge.domain.catalogue import Staff
from edge.domain.errors import EdgeError
from edge.web import serializers
from edge.web.asking import signature_of
from edge.web.office import check_twice, decide_invitation, set_pin, staff_here
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal
from sync.protocol.instants import read_instant


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is invited here, until when and, if they were here, since when they wait."""

    id: str
    staff: Staff
    until: datetime
    taken_at: datetime | None
    counts: bool


def staff_pins(visit: Visit) -> Answer:
    """List who works here and who is invited; set a PIN anew, or say that it is the right one."""
    problem, renewed = None, ""
    if request.method == "POST":
        try:
            renewed = _decided(visit) if visit.form.get("invitation") else _set_anew(visit)
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    members = staff_here(visit.backend)
    drawn = visit.page(
        "staff.html",
        members=members,
        renewed=next((member for member in members if member.code == renewed), None),
        refused=request.method == "POST" and not problem and not renewed,
        invited=_invited(visit),
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def _set_anew(visit: Visit) -> str:
    code = visit.form.get("code") or form_missing("code")
    pin = visit.form.get("newPin", "")
    check_twice(pin, visit.form.get("newPinAgain", ""))
    set_pin(visit.backend, visit.staff, code, pin, signature_of(visit.form))
    return code


def _decided(visit: Visit) -> str:
    id_, right = visit.form.get("invitation", ""), visit.form.get("do") == "confirm"
    signature = signature_of(visit.form)
    staff = decide_invitation(visit.backend, visit.staff, id_, signature, right=right)
    return staff.code if staff else ""


def _invited(visit: Visit) -> list[Invited]:
    found = visit.backend.invitations
    return [
        Invited(
            row.id,
            who,
            read_instant(row.expires),
            read_instant(row.taken_at) if row.taken_at else None,
            found.counts(row),
        )
        for who, row in found.here()
    ]
