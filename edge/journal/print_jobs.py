"""Print jobs: rows that outlive a restart, beside the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from printers.jobs import PrintState, moved

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = (
    "id, slip, subject, copy, printer, state, cause, missing_letters, sha256, queued_at, changed_at"
)

REVOKED = "certificate.revoked"
"""The cause of a job that failed because what it would print counts no longer."""
SETTLED = "settled"
"""The cause of a job whose end a person has told."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One slip on its way to paper; ``copy`` 1 is the original.

    ``cause`` is the code of what holds it up or went wrong; ``missing_letters``: some letters are
    boxes on its paper; ``sha256`` is of the bytes sent.
    """

    id: int
    slip: str
    subject: str
    copy: int
    printer: str
    state: PrintState
    cause: str
    missing_letters: bool
    sha256: str
    queued_at: str
    changed_at: str

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> PrintJob:
        """Make a job of a row of ``_COLUMNS``."""
        id_, slip, subject, copy, printer, state, cause, missing, *rest = row
        sha256, queued_at, changed_at = rest
        return cls(
            id=id_,
            slip=slip,
            subject=subject,
            copy=copy,
            printer=printer,
            state=PrintState(state),
            cause=cause,
            missing_letters=bool(missing),
            sha256=sha256,
            queued_at=queued_at,
            changed_at=changed_at,
        )


def queue(db: Database, slip: str, subject: str, copy: int, printer: str, now: str) -> int:
    """Add a job and give its number."""
    cursor = db.execute(
        "INSERT INTO print_job (slip, subject, copy, printer, state, cause, sha256, queued_at,"
        " changed_at) VALUES (?, ?, ?, ?, ?, '', '', ?, ?)",
        (slip, subject, copy, printer, PrintState.QUEUED, now, now),
    )
    return int(cursor.lastrowid or 0)


def job(db: Database, id_: int) -> PrintJob | None:
    """Find a job by its number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM print_job WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return PrintJob.from_row(row) if row else None


def jobs_of(db: Database, subject: str, slip: str = "certificate") -> list[PrintJob]:
    """Give the jobs of one slip of something, oldest first."""
    return [
        PrintJob.from_row(row)
        for row in db.execute(
            f"SELECT {_COLUMNS} FROM print_job WHERE subject = ? AND slip = ? ORDER BY id",  # noqa: S608
            (subject, slip),
        )
    ]


def unsettled(jobs: Sequence[PrintJob]) -> list[PrintJob]:
    """Give those before the newest of which nobody knows whether they came out, newest first."""
    return [print_job for print_job in reversed(jobs[:-1]) if print_job.state is PrintState.UNKNOWN]


def in_state(db: Database, printer: str, *states: PrintState) -> list[PrintJob]:
    """Give a printer's jobs in these states, oldest first."""
    marks = ", ".join("?" for _ in states)
    return [
        PrintJob.from_row(row)
        for row in db.execute(
            f"SELECT {_COLUMNS} FROM print_job WHERE printer = ? AND state IN ({marks})"  # noqa: S608
            " ORDER BY id",
            (printer, *states),
        )
    ]


def last_sent(db: Database, printer: str) -> PrintJob | None:
    """Give the job of a printer that changed last among those of which it was sent something."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM print_job WHERE printer = ? AND sha256 <> ''"  # noqa: S608
        " AND state <> ? ORDER BY changed_at DESC, id DESC LIMIT 1",
        (printer, PrintState.QUEUED),
    ).fetchone()
    return PrintJob.from_row(row) if row else None


def copies(db: Database, slip: str, subject: str) -> int:
    """Count the prints of a slip of something so far, the original included."""
    row = db.execute(
        "SELECT coalesce(max(copy), 0) FROM print_job WHERE slip = ? AND subject = ?",
        (slip, subject),
    ).fetchone()
    return int(row[0])


def move(
    db: Database, id_: int, state: str, cause: str, now: str, sha256: str | None = None
) -> None:
    """Record a job's new state; the only way to one.

    Raises ``ForbiddenMoveError`` where the table of moves has no such step, and records nothing.
    """
    (before,) = db.execute("SELECT state FROM print_job WHERE id = ?", (id_,)).fetchone()
    after = moved(before, state)
    made_anew = after is PrintState.SENDING  # its letters are looked at anew, too
    db.execute(
        "UPDATE print_job SET state = ?, cause = ?, changed_at = ?, sha256 = coalesce(?, sha256),"
        " missing_letters = missing_letters AND NOT ? WHERE id = ?",
        (after, cause, now, sha256, made_anew, id_),
    )


def call_off(db: Database, subject: str, cause: str, now: str) -> None:
    """Let the slips of a certificate fail that wait for a printer: nobody is to be handed one."""
    for job_ in jobs_of(db, subject):
        if job_.state is PrintState.QUEUED:
            move(db, job_.id, PrintState.FAILED, cause, now)


def hold(db: Database, id_: int, cause: str, now: str) -> None:
    """Record what holds a job up in the state it is in; empty: nothing any more."""
    db.execute("UPDATE print_job SET cause = ?, changed_at = ? WHERE id = ?", (cause, now, id_))


def remark_missing_letters(db: Database, id_: int) -> None:
    """Record that some letters of a job are boxes on its paper."""
    db.execute("UPDATE print_job SET missing_letters = 1 WHERE id = ?", (id_,))


def give(db: Database, id_: int, printer: str, now: str) -> None:
    """Give a job to another printer, where it waits anew."""
    db.execute(
        "UPDATE print_job SET printer = ?, cause = '', missing_letters = 0, changed_at = ?"
        " WHERE id = ?",
        (printer, now, id_),
    )


def counts(db: Database) -> dict[str, dict[str, int]]:
    """Count the jobs by printer and state."""
    found: dict[str, dict[str, int]] = {}
    for printer, state, count in db.execute(
        "SELECT printer, state, count(*) FROM print_job GROUP BY printer, state"
    ):
        found.setdefault(printer, {})[state] = count
    return found
