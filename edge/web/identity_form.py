"""The fields of a form that ask for a number or a paper."""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain.errors import BadInput
from edge.domain.identities import OWN_CODE, joined_identity
from edge.domain.people import Person
from edge.journal import views
from edge.web.visit import Visit

REMOVE = "-"
"""Chosen in a correction of somebody whose number is to be taken away."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class OfferedIdentity:
    """A kind that may be chosen, with its words; ``by_number``: a number belongs to it."""

    type: str
    words: str
    by_number: bool
    example: str


def offered_identities(visit: Visit) -> list[OfferedIdentity]:
    """Give the kinds that the campaign asks for; none: a whole ``did:`` text is asked for."""
    code = visit.language.code
    return [
        OfferedIdentity(
            rule.type, rule.words.in_language(code), rule.read_by != OWN_CODE, rule.example
        )
        for rule in visit.backend.site.identities.rules().types
    ]


def identity_typed(visit: Visit) -> str:
    """Give the identity of a form as it was typed; empty without one.

    A kind that nobody has chosen is found by the number. Raises :class:`BadInput` where it may be
    of several.
    """
    form, identities = visit.form, visit.backend.site.identities
    type_ = form.get("identityType", "").strip()[:_LONGEST]
    number = form.get("identityNumber", "").strip()[:_LONGEST]
    if not identities.rules().types:
        return form.get("identity", "").strip()[:_LONGEST]
    if number.startswith("did:"):
        return number
    if type_:
        by_number = any(kind.by_number for kind in offered_identities(visit) if kind.type == type_)
        return joined_identity(type_, number) if number or not by_number else ""
    if not number:
        return ""
    kinds = identities.kinds_of(number)
    if len(kinds) != 1:
        raise BadInput(
            "identity.kind",
            "Nothing says what kind of number this is.",
            hint="Choose the kind that is written on the paper.",
            field="identity",
        )
    return joined_identity(kinds[0], number)


def identity_corrected(visit: Visit) -> str:
    """Give the identity of a correction: as typed, empty where it stays, ``-`` to take it away."""
    return REMOVE if visit.form.get("identityType") == REMOVE else identity_typed(visit)


@dataclass(frozen=True, slots=True)
class CheckedIdentity:
    """What a check of a number came to: who has it here, and whether anything could check it."""

    holder: Person | None
    checked: bool


def check_typed(visit: Visit) -> CheckedIdentity:
    """Check the identity of a form as it would be kept.

    Raises what speaks against it, :class:`BadInput` where there is none.
    """
    typed = identity_typed(visit)
    if not typed:
        raise BadInput(
            "identity.empty",
            "There is no number to check.",
            hint="Type the number, or leave it out.",
            field="identity",
        )
    kept = visit.backend.site.identities.kept(typed)
    with visit.backend.journal.reading() as db:
        holder = views.person_by_identity(db, kept)
    return CheckedIdentity(holder, visit.backend.site.identities.checks(kept))
