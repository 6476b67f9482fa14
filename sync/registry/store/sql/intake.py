"""Takes batches: one transaction each, right whatever of it was stored before."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sync.protocol.entries import Head, Link, own_epoch
from sync.protocol.errors import ProtocolError
from sync.registry.store.records import BatchResult, ForkError, GapError, Links, ParentError
from sync.registry.store.sql.database import Row, Session, StoreComponent, marks

_ROW = "node, epoch, number, type, id, hash, content, received_at"
_PLACE = "WHERE node = ? AND epoch = ? AND number = ?"
_UNIT = 4096
"""Bytes of an entry that count for one."""
_LONGEST = 200
"""Characters of a type or id that are indexed; the content keeps all of it."""


class Intake(StoreComponent):
    """Takes what nodes deliver.

    The node's row is locked first, so two batches of one node come one after the other, whichever
    worker has them; batches of different nodes touch no common row.
    """

    def accept(self, links: Links, now: str) -> BatchResult:
        """Store a checked batch in one transaction, whatever of it was stored before."""
        rows = [_row(link, content, hash_) for link, content, hash_ in links]
        try:
            return self._database.write(lambda session: _accept(session, links, rows, now))
        except _ForkAtError as fork:
            node, epoch, number = links[0][0].node, fork.epoch, fork.number
            self._database.write(lambda session: _alarm(session, node, epoch, number, "fork", now))
            raise

    def advance(self, links: Links, now: str) -> int:
        """Keep entries that were sent ahead of those before them."""
        rows = [(*_row(link, content, hash_), now) for link, content, hash_ in links]
        try:
            return self._database.write(lambda session: _advance(session, links, rows, now))
        except _ForkAtError as fork:
            node, epoch, number = links[0][0].node, fork.epoch, fork.number
            self._database.write(lambda session: _alarm(session, node, epoch, number, "fork", now))
            raise

    def heads(self, node: str) -> list[Head]:
        """Give the last link of every epoch of a node, in order of the epochs."""
        sql = "SELECT epoch, number, hash FROM head WHERE node = ? ORDER BY epoch"
        return [Head(*row) for row in self._rows(sql, node)]

    def heads_of(self, nodes: Sequence[str]) -> dict[str, list[Head]]:
        """Give the same of several nodes at once."""
        found: dict[str, list[Head]] = {}
        if nodes:
            sql = (
                f"SELECT node, epoch, number, hash FROM head WHERE node IN ({marks(len(nodes))})"
                " ORDER BY node, epoch"
            )
            for node, *head in self._rows(sql, *nodes):
                found.setdefault(node, []).append(Head(*head))
        return found

    def count(self, node: str) -> int:
        """Count a node's entries over all epochs."""
        rows = self._rows("SELECT entries FROM node WHERE node = ?", node)
        return int(rows[0][0]) if rows else 0

    def hash_at(self, node: str, epoch: str, number: int) -> str | None:
        """Give the hash of one entry, if it is held."""
        return self._database.read(lambda session: _hash_at(session, node, epoch, number))


class _ForkAtError(ForkError):
    def __init__(self, epoch: str, number: int) -> None:
        super().__init__(number)
        self.epoch = epoch


class _Told(msgspec.Struct):
    type: str = ""
    id: str = ""


_told = msgspec.json.Decoder(_Told)


def _row(link: Link, content: bytes, hash_: str) -> Row:
    """Make a row but for its last column, the instant it was received."""
    told = _told.decode(content)
    type_, id_ = (text[:_LONGEST].replace("\0", "") for text in (told.type, told.id))
    return (link.node, link.epoch, link.number, type_, id_, hash_, content.decode())


