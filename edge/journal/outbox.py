"""Messages to people: rows that outlive a restart, beside the journal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from edge.domain.messages import (
    CUT_OFF,
    FULL,
    NO_CAUSE,
    REMINDERS,
    TOO_OLD,
    UNCLEAR,
    Cause,
    MessageState,
    moved,
    settled,
)
from edge.journal.views.people import OF_ONE
from sync.protocol.instants import instant, read_instant

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = (
    'id, channel, event, subject, person, state, code, sentence, "values", address, tries,'
    " queued_at, changed_at, again_at, until, handed_at"
)
_S = MessageState
_LONGEST_WAIT = timedelta(days=1)
"""More than any message that was put back waits: at the most six hours."""
_AT_ONCE = 500
"""Messages dropped in one unit of work at the most: a dose waits for a tenth of a second."""
_MARKS = ", ".join("?" for _ in REMINDERS)


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is to be told once; instants in ISO 8601, ``address`` where it went to.

    ``subject`` is what it is about: a certificate's id, or for a reminder the day on which doses
    are due and the day of the reminder. Behind ``until`` it is not sent any more. One that waits
    and has a ``handed_at`` was handed over then, and may have arrived.
    """

    id: str
    channel: str
    event: str
    subject: str
    person: str
    state: MessageState
    cause: Cause
    address: str
    tries: int
    queued_at: str
    changed_at: str
    again_at: str
    until: str
    handed_at: str

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Message:
        """Make a message of a row of ``_COLUMNS``."""
        id_, channel, event, subject, person, state, code, sentence, values, *rest = row
        cause = Cause(code, sentence, tuple(json.loads(values).items()))
        return cls(id_, channel, event, subject, person, MessageState(state), cause, *rest)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that is to be queued."""

    id: str
    channel: str
    event: str
    subject: str
    person: str
    until: str


def queue_message(db: Database, new: NewMessage, now: str) -> bool:
    """Add a message unless the person was, or is to be, told of the same on whichever channel.

    Also under another record of theirs, with which this one is one since.
    """
    told = db.execute(
        "SELECT 1 FROM message WHERE event = ? AND subject = ?"  # noqa: S608
        f" AND person IN (SELECT id FROM person WHERE {OF_ONE})",
        (new.event, new.subject, new.person),
    ).fetchone()
    if told is not None:
        return False
    added = db.execute(
        "INSERT OR IGNORE INTO message (id, channel, event, subject, person, state, queued_at,"
        " changed_at, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new.id, new.channel, new.event, new.subject, new.person, _S.QUEUED, now, now, new.until),
    )
    return int(added.rowcount) > 0


def message(db: Database, id_: str) -> Message | None:
    """Find a message by its id."""
    return next(iter(_where(db, "id = ?", id_)), None)


def messages_of(db: Database, person: str) -> list[Message]:
    """Give the messages to a person under whichever id, the newest first."""
    return _where(
        db,
        f"person IN (SELECT id FROM person WHERE {OF_ONE}) ORDER BY queued_at DESC, id DESC",  # noqa: S608
        person,
    )


def next_due(db: Database, channel: str, now: str) -> Message | None:
    """Give the message of a channel to hand over now: news before reminders, oldest first.

    Never one whose time has passed, also where it has not been dropped yet. One that would wait
    longer than any may was put back by a clock that was ahead, and waits no longer.
    """
    beyond = instant(read_instant(now) + _LONGEST_WAIT)
    found = _where(
        db,
        "channel = ? AND state = ? AND (again_at <= ? OR again_at > ?) AND until >= ?"
        f" ORDER BY event IN ({_MARKS}), again_at, queued_at, id LIMIT 1",
        channel, _S.QUEUED, now, beyond, now, *REMINDERS,
    )  # fmt: skip
    return next(iter(found), None)


def handed_since(db: Database, channel: str, since: str, now: str) -> int:
    """Count what was handed over on a channel since an instant, or was on its way there.

    What was handed over at an instant yet to come does not count: the clock was set back.
    """
    row = db.execute(
        "SELECT count(*) FROM message WHERE channel = ? AND handed_at > ? AND handed_at <= ?",
        (channel, since, now),
    ).fetchone()
    return int(row[0])


def move_message(
    db: Database,
    id_: str,
    state: MessageState,
    now: str,
    cause: Cause = NO_CAUSE,
    *,
    again_at: str = "",
) -> None:
    """Record a message's new state; the only way to one.

    Raises ``Conflict`` where the table of moves has no such step, and records nothing.
    """
    (before,) = db.execute("SELECT state FROM message WHERE id = ?", (id_,)).fetchone()
    db.execute(
        'UPDATE message SET state = ?, code = ?, sentence = ?, "values" = ?, changed_at = ?,'
        " again_at = ? WHERE id = ?",
        (moved(before, state), *_told(cause), now, again_at, id_),
    )


def begin_handing(db: Database, id_: str, address: str, now: str) -> None:
    """Record that a message is being handed over: from here on it may have arrived."""
    move_message(db, id_, _S.HANDING, now)
    db.execute(
        "UPDATE message SET address = ?, handed_at = ?, tries = tries + 1 WHERE id = ?",
        (address, now, id_),
    )


@dataclass(frozen=True, slots=True)
class PutBack:
    """Why a message waits again, and until when.

    ``tried`` False: it was the channel that could not, and the message has lost no attempt.
    ``handed_at`` is when it may have been taken, this time or before.
    """

    again_at: str
    cause: Cause
    tried: bool = True
    handed_at: str = ""


def put_back(db: Database, id_: str, now: str, why: PutBack) -> None:
    """Let a message wait of which the channel took nothing, or which may be handed over again."""
    move_message(db, id_, _S.QUEUED, now, why.cause, again_at=why.again_at)
    db.execute(
        "UPDATE message SET handed_at = ?, tries = tries - ? WHERE id = ?",
        (why.handed_at, int(not why.tried), id_),
    )


def end_waiting(db: Database, id_: str, state: MessageState, now: str, cause: Cause) -> None:
    """End a message that waits, in words that are true also where it may have arrived."""
    (handed_at,) = db.execute("SELECT handed_at FROM message WHERE id = ?", (id_,)).fetchone()
    if handed_at:
        state, cause = _S.UNKNOWN, UNCLEAR
    move_message(db, id_, state, now, cause)


def keep_parts(db: Database, message: str, channel: str, receipts: Iterable[str]) -> None:
    """Remember under which receipts a channel will report on a message."""
    for receipt in receipts:
        db.execute(
            "INSERT OR IGNORE INTO message_part (channel, receipt, message) VALUES (?, ?, ?)",
            (channel, receipt, message),
        )


def report_part(
    db: Database, channel: str, receipt: str, state: MessageState, cause: Cause, now: str
) -> bool:
    """Record a report on the newest message with such a receipt; False: none waits for one."""
    row = db.execute(
        "SELECT message.id FROM message_part JOIN message ON message.id = message_part.message"
        " WHERE message_part.channel = ? AND receipt = ? ORDER BY handed_at DESC LIMIT 1",
        (channel, receipt),
    ).fetchone()
    if row is None:
        return False
    (id_,) = row
    db.execute(
        "UPDATE message_part SET state = ? WHERE message = ? AND receipt = ?", (state, id_, receipt)
    )
    parts = db.execute("SELECT state FROM message_part WHERE message = ?", (id_,))
    after, known = settled(part for (part,) in parts), message(db, id_)
    if after is not None and known and known.state in (_S.HANDED, _S.UNKNOWN):
        move_message(db, id_, after, now, cause)
    return True


def settle_handing(db: Database, channel: str, now: str) -> int:
    """Let what was being handed over when the site stopped be unknown: it is not sent again."""
    left = _where(db, "channel = ? AND state = ?", channel, _S.HANDING)
    for message in left:
        move_message(db, message.id, _S.UNKNOWN, now, CUT_OFF)
    return len(left)


def drop_old(db: Database, channel: str, now: str, most: int) -> bool:
    """Drop what could not be sent in time, and the oldest reminders beyond ``most`` that wait.

    So many at a time that nothing else waits for long; True: there may be more.
    """
    late = _where(
        db, "channel = ? AND state = ? AND until < ? LIMIT ?", channel, _S.QUEUED, now, _AT_ONCE
    )
    for message in late:
        end_waiting(db, message.id, _S.DROPPED, now, TOO_OLD)
    waiting = count_states(db).get(channel, {}).get(_S.QUEUED, 0)
    beyond = _where(
        db,
        f"channel = ? AND state = ? AND event IN ({_MARKS}) ORDER BY queued_at, id LIMIT ?",
        channel, _S.QUEUED, *REMINDERS, max(0, min(waiting - most, _AT_ONCE - len(late))),
    )  # fmt: skip
    for message in beyond:
        end_waiting(db, message.id, _S.DROPPED, now, FULL)
    return len(late) + len(beyond) == _AT_ONCE


def let_wait_no_longer(db: Database, channel: str) -> int:
    """Let everything that waits on a channel be tried now; count it."""
    found = db.execute(
        "UPDATE message SET again_at = '' WHERE channel = ? AND state = ?", (channel, _S.QUEUED)
    )
    return int(found.rowcount)


def count_states(db: Database) -> dict[str, dict[str, int]]:
    """Count the messages by channel and state."""
    found: dict[str, dict[str, int]] = {}
    for channel, state, count in db.execute(
        "SELECT channel, state, count(*) FROM message GROUP BY channel, state"
    ):
        found.setdefault(channel, {})[state] = count
    return found


def waiting_since(db: Database, channel: str) -> str:
    """Give the instant since which the oldest message of a channel waits, or nothing."""
    row = db.execute(
        "SELECT coalesce(min(queued_at), '') FROM message WHERE channel = ? AND state = ?",
        (channel, _S.QUEUED),
    ).fetchone()
    return str(row[0])


def people_told_at(db: Database, channel: str, address: str) -> list[str]:
    """Give the people who were told something at an address, by their ids."""
    rows = db.execute(
        "SELECT DISTINCT person FROM message WHERE channel = ? AND address = ? ORDER BY person",
        (channel, address),
    )
    return [person for (person,) in rows]


def is_new_reply(db: Database, channel: str, id_: str, now: str) -> bool:
    """Note an answer; False: it was taken before."""
    added = db.execute(
        "INSERT OR IGNORE INTO message_reply (channel, id, taken_at) VALUES (?, ?, ?)",
        (channel, id_, now),
    )
    return int(added.rowcount) > 0


def _told(cause: Cause) -> tuple[str, str, str]:
    values: Mapping[str, Any] = dict(cause.values)
    return cause.code, cause.sentence, json.dumps(values, ensure_ascii=False, default=str)


def _where(db: Database, condition: str, *values: object) -> list[Message]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM message WHERE {condition}", values)  # noqa: S608
    return [Message.from_row(row) for row in rows.fetchall()]
