"""What bears a date that is still to come: recorded while the site's clock ran ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sync.protocol.instants import instant

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class DatedAhead:
    """A dose given here that is dated, or whose ``certificate`` was signed, after now.

    ``certificate`` is the number of one that stands, ``signed_at`` its instant; both empty without.
    """

    dose: str
    person: str
    vaccine: str
    on: date
    certificate: str
    signed_at: str


def dated_ahead(db: Database, now: datetime, today: date) -> list[DatedAhead]:
    """List the doses given here that are dated after ``today`` or certified after ``now``."""
    rows = db.execute(
        "SELECT dose.id, dose.person, dose.vaccine, dose.given_on,"
        " ifnull(certificate.id, ''), ifnull(certificate.issued_at, '') FROM dose"
        " LEFT JOIN certificate ON certificate.dose = dose.id AND certificate.revoked_at = ''"
        " WHERE dose.reported = 0 AND dose.withdrawn_at = ''"
        " AND (dose.given_on > ? OR certificate.issued_at > ?) ORDER BY dose.position",
        (today.isoformat(), instant(now)),
    ).fetchall()
    return [
        DatedAhead(dose, person, vaccine, date.fromisoformat(on), certificate, signed_at)
        for dose, person, vaccine, on, certificate, signed_at in rows
    ]