def _accept(session: Session, links: Links, rows: list[Row], now: str) -> BatchResult:
    first, (last, _, last_hash) = links[0][0], links[-1]
    node, epoch = first.node, first.epoch
    at = _hold(session, node) or now
    found = session.rows("SELECT number, hash FROM head WHERE node = ? AND epoch = ?", node, epoch)
    held = Head(epoch, *found[0]) if found else None
    _check_join(session, first, held)
    weight = sum(
        _weight(content) for link, content, _ in links if not held or link.number > held.number
    )
    new = session.load([(*row, at) for row in rows])
    if new < len(rows):
        _check_overlap(session, links)
    _come_in_place(session, links, now)
    if held is None:
        held = _begin(session, last, last_hash, first, now)
    elif last.number > held.number:
        held = _grow(session, last, last_hash, now)
    day = now[:10]
    ((count,),) = session.rows(
        "UPDATE node SET heard_at = ?, heard_hour = ?, entries = entries + ?,"
        " waiting = CASE WHEN waiting > ? THEN waiting - ? ELSE 0 END,"
        " today = CASE WHEN day = ? THEN today + ? ELSE ? END, day = ?"
        " WHERE node = ? RETURNING entries",
        *(now, now[:13], new, new, new, day, weight, weight, day, node),
    )
    return BatchResult(head=held, new=new, count=count)


def _hold(session: Session, node: str) -> str:
    """Hold a node's row until the transaction ends; give the moment by the server's clock."""
    rows = session.rows(f"SELECT {session.instant} FROM node WHERE node = ?{session.lock}", node)
    if not rows:
        raise ProtocolError("node.unknown", "This node is not enrolled here.")
    return str(rows[0][0])


def _weight(content: bytes) -> int:
    """What an entry counts for in its node's day: long ones must not go in for nothing."""
    return 1 + len(content) // _UNIT


def _advance(session: Session, links: Links, rows: list[Row], now: str) -> int:
    """Keep what was sent ahead; two contents for one place are an alarm, and both are kept.

    They cannot wait, so neither is: a revocation too many is put right, one too few is not seen.
    """
    _hold(session, links[0][0].node)
    new = weight = 0
    for (link, content, hash_), row in zip(links, rows, strict=True):
        place = (link.node, link.epoch, link.number)
        held = _hash_at(session, *place)
        if held not in (None, hash_):
            raise _ForkAtError(link.epoch, link.number)
        if held is not None:
            continue
        added = session.run(
            f"INSERT INTO advance ({_ROW}) VALUES ({marks(len(row))})"
            " ON CONFLICT (node, epoch, number, hash) DO NOTHING",
            *row,
        )
        if added and len(session.rows(f"SELECT 1 FROM advance {_PLACE}", *place)) > 1:
            _alarm(session, *place, "fork", now)
        new, weight = new + added, weight + added * _weight(content)
    day = now[:10]
    session.run(
        "UPDATE node SET today = CASE WHEN day = ? THEN today + ? ELSE ? END, day = ?"
        " WHERE node = ?",
        *(day, weight, weight, day, links[0][0].node),
    )
    return new


def _come_in_place(session: Session, links: Links, now: str) -> None:
    """Let go of what was sent ahead and has come now; another content is an alarm, and stays."""
    first, last = links[0][0], links[-1][0]
    epoch = own_epoch(first.epoch)
    ahead = session.rows(
        "SELECT number, hash FROM advance WHERE node = ? AND epoch = ? AND number BETWEEN ? AND ?",
        *(first.node, epoch, first.number, last.number),
    )
    for number, hash_ in ahead:
        place = (first.node, epoch, number)
        if links[number - first.number][2] == hash_:
            session.run(f"DELETE FROM advance {_PLACE} AND hash = ?", *place, hash_)
        elif epoch == first.epoch:
            _alarm(session, *place, "fork", now)


