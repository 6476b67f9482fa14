"""Invitations of staff, as this site was told of them and as they were taken here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = "id, staff, verifier, issued, expires, pin, taken_at, tablet"


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that is open; ``taken_at`` is empty until the invited person was here.

    ``verifier`` is of the one-time code and ``pin`` of the PIN that was chosen, both sealed to the
    node. Instants are ISO 8601; ``tablet`` is where it was taken.
    """

    id: str
    staff: str
    verifier: str
    issued: str
    expires: str
    pin: str
    taken_at: str
    tablet: str


def open_invitation(db: Database, staff: str) -> InvitationRow | None:
    """Give the open invitation of a staff code."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM invitation WHERE staff = ? AND ended = ''",  # noqa: S608
        (staff,),
    ).fetchone()
    return InvitationRow(*row) if row else None


def open_invitations(db: Database) -> list[InvitationRow]:
    """Give every open invitation, in order of staff codes; there is one of each at the most."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM invitation WHERE ended = '' ORDER BY staff"  # noqa: S608
    )
    return [InvitationRow(*row) for row in rows]


def knows_invitation(db: Database, id_: str) -> bool:
    """Say whether an invitation is known here, or its withdrawal is."""
    return db.execute("SELECT 1 FROM invitation WHERE id = ?", (id_,)).fetchone() is not None


def last_issued(db: Database, staff: str) -> str:
    """Give the instant at which the newest invitation of a staff code was made, or empty."""
    row = db.execute("SELECT max(issued) FROM invitation WHERE staff = ?", (staff,)).fetchone()
    return str(row[0] or "")
