"""Two sites on one person: different fields are joined, the same field is asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain.births import told_span
from edge.domain.names.texts import composed

FIELDS = ("name", "gender", "born", "nationality", "phone", "email")
"""What is compared. ``born`` is the date of birth in ISO 8601, or the year if that is all."""

_ON_PAPER = frozenset({"name", "gender", "born", "nationality"})


@dataclass(frozen=True, slots=True)
class ForeignPerson:
    """A person as another site has it; ``base`` what both began with, empty if nothing."""

    facility: str
    fields: Mapping[str, str]
    base: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """The same field with two values."""

    field: str
    ours: str
    theirs: str
    facility: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``take`` are fields to be joined to ours, ``ask`` what somebody must decide."""

    take: Mapping[str, str]
    ask: tuple[Difference, ...]


def fields_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Read the compared fields of a person as entries carry one."""
    found = {name: body.get(name) for name in FIELDS}
    found["born"] = body.get("birthDate") or body.get("birthYear") or _span(body)
    told = {name: composed(str(value)) for name, value in found.items() if value}
    return {name: value for name, value in told.items() if value}


def _span(body: Mapping[str, Any]) -> str:
    """Write a span of the birth in ISO 8601: its first and its last day."""
    days = [body.get("birthEarliest"), body.get("birthLatest")]
    return "/".join(str(day) for day in days) if all(days) else ""


def _finer(mine: str, told: str) -> bool:
    """Say whether they know the same birth better."""
    ours, theirs = told_span(mine), told_span(told)
    return bool(ours and theirs and ours != theirs and theirs.within(ours))


def reconcile(
    ours: Mapping[str, str],
    others: Sequence[ForeignPerson],
    settled: Collection[tuple[str, str]],
    *,
    papers: bool,
    lived: str = "",
) -> Reconciliation:
    """Compare field by field.

    What only they have, or only they changed since the base, is taken; with ``papers`` (a
    certificate counts) not what stands on it: a certificate is never replaced unasked. Nor is a
    birth after ``lived``, the first day (ISO 8601, or empty) on which a dose is recorded.
    ``settled`` are fields with a value of theirs that was decided against.
    """
    own, take = dict(ours), {}
    ask: dict[tuple[str, str], Difference] = {}
    for other in others:
        for name in FIELDS:
            mine, told = own.get(name, ""), other.fields.get(name, "")
            base = other.base.get(name, "")
            if not told or _same(mine, told) or _same(base, told) or (name, told) in settled:
                continue
            if name == "born" and _finer(told, mine):  # ours is of theirs, and better known
                continue
            finer = name == "born" and _finer(mine, told)
            free = not mine or finer or _same(mine, base)
            if name == "born" and lived and told[:10] > lived[: len(told)]:
                free = False
            if free and not (papers and name in _ON_PAPER):
                own[name] = take[name] = told
            else:
                ask[name, told] = Difference(name, mine, told, other.facility)
    return Reconciliation(take, tuple(ask.values()))


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
