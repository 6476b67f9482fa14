"""The operators' pages of their second factors: set up, a code given, another's reset."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.second_factors import Preparation, wrong_code
from sync.registry.web.access import party
from sync.registry.web.policy import DECIDING
from sync.registry.web.qr_codes import drawn
from sync.registry.web.screen import Screen
from sync.web.scripts import passkey_script


def second_factor(screen: Screen) -> Response:
    """Show how it stands with one's own second factor."""
    return _factor_page(screen)


def add_passkey(screen: Screen) -> Response:
    """Keep a passkey as a second factor; who had none goes on as confirmed by it."""
    access, name = screen.access, g.visitor.name
    try:
        access.passkeys.register(name, access.cookie(), party(), _answer())
    except ProtocolError as error:
        return _factor_page(screen, error)
    access.confirm()
    access.write(name, "set up a second factor", "passkey")
    return make_response(redirect("/second-factor", 303))


def give_passkey(screen: Screen) -> Response:
    """Go on with a sign-in by a passkey."""
    if screen.access.give_passkey(g.visitor.name, _answer()):
        return make_response(redirect("/", 303))
    error = ProtocolError("passkey.wrong", "This passkey does not fit here. Try again.")
    g.visitor = None  # nothing of the pages is offered yet
    return screen.asked_again("code.html", error)


def script(_: Screen) -> Response:
    """Give the script of the pages on which somebody uses a passkey."""
    return passkey_script()


def _factor_page(screen: Screen, error: ProtocolError | None = None) -> Response:
    access, name = screen.access, g.visitor.name
    return screen.asked_again(
        "second_factor.html",
        error,
        left=screen.store.recovery_codes(name),
        app=access.factors.counts(name),
        passkeys=access.passkeys.of(name),
        ask=access.passkeys.asked_to_register(name, access.cookie(), party()),
    )


def _answer() -> str:
    return request.form.get("passkey", "")


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
    return screen.asked_again("code.html", error)


def operators(screen: Screen) -> Response:
    """List who may use the registry, and who of them has a second factor."""
    listed = screen.access.operators()
    with_factor = {member.name for member in listed if screen.access.has_factor(member.name)}
    return screen.shown(
        "operators.html", operators=listed, with_factor=with_factor, deciding=DECIDING
    )


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
    return screen.asked_again("factor_begin.html", error, secret=made.secret, qr=drawn(made.uri))
