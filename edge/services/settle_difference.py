"""Somebody decides which of two values of a person's field is right."""

from __future__ import annotations

from typing import Any

from edge.domain.errors import Conflict
from edge.journal.unit import Unit
from edge.services.commands import CorrectPerson, SettleDifference
from edge.services.corrections.person import correct_person
from edge.services.lookups import known_person
from edge.services.people.births import fields_told
from edge.services.people.demographics import differences, list_differences, settled_id
from edge.services.people.register_person import person_body
from edge.services.request import Request
from edge.services.site import Site

_BIRTH = ("birthDate", "birthYear", "birthEarliest", "birthLatest")
_REASON = "Compared with another site"


def settle_difference(unit: Unit, request: Request[SettleDifference], site: Site) -> None:
    """Write ``PersonCorrected``: with the other site's value, or with our own, confirmed.

    Raises :class:`Conflict` when there is no such difference any more.
    """
    command = request.command
    person = known_person(unit, command.person)
    wanted = (command.field, command.theirs)
    if wanted not in {
        (difference.field, difference.theirs) for difference in differences(unit.db, person.id)
    }:
        raise Conflict(
            "difference.none",
            "There is no such difference any more.",
            hint="Look at the list again.",
        )
    if command.take:
        fields: dict[str, Any] = {command.field: command.theirs}
        if command.field == "born":
            told = fields_told(command.theirs)
            fields = {name: value for name, value in told.items() if value is not None}
        correction = CorrectPerson(
            person=person.id,
            reason=_REASON,
            printer=command.printer,
            seen=command.seen,
            **fields,
        )
        correct_person(unit, Request(request.id, request.actor, correction, request.digest), site)
        return
    body = person_body(person)
    names = _BIRTH if command.field == "born" else (command.field,)
    unit.append(
        "PersonCorrected",
        {
            "person": person.id,
            "changes": {name: body.get(name) for name in names},
            "reason": _REASON,
        },
        id_=settled_id(person.id, command.field, command.theirs),
        by=request.actor.code,
        cause=request.id,
        command=request.digest,
    )
    list_differences(unit, person.id)
