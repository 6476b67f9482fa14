"""Remembers what the national record makes of each entry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sync.registry.store.records import Letter, Mention, PendingStretch, Place, StoredEntry, Verdict
from sync.registry.store.sql import mailbox
from sync.registry.store.sql.database import ENTRY, Session, StoreComponent

_AT_ONCE = 1000
"""Places asked for in one statement."""
_VERDICT = "node, epoch, number, state, id, field, sentence, waits"


class Judging(StoreComponent):
    """Remembers what the national record makes of each entry."""

    def to_judge(self, limit: int) -> list[PendingStretch]:
        """Give stretches that are held but not judged, those that have waited longest first."""
        rows = self._rows(
            "SELECT node, epoch, judged, number FROM head WHERE judged < number"
            " ORDER BY at, node, epoch LIMIT ?",
            limit,
        )
        return [PendingStretch(*row) for row in rows]

    def claim(self, limit: int, now: str, until: str) -> list[PendingStretch]:
        """Give stretches that nobody else has claimed, and claim them until an instant."""
        if not self.to_judge(1):  # most of the time: nothing is written for it
            return []
        return self._database.write(lambda session: _claim(session, limit, now, until))

    def settle(
        self,
        stretch: PendingStretch,
        verdicts: Sequence[Verdict],
        mentions: Sequence[Mention],
        letters: Sequence[Letter],
        now: str,
        claimed_until: str = "",
    ) -> bool:
        """Record what judging a stretch came to, whole, and that it is judged through its end.

        The end may lie before the end of what is held: a long stretch can be taken in pieces.
        """
        dated = [replace(letter, at=letter.at or now) for letter in letters]
        return self._database.write(
            lambda session: (
                _moved(session, stretch, claimed_until)
                and _settle(session, verdicts, mentions, dated, now)
            )
        )

    def revise(self, verdict: Verdict, before: str, letters: Sequence[Letter], now: str) -> bool:
        """Change a verdict of the state ``before`` and post letters, in one transaction."""
        dated = [replace(letter, at=letter.at or now) for letter in letters]
        return self._database.write(lambda session: _revise(session, verdict, before, dated, now))

    def verdicts(
        self, node: str, state: str = "", limit: int = 1000, after: tuple[str, int] = ("", 0)
    ) -> list[Verdict]:
        """Give a node's verdicts behind a place (epoch, number), of one state or all, in order."""
        rows = self._rows(
            f"SELECT {_VERDICT} FROM verdict WHERE node = ? AND (epoch, number) > (?, ?)"
            f"{' AND state = ?' if state else ''} ORDER BY epoch, number LIMIT ?",
            *(node, *after, *([state] if state else []), limit),
        )
        return [Verdict(*row) for row in rows]

    def rejected(self, places: Collection[Place]) -> set[Place]:
        """Give those of the places whose entries are rejected."""
        found: set[Place] = set()
        wanted = sorted(places)
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            listed = ", ".join(["(?, ?, ?)"] * len(some))
            rows = self._rows(
                "SELECT node, epoch, number FROM verdict WHERE state = 'rejected'"
                f" AND (node, epoch, number) IN (VALUES {listed})",
                *(value for place in some for value in place),
            )
            found.update((node, epoch, number) for node, epoch, number in rows)
        return found

    def judged(self, node: str, epoch: str) -> int:
        """Give the number through which an epoch is judged; 0 for one that is not known."""
        sql = "SELECT judged FROM head WHERE node = ? AND epoch = ?"
        return sum(number for (number,) in self._rows(sql, node, epoch))

    def unjudged(self, node: str) -> int:
        """Count a node's entries that are held and not judged yet."""
        sql = "SELECT number - judged FROM head WHERE node = ? AND judged < number"
        return sum(count for (count,) in self._rows(sql, node))

    def needing_attention(
        self, node: str, limit: int, after: tuple[str, str, int] | None = None
    ) -> list[tuple[str, Verdict]]:
        """Give what is rejected or held of a node with when it was received, newest first."""
        columns = ", ".join(f"verdict.{name}" for name in _VERDICT.split(", "))
        place = "entry.received_at, entry.epoch, entry.number"
        rows = self._rows(
            f"SELECT entry.received_at, {columns} FROM verdict JOIN entry"
            " ON entry.node = verdict.node AND entry.epoch = verdict.epoch"
            " AND entry.number = verdict.number"
            " WHERE verdict.node = ? AND verdict.state IN ('rejected', 'held')"
            f"{f' AND ({place}) < (?, ?, ?)' if after else ''} ORDER BY"
            " entry.received_at DESC, entry.epoch DESC, entry.number DESC LIMIT ?",
            *(node, *(after or ()), limit),
        )
        return [(at, Verdict(*row)) for at, *row in rows]

    def locate(self, node: str, id_: str) -> StoredEntry | None:
        """Find a node's entry by its id, among those judged; the first received, if several."""
        columns = ", ".join(f"entry.{name}" for name in ENTRY.split(", "))
        rows = self._rows(
            f"SELECT {columns} FROM entry JOIN head"
            " ON head.node = entry.node AND head.epoch = entry.epoch"
            " WHERE entry.node = ? AND entry.id = ? AND entry.number <= head.judged"
            " ORDER BY entry.received_at, entry.epoch, entry.number LIMIT 1",
            *(node, id_),
        )
        return StoredEntry(*rows[0]) if rows else None


