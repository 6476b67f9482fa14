"""What other sites have recorded of a person's name and the like, beside what is recorded here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.demographics import Difference, ForeignPerson, Reconciliation, fields_of, reconcile
from edge.domain.errors import EdgeError
from edge.domain.people import Person, check_person
from edge.journal import views
from edge.journal.attention import Verdict, replace_conflicts
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.entries import entry as entry_by_id
from edge.journal.histories import history_as_of, told_of_person
from edge.journal.unit import Unit
from edge.services.people.births import fields_told
from edge.services.people.register_person import person_body

if TYPE_CHECKING:
    from sqlite_utils import Database

_LONGEST = 200
_JUDGED_BY = frozenset({"born", "gender"})
DIFFERS = "Another site has recorded another value for this person."


def differences(db: Database, person_id: str) -> tuple[Difference, ...]:
    """Give the fields of a person that somebody must decide on."""
    person = views.person(db, person_id)
    return _reconciled(db, person).ask if person else ()


def join(unit: Unit, person_id: str, by: str, today: date) -> bool:
    """Take what is missing here, and list what somebody must decide on.

    Says whether doses are judged by what has changed. With a clock that is not believed, when
    nothing could be signed, that is left for the next time.
    """
    person = views.person(unit.db, person_id)
    if person is None:
        return False
    take = _reconciled(unit.db, person).take
    if not unit.stamp.believed:
        take = {name: value for name, value in take.items() if name not in _JUDGED_BY}
    changes = _changes(person, take, today)
    if changes:
        told = {"person": person.id, "changes": changes, "reason": "registry"}
        place = {"person": person.id, "after": unit.tip.position, **changes}
        unit.append("PersonCorrected", told, id_=derived_id("history person", place), by=by)
    list_differences(unit, person.id)
    return bool(_JUDGED_BY & take.keys()) and bool(changes)


def list_differences(unit: Unit, person_id: str) -> None:
    """Bring the list of what needs attention up to date with one person's differences."""
    as_of = history_as_of(unit.db, person_id)
    conflicts = [
        Verdict(
            f"{person_id} {difference.field}",
            "conflict",
            f"person.{difference.field}",
            DIFFERS,
            as_of,
        )
        for difference in (differences(unit.db, person_id) if as_of else ())
    ]
    replace_conflicts(unit.db, person_id, conflicts)


def settled_id(person: str, field: str, theirs: str) -> str:
    """Give the id of the entry that decides for our own value of a field against another."""
    return derived_id("settled", {"person": person, "field": field, "theirs": theirs})


def _reconciled(db: Database, person: Person) -> Reconciliation:
    others = _theirs(db, person.id)
    settled = {
        (name, value)
        for other in others
        for name, value in other.fields.items()
        if has_entry(db, settled_id(person.id, name, value))
    }
    papers = any(not certificate.revoked_at for certificate in views.certificates_of(db, person.id))
    days = [
        *(dose.on for dose in views.history(db, person.id)),
        *(seen.on for seen in views.observations(db, person.id).values()),
        person.status.on,
    ]
    lived = min((day.isoformat() for day in days if day), default="")
    return reconcile(fields_of(person_body(person)), others, settled, papers=papers, lived=lived)


def _theirs(db: Database, person_id: str) -> list[ForeignPerson]:
    """Put together what each other site has: the registration, and its corrections in order."""
    people: dict[tuple[str, str], dict[str, Any]] = {}
    facilities: dict[str, str] = {}
    told = told_of_person(db, person_id)
    for item in sorted(told, key=lambda one: str(one["entry"].get("at", ""))):
        entry, body = item["entry"], _mapping(item["entry"].get("body"))
        node = item["node"]
        facilities[node] = item["facility"]
        if entry["type"] == "PersonRegistered":
            fields = _mapping(body.get("person"))
            people[node, str(fields.get("id") or entry.get("id"))] = _sensible(fields)
        elif (node, str(body.get("person"))) in people:
            people[node, str(body["person"])] |= _sensible(_mapping(body.get("changes")))
    base = entry_by_id(db, person_id)
    registered = base is not None and base.type == "PersonRegistered"
    ours = fields_of(base.body["person"]) if base and registered else {}
    return [
        ForeignPerson(facilities[node], fields_of(fields), ours if id_ == person_id else {})
        for (node, id_), fields in people.items()
    ]


def _mapping(value: Any) -> Mapping[str, Any]:
    """Take an object for one; another site's software may be ill, or mean harm."""
    return value if isinstance(value, Mapping) else {}


def _sensible(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is no value of a field, and what nobody could compare by eye."""
    return {
        name: value
        for name, value in fields.items()
        if value is None or (isinstance(value, str | int) and len(str(value)) <= _LONGEST)
    }


def _changes(person: Person, take: Mapping[str, str], today: date) -> dict[str, Any]:
    """Write fields as a correction carries them; what would not be taken here is left out."""
    changes: dict[str, Any] = {}
    for name, value in take.items():
        try:
            fields = fields_told(value) if name == "born" else {name: value}
            after = replace(person, **fields)
            check_person(after, today)
        except (EdgeError, ValueError):
            continue
        old, new = person_body(person), person_body(after)
        changes |= {key: new.get(key) for key in {*old, *new} if old.get(key) != new.get(key)}
        person = after
    return changes
