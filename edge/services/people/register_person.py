"""Register somebody who has not been here before."""

from __future__ import annotations

from typing import Any

import msgspec

from edge.domain.errors import Refusal
from edge.domain.numbers import PERSON_DIGITS, readable_number
from edge.domain.people import Address, Person, check_person
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import RegisterPerson
from edge.services.lookups import check_programme
from edge.services.people.births import told_birth
from edge.services.request import Request
from edge.services.site import Site


def register_person(unit: Unit, request: Request[RegisterPerson], site: Site) -> None:
    """Write ``PersonRegistered``, and ``PersonArrived`` when a programme is named."""
    command = request.command
    person = Person(
        id=request.id,
        code=fresh_code(unit),
        name=" ".join(command.name.split()),
        gender=command.gender,
        **told_birth(command, site.clock.today()),
        identity=command.identity.strip(),
        nationality=command.nationality.strip(),
        phone=command.phone.strip(),
        email=command.email.strip(),
        address=Address(**msgspec.structs.asdict(command.address)),
    )
    check_person(person, site.clock.today())
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
    if not command.different_person and views.same_name_and_year(unit.db, person):
        raise Refusal(
            "person.perhaps-known",
            "Somebody with the same name and year of birth is already registered.",
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
    if command.programme:
        unit.append(
            "PersonArrived",
            {"person": person.id, "programme": command.programme},
            id_=site.ids.new(),
            by=request.actor.code,
            cause=request.id,
        )


def fresh_code(unit: Unit) -> str:
    """Make a ``preEnrollmentCode`` from the place of the next entry in the chain."""
    link = unit.tip.link()
    return readable_number(f"person/{link.node}/{link.epoch}/{link.number}", PERSON_DIGITS)


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
        "address": {
            key: text
            for key in Address.__dataclass_fields__
            if (text := getattr(person.address, key))
        },
    }
    return {key: value for key, value in body.items() if value not in (None, "", {})}
