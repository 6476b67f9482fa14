"""Documents that somebody has spoiled: fields missing, of another kind, too large, too deep."""

from __future__ import annotations

import random
from typing import Any

DEEP: dict[str, Any] = {}
_inner = DEEP
for _ in range(400):
    _inner["a"] = {}
    _inner = _inner["a"]
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53, 2**63, 10**300, 1.5, float("nan"), float("inf"), "", "\0",
    "\ud800", "x" * 5000, "2026-11-24T12:00:00Z", "00000000000000e1", "a/../b", [], {}, [[]], [{}],
    {"min": 1, "max": 10**30}, DEEP,
)  # fmt: skip
REFUSALS: tuple[Any, ...] = (
    "batch.fork", "batch.gap", "batch.parent", "batch.too-large", "batch.hashes", "frame.too-large",
    "frame.dictionary", "frame.compression", "x", 5, None, [],
)  # fmt: skip


def spoiled(chance: random.Random, document: Any) -> Any:
    """Spoil a document in one to three places; the one given stays as it is."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        if not isinstance(document, dict) or not document or chance.random() < 0.05:
            return chance.choice(ODD)
        document = dict(document)
        place = chance.choice(list(document))
        value = document[place]
        if chance.random() < 0.2:
            del document[place]
        elif isinstance(value, dict) and value and chance.random() < 0.6:
            document[place] = spoiled(chance, value)
        elif isinstance(value, list) and value and chance.random() < 0.6:
            which = chance.randrange(len(value))
            document[place] = [*value[:which], spoiled(chance, value[which]), *value[which + 1 :]]
        elif type(value) is int and chance.random() < 0.5:
            document[place] = value + chance.choice((-200, -1, 1, 200))
        else:
            document[place] = chance.choice(ODD)
    return document


def refusal(chance: random.Random) -> dict[str, Any]:
    """Refuse something, perhaps in a way that no registry does."""
    return {
        "code": chance.choice(REFUSALS),
        "sentence": chance.choice(("No.", "{a}", "{", "%s", 5)),
        "temporary": chance.choice((True, False, "x")),
        "values": chance.choice((*ODD, {"number": chance.choice(ODD)})),
    }
