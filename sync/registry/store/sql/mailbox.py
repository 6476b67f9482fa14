"""Keeps letters, numbered in each feed without gaps."""

from __future__ import annotations

from sync.registry.store.records import Letter
from sync.registry.store.sql.database import Session, StoreComponent, page

_LETTER = "feed, number, id, kind, body, at"


class Mailbox(StoreComponent):
    """Keeps what the nation tells the nodes."""

    def post(self, feed: str, kind: str, id_: str, body: str, now: str) -> Letter:
        """Add a letter to a feed; the same id again gives the letter there is."""
        letter = Letter(feed, 0, id_, kind, body, now)
        return self._database.write(lambda session: add(session, letter))

    def letters(self, feed: str, after: int, limit: int, size: int = 2**53) -> list[Letter]:
        """Give a feed's letters behind a number: no more behind the one that fills ``size``."""
        rows = self._rows(
            page(_LETTER, "letter", "body", "feed = ? AND number > ?", "number"),
            *(feed, after, limit, size),
        )
        return [Letter(*row) for row in rows]

    def letter(self, feed: str, number: int) -> Letter | None:
        """Find one letter."""
        rows = self._rows(
            f"SELECT {_LETTER} FROM letter WHERE feed = ? AND number = ?", feed, number
        )
        return Letter(*rows[0]) if rows else None

    def letters_of_kind(self, feed: str, kind: str, after: int, limit: int) -> list[Letter]:
        """Give a feed's letters of a kind behind a number, the newest first."""
        rows = self._rows(
            f"SELECT {_LETTER} FROM letter WHERE feed = ? AND kind = ? AND number > ?"
            " ORDER BY number DESC LIMIT ?",
            *(feed, kind, after, limit),
        )
        return [Letter(*row) for row in rows]

    def last_letter(self, feed: str) -> Letter | None:
        """Give a feed's newest letter."""
        rows = self._rows(
            f"SELECT {_LETTER} FROM letter WHERE feed = ? ORDER BY number DESC LIMIT 1", feed
        )
        return Letter(*rows[0]) if rows else None


def add(session: Session, letter: Letter) -> Letter:
    """Give a letter the next number of its feed, unless its id is there.

    The feed's row is held until the transaction ends: a sequence would leave gaps, and a number
    could be seen before the one in front of it.
    """
    feed = letter.feed
    session.run("INSERT INTO feed (feed, last) VALUES (?, 0) ON CONFLICT (feed) DO NOTHING", feed)
    ((last,),) = session.rows(f"SELECT last FROM feed WHERE feed = ?{session.lock}", feed)
    there = session.rows(f"SELECT {_LETTER} FROM letter WHERE feed = ? AND id = ?", feed, letter.id)
    if there:
        return Letter(*there[0])
    session.run(
        f"INSERT INTO letter ({_LETTER}) VALUES (?, ?, ?, ?, ?, ?)",
        *(feed, last + 1, letter.id, letter.kind, letter.body, letter.at),
    )
    session.run("UPDATE feed SET last = ? WHERE feed = ?", last + 1, feed)
    return Letter(feed, last + 1, letter.id, letter.kind, letter.body, letter.at)
