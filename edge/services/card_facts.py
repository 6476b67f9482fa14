"""What of a card can fill a registration: what nobody is or has stays empty, and is typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from edge.domain.births import OLDEST, told_span
from edge.domain.errors import BadInput
from edge.domain.names.texts import check_text, composed
from edge.domain.people import GENDERS, LONGEST_NAME
from edge.plugins.identity.contract import CardFacts


def fit_facts(facts: CardFacts, today: date) -> CardFacts:
    """Give a card's facts without those that no registration takes.

    A signature says who made the card, and not that somebody was born tomorrow. A name is never
    cut: a part of one is another name.
    """
    return replace(
        facts,
        name=_name(facts.name),
        passport_name=_name(facts.passport_name),
        birth=_birth(facts.birth, today),
        gender=facts.gender if facts.gender in GENDERS else "",
    )


def _name(told: str) -> str:
    name = composed(told)
    try:
        check_text("name", name, LONGEST_NAME)
    except BadInput:
        return ""
    return name


def _birth(told: str, today: date) -> str:
    """Give a day or a year on which somebody who lives may have been born."""
    span = told_span(told)
    if span is None or span.first > today or span.last.year < today.year - OLDEST:
        return ""
    return told if span.first == span.last else told[:4]
