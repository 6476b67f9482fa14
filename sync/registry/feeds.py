"""The nation's letters, page by page, and where each feed ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.protocol.errors import ProtocolError
from sync.protocol.letters import page_of
from sync.protocol.shapes import Nonce, fit
from sync.protocol.states import FeedHead
from sync.registry.campaigns.letters import for_site
from sync.registry.store.interface import Store
from sync.registry.store.records import NATION

_PAGE_BYTES = 64 * 1024
"""Bytes of letters in one answer, before compression: a page is worth keeping on a slow line."""
_PAGE = 200


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
        for letter in store.letters(feed, after, _PAGE, _PAGE_BYTES):
            body = json.loads(letter.body)
            if letter.kind == "campaign":
                body = for_site(store, body, node)
            size += _size(body) if "files" in body else len(letter.body)
            if letters and size > _PAGE_BYTES:
                break
            letters.append(
                {
                    "number": letter.number,
                    "id": letter.id,
                    "kind": letter.kind,
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


def _size(body: Mapping[str, Any]) -> int:
    """Give how long the files of a campaign are: a region's are not in the letter itself."""
    return sum(map(len, body["files"].values()))


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