def _check_join(session: Session, first: Link, held: Head | None) -> None:
    """The first entry must follow an entry that is held, of the hash it names."""
    number = held.number if held else 0
    branches = first.parent is not None and first.number > 1
    if first.number > number + 1 and not (branches and held is None):
        raise GapError(number)
    own = _hash_at(session, first.node, first.epoch, first.number - 1)
    if first.parent is not None and first.number > 1 and own is None:
        before = first.parent
    elif first.number > 1:
        before = Head(first.epoch, first.number - 1, first.previous)
    elif first.parent is not None and held is None:
        before = first.parent
    else:
        return
    hash_ = _hash_at(session, first.node, before.epoch, before.number)
    if hash_ == before.hash or _on_a_branch(session, first.node, before):
        return
    if hash_ is None:
        raise ParentError
    raise _ForkAtError(before.epoch, before.number)


def _on_a_branch(session: Session, node: str, head: Head) -> bool:
    """Say whether an entry is held on a branch of its epoch (``~`` comes behind every digit)."""
    rows = session.rows(
        "SELECT 1 FROM entry WHERE node = ? AND epoch >= ? AND epoch < ? AND number = ?"
        " AND hash = ?",
        *(node, f"{head.epoch}~", f"{head.epoch}~~", head.number, head.hash),
    )
    return bool(rows)


def _check_overlap(session: Session, links: Links) -> None:
    """Fewer went in than came: those that were there must be the same ones."""
    first, last = links[0][0], links[-1][0]
    held: dict[int, str] = dict(
        session.rows(
            "SELECT number, hash FROM entry WHERE node = ? AND epoch = ?"
            " AND number BETWEEN ? AND ?",
            *(first.node, first.epoch, first.number, last.number),
        )
    )
    for link, _, hash_ in links:
        if held[link.number] != hash_:
            raise _ForkAtError(link.epoch, link.number)


def _begin(session: Session, last: Link, hash_: str, first: Link, now: str) -> Head:
    """Write an epoch's first head; another successor of its parent is an alarm."""
    node, epoch, parent = first.node, first.epoch, first.parent or Head("", 0, "")
    twins = session.rows(
        "SELECT epoch FROM head WHERE node = ? AND"
        " (parent_epoch = ? AND parent_number = ? OR epoch = ? AND number > ?)",
        *(node, parent.epoch, parent.number, parent.epoch, parent.number),
    )
    session.run(
        "INSERT INTO head (node, epoch, number, hash, parent_epoch, parent_number, judged, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(node, epoch, last.number, hash_, parent.epoch, parent.number, first.number - 1, now),
    )
    if own_epoch(epoch) != epoch:
        _alarm(session, node, own_epoch(epoch), first.number, "fork", now)
    elif twins:
        _alarm(session, node, epoch, 1, "siblings", now)
    return Head(epoch, last.number, hash_)


def _grow(session: Session, last: Link, hash_: str, now: str) -> Head:
    """Move an epoch's head; growing on behind an entry that another epoch follows is an alarm."""
    session.run(
        "UPDATE head SET number = ?, hash = ?, at = ? WHERE node = ? AND epoch = ?",
        *(last.number, hash_, now, last.node, last.epoch),
    )
    for (younger,) in session.rows(
        "SELECT epoch FROM head WHERE node = ? AND parent_epoch = ? AND parent_number < ?",
        *(last.node, last.epoch, last.number),
    ):
        if own_epoch(younger) == younger:
            _alarm(session, last.node, younger, 1, "siblings", now)
    return Head(last.epoch, last.number, hash_)


def _hash_at(session: Session, node: str, epoch: str, number: int) -> str | None:
    rows = session.rows(
        "SELECT hash FROM entry WHERE node = ? AND epoch = ? AND number = ?", node, epoch, number
    )
    return str(rows[0][0]) if rows else None


def _alarm(session: Session, node: str, epoch: str, number: int, kind: str, now: str) -> None:
    new = session.run(
        "INSERT INTO alarm (node, epoch, number, kind, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (node, epoch, number, kind) DO NOTHING",
        *(node, epoch, number, kind, now),
    )
    session.run("UPDATE node SET alarms = alarms + ? WHERE node = ?", new, node)
