"""Gives out what was delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.registry.store.records import Cursor, Place, StoredEntry
from sync.registry.store.sql.database import ENTRY, Session, StoreComponent, marks, page

_AT_ONCE = 1000
"""Keys or places asked for in one statement."""
_ANY = 2**53
_BARE = ENTRY.replace("content", "'' AS content")


class Reading(StoreComponent):
    """Gives out what was delivered."""

    def entries(
        self, node: str, epoch: str, after: int, limit: int, size: int = _ANY
    ) -> list[StoredEntry]:
        """Give an epoch's entries behind a number: no more behind the one that fills ``size``."""
        rows = self._rows(
            page(ENTRY, "entry", "content", "node = ? AND epoch = ? AND number > ?", "number"),
            *(node, epoch, after, limit, size),
        )
        return [StoredEntry(*row) for row in rows]

    def latest(self, limit: int) -> list[StoredEntry]:
        """Give the newest entries of the nodes heard last without content, newest first."""
        return self._database.read(lambda session: _latest(session, limit))

    def received(self, type_: str, after: Cursor, until: str, limit: int) -> list[StoredEntry]:
        """Give what was received of a type behind a place and before an instant, oldest first.

        Nothing is given that something could still come in front of. Reads one page of the index
        ``entry_type``.
        """
        until = min(until, self._database.settled() or until)
        rows = self._rows(
            f"SELECT {ENTRY} FROM entry WHERE type = ? AND received_at < ?"
            " AND (received_at, node, epoch, number) > (?, ?, ?, ?)"
            " ORDER BY received_at, node, epoch, number LIMIT ?",
            *(type_, until, after.at, after.node, after.epoch, after.number, limit),
        )
        return [StoredEntry(*row) for row in rows]

    def of_type(self, type_: str, after: Place = ("", "", 0)) -> Iterator[StoredEntry]:
        """Give every entry of a type, of all nodes, in order of their places, behind one."""
        sql = (
            f"SELECT {ENTRY} FROM entry WHERE type = ? AND (node, epoch, number) > (?, ?, ?)"
            f" UNION ALL SELECT {ENTRY} FROM advance AS one"
            " WHERE type = ? AND (node, epoch, number) > (?, ?, ?) AND NOT EXISTS"
            " (SELECT 1 FROM entry WHERE node = one.node"
            " AND epoch = one.epoch AND number = one.number AND hash = one.hash) ORDER BY 1, 2, 3"
        )
        for row in self._database.stream(sql, type_, *after, type_, *after):
            yield StoredEntry(*row)

    def of_node(self, node: str, type_: str) -> Iterator[StoredEntry]:
        """Give every entry of a node and a type, in no order; what was sent ahead perhaps twice."""
        rows = self._database.stream(
            f"SELECT {ENTRY} FROM entry WHERE type = ? AND node = ?"
            f" UNION ALL SELECT {ENTRY} FROM advance WHERE type = ? AND node = ?",
            *(type_, node, type_, node),
        )
        for row in rows:
            yield StoredEntry(*row)

    def mentions(
        self,
        keys: Sequence[str],
        limit: int = 1000,
        after: Place = ("", "", 0),
        size: int = _ANY,
        each: int = _ANY,
    ) -> list[StoredEntry]:
        """Give the entries that speak of any of the keys, each once, in order of their places.

        In two steps: keys and entries are spread by different columns, so a join would cross.
        """
        places: set[Place] = set()
        for begin in range(0, len(keys), _AT_ONCE):
            some = keys[begin : begin + _AT_ONCE]
            places.update(
                (node, epoch, number)
                for node, epoch, number in self._rows(
                    f"SELECT DISTINCT node, epoch, number FROM {_spoken(len(some), each)}"
                    " WHERE (node, epoch, number) > (?, ?, ?)"
                    " ORDER BY node, epoch, number LIMIT ?",
                    *(*some, *after, limit),
                )
            )
        return self._at(sorted(places)[:limit], size)

    def newest_mentions(self, key: str, count: int) -> list[StoredEntry]:
        """Give the entries that speak of a key and came in last, of all epochs, newest first."""
        newest = self._rows(
            "SELECT node, epoch, number FROM (SELECT node, epoch, number, row_number() OVER"
            " (PARTITION BY node, epoch ORDER BY number DESC) AS place FROM mention WHERE key = ?)"
            " AS counted WHERE place <= ? LIMIT ?",
            *(key, count, _AT_ONCE),
        )
        if not newest:
            return []
        listed = ", ".join(["(?, ?, ?)"] * len(newest))
        rows = self._rows(
            f"SELECT {ENTRY} FROM entry WHERE (node, epoch, number) IN (VALUES {listed})"
            " ORDER BY received_at DESC, number DESC LIMIT ?",
            *(value for place in newest for value in place),
            count,
        )
        return [StoredEntry(*row) for row in rows]

    def mentioned(self, keys: Sequence[str]) -> set[str]:
        """Give those of the keys that any entry speaks of."""
        found: set[str] = set()
        for begin in range(0, len(keys), _AT_ONCE):
            some = keys[begin : begin + _AT_ONCE]
            sql = f"SELECT DISTINCT key FROM mention WHERE key IN ({marks(len(some))})"
            found.update(str(key) for (key,) in self._rows(sql, *some))
        return found

    def _at(self, places: Sequence[Place], size: int) -> list[StoredEntry]:
        found: list[StoredEntry] = []
        for begin in range(0, len(places), _AT_ONCE):
            some = places[begin : begin + _AT_ONCE]
            listed = ", ".join(["(?, ?, ?)"] * len(some))
            rows = self._rows(
                page(
                    ENTRY,
                    "entry",
                    "content",
                    f"(node, epoch, number) IN (VALUES {listed})",
                    "node, epoch, number",
                ),
                *(value for place in some for value in place),
                *(_AT_ONCE, size),
            )
            read = [StoredEntry(*row) for row in rows]
            found += read
            size -= sum(len(entry.content) for entry in read)
            if size <= 0:
                break
        return found


