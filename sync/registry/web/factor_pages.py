"""The operators' pages of their second factors: set up, a code given, another's reset."""

from __future__ import annotations

import qrcode
from flask import Response, g, make_response, redirect, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.second_factors import Preparation, wrong_code
from sync.registry.web.screen import Screen

_BORDER = 4
"""Modules of white around a QR code (ISO/IEC 18004, 6.3.8)."""


def second_factor(screen: Screen) -> Response:
    """Show how it stands with one's own second factor."""
    return screen.shown("second_factor.html", left=screen.store.recovery_codes(g.visitor.name))


def begin(screen: Screen) -> Response:
    """Make a secret, and show it as a QR code."""
    try:
        made = screen.access.factors.begin(g.visitor.name)
    except SyncError as error:
        return screen.refused(error)
    return _shown(screen, made)


def confirm(screen: Screen) -> Response:
    """Have the second factor count by its first code, and show the recovery codes once."""
    factors, name = screen.access.factors, g.visitor.name
    try:
        codes = factors.confirm(name, request.form.get("code", ""))
    except ProtocolError as error:
        made = factors.begun(name)
        return _shown(screen, made, error) if made else screen.refused(error)
    screen.access.confirm()
    screen.access.write(name, "set up a second factor")
    return screen.shown("recovery_codes.html", codes=codes)


def give_code(screen: Screen) -> Response:
    """Go on with a sign-in by the code of the second factor."""
    try:
        if screen.access.give_code(g.visitor.name, request.form.get("code", "")):
            return make_response(redirect("/", 303))
        error = wrong_code()
    except ProtocolError as refused:
        error = refused
    g.visitor = None  # nothing of the pages is offered yet
    response = screen.shown("code.html", 429 if error.temporary else 400, error=error)
    if error.retry_after:
        response.headers["Retry-After"] = str(int(error.retry_after) + 1)
    return response


def operators(screen: Screen) -> Response:
    """List who may use the registry, and who of them has a second factor."""
    listed = screen.access.operators()
    with_factor = {one.name for one in listed if screen.access.factors.counts(one.name)}
    return screen.shown("operators.html", operators=listed, with_factor=with_factor)


def reset(screen: Screen) -> Response:
    """Forget the second factor of another operator, who has lost the telephone."""
    name = request.form.get("name", "")
    if name == g.visitor.name:
        return screen.refused(
            ProtocolError("factor.own", "Have another admin reset your second factor.")
        )
    if not screen.access.factors.reset(name):
        return screen.refused(ProtocolError("page.unknown", "There is no such page."))
    screen.access.write(g.visitor.name, "reset the second factor of", name)
    return make_response(redirect("/operators", 303))


def _shown(screen: Screen, made: Preparation, error: ProtocolError | None = None) -> Response:
    size, path = _drawn(made.uri)
    status = 200 if error is None else 429 if error.temporary else 400
    shown = {"secret": made.secret, "size": size, "path": path, "error": error}
    return screen.shown("factor_begin.html", status, **shown)


def _drawn(text: str) -> tuple[int, str]:
    """Draw a QR code as a path of squares, for an SVG that many units wide."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=_BORDER)
    code.add_data(text)
    rows = code.get_matrix()
    dark = (
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    )
    return len(rows), "".join(dark)
