"""A site's inbox: asks the registry for letters, page by page, until there are no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.protocol import frames
from sync.protocol.letters import FEEDS, Letter, LetterPage, check_letters
from sync.protocol.states import FeedHead, State
from sync.site.asking import Asker
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
    asker: Asker
    version: int
    coding: frames.Coding
    nonce: Callable[[], str]

    def page(self, cursors: Mapping[str, FeedHead]) -> LetterPage:
        """Give the next letters, of one feed, and whether there are more."""
        nonce = self.nonce()
        question = {
            "protocol": self.version,
            "nonce": nonce,
            **{feed: [head.number, head.id] for feed, head in cursors.items()},
        }
        asker = self.asker
        answer = asker.ask(self.transport, "letters", question, self.coding)
        page = check_letters(answer, asker.node, nonce, asker.registry_key)
        asker.heard(page.at)
        return page


def fetch(inbox: Inbox, reader: Reader, state: State) -> int:
    """Take every letter there is; give how many."""
    heads = {"nation": state.nation, "own": state.own}
    taken = 0
    for _ in range(_PAGES):
        cursors = {feed: inbox.cursor(feed) for feed in FEEDS}
        if taken == 0 and cursors == heads:
            return 0
        page = reader.page(cursors)
        if page.letters:
            inbox.take(page.letters)
            taken += len(page.letters)
        if not page.more:
            break
    return taken
