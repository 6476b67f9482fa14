"""What is recorded of a person is put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec

from edge.domain.errors import Refusal
from edge.domain.identities import check_needed, with_own_code
from edge.domain.names.passports import passport_name
from edge.domain.numbering import renumbered
from edge.domain.people import Address, Person, check_person
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.renewal import renew
from edge.services.commands import CorrectPerson
from edge.services.corrections.guards import check_clock, nothing_changed
from edge.services.corrections.seen_people import check_seen_person
from edge.services.doses.following import follow
from edge.services.doses.judging import agreed, case_of
from edge.services.lookups import known_person
from edge.services.people.births import told_birth
from edge.services.people.demographics import list_differences
from edge.services.people.guardians import guardian_of
from edge.services.people.register_person import person_body
from edge.services.request import Request
from edge.services.site import Site

_NOT_OF_A_PERSON = ("person", "reason", "override", "printer", "seen", "age", "birth_month")
_JUDGED_BY = frozenset({"birthDate", "birthYear", "birthEarliest", "birthLatest", "gender"})


def correct_person(unit: Unit, request: Request[CorrectPerson], site: Site) -> None:
    """Write ``PersonCorrected``, and renew every certificate this site gave the person.

    Numbers and dates of doses that follow from the birth do so anew.
    """
    command = request.command
    check_clock(unit, site)
    before = known_person(unit, command.person)
    given = {
        name: value
        for name, value in msgspec.structs.asdict(command).items()
        if name not in _NOT_OF_A_PERSON and value is not None
    }
    if "name" in given:
        given["name"] = " ".join(given["name"].split())
    if "passport_name" in given:
        given["passport_name"] = passport_name(given["passport_name"])
    if command.address is not None:
        given["address"] = Address(**msgspec.structs.asdict(command.address))
    if command.guardian is not None:
        given["guardian"] = guardian_of(unit, command.guardian, of=before.id)
    given |= told_birth(command, site.clock.today())
    after = with_own_code(replace(before, **given))
    check_person(after, site.clock.today())
    if before.identity:
        check_needed(after, site.identities.rules(), site.clock.today())
    known = views.person_by_identity(unit.db, after.identity)
    if known is not None and known.id != after.id:
        raise Refusal(
            "person.already-registered",
            "Somebody with this identity number is already registered.",
            hint="Search for the number and open that person.",
            field="identity",
        )
    old, new = person_body(before), person_body(after)
    changes = {key: new.get(key) for key in {*old, *new} if old.get(key) != new.get(key)}
    if not changes:
        raise nothing_changed()
    check_seen_person(unit, command.seen, command.person, before, changes)
    _check_birth(unit, before, after)
    case = case_of(unit, site, before, views.history(unit.db, before.id))
    papers = {
        paper.id for paper in views.certificates_of(unit.db, before.id) if not paper.revoked_at
    }
    told = {}
    if changes.keys() & _JUDGED_BY or _moved(before, after):
        told = agreed(unit, request, site, before, after)
    unit.append(
        "PersonCorrected",
        {"person": before.id, "changes": changes, "reason": command.reason, **told},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    list_differences(unit, before.id)
    if changes.keys() & _JUDGED_BY:  # dates that follow from the birth, on paper and off it
        now = known_person(unit, before.id)
        after_it = case_of(unit, site, now, case.history)
        follow(unit, request, site, renumbered(case, after_it, date.min))
    for certificate in views.certificates_of(unit.db, before.id):
        if certificate.id in papers and not certificate.revoked_at:
            renew(unit, request, site, certificate, command.reason)


def _moved(before: Person, after: Person) -> bool:
    """Say whether somebody lives elsewhere than was recorded; to fill in a place is no move."""
    was, is_ = before.address, after.address
    return any(
        known and known != now
        for known, now in ((was.state, is_.state), (was.district, is_.district))
    )


def _check_birth(unit: Unit, before: Person, after: Person) -> None:
    """Refuse a birth after a dose that is on record, or after anything else that is."""

    def contradicts(day: date | None) -> bool:
        return day is not None and before.lived_on(day) and not after.lived_on(day)

    others = [
        before.status.on,
        *(seen.on for seen in views.observations(unit.db, before.id).values()),
    ]
    for day in filter(contradicts, others):
        raise Refusal(
            "person.born-after-record",
            "Something of {on} is recorded: the birth cannot be later.",
            hint="Check the date of birth, or correct what is recorded first.",
            field="birthDate",
            on=day,
        )
    first = min((dose.on for dose in views.history(unit.db, before.id)), default=None)
    if not contradicts(first):
        return
    raise Refusal(
        "person.born-after-dose",
        "A dose of {on} is recorded: the birth cannot be later.",
        hint="Check the date of birth, or correct the dose first.",
        field="birthDate",
        on=first,
    )
