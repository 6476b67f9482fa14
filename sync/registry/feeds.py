"""The nation's letters, page by page, and where each feed ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.protocol.editions import is_newer
from sync.protocol.errors import ProtocolError
from sync.protocol.letters import SUPERSEDED, WITHDRAWN, page_of
from sync.protocol.shapes import Nonce, fit
from sync.protocol.states import FeedHead
from sync.registry.campaigns.letters import for_site
from sync.registry.store.interface import Store
from sync.registry.store.records import NATION, Letter

_PAGE_BYTES = 64 * 1024
"""Bytes of letters in one answer, before compression: a page is worth keeping on a slow line."""
_PAGE = 200
_WITHDRAWALS = 10_000
"""Withdrawals in one feed behind a cursor that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class LetterQuery:
    """A question for letters: ``cursors`` as they came, to be compared with the feeds."""

    nonce: str
    cursors: Mapping[str, Any]


class _Question(msgspec.Struct):
    nonce: Nonce


def read_wanted(document: Mapping[str, Any]) -> LetterQuery:
    """Read a question for letters; raises :class:`ProtocolError` naming the field that is wrong."""
    question = fit(document, _Question, _wrong)
    return LetterQuery(question.nonce, {name: document.get(name) for name in ("nation", "own")})


def next_page(store: Store, node: str, wanted: LetterQuery, at: str) -> dict[str, Any]:
    """Give the next page, not signed yet: one feed after the other."""
    for name, feed in (("nation", NATION), ("own", node)):
        after = _after(store, feed, wanted.cursors.get(name))
        letters: list[dict[str, Any]] = []
        size = 0
        withdrawn = _withdrawn(store, feed, after)
        for letter in store.letters(feed, after, _PAGE, _PAGE_BYTES):
            kind, body = letter.kind, json.loads(letter.body)
            if by := withdrawn.get(letter.id) or _replaced(store, letter, body, withdrawn):
                kind, body = SUPERSEDED, {"by": by}  # its number stays: a feed has no gaps
            elif kind == "campaign":
                body = for_site(store, body, node)
            size += _size(body) if kind == "campaign" else len(str(body))
            if letters and size > _PAGE_BYTES:
                break
            letters.append(
                {
                    "number": letter.number,
                    "id": letter.id,
                    "kind": kind,
                    "body": body,
                    "at": letter.at,
                }
            )
        if letters:
            newest = feed_head(store, feed).number
            more = letters[-1]["number"] < newest
            more = more or name == "nation"
            return page_of(node, wanted.nonce, name, letters, more=more, at=at)
    return page_of(node, wanted.nonce, "own", [], more=False, at=at)


def _withdrawn(store: Store, feed: str, after: int) -> Mapping[str, int]:
    """Give the letters behind a number that were withdrawn, by their ids, and by which letter."""
    found = store.letters_of_kind(feed, WITHDRAWN, after, _WITHDRAWALS)
    return {str(json.loads(letter.body).get("letter")): letter.number for letter in found}


def _replaced(
    store: Store, letter: Letter, body: Mapping[str, Any], withdrawn: Mapping[str, int]
) -> int:
    """Give the later letter whose campaign stands for this one's, if any: no site needs both.

    Of two that the ministry signed the later one counts: their files are numbered, and a site
    refuses the older. Of two that nobody signed it is the one with the higher version.
    """
    if letter.kind != "campaign":
        return 0
    for later in store.letters_of_kind(letter.feed, "campaign", letter.number, 1):
        if later.id not in withdrawn and _stands_for(json.loads(later.body), body):
            return later.number
    return 0


def _stands_for(later: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    if "files" in later or "files" in body:
        return "files" in later and "files" in body
    one, other = later.get("campaign", {}), body.get("campaign", {})
    same = one.get("id") == other.get("id")
    return same and not is_newer(str(other.get("version")), str(one.get("version")))


def _size(body: Mapping[str, Any]) -> int:
    """Give how long a campaign is as it is handed out: a region's part is no part of its letter."""
    return sum(map(len, body["files"].values())) if "files" in body else len(str(body))


def feed_head(store: Store, feed: str) -> FeedHead:
    """Give the last letter of a feed."""
    last = store.last_letter(feed)
    return FeedHead(last.number, last.id) if last else FeedHead()


def _after(store: Store, feed: str, cursor: Any) -> int:
    """Give the number to go on behind: none, if the feed does not know the cursor's letter."""
    if not (isinstance(cursor, list) and len(cursor) == 2 and type(cursor[0]) is int):
        return 0
    number, id_ = cursor
    letter = store.letter(feed, number) if 0 < number < 2**53 else None
    return number if letter is not None and letter.id == id_ else 0


def _wrong(field: str) -> ProtocolError:
    return ProtocolError(
        "letters.field", "The field {field} of the question is wrong.", field=field
    )
