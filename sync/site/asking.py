"""Asks a registry signed questions, each with the latest instant that the registry has named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import frames
from sync.protocol.errors import raise_refusal
from sync.protocol.questions import sign_question, told_instant
from sync.site.transports import Transport

_TIMES = 4
"""Times that one question is asked: another of the same site may have come between."""


@dataclass(slots=True)
class Asker:
    """Asks in the name of one node; several threads may, and then one asks a second time."""

    node: str
    key: Ed25519PrivateKey
    registry_key: Ed25519PublicKey
    _after: str = field(default="", init=False)
    _told: str = field(default="", init=False)

    def ask(
        self,
        transport: Transport,
        kind: str,
        document: Mapping[str, Any],
        coding: frames.Coding = frames.FLOOR,
    ) -> Any:
        """Give the answer to a question of a kind, not proven yet; ``document`` has its nonce.

        Raises :class:`~sync.protocol.errors.SyncError` for a refusal.
        """
        path = {"state": f"nodes/{self.node}", "enrol": "enrol"}.get(
            kind, f"nodes/{self.node}/{kind}"
        )
        answer: Any = None
        for _ in range(_TIMES):
            asked = {**document, "after": self._after}
            signed = sign_question(asked, kind, self.node, self.key)
            answer = transport.ask(path, frames.pack(signed, coding))
            at = told_instant(answer, document["nonce"], self.node, self.registry_key)
            if not at:
                break
            self._after = self._told = at
        raise_refusal(answer)
        return answer

    def heard(self, at: str) -> None:
        """Remember the instant of an answer that is proven to be the registry's."""
        self._after = max(self._after, at)
        self._told = at

    def told(self) -> str:
        """Give the instant of the last answer by the registry's clock; empty: none yet."""
        return self._told
