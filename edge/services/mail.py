"""Takes the nation's letters: each kind has its handler, and a kind not known is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from edge.domain.errors import EdgeError
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from sync.letters import Letter
from sync.states import FeedHead

if TYPE_CHECKING:
    from sqlite_utils import Database

Handler = Callable[[Unit, Letter], None]
"""Does what a letter says, inside the unit of work that moves the cursor; twice is as once."""

Prepare = Callable[[Letter], Handler]
"""Does what comes before that unit, twice as once, and gives the rest; raises :class:`EdgeError`
for a letter that cannot be taken here."""

_TROUBLE = "letter.trouble."


@dataclass(frozen=True, slots=True)
class LetterTrouble:
    """The last letter of a kind that could not be taken: a sentence template with its values.

    ``detail`` is what is told beside it, in English; ``at`` when the letter was written.
    """

    kind: str
    at: str
    sentence: str
    values: Mapping[str, Any]
    detail: str = ""


class SiteMail:
    """What this site was told; ``handlers`` and ``prepared`` by the kind of letter.

    ``after`` is told the kinds that were taken, once they are on the disk.
    """

    def __init__(
        self,
        journal: Journal,
        handlers: Mapping[str, Handler],
        prepared: Mapping[str, Prepare] | None = None,
        after: Callable[[frozenset[str]], None] = lambda _: None,
    ) -> None:
        self._journal = journal
        self._handlers = handlers
        self._prepared = prepared or {}
        self._after = after

    def cursor(self, feed: str) -> FeedHead:
        """Give the last letter taken of a feed."""
        with self._journal.reading() as db:
            row = db.execute("SELECT number, id FROM mail WHERE feed = ?", (feed,)).fetchone()
        return FeedHead(*row) if row else FeedHead()

    def take(self, letters: Sequence[Letter]) -> None:
        """Do what the letters say, in order; the cursor moves with them, in the same step.

        A letter that must be prepared is a step of its own, for it may need what those in front
        of it have changed; letters between such are one.
        """
        for _, group in groupby(enumerate(letters), key=self._step_of):
            self._step([(letter, self._handler(letter)) for _, letter in group])

    def _step_of(self, place: tuple[int, Letter]) -> int:
        return place[0] if place[1].kind in self._prepared else -1

    def _step(self, handled: Sequence[tuple[Letter, Handler]]) -> None:
        def work(unit: Unit) -> None:
            for letter, handler in handled:
                handler(unit, letter)
            last = handled[-1][0]
            unit.db.execute(
                "INSERT OR REPLACE INTO mail (feed, number, id) VALUES (?, ?, ?)",
                (last.feed, last.number, last.id),
            )

        self._journal.run(work)
        self._after(frozenset(letter.kind for letter, _ in handled))

    def _handler(self, letter: Letter) -> Handler:
        prepare = self._prepared.get(letter.kind)
        if prepare is None:
            return self._handlers.get(letter.kind, keep)
        try:
            handler = prepare(letter)
        except EdgeError as error:
            return _refused(error)

        def taken(unit: Unit, letter: Letter) -> None:
            handler(unit, letter)
            tell(unit, letter.kind, None)

        return taken


def _refused(error: EdgeError) -> Handler:
    """Keep a letter aside that cannot be taken, and say so; those behind it are taken."""
    mistakes = getattr(error, "mistakes", ())
    detail = str(mistakes[0]) if mistakes else ""

    def refuse(unit: Unit, letter: Letter) -> None:
        keep(unit, letter)
        values = {name: str(value) for name, value in error.values.items()}
        tell(
            unit,
            letter.kind,
            LetterTrouble(letter.kind, letter.at, error.sentence, values, detail),
        )

    return refuse


def tell(unit: Unit, kind: str, trouble: LetterTrouble | None) -> None:
    """Remember what is wrong with the last letter of a kind, or that nothing is."""
    name = _TROUBLE + kind
    unit.db.execute("DELETE FROM setting WHERE name = ?", (name,))
    if trouble is not None:
        told = [trouble.at, trouble.sentence, dict(trouble.values), trouble.detail]
        unit.db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)",
            (name, json.dumps(told, ensure_ascii=False)),
        )


def troubles(db: Database) -> tuple[LetterTrouble, ...]:
    """Give what is wrong with the last letter of each kind."""
    rows = db.execute(
        "SELECT substr(name, ?), value FROM setting WHERE name LIKE ? ORDER BY name",
        (len(_TROUBLE) + 1, _TROUBLE + "%"),
    ).fetchall()
    return tuple(LetterTrouble(kind, *json.loads(value)) for kind, value in rows)


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
