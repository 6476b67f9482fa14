"""Bugs of a registry, planted in it; strangers find them in whatever weather a seed draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mutants import Patch

import sync.registry.histories as histories
import sync.registry.registry as registries
import sync.registry.store.sql.changes as changes
import sync.registry.web.reading_api as reading
from sync.protocol.batches import check_batch, links_of
from sync.protocol.errors import ProtocolError
from sync.registry.judging.schemas import Schemas
from sync.registry.judging.worker import Judging
from sync.registry.presence import IdentifiedPerson
from sync.registry.registry import Registry
from sync.registry.store.records import NodeRecord
from sync.registry.store.sql.fleet import Fleet
from sync.registry.store.sql.intake import Intake
from sync.registry.store.sql.judging import Judging as Verdicts

_check_batch, _accept, _advance, _settle = (
    check_batch, Intake.accept, Intake.advance, Verdicts.settle,
)  # fmt: skip


def _any_key(batch: Any, key: Any, hash_at: Any) -> Any:
    try:
        return _check_batch(batch, key, hash_at)
    except ProtocolError as error:
        if error.code != "batch.signature":
            raise
        return links_of(batch)


def _anybody(*_: Any, **__: Any) -> None:
    """Check nothing."""


def _stopped_too(self: Registry, node: str) -> NodeRecord:
    known = self.store.node(node)
    if known is None:
        raise ProtocolError("node.unknown", "This node is not enrolled here.")
    return known


def _long_ago(self: Intake, links: Any, _: str) -> Any:
    return _accept(self, links, "2001-01-01T00:00:00.000Z")


def _forgotten(self: Intake, links: Any, _: str) -> int:
    return len(links)


def _ahead_of_its_place(self: Intake, links: Any, now: str) -> int:
    """Keep of what was sent ahead only that it came."""
    new = _advance(self, links, now)
    self._run("UPDATE advance SET number = 1 WHERE node = ?", links[0][0].node)
    return new


def _no_verdicts(self: Verdicts, stretch: Any, _: Any, *rest: Any) -> bool:
    return _settle(self, stretch, [], *rest)


def _no_letters(
    self: Verdicts, stretch: Any, verdicts: Any, mentions: Any, _: Any, *rest: Any
) -> bool:
    return _settle(self, stretch, verdicts, mentions, [], *rest)


def _never(self: Judging, entries: Sequence[Any]) -> int:
    return 0


def _whoever_is_asked_for(_: Any, __: str, asked: Any, ___: Any) -> IdentifiedPerson:
    return IdentifiedPerson(frozenset({asked.id}), frozenset({asked.id}))


def _known_code(self: Fleet, digest: str, facility: str, node: str, now: str) -> bool:
    sql = "SELECT 1 FROM code WHERE digest = ? AND facility = ? AND expires_at > ?"
    return bool(self._rows(sql, digest, facility, now))


def _old_code(self: Fleet, digest: str, facility: str, node: str, now: str) -> bool:
    sql = "UPDATE code SET node = ? WHERE digest = ? AND facility = ? AND node IN ('', ?)"
    return bool(self._run(sql, node, digest, facility, node))


def _code_of_another(self: Fleet, digest: str, facility: str, node: str, now: str) -> bool:
    sql = "UPDATE code SET node = ? WHERE digest = ? AND expires_at > ? AND node IN ('', ?)"
    return bool(self._run(sql, node, digest, now, node))


def _all_count(_: Any) -> dict[str, str]:
    return {"state": "stored"}


def _judged(_: Any) -> list[str]:
    return []


def _sound(self: Schemas, document: Any) -> None:
    return None


REGISTRY_MUTANTS: Mapping[str, tuple[Patch, ...]] = {
    "batch-of-any-key": ((registries, "check_batch", _any_key),),
    "question-of-anybody": ((registries, "check_question", _anybody),),
    "stopped-site-taken": ((Registry, "known", _stopped_too),),
    "no-quota": ((Registry, "_within_quota", _anybody),),
    "any-code": ((Registry, "_check_code", _anybody),),
    "code-used-twice": ((Fleet, "take_code", _known_code),),
    "code-without-end": ((Fleet, "take_code", _old_code),),
    "code-of-another-facility": ((Fleet, "take_code", _code_of_another),),
    "received-long-ago": ((Intake, "accept", _long_ago),),
    "urgent-thrown-away": ((Intake, "advance", _forgotten),),
    "urgent-without-place": ((Intake, "advance", _ahead_of_its_place),),
    "verdicts-lost": ((Verdicts, "settle", _no_verdicts),),
    "verdicts-not-told": ((Verdicts, "settle", _no_letters),),
    "held-for-ever": ((Judging, "_release", _never),),
    "nothing-is-wrong": ((Schemas, "mistake", _sound),),
    "history-of-whoever-is-asked-for": ((histories, "identified", _whoever_is_asked_for),),
    "read-before-judged": ((changes, "_unjudged", _judged),),
    "read-as-if-all-counted": ((reading, "_verdict", _all_count),),
}
"""Every bug by its name."""
