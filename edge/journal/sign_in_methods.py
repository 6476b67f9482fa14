"""What staff registered to sign in with, and how it was used: the latter is of this node alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = "id, staff, method, verifier, label, added_at, added_by"


@dataclass(frozen=True, slots=True)
class SignInMethodRow:
    """Something registered that counts: ``verifier`` is sealed to the node, the instant ISO 8601.

    ``label`` is what its person calls it, ``added_by`` the staff code of whoever approved it.
    """

    id: str
    staff: str
    method: str
    verifier: str
    label: str
    added_at: str
    added_by: str


def registered_of(db: Database, staff: str, method: str = "") -> list[SignInMethodRow]:
    """Give what counts of a staff code, of one method or of all, the oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM sign_in_method WHERE staff = ? AND ended = ''"  # noqa: S608
        " AND method = coalesce(nullif(?, ''), method) ORDER BY position, id",
        (staff, method),
    )
    return [SignInMethodRow(*row) for row in rows]


def registered(db: Database, id_: str) -> SignInMethodRow | None:
    """Find something registered that counts, by its number."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM sign_in_method WHERE id = ? AND ended = ''",  # noqa: S608
        (id_,),
    ).fetchone()
    return SignInMethodRow(*row) if row else None


def was_registered(db: Database, id_: str) -> bool:
    """Say whether a number was ever taken, also by something that counts no more."""
    return db.execute("SELECT 1 FROM sign_in_method WHERE id = ?", (id_,)).fetchone() is not None


def used(db: Database, id_: str) -> str:
    """Give what a method wanted remembered of the last time; empty for none."""
    row = db.execute("SELECT used FROM sign_in_use WHERE id = ?", (id_,)).fetchone()
    return str(row[0]) if row else ""


def remember_use(db: Database, id_: str, text: str, now: str) -> None:
    """Remember how something registered was used."""
    db.execute("INSERT OR REPLACE INTO sign_in_use VALUES (?, ?, ?)", (id_, text, now))


def last_at_provider(db: Database, staff: str) -> str:
    """Give the instant of the last sign-in at the identity provider; empty for none."""
    row = db.execute("SELECT at FROM provider_sign_in WHERE staff = ?", (staff,)).fetchone()
    return str(row[0]) if row else ""


def remember_provider(db: Database, staff: str, now: str) -> None:
    """Remember that somebody signed in at the identity provider."""
    db.execute("INSERT OR REPLACE INTO provider_sign_in VALUES (?, ?)", (staff, now))


def forget_provider(db: Database, staff: str) -> None:
    """Forget it: from now on a PIN does not stand for the identity provider."""
    db.execute("DELETE FROM provider_sign_in WHERE staff = ?", (staff,))
