"""The site's line to the national registry: enrolment, passes, and how things stand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.registry import TARGET, JournalSource
from edge.journal.journal import Journal
from edge.services.delivery import delivery
from sync.errors import SyncError
from sync.follower import Follower, Pass
from sync.protocol import node_id, public_key, public_text
from sync.transports import Transport, transport

_KEY = "registry-key"


@dataclass(frozen=True, slots=True)
class SyncState:
    """How the site stands with the registry.

    ``state`` is ``none`` (no registry is set up), ``synced``, ``waiting``, ``unreachable``,
    ``refused`` or ``diverged``; ``synced`` only if receipts prove it. ``trouble`` is a sentence
    template with its values. ``last_receipt`` is an instant in ISO 8601, or empty.
    """

    state: str
    recorded: int
    delivered: int
    last_receipt: str
    trouble: str = ""
    trouble_values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a site tells of itself when it enrols."""

    facility: str
    code: str
    name: Callable[[], str]


class RegistryLink:
    """Delivers the journal to one registry, one pass at a time; ``url`` empty: to none."""

    def __init__(
        self, journal: Journal, url: str, key: Ed25519PrivateKey, introduction: Introduction
    ) -> None:
        self._journal = journal
        self._url = url
        self._key = key
        self._introduction = introduction
        self._lock = threading.Lock()
        self._follower: Follower | None = None
        self._last: Pass | None = None

    def run(self) -> Pass:
        """Make one pass now."""
        with self._lock:
            try:
                self._follower = self._follower or self._enrolled()
                self._last = self._follower.run()
            except SyncError as error:
                state = "unreachable" if error.temporary else "refused"
                self._last = Pass(state, 0, 0, error.sentence, error.values)
            return self._last

    def state(self) -> SyncState:
        """Say how the site stands: from receipts, not from hopes."""
        with self._journal.reading() as db:
            held = delivery(db, TARGET)
        last = self._last
        if not self._url:
            state = "none"
        elif last is not None and last.state in ("diverged", "refused"):
            state = last.state
        elif held.complete:
            state = "synced"
        elif last is not None and last.state == "unreachable":
            state = "unreachable"
        else:
            state = "waiting"
        trouble, values = (last.trouble, last.values) if last else ("", None)
        return SyncState(state, held.recorded, held.delivered, held.heard_at, trouble, values)

    def _enrolled(self) -> Follower:
        way = transport(self._url)
        return Follower(
            JournalSource(self._journal),
            way,
            node_id(self._key.public_key()),
            self._key,
            public_key(self._registry_key(way)),
        )

    def _registry_key(self, way: Transport) -> str:
        """Give the registry's key: pinned at the enrolment, and never changed by an answer."""
        with self._journal.reading() as db:
            row = db.execute("SELECT value FROM setting WHERE name = ?", (_KEY,)).fetchone()
        if row is not None:
            return str(row[0])
        answer = way.enrol(
            {
                "key": public_text(self._key.public_key()),
                "facility": self._introduction.facility,
                "name": self._introduction.name(),
                "code": self._introduction.code,
            }
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("key"), str):
            sentence = answer.get("sentence", "") if isinstance(answer, dict) else ""
            raise SyncError(
                "registry.refused", "The registry refuses: {reason}", reason=str(sentence)[:300]
            )
        key = str(answer["key"])
        public_key(key)
        self._journal.run(
            lambda unit: unit.db.execute(
                "INSERT INTO setting (name, value) VALUES (?, ?)", (_KEY, key)
            )
        )
        return key
