"""What the nation tells a site: letters in two feeds, one for all sites and one for this one.

The cursor of a feed is the number and the id of the last letter taken. A feed whose letter under
that number has another id was restored from a backup: it is read again from its beginning, and
taking a letter twice must change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import frames, keys
from sync.protocol.errors import ProtocolError, raise_refusal
from sync.protocol.questions import sign_question
from sync.protocol.states import FeedHead, State
from sync.site.transports import Transport

FEEDS = ("nation", "own")
_PAGES = 10_000
"""Pages in one pass at the most."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as a site takes it; ``kind`` says what its body is."""

    feed: str
    number: int
    id: str
    kind: str
    body: Mapping[str, Any]
    at: str


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


def check_letters(
    document: Any, node: str, nonce: str, key: Ed25519PublicKey
) -> tuple[list[Letter], bool]:
    """Prove that a page of letters is the registry's answer to this very question."""
    if not isinstance(document, Mapping):
        raise ProtocolError("letters.form", "This is not a page of letters.")
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, unsigned, document.get("signature")):
        raise ProtocolError("letters.signature", "The letters are not signed by the registry.")
    if unsigned.get("nonce") != nonce or unsigned.get("node") != node:
        raise ProtocolError("letters.other", "The letters are an answer to another question.")
    try:
        feed = str(unsigned["feed"])
        letters = [
            Letter(
                feed,
                int(one["number"]),
                str(one["id"]),
                str(one["kind"]),
                dict(one["body"]),
                str(one["at"]),
            )
            for one in unsigned["letters"]
        ]
        numbers = [one.number for one in letters]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False:
            raise ValueError
        return letters, bool(unsigned["more"])
    except (KeyError, TypeError, ValueError):
        raise ProtocolError("letters.form", "This is not a page of letters.") from None


def page_of(
    node: str,
    nonce: str,
    feed: str,
    letters: Sequence[Mapping[str, Any]],
    *,
    more: bool,
) -> dict[str, Any]:
    """Make a page of letters, to be signed."""
    return {"node": node, "nonce": nonce, "feed": feed, "letters": list(letters), "more": more}
