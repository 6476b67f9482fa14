"""Writes what judging an entry came to: its verdict, and the letter that tells its site."""

from __future__ import annotations

import hashlib

from sync.protocol.entries import canonical
from sync.registry.judging.facts import JudgingCase
from sync.registry.judging.references import plain
from sync.registry.judging.rules import Finding
from sync.registry.store.records import Letter, Verdict

_LONGEST = 200
"""Characters of an entry's id that a verdict repeats."""


def id_of(case: JudgingCase) -> str:
    """Give the id of a case's entry as verdicts repeat it."""
    return plain(str(case.document.get("id", "")))[:_LONGEST]


def verdict_on(case: JudgingCase, finding: Finding) -> Verdict:
    """Write the verdict on an entry."""
    entry = case.entry
    return Verdict(
        entry.node,
        entry.epoch,
        entry.number,
        finding.state,
        id_of(case),
        finding.field,
        finding.sentence,
        finding.waits,
    )


def letter_on(case: JudgingCase, finding: Finding, cause: str, now: str) -> Letter:
    """Write a verdict to the site; the same verdict for the same cause is one letter."""
    body = {
        "entry": id_of(case),
        "state": finding.state,
        "field": finding.field,
        "sentence": finding.sentence,
        "waits": finding.waits,
    }
    place = f"{case.entry.epoch}/{case.entry.number}/{cause}\n".encode()
    id_ = hashlib.sha256(place + canonical(body)).hexdigest()[:32]
    return Letter(case.entry.node, 0, id_, "verdict", canonical(body).decode(), now)
