"""Answers questions for people's histories that somebody carries: once, and the same one again.

A stick takes days, and two may be on their way, so none can name an instant of today, as a
question by network does. It names the latest one that its site knew. Once the registry has answered
a question with a later one, those with an earlier one are worth nothing. The very same question may
come twice, on a stick that is read twice or on a second one: it is answered again, without counting
its tries a second time, for those alone who were looked up the first time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sync.protocol import keys
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import read_question
from sync.protocol.instants import instant, read_instant
from sync.protocol.questions import check_question
from sync.registry.registry import Registry
from sync.registry.store.records import CarriedQuestion


def answer_carried(registry: Registry, node: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the signed answer to a question for histories that came by stick.

    Raises :class:`ProtocolError`: ``question.signature``, ``question.old``, ``history.field``,
    ``history.quota``.
    """
    key = keys.public_key(registry.known(node).key)
    check_question(document, "history", node, key)
    nonce, people = read_question(document)
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    digest = hashlib.sha256(canonical(unsigned)).hexdigest()
    after = _after(registry, document)
    known = registry.store.carried(node)
    if any(after < before.after for before in known):
        raise _old()
    before = next((question for question in known if question.digest == digest), None)
    if before is not None:
        people = [query for query in people if query.id in before.people]
        return registry.told(node, nonce, people, again=True)
    told = registry.told(node, nonce, people)
    looked_up = frozenset(
        person["id"] for person in told["people"] if person.get("refused") != "limit"
    )
    registry.store.keep_carried(CarriedQuestion(node, digest, after, looked_up))
    return told


def _after(registry: Registry, document: Mapping[str, Any]) -> str:
    """Read the registry's instant that a question names, in its one form; empty: it knew none."""
    said = document.get("after")
    if said == "":
        return ""
    try:
        after = instant(read_instant(str(said)))
    except ValueError:
        raise _old() from None
    if after > registry.instant():
        raise _old()
    return after


def _old() -> ProtocolError:
    return ProtocolError(
        "question.old",
        "The registry has answered a later question for histories of this site. The next stick asks"
        " for those who are missing.",
        temporary=True,
    )
