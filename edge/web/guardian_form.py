"""The fields of a form that ask for a mother, a father or a guardian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edge.domain.errors import NotFound
from edge.domain.guardian import RELATIONS, Guardian
from edge.journal import views
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
    if "guardianName" in form:
        return GuardianFields(
            form.get("guardianRelation", ""),
            form["guardianName"],
            form.get("guardianPhone", ""),
            form.get("guardianCode", ""),
        )
    if known is None:
        return GuardianFields()
    with visit.backend.journal.reading() as db:
        own = views.person(db, known.person) if known.person else None
    return GuardianFields(known.relation, known.name, known.phone, own.code if own else "")


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
