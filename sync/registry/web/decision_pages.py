"""The operators' pages of what they decide: revocations, codes; and the audit of who did what."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, make_response, redirect, request

from sync.protocol.enrolment_codes import check_address
from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.codes import MOST_DAYS, make_code, whole_code
from sync.registry.revocations import PUBLISHED, REFUSED, find, place_of, rule, waiting
from sync.registry.web.places import audit_place, behind
from sync.registry.web.qr_codes import QrSymbol, drawn
from sync.registry.web.screen import Screen


def revocations(screen: Screen) -> Response:
    """List the revocations that wait for a decision."""
    after = place_of(request.args.get("after", ""))
    found, place = waiting(screen.store, screen.schemas, after, screen.page)
    more = "/".join(str(part) for part in place) if place else ""
    return screen.shown("revocations.html", found=found, more=more)


def rule_on(screen: Screen) -> Response:
    """Approve or refuse a revocation."""
    decision = request.form.get("decision", "")
    if decision not in (PUBLISHED, REFUSED):
        return screen.refused(ProtocolError("page.unknown", "There is no such page."))
    try:
        found = find(screen.store, screen.schemas, request.form.get("reference", ""))
    except SyncError as error:
        return screen.refused(error)
    rule(screen.store, found, decision, g.visitor.name, screen.registry.instant())
    what = "approved a revocation" if decision == PUBLISHED else "refused a revocation"
    screen.access.write(g.visitor.name, what, found.reference)
    return make_response(redirect("/revocations", 303))


def codes(screen: Screen, code: str = "", error: SyncError | None = None) -> Response:
    """List the one-time codes; ``code`` was made just now, ``error`` says why none was."""
    page = screen.page
    found = screen.store.codes(behind(request.args.get("after", "")), page + 1)
    more, found = len(found) > page, found[:page]
    return screen.shown(
        "codes.html",
        400 if error else 200,
        codes=found,
        made=_made(code) if code else None,
        error=error,
        facility=request.values.get("facility", ""),
        most=MOST_DAYS,
        more=f"{found[-1].made_at}~{found[-1].digest}" if more else "",
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A code as the page shows it: the whole, its address and groups, and as a QR code."""

    whole: str
    address: str
    groups: list[str]
    qr: QrSymbol


def _made(code: str) -> _Made:
    address, _, rest = code.partition("#")
    return _Made(code, address, rest.split("-"), drawn(code))


def add_code(screen: Screen) -> Response:
    """Make a one-time code for a facility."""
    facility, days = request.form.get("facility", ""), request.form.get("days", "")
    try:
        number = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
        address = check_address(screen.registry.address or request.host_url)
        secret = make_code(screen.store, facility, number, screen.registry.now())
        registry = screen.registry
        code = whole_code(secret, address, registry.key.public_key(), registry.campaign_root())
    except SyncError as error:
        return codes(screen, error=error)
    screen.access.write(g.visitor.name, "made a code for", facility)
    return codes(screen, code)


def audit(screen: Screen) -> Response:
    """List who did or looked at what."""
    page = screen.page
    found = screen.store.audits(page + 1, audit_place(request.args.get("after", "")))
    more, found = len(found) > page, found[:page]
    last = f"{found[-1].at}~{found[-1].who}~{found[-1].place}" if more else ""
    return screen.shown("audit.html", lines=found, more=last)
