"""Pages of a supervisor: who is signed in and who tried to be, and who saw whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from flask import redirect, request

from edge.domain.errors import EdgeError
from edge.domain.numbers import typed_number
from edge.journal import access, pin_tries, views
from edge.journal.access import ACCESS_KINDS, SEEING, AccessKind
from edge.web import serializers
from edge.web.access_api import PAGE, records
from edge.web.office import registrable, staff_here
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal
from sync.protocol.instants import instant

ACCESS_WORDS: Mapping[AccessKind, str] = {
    "person": "Saw the record",
    "list": "Saw a list",
    "search": "Searched",
    "certificate": "Saw a certificate or a slip",
    "signed-in": "Signed in",
    "wrong-pin": "Wrong PIN",
    "signature": "Signed with the PIN",
    "signed-out": "Signed out",
    "sessions-ended": "Ended a session",
    "pin-set": "Set a new PIN",
    "sign-in-added": "Signed what somebody signs in with",
    "sign-in-removed": "Removed what somebody signs in with",
}
"""What a record of who saw whom is called on the screen."""
_NEWEST = 40
_NAMES = 12
"""People of a record that are named on the page; the rest is counted."""


def signed_in(visit: Visit) -> Answer:
    """List who is signed in and which tablets had wrong PINs; end a session."""
    backend, problem = visit.backend, None
    if request.method == "POST":
        try:
            name = visit.form.get("session") or form_missing("session")
            backend.authenticator.end_session(name, visit.staff.code)
            return redirect("/sessions", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    since = backend.site.clock.now() - timedelta(days=1)
    backend.access.flush()
    with backend.journal.reading() as db:
        wrong = pin_tries.tries_a_device(db, instant(since))
        kinds = [kind for kind in ACCESS_KINDS if kind not in SEEING]
        newest = access.page(db, kinds=kinds, limit=_NEWEST)
        names = {
            member.code: member.name
            for member in backend.site.catalogues.current(db).staff.values()
        }
    drawn = visit.page(
        "sessions.html",
        tablets=_tablets(visit),
        problem=problem,
        sessions=backend.authenticator.sessions.listed(),
        members=staff_here(backend),
        wrong_pins=wrong,
        newest=newest,
        names=names,
        words=ACCESS_WORDS,
        sign_in_methods=registrable(backend),
    )
    return page_or_refusal(problem, drawn)


def _tablets(visit: Visit) -> Mapping[str, str]:
    """Name the paired tablets by their ids."""
    return {device.id: device.name for device in visit.backend.devices.all()}


def who_saw_whom(visit: Visit) -> Answer:
    """List who saw whom: all, of a person, or by one of the staff."""
    backend, asked = visit.backend, request.args
    person, staff = asked.get("person", "")[:64], asked.get("staff", "")[:64]
    before = typed_number(asked.get("before", "0")) or 0
    found = records(backend, person, staff, before)
    with backend.journal.reading() as db:
        shown = {
            id_: known
            for row in found
            for id_ in row.access.people[:_NAMES]
            if (known := views.person(db, id_)) is not None
        }
        names = {
            member.code: member.name
            for member in backend.site.catalogues.current(db).ever.staff.values()
        }
        whose = views.person(db, person) if person else None
    older = {"person": person, "staff": staff, "before": str(found[-1].number)} if found else {}
    return visit.page(
        "access.html",
        tablets=_tablets(visit),
        rows=found,
        shown=shown,
        most=_NAMES,
        whose=whose,
        chosen=staff,
        names=names,
        members=staff_here(backend),
        words=ACCESS_WORDS,
        older=f"/access?{urlencode(older)}" if len(found) == PAGE else "",
    )
