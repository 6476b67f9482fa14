"""How a person got certificates at the site: as print jobs and the access log tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edge.journal import access, print_jobs, views
from printers.jobs import PrintState

if TYPE_CHECKING:
    from sqlite_utils import Database

Way = Literal["printed", "perhaps", "shown", "taken"]
"""It came out of a printer, or perhaps; a tablet showed it; the person opened it in the Wi-Fi."""
SHOWN = "/certificates/<id_>/show"
"""The page that shows it, as the access log names it."""
_MOST = 30
_PRINTED: dict[PrintState, Way] = {
    PrintState.PRINTED: "printed",
    PrintState.SENT: "perhaps",
    PrintState.UNKNOWN: "perhaps",
}


@dataclass(frozen=True, slots=True)
class HandedOut:
    """One time: ``at`` an instant, ``certificate`` its number and ``by`` a staff code, if known."""

    at: str
    way: Way
    certificate: str = ""
    by: str = ""


def handed_out(db: Database, person: str) -> list[HandedOut]:
    """Give how a person, under whichever id, got certificates, the newest first."""
    found = [
        HandedOut(job.changed_at, _PRINTED[job.state], issued.id)
        for issued in views.certificates_of(db, person)
        for job in print_jobs.jobs_of(db, issued.id)
        if job.state in _PRINTED
    ]
    for row in access.page(db, person=person, kinds=("certificate",), limit=_MOST):
        seen = row.access
        if seen.device.startswith("guest:"):
            found.append(HandedOut(seen.at, "taken"))
        elif seen.place == SHOWN:
            found.append(HandedOut(seen.at, "shown", by=seen.staff))
    return sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]
