"""What the nation tells a site: letters in two feeds, one for all sites and one for this one.

The cursor of a feed is the number and the id of the last letter taken. A feed whose letter under
that number has another id was restored from a backup: it is read again from its beginning, and
taking a letter twice must change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.protocol import keys
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import Count, fit

FEEDS = ("nation", "own")
WITHDRAWN = "withdrawn"
"""The kind of a letter that takes another back: ``letter`` is that one's id, ``kind`` its kind."""
SUPERSEDED = "superseded"
"""The kind as which a letter is handed out that was withdrawn, or whose campaign another replaces:
``by`` is the number of the letter that says so."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as a site takes it; ``kind`` says what its body is."""

    feed: str
    number: int
    id: str
    kind: str
    body: Mapping[str, Any]
    at: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    """Letters of one feed, whether there are more, and the registry's instant.

    An instant that is empty is of a registry before version 5 of the protocol.
    """

    letters: tuple[Letter, ...]
    more: bool
    at: str


class _Written(msgspec.Struct):
    number: Count
    id: str
    kind: str
    body: dict[str, Any]
    at: str


class _Page(msgspec.Struct):
    feed: str
    letters: list[_Written]
    more: bool
    at: str = ""


def check_letters(document: Any, node: str, nonce: str, key: Ed25519PublicKey) -> LetterPage:
    """Prove that a page of letters is the registry's answer to this very question."""
    if not isinstance(document, Mapping):
        raise _no_letters()
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, unsigned, document.get("signature")):
        raise ProtocolError("letters.signature", "The letters are not signed by the registry.")
    if unsigned.get("nonce") != nonce or unsigned.get("node") != node:
        raise ProtocolError("letters.other", "The letters are an answer to another question.")
    page = fit(unsigned, _Page, _no_letters)
    letters = tuple(
        Letter(page.feed, letter.number, letter.id, letter.kind, letter.body, letter.at)
        for letter in page.letters
    )
    if any(one.number != other.number + 1 for other, one in pairwise(letters)):
        raise _no_letters()
    return LetterPage(letters, page.more, page.at)


def page_of(
    node: str,
    nonce: str,
    feed: str,
    letters: Sequence[Mapping[str, Any]],
    *,
    more: bool,
    at: str,
) -> dict[str, Any]:
    """Make a page of letters, to be signed."""
    return {
        "node": node,
        "nonce": nonce,
        "feed": feed,
        "letters": list(letters),
        "more": more,
        "at": at,
    }


def _no_letters(_field: str = "") -> ProtocolError:
    return ProtocolError("letters.form", "This is not a page of letters.")