def _spoken(keys: int, each: int) -> str:
    """Write what speaks of so many keys, or of each node the ``each`` highest numbers of a key."""
    found = f"mention WHERE key IN ({marks(keys)})"
    if each == _ANY:
        return f"(SELECT node, epoch, number FROM {found}) AS spoken"
    return (
        "(SELECT node, epoch, number FROM (SELECT node, epoch, number, row_number() OVER"
        f" (PARTITION BY key, node ORDER BY number DESC, epoch) AS place FROM {found}) AS counted"
        f" WHERE place <= {each:d}) AS spoken"
    )


def _latest(session: Session, limit: int) -> list[StoredEntry]:
    # Of the nodes of the last hours only a bounded number is looked at, by their index.
    heard = session.rows(
        "SELECT node FROM (SELECT node, heard_at FROM node WHERE entries > 0"
        " ORDER BY heard_hour DESC, node DESC LIMIT ?) AS recent ORDER BY heard_at DESC LIMIT ?",
        *(_AT_ONCE, limit),
    )
    if not heard:
        return []
    heads = session.rows(
        f"SELECT node, epoch, number FROM head WHERE node IN ({marks(len(heard))})"
        " ORDER BY at DESC, node, epoch LIMIT ?",
        *(*(node for (node,) in heard), limit),
    )
    found = [
        StoredEntry(*row)
        for node, epoch, number in heads
        for row in session.rows(
            f"SELECT {_BARE} FROM entry WHERE node = ? AND epoch = ? AND number > ?"
            " ORDER BY number DESC",
            *(node, epoch, number - limit),
        )
    ]
    found.sort(key=lambda one: (one.received_at, one.number), reverse=True)
    return found[:limit]
