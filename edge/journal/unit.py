"""A unit of work: what happens together, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from edge.journal.entry import Entry
from edge.journal.projections import project
from sync.protocol.entries import GENESIS, Head, Link, canonical, chain_hash, check_shape, linked
from sync.protocol.instants import instant

if TYPE_CHECKING:
    from sqlite_utils import Database

ENTRY_VERSION = 1


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the chain ends: the open epoch's last link, and the position of the last row.

    ``parent`` is the last link of the epoch before, until this epoch has a link of its own.
    """

    node: str
    epoch: str
    position: int
    number: int = 0
    hash: str = GENESIS
    parent: Head | None = None

    def link(self) -> Link:
        """The place of the next entry."""
        first = self.number == 0
        return Link(
            node=self.node,
            epoch=self.epoch,
            number=self.number + 1,
            previous=self.parent.hash if first and self.parent else self.hash,
            parent=self.parent if first else None,
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something is recorded, by whose clock, and whether that clock is believed."""

    at: datetime
    believed: bool


class Unit:
    """The open transaction as a use case sees it: reads see its own writes."""

    def __init__(self, db: Database, tip: Tip, stamp: Stamp) -> None:
        self.db = db
        self.tip = tip
        self.stamp = stamp
        self.entries: list[Entry] = []

    def append(
        self,
        type_: str,
        body: Mapping[str, Any],
        *,
        id_: str,
        by: str,
        cause: str | None = None,
        command: str = "",
    ) -> Entry:
        """Write one entry, link it, and bring everything that is read from it up to date.

        ``cause`` is the id of the request this belongs to (its own id by default); ``command`` is
        the digest of that request, kept on the first entry it causes.
        """
        document: dict[str, Any] = {
            "id": id_,
            "type": type_,
            "version": ENTRY_VERSION,
            "at": instant(self.stamp.at),
            "clock": "believed" if self.stamp.believed else "unsure",
            "by": by,
            "cause": cause or id_,
            "body": dict(body),
        }
        if command:
            document["command"] = command
        link = self.tip.link()
        whole = linked(document, link)
        content = canonical(whole)
        check_shape(content)
        entry = Entry(
            position=self.tip.position + 1,
            epoch=link.epoch,
            number=link.number,
            id=id_,
            type=type_,
            cause=document["cause"],
            hash=chain_hash(content),
            content=content.decode(),
            document=whole,
        )
        self.db.execute(
            "INSERT INTO entry (position, epoch, number, id, type, cause, hash, content)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.position,
                entry.epoch,
                entry.number,
                entry.id,
                entry.type,
                entry.cause,
                entry.hash,
                entry.content,
            ),
        )
        project(self.db, entry)
        self.tip = Tip(link.node, link.epoch, entry.position, entry.number, entry.hash)
        self.entries.append(entry)
        return entry
