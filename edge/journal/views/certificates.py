"""Certificates as they were signed, and what was revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate as it was signed: the text of each format, the usual one first.

    It is of a dose of a person, or of a ``document``; the others are empty. ``replaces`` and
    ``replaced_by`` are numbers of certificates, ``revoked_at`` an instant in ISO 8601; each empty
    where there is none. ``position`` is its entry's place in the journal, 0 where it is in none.
    """

    id: str
    dose: str
    person: str
    document: str
    issued_at: str
    replaces: str
    replaced_by: str
    revoked_at: str
    reason: str
    credentials: Mapping[str, str]
    position: int = 0

    @property
    def format(self) -> str:
        """The usual format."""
        return next(iter(self.credentials))


def certificate(db: Database, id_: str) -> IssuedCertificate | None:
    """Find a certificate by its number."""
    return next(iter(_certificates(db, "id = ?", id_)), None)


def certificates_of(db: Database, person_id: str) -> list[IssuedCertificate]:
    """Give the certificates of a person's doses, oldest first, under whichever id each is."""
    return _certificates(
        db,
        "dose IN (SELECT dose.id FROM dose JOIN person ON person.id = dose.person"
        " WHERE person.kept = (SELECT kept FROM person WHERE id = ?)) ORDER BY position",
        person_id,
    )


def certificates_telling(db: Database, dose: str, person_id: str) -> list[IssuedCertificate]:
    """Give those that count, of other doses of a person, and tell of this dose as well."""
    found = db.execute(
        "SELECT DISTINCT certificate.id FROM dose AS own"
        " JOIN person ON person.id = own.person"
        " JOIN certificate ON certificate.dose = own.id"
        " JOIN entry ON entry.position = certificate.position"
        " JOIN json_each(entry.content, '$.body.doses') AS told"
        " WHERE told.value = ? AND own.id <> ? AND certificate.revoked_at = ''"
        " AND person.kept = (SELECT kept FROM person WHERE id = ?) ORDER BY certificate.position",
        (dose, dose, person_id),
    ).fetchall()
    return [paper for (id_,) in found if (paper := certificate(db, id_)) is not None]


def certificates_of_document(db: Database, document: str) -> list[IssuedCertificate]:
    """Give the certificates of a document, oldest first."""
    return _certificates(db, "document <> '' AND document = ? ORDER BY position", document)


def replaced_by(db: Database, id_: str) -> list[str]:
    """Give the numbers of the certificates that one stands for, oldest first."""
    rows = db.execute(
        "SELECT id FROM certificate WHERE replaced_by = ? AND replaced_by <> '' ORDER BY position",
        (id_,),
    )
    return [number for (number,) in rows]


def _certificates(db: Database, where: str, value: str) -> list[IssuedCertificate]:
    rows = db.execute(
        "SELECT id, dose, person, document, issued_at, replaces, replaced_by, revoked_at, reason,"  # noqa: S608
        f" position FROM certificate WHERE {where}",
        (value,),
    ).fetchall()
    found = []
    for row in rows:
        texts = db.execute(
            "SELECT format, text FROM credential WHERE certificate = ? ORDER BY place", (row[0],)
        ).fetchall()
        *told, position = row
        whole = (*told, dict(texts), position)
        found.append(IssuedCertificate(*whole))
    return found


def is_revoked(db: Database, keys: Sequence[str]) -> bool:
    """Say whether this site has revoked a certificate that goes by any of these keys (hex)."""
    marks = ", ".join("?" * len(keys))
    row = db.execute(
        f"SELECT 1 FROM revocation WHERE key IN ({marks})",  # noqa: S608  (marks only)
        tuple(keys),
    ).fetchone()
    return row is not None
