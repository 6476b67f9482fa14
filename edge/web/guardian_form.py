"""The fields of a form that ask for a mother, a father or a guardian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.errors import NotFound
from edge.domain.guardian import RELATIONS, Guardian
from edge.journal import views
from edge.web.seen_forms import MINE, touched
from edge.web.visit import Visit


@dataclass(frozen=True, slots=True)
class GuardianFields:
    """What the fields show; ``code`` is that of the guardian's own record."""

    relation: str = "mother"
    name: str = ""
    phone: str = ""
    code: str = ""


def guardian_fields(visit: Visit, known: Guardian | None = None) -> GuardianFields:
    """Give what was typed, else what is known."""
    form = visit.form
    if "guardianName" not in form:
        return known_fields(visit, known)
    return GuardianFields(
        form.get("guardianRelation", ""),
        form["guardianName"],
        form.get("guardianPhone", ""),
        form.get("guardianCode", ""),
    )


def known_fields(visit: Visit, known: Guardian | None) -> GuardianFields:
    """Give what is recorded, as the fields have it."""
    if known is None:
        return GuardianFields()
    with visit.backend.journal.reading() as db:
        own = views.person(db, known.person) if known.person else None
    return GuardianFields(known.relation, known.name, known.phone, own.code if own else "")


def as_shown(fields: GuardianFields) -> dict[str, str]:
    """Give the fields by their names in the form."""
    return {
        "guardianRelation": fields.relation,
        "guardianName": fields.name,
        "guardianPhone": fields.phone,
        "guardianCode": fields.code,
    }


def guardian_touched(form: Mapping[str, str]) -> bool:
    """Say whether somebody has changed one of the fields, or chosen between two values."""
    chosen = form.get("choose.guardian")
    if chosen is not None:
        return chosen == MINE
    return "guardianName" in form and bool(touched(form, list(as_shown(GuardianFields()))))


def guardian_document(visit: Visit) -> dict[str, Any]:
    """Give the field of a request; nothing from a form that does not ask.

    Raises :class:`NotFound` for a code that nobody here has.
    """
    form = visit.form
    if "guardianName" not in form:
        return {}
    relation, person = form.get("guardianRelation", ""), ""
    code = form.get("guardianCode", "").strip()
    if code:
        with visit.backend.journal.reading() as db:
            own = views.person_by_code(db, code.upper())
        if own is None:
            raise NotFound(
                "guardian.unknown",
                "Nobody here has the code of the mother, father or guardian.",
                hint="Read the code again, or leave it empty and write the name.",
                field="guardian.person",
            )
        person = own.id
    return {
        "guardian": {
            "relation": relation if relation in RELATIONS else "guardian",
            "name": form["guardianName"][:200],
            "phone": form.get("guardianPhone", "")[:200],
            "person": person,
        }
    }
