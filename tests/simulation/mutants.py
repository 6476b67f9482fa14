"""Bugs to plant, each as a patch of the software under test or of the model of a tablet.

A patch is (owner, attribute, value). ``INTENSE`` gives the weather in which a bug shows quickly;
without one the seed draws its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from boxes import Box
from msgspec import structs
from swarm import Faults
from tablets import Clinic

import sync.registry.feeds as feeds
import sync.registry.store.sql.intake as intake
import sync.site.follower
import sync.site.handshake
from edge.adapters.journal_source import JournalSource
from edge.journal import journal as journals
from edge.journal import projections
from edge.journal.entry import Entry
from edge.journal.unit import Tip, Unit
from edge.services import merging
from edge.services.corrections import dose as dose_correction
from edge.services.corrections import take_back
from edge.services.registry.inbox import SiteInbox
from edge.services.registry.link import RegistryLink, SyncState
from sync.protocol.entries import Head
from sync.protocol.errors import ProtocolError, TransportError
from sync.protocol.letters import Letter
from sync.protocol.receipts import Receipt, check_receipt
from sync.protocol.states import FeedHead, Question, State, check_state
from sync.protocol.versions import NEWEST
from sync.registry.store.interface import Store
from sync.registry.store.sqlite.connections import in_words
from sync.registry.store.sqlite.database import SqliteDatabase, _SqliteSession
from sync.site.follower import Follower
from sync.site.handshake import Handshake
from sync.site.inbox import Reader
from sync.site.transports.http import HttpTransport

Patch = tuple[object, str, object]

# The site's journal and its tablets.


def _same_epoch(db: Any, node: str, epoch: str) -> Tip:
    row = db.execute(
        "SELECT position, epoch, number, hash FROM entry ORDER BY position DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return Tip(node=node, epoch=epoch, position=0)
    return Tip(node=node, epoch=row[1], position=row[0], number=row[2], hash=row[3])


# The way back.


def _kept_from_stock(db: Any, entry: Entry) -> None:
    """Strike a dose through, and leave the stock as if it had been given."""
    db.execute(
        "UPDATE dose SET withdrawn_at = ?, withdrawn_kind = ?, withdrawn_reason = ?,"
        " replaced_by = ? WHERE id = ?",
        (
            entry.document["at"],
            entry.body["kind"],
            entry.body["reason"],
            entry.body.get("replacedBy", ""),
            entry.body["dose"],
        ),
    )


def _no_notice(db: Any, entry: Entry) -> None:
    """Take no notice of what was said."""


def _no_paper_revoked(*_: Any) -> None:
    """Leave the certificates of a dose that was taken back."""


def _none_follow(*_: Any) -> list[str]:
    """Leave the numbers of the other doses."""
    return []


def _projecting(type_: str, make: Any) -> Mapping[str, Any]:
    return {**projections._PROJECTIONS, type_: make}


# The follower.


def _sticky(self: JournalSource, receipt: Receipt | None) -> None:
    with self._journal.reading() as db:
        kept = db.execute("SELECT epoch, number FROM delivery").fetchone()
    before = self.find(*kept) if kept else None
    now = self.find(receipt.epoch, receipt.number) if receipt else None
    if before is None or (now is not None and now[0] > before[0]):
        _keep(self, receipt)


_keep = JournalSource.keep
_deliver, _confirm = Follower._deliver, Handshake.confirm
_accept, _take = intake._accept, SiteInbox.take


def _hopeful(self: Follower, position: int, done: Any) -> int:
    entries = self._source.after(position, self._pace.size)
    last = entries[-1]
    hope = Receipt(self._identity.node, last.epoch, last.number, last.hash, last.position, "")
    self._source.keep(hope)
    return _deliver(self, position, done)


def _any_answer(self: HttpTransport, path: str, body: bytes | None) -> Any:
    try:
        return _ask(self, path, body)
    except TransportError as error:
        if error.code == "registry.intercepted":
            return {}
        raise


_ask = HttpTransport.ask
_check_state, _check_receipt = check_state, check_receipt


def _any_state(document: Any, question: Question, node: str, key: Any) -> State:
    try:
        return _check_state(document, question, node, key)
    except ProtocolError:
        return State(node, question.nonce, "", None, FeedHead(), FeedHead(), "")


def _any_nonce(document: Any, question: Question, node: str, key: Any) -> State:
    nonce = document.get("nonce") if isinstance(document, Mapping) else None
    return _check_state(
        document, structs.replace(question, nonce=nonce or question.nonce), node, key
    )


def _any_signature(document: Any, key: Any, **known: str) -> Receipt:
    try:
        return _check_receipt(document, key, **known)
    except ProtocolError as error:
        if error.code != "receipt.signature":
            raise
        return Receipt(**{**known, **document})


def _any_hash(self: Handshake, receipt: Receipt) -> int:
    ours = self._source.find(receipt.epoch, receipt.number)
    if ours is None:
        return _confirm(self, receipt)
    self._source.keep(receipt)
    return ours[0]


def _secret(epoch: str) -> str:
    """Take a branch for an epoch like any other."""
    return epoch


def _kept_tag(self: Follower, position: int, tag: str) -> None:
    """The bug of a tag that is older than the position beside it, as it once was."""
    self._standing = replace(self._standing, position=position, tag=self._standing.tag or tag)


def _from_hope(self: RegistryLink) -> SyncState:
    state = _state(self)
    return replace(state, state="synced") if state.state == "waiting" else state


_state = RegistryLink.state


class _NewestLetters(Reader):
    """The bug of letters asked for in a version that was not agreed, as it once was."""

    def __init__(self, *args: Any) -> None:
        transport, asker, _, coding, nonce = args
        super().__init__(transport, asker, NEWEST + 1, coding, nonce)


# The letters.


def _cursor_only(self: SiteInbox, letters: Sequence[Letter]) -> None:
    last = letters[-1]

    def work(unit: Unit) -> None:
        unit.db.execute(
            "INSERT OR REPLACE INTO mail (feed, number, id) VALUES (?, ?, ?)",
            (last.feed, last.number, last.id),
        )

    self._journal.run(work)


def _by_number(store: Store, feed: str, cursor: Any) -> int:
    return int(cursor[0])


# The registry.


def _no_overlap(session: Any, links: Any) -> None:
    """Believe that what was there is what came."""


def _no_parent(session: Any, first: Any, held: Head | None) -> None:
    if first.number > 1:
        _check_join(session, first, held)


_check_join = intake._check_join


def _silent(session: Any, *_: Any) -> None:
    """Tell nobody."""


def _doubled(session: Any, links: Any, rows: Any, now: str) -> Any:
    """Count every entry that comes as a new one."""
    accepted = _accept(session, links, rows, now)
    again = len(rows) - accepted.new
    session.run("UPDATE node SET entries = entries + ? WHERE node = ?", again, links[0][0].node)
    return replace(accepted, new=len(rows), count=accepted.count + again)


def _early(self: SqliteDatabase, work: Any) -> Any:
    """Answer first and commit with the next batch: a power cut in between loses it."""
    with self._lock, in_words():
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            return work(_SqliteSession(self._connection))
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise


MUTANTS: Mapping[str, tuple[Patch, ...]] = {
    "no-new-epoch": ((journals, "last_tip", _same_epoch),),
    "withdrawn-from-stock": (
        (projections, "_PROJECTIONS", _projecting("DoseWithdrawn", _kept_from_stock)),
    ),
    "withdrawn-in-vain": ((projections, "_PROJECTIONS", _projecting("DoseWithdrawn", _no_notice)),),
    "paper-outlives-dose": ((take_back, "_revoke", _no_paper_revoked),),
    "numbers-stay": (
        (take_back, "follow", _none_follow),
        (dose_correction, "follow", _none_follow),
    ),
    "merged-in-vain": ((projections, "_PROJECTIONS", _projecting("PersonsMerged", _no_notice)),),
    "merge-never-undone": ((projections, "_PROJECTIONS", _projecting("MergeUndone", _no_notice)),),
    "told-apart-in-vain": (
        (projections, "_PROJECTIONS", _projecting("PersonsDistinguished", _no_notice)),
    ),
    "status-in-vain": (
        (projections, "_PROJECTIONS", _projecting("PersonStatusRecorded", _no_notice)),
    ),
    "merged-numbers-stay": ((merging, "follow", _none_follow),),
    "told-before-commit": ((Box, "tells_before_commit", True),),
    "retry-is-new": ((Clinic, "retries_with_new_id", True),),
    "sticky-receipt": ((JournalSource, "keep", _sticky),),
    "cursor-before-receipt": ((Follower, "_deliver", _hopeful),),
    "any-200": (
        (HttpTransport, "ask", _any_answer),
        (sync.site.handshake, "check_state", _any_state),
    ),
    "any-nonce": ((sync.site.handshake, "check_state", _any_nonce),),
    "any-signature": ((sync.site.follower, "check_receipt", _any_signature),),
    "any-hash": ((Handshake, "confirm", _any_hash),),
    "secret-fork": ((intake, "own_epoch", _secret),),
    "kept-tag": ((Follower, "_stand", _kept_tag), (Box, "secure_share", 1.0)),
    "synced-from-hope": ((RegistryLink, "state", _from_hope),),
    "newest-letters": ((sync.site.follower, "Reader", _NewestLetters),),
    "letters-not-applied": ((SiteInbox, "take", _cursor_only),),
    "letters-by-number": ((feeds, "_after", _by_number),),
    "no-idempotence": ((intake, "_accept", _doubled),),
    "fork-ignored": ((intake, "_check_overlap", _no_overlap),),
    "parent-not-checked": ((intake, "_check_join", _no_parent),),
    "silent-clones": ((intake, "_alarm", _silent),),
    "receipt-before-commit": ((SqliteDatabase, "write", _early),),
}
"""Every bug by its name."""

AT_DESK = frozenset(
    {
        "withdrawn-from-stock",
        "withdrawn-in-vain",
        "paper-outlives-dose",
        "numbers-stay",
        "merged-in-vain",
        "merge-never-undone",
        "told-apart-in-vain",
        "status-in-vain",
        "merged-numbers-stay",
    }
)
"""Those that show only where people work at the real desk."""

_REWOUND = Faults(snapshots=150.0, rewinds=80.0, lost_after=0.25, letters=60.0)

INTENSE: Mapping[str, Faults] = {
    "no-new-epoch": Faults(backups=20.0, restores=20.0),
    "told-before-commit": Faults(dark_commit=0.1),
    "retry-is-new": Faults(tablet_lost=0.2),
    "sticky-receipt": replace(_REWOUND, lost_before=0.3),
    "any-200": Faults(portal=0.2),
    "any-nonce": Faults(replayed=0.2, impostor=0.3),
    "any-signature": Faults(forged=0.2),
    "any-hash": Faults(twins=20.0),
    "secret-fork": Faults(twins=20.0),
    "kept-tag": _REWOUND,
    "newest-letters": Faults(old_registry=3.0, letters=60.0),
    "letters-not-applied": Faults(letters=60.0),
    "letters-by-number": _REWOUND,
    "no-idempotence": Faults(duplicated=0.3, lost_after=0.2),
    "fork-ignored": Faults(twins=20.0, lost_before=0.3, delayed=0.3, meanwhile=0.3),
    "parent-not-checked": replace(
        _REWOUND, letters=0.0, power_cuts=60.0, duplicated=0.8, offline=0.4, lost_before=0.3
    ),
    "silent-clones": Faults(clones=20.0),
}
"""The weather for a bug."""
