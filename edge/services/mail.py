"""Takes the nation's letters: each kind has its handler, and a kind not known is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from edge.journal.journal import Journal
from edge.journal.unit import Unit
from sync.letters import Letter
from sync.states import FeedHead

Handler = Callable[[Unit, Letter], None]
"""Does what a letter says, inside the unit of work that moves the cursor; twice is as once."""


class SiteMail:
    """What this site was told; ``handlers`` by the kind of letter."""

    def __init__(self, journal: Journal, handlers: Mapping[str, Handler]) -> None:
        self._journal = journal
        self._handlers = handlers

    def cursor(self, feed: str) -> FeedHead:
        """Give the last letter taken of a feed."""
        with self._journal.reading() as db:
            row = db.execute("SELECT number, id FROM mail WHERE feed = ?", (feed,)).fetchone()
        return FeedHead(*row) if row else FeedHead()

    def take(self, letters: Sequence[Letter]) -> None:
        """Do what the letters say and move the cursor: all of it, or none."""

        def work(unit: Unit) -> None:
            for letter in letters:
                self._handlers.get(letter.kind, keep)(unit, letter)
            last = letters[-1]
            unit.db.execute(
                "INSERT OR REPLACE INTO mail (feed, number, id) VALUES (?, ?, ?)",
                (last.feed, last.number, last.id),
            )

        self._journal.run(work)


def keep(unit: Unit, letter: Letter) -> None:
    """Keep a letter for newer software."""
    body = json.dumps(letter.body, ensure_ascii=False)
    unit.db.execute(
        "INSERT OR REPLACE INTO letter (feed, number, kind, body, at) VALUES (?, ?, ?, ?, ?)",
        (letter.feed, letter.number, letter.kind, body, letter.at),
    )


def take_verdict(unit: Unit, letter: Letter) -> None:
    """Keep what the registry makes of an entry, while it is anything but stored."""
    body = letter.body
    state = str(body.get("state", ""))
    entry = str(body.get("entry", ""))
    unit.db.execute("DELETE FROM attention WHERE entry = ?", (entry,))
    if state in ("rejected", "held"):
        told = [str(body.get(name, "")) for name in ("field", "sentence", "waits")]
        unit.db.execute(
            "INSERT INTO attention (entry, state, field, sentence, waits, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (entry, state, *told, letter.at),
        )
