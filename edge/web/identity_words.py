"""How somebody's identity is told: its kind in the campaign's words, and what of it may be seen."""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain.identities import (
    IdentityRules,
    joined_identity,
    shown_number,
    split_identity,
)
from edge.domain.people import Person
from edge.web.translations import Language


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """A person's identity as a page shows it: the words of its kind, and the number or its end.

    ``number`` is empty where the campaign hides it; ``fails``: it does not pass its check.
    """

    words: str
    number: str
    fails: bool = False


def shown_identity(
    language: Language, rules: IdentityRules, person: Person
) -> ShownIdentity | None:
    """Say how somebody's identity is shown; None for somebody without one."""
    if not person.identity:
        return None
    rule = rules.of(person.identity)
    words = rule.words.in_language(language.code) if rule else ""
    if rule is None and not rules.types:
        return ShownIdentity("", person.identity)
    return ShownIdentity(words, shown_number(person.identity, rules))


def seen_identity(rules: IdentityRules, person: Person) -> str:
    """Give an identity as a program may see it: whole only where the campaign shows it whole."""
    shown = shown_number(person.identity, rules)
    type_, number = split_identity(person.identity)
    return person.identity if shown == number else joined_identity(type_, shown.replace(" ", ""))
