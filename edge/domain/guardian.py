"""Who answers for a person: a mother, a father or a guardian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

Relation = Literal["mother", "father", "guardian"]
RELATIONS: tuple[str, ...] = get_args(Relation)


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who answers for a person; ``person`` is their own id where they are registered here."""

    relation: Relation
    name: str
    phone: str = ""
    person: str = ""


def guardian_body(guardian: Guardian | None) -> dict[str, str]:
    """Give a guardian as entries carry one: empty fields are left out."""
    if guardian is None:
        return {}
    told = {
        "relation": guardian.relation,
        "name": guardian.name,
        "phone": guardian.phone,
        "person": guardian.person,
    }
    return {name: text for name, text in told.items() if text}


def guardian_from(body: Any) -> Guardian | None:
    """Read a guardian as an entry's body has one; what is not one is nobody."""
    if not isinstance(body, Mapping) or body.get("relation") not in RELATIONS:
        return None
    texts = {name: str(body.get(name) or "") for name in ("name", "phone", "person")}
    return Guardian(cast("Relation", body["relation"]), **texts)
