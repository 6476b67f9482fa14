"""Gives out what was received and judged, and every later verdict, in the order they happened."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge

from sync.registry.store.records import (
    Cursor,
    EntryChange,
    EntryQuery,
    StoredEntry,
    StoreStatus,
    Verdict,
)
from sync.registry.store.sql.database import Row, Session, StoreComponent, marks

_ANY = 2**53
_AT_ONCE = 1000
"""Places asked for in one statement."""
_COLUMNS = (
    "entry.node, entry.epoch, entry.number, entry.type, entry.hash, entry.content,"
    " entry.received_at, verdict.state, verdict.id, verdict.field, verdict.sentence, verdict.waits"
)
_SAME = (
    " ON verdict.node = entry.node AND verdict.epoch = entry.epoch"
    " AND verdict.number = entry.number"
)
_STORED = "stored"


class Changes(StoreComponent):
    """Gives out what was received and judged, and every later verdict, in their order."""

    def changes(
        self, after: Cursor, until: str, limit: int, wanted: EntryQuery, size: int = _ANY
    ) -> list[EntryChange]:
        """Give what happened behind a place and before an instant, oldest first.

        An entry comes once for its arrival and once for its latest verdict, each time as it is
        now. Nothing is given that something could still come in front of: nothing younger than
        what is still being written, or than the oldest entry that is not judged.
        """
        until = min(until, self._database.settled() or until)
        return self._database.read(
            lambda session: _changes(session, after, until, limit, wanted, size)
        )

    def counts(self) -> StoreStatus:
        """Count what is held, and what is to be judged."""
        return self._database.read(_counts)


def _counts(session: Session) -> StoreStatus:
    nodes = session.rows(
        "SELECT state, count(*), sum(entries), sum(waiting) FROM node GROUP BY state"
    )
    verdicts = session.rows("SELECT state, count(*) FROM verdict GROUP BY state")
    ((unjudged,),) = session.rows(
        "SELECT coalesce(sum(number - judged), 0) FROM head WHERE judged < number"
    )
    return StoreStatus(
        nodes={state: count for state, count, *_ in nodes},
        verdicts=dict(verdicts),
        entries=sum(int(entries) for _, _, entries, _ in nodes),
        waiting=sum(int(waiting) for *_, waiting in nodes),
        unjudged=int(unjudged),
        oldest_unjudged=min(_unjudged(session), default=""),
    )


def _changes(
    session: Session, after: Cursor, until: str, limit: int, wanted: EntryQuery, size: int
) -> list[EntryChange]:
    until = min([until, *_unjudged(session)])
    bounds = (until, after.at, after.node, after.epoch, after.number, limit)
    sources = [session.rows(sql, *parameters, *bounds) for sql, parameters in _sources(wanted)]
    found: list[Cursor] = []
    for at, node, epoch, number, length in merge(*sources):
        place = Cursor(at, node, epoch, number)
        if found and place == found[-1]:  # judged in the instant in which it was received
            continue
        if len(found) == limit or size <= 0:
            break
        found.append(place)
        size -= length
    return _read(session, found)


def _unjudged(session: Session) -> list[str]:
    """Give when the oldest entry that is not judged was received, if there is any."""
    rows = session.rows(
        "SELECT min(entry.received_at) FROM head JOIN entry ON entry.node = head.node"
        " AND entry.epoch = head.epoch AND entry.number = head.judged + 1"
        " WHERE head.judged < head.number"
    )
    return [at for (at,) in rows if at is not None]


def _sources(wanted: EntryQuery) -> list[tuple[str, tuple[str, ...]]]:
    """Write the questions whose answers, merged, are the page: each reads one stretch of an index.

    Entries have one by their node and one by their type, verdicts one by their instant and one by
    their state. The parameters behind those given are the bounds of :func:`_changes`.
    """
    found = []
    if not wanted.states or _STORED in wanted.states:
        column, values = ("node", wanted.nodes) if wanted.nodes else ("type", wanted.types)
        of_type, types = _in("entry.type", wanted.types if wanted.nodes else ())
        of_state, states = _in(f"coalesce(verdict.state, '{_STORED}')", wanted.states)
        join = f" LEFT JOIN verdict{_SAME}" if wanted.states else ""
        for value in values:
            sql = _source(
                "entry.received_at", f"entry{join}", f"entry.{column} = ?{of_type}{of_state}"
            )
            found.append((sql, (value, *types, *states)))
    of_node, nodes = _in("verdict.node", wanted.nodes)
    of_type, types = _in("entry.type", wanted.types)
    table = f"verdict JOIN entry{_SAME}"
    for state in wanted.states or ("",):
        own = "verdict.state = ?" if state else "verdict.at > ''"
        sql = _source("verdict.at", table, f"{own}{of_node}{of_type}")
        found.append((sql, (*([state] if state else []), *nodes, *types)))
    return found


def _source(at: str, table: str, where: str) -> str:
    owner = at.partition(".")[0]
    order = f"{at}, {owner}.node, {owner}.epoch, {owner}.number"
    return (
        f"SELECT {order}, length(entry.content) FROM {table} WHERE {where} AND {at} < ?"
        f" AND ({order}) > (?, ?, ?, ?) ORDER BY {order} LIMIT ?"
    )


def _in(column: str, values: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Write that a column has one of the values, if there are any."""
    return (f" AND {column} IN ({marks(len(values))})" if values else "", tuple(values))


def _read(session: Session, places: Sequence[Cursor]) -> list[EntryChange]:
    """Read entries by their places, with their verdicts, in the order given."""
    rows: dict[Row, Row] = {}
    for begin in range(0, len(places), _AT_ONCE):
        some = places[begin : begin + _AT_ONCE]
        listed = ", ".join(["(?, ?, ?)"] * len(some))
        sql = (
            f"SELECT {_COLUMNS} FROM entry LEFT JOIN verdict{_SAME}"
            f" WHERE (entry.node, entry.epoch, entry.number) IN (VALUES {listed})"
        )
        values = [value for place in some for value in (place.node, place.epoch, place.number)]
        rows |= {row[:3]: row for row in session.rows(sql, *values)}
    return [_judged(place, rows[place.node, place.epoch, place.number]) for place in places]


def _judged(place: Cursor, row: Row) -> EntryChange:
    state = row[7]
    verdict = Verdict(*row[:3], *row[7:]) if state is not None else None
    return EntryChange(StoredEntry(*row[:7]), place, verdict)