def _claim(session: Session, limit: int, now: str, until: str) -> list[PendingStretch]:
    rows = session.rows(
        "SELECT node, epoch, judged, number FROM head WHERE judged < number AND claimed_until <= ?"
        f" ORDER BY at, node, epoch LIMIT ?{session.lock_free}",
        *(now, limit),
    )
    session.many(
        "UPDATE head SET claimed_until = ? WHERE node = ? AND epoch = ?",
        [(until, node, epoch) for node, epoch, *_ in rows],
    )
    return [PendingStretch(*row) for row in rows]


def _moved(session: Session, stretch: PendingStretch, claimed_until: str) -> bool:
    """Move the mark of what is judged, if nobody else has."""
    moved = stretch.through > stretch.after and session.run(
        "UPDATE head SET judged = ?, claimed_until = ?"
        " WHERE node = ? AND epoch = ? AND judged = ? AND number >= ?",
        *(stretch.through, claimed_until),
        *(stretch.node, stretch.epoch, stretch.after, stretch.through),
    )
    return bool(moved)


def _settle(
    session: Session,
    verdicts: Sequence[Verdict],
    mentions: Sequence[Mention],
    letters: Sequence[Letter],
    now: str,
) -> bool:
    session.many(
        f"INSERT INTO verdict ({_VERDICT}, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {_at(session)})"
        " ON CONFLICT (node, epoch, number) DO UPDATE SET state = excluded.state,"
        " id = excluded.id, field = excluded.field, sentence = excluded.sentence,"
        " waits = excluded.waits, at = excluded.at",
        sorted(
            (
                (v.node, v.epoch, v.number, v.state, v.id, v.field, v.sentence, v.waits, now)
                for v in verdicts
            ),
            key=lambda row: row[:3],
        ),
    )
    session.many(
        "INSERT INTO mention (key, node, epoch, number) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (key, node, epoch, number) DO NOTHING",
        sorted((m.key, m.node, m.epoch, m.number) for m in mentions),
    )
    _post(session, letters)
    return True


def _revise(
    session: Session, verdict: Verdict, before: str, letters: Sequence[Letter], now: str
) -> bool:
    changed = session.run(
        f"UPDATE verdict SET state = ?, field = ?, sentence = ?, waits = ?, at = {_at(session)}"
        " WHERE node = ? AND epoch = ? AND number = ? AND state = ?"
        " AND NOT (state = ? AND field = ? AND sentence = ? AND waits = ?)",
        *(verdict.state, verdict.field, verdict.sentence, verdict.waits, now),
        *(verdict.node, verdict.epoch, verdict.number, before),
        *(verdict.state, verdict.field, verdict.sentence, verdict.waits),
    )
    if not changed:
        return False
    _post(session, letters)
    return True


def _at(session: Session) -> str:
    """Write the instant of a verdict: the server's where it has a clock, else a parameter's."""
    return f"coalesce(nullif({session.instant}, ''), ?)"


def _post(session: Session, letters: Sequence[Letter]) -> None:
    # Everybody takes the feeds in one order, so that two of them never wait for each other.
    for letter in sorted(letters, key=lambda one: one.feed):
        mailbox.add(session, letter)
