"""Register somebody who has not been here before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from edge.domain.errors import Refusal
from edge.domain.guardian import Guardian, guardian_body
from edge.domain.identities import check_needed, with_own_code
from edge.domain.names.passports import passport_name
from edge.domain.numbers import PERSON_DIGITS, readable_number
from edge.domain.people import Address, Person, check_person
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import RegisterPerson
from edge.services.lookups import check_programme
from edge.services.people.births import told_birth
from edge.services.people.guardians import guardian_of
from edge.services.request import Request
from edge.services.site import IdSource, Site

MOST_ALIKE = 5
"""People who are shown as perhaps the one who is registered."""


def register_person(unit: Unit, request: Request[RegisterPerson], site: Site) -> None:
    """Write ``PersonRegistered``, and ``PersonArrived`` when a programme is named."""
    command = request.command
    today = site.clock.today()
    person = with_own_code(
        replace(
            asked_person(command, today),
            id=request.id,
            code=fresh_code(site.ids),
            guardian=guardian_of(unit, command.guardian),
        )
    )
    check_person(person, today)
    check_needed(person, site.identities.rules(), today)
    if command.programme:
        check_programme(site.catalogues.current(unit.db), command.programme)
    known = views.person_by_identity(unit.db, person.identity)
    if known is not None:
        raise Refusal(
            "person.already-registered",
            "Somebody with this identity number is already registered.",
            hint="Search for the number and open that person.",
            field="identity",
        )
    alike = [other.id for other, _ in views.look_alikes(unit.db, person, MOST_ALIKE)]
    if not command.different_person and not set(alike) <= set(command.different_from):
        raise Refusal(
            "person.perhaps-known",
            "Somebody who looks like this person is already registered.",
            hint="Look at that person first. If it is someone else, say so and save again.",
            field="name",
            overridable=True,
        )
    unit.append(
        "PersonRegistered",
        {"person": person_body(person), "source": "walk-in", "programme": command.programme},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    for other in (id_ for id_ in alike if id_ in command.different_from):
        unit.append(
            "PersonsDistinguished",
            {"persons": [other, person.id], "reason": "registered as somebody else"},
            id_=site.ids.new(),
            by=request.actor.code,
            cause=request.id,
        )
    if command.programme:
        unit.append(
            "PersonArrived",
            {"person": person.id, "programme": command.programme},
            id_=site.ids.new(),
            by=request.actor.code,
            cause=request.id,
        )


def asked_person(command: RegisterPerson, today: date) -> Person:
    """Read the person of a request, who has no id and no code yet."""
    given = command.guardian
    return Person(
        id="",
        code="",
        name=" ".join(command.name.split()),
        gender=command.gender,
        **told_birth(command, today),
        identity=command.identity.strip(),
        nationality=command.nationality.strip(),
        phone=command.phone.strip(),
        email=command.email.strip(),
        passport_name=passport_name(command.passport_name.strip()),
        address=Address(**msgspec.structs.asdict(command.address)),
        guardian=Guardian(given.relation, given.name, given.phone) if given else None,
    )


def fresh_code(ids: IdSource) -> str:
    """Make a ``preEnrollmentCode`` of an id that nobody else is told: the code proves presence.

    60 bits, which nobody can reckon out who knows the site, its entries or other codes of it.
    """
    return readable_number(f"person/{ids.new()}", PERSON_DIGITS)


def person_body(person: Person) -> dict[str, Any]:
    """Give a person as entries carry it: empty fields are left out."""
    body: dict[str, Any] = {
        "id": person.id,
        "code": person.code,
        "name": person.name,
        "gender": person.gender,
        "birthDate": person.birth_date.isoformat() if person.birth_date else None,
        "birthYear": person.birth_year,
        "birthEarliest": person.birth_earliest.isoformat() if person.birth_earliest else None,
        "birthLatest": person.birth_latest.isoformat() if person.birth_latest else None,
        "identity": person.identity,
        "nationality": person.nationality,
        "phone": person.phone,
        "email": person.email,
        "passportName": person.passport_name,
        "address": {
            key: text
            for key in Address.__dataclass_fields__
            if (text := getattr(person.address, key))
        },
        "guardian": guardian_body(person.guardian),
    }
    return {key: value for key, value in body.items() if value not in (None, "", {})}
