"""A site's inbox: asks the registry for letters, page by page, until there are no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import frames
from sync.protocol.errors import raise_refusal
from sync.protocol.letters import FEEDS, Letter, check_letters
from sync.protocol.questions import sign_question
from sync.protocol.states import FeedHead, State
from sync.site.transports import Transport

_PAGES = 10_000
"""Pages in one pass at the most."""


class Inbox(Protocol):
    """Where a site keeps what it was told."""

    def cursor(self, feed: str) -> FeedHead:
        """Give the last letter taken of a feed."""
        ...

    def take(self, letters: Sequence[Letter]) -> None:
        """Do what letters of one feed say and move its cursor, durably and in one step.

        A kind that is not known is kept for newer software.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks one registry for letters, in the version and coding that both ends speak."""

    transport: Transport
    node: str
    key: Ed25519PrivateKey
    registry_key: Ed25519PublicKey
    version: int
    coding: frames.Coding
    nonce: Callable[[], str]

    def page(self, cursors: Mapping[str, FeedHead], at: str) -> tuple[list[Letter], bool]:
        """Give the next letters, of one feed, and whether there are more.

        ``at`` is the registry's instant in its answer before.
        """
        nonce = self.nonce()
        question = {
            "protocol": self.version,
            "nonce": nonce,
            "at": at,
            **{feed: [head.number, head.id] for feed, head in cursors.items()},
        }
        signed = sign_question(question, "letters", self.node, self.key)
        answer = self.transport.ask(f"nodes/{self.node}/letters", frames.pack(signed, self.coding))
        raise_refusal(answer)
        return check_letters(answer, self.node, nonce, self.registry_key)


def fetch(inbox: Inbox, reader: Reader, state: State) -> int:
    """Take every letter there is; give how many."""
    heads = {"nation": state.nation, "own": state.own}
    taken = 0
    for _ in range(_PAGES):
        cursors = {feed: inbox.cursor(feed) for feed in FEEDS}
        if taken == 0 and cursors == heads:
            return 0
        letters, more = reader.page(cursors, state.at)
        if letters:
            inbox.take(letters)
            taken += len(letters)
        if not more:
            break
    return taken
