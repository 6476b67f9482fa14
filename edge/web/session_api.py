"""The API of sessions: signing in by what the campaign has a role show, and out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.web import answers, calls, serializers
from edge.web.answer import Answer
from edge.web.answers import StaffAnswer
from edge.web.asking import pin_asker, place_of, shown_in, signed_in
from edge.web.calls import ApiInput


class SessionAnswer(Answer, frozen=True):
    """An open session; ``token`` goes into ``Authorization: Bearer``.

    Without a token one of ``missing`` goes with what was shown: it is sent with ``step``.
    ``waiting``: somebody is asked elsewhere; the same is sent again in a few seconds.
    """

    token: str = ""
    staff: StaffAnswer | None = None
    step: str = ""
    missing: tuple[str, ...] = ()
    waiting: bool = False


class SignInStepAnswer(Answer, frozen=True):
    """What a method asks first: ``show`` is its own, ``step`` comes back with the answer."""

    step: str
    show: Mapping[str, Any]


def sign_in(call: ApiInput) -> SessionAnswer:
    """Open a session with a staff code and a PIN, or what else the campaign has a role show.

    Where something else goes with it there is no token yet, but a step to go on with.
    """
    given = calls.decode(calls.SIGN_IN, call.body)
    call.backend.devices.check_paired(call.device)
    form = {**given.fields, "code": given.code, "pin": given.pin, "method": given.method}
    outcome = signed_in(call.backend, shown_in(call.backend, form), given.step)
    if not outcome.token:
        return SessionAnswer(step=outcome.step, missing=outcome.missing, waiting=outcome.waiting)
    device = call.device.id if call.device else ""
    staff = call.backend.authenticator.who(outcome.token, device)
    return SessionAnswer(
        token=outcome.token, staff=serializers.staff_answer(calls.signed_in(staff))
    )


def sign_in_step(call: ApiInput) -> SignInStepAnswer:
    """Have a method ask first: a challenge for a passkey, a code for a telephone."""
    given = calls.decode(calls.SIGN_IN_STEP, call.body)
    call.backend.devices.check_paired(call.device)
    asked = call.backend.authenticator.begin(
        given.method, pin_asker(call.backend), place_of(call.backend), given.step
    )
    return SignInStepAnswer(step=asked.step, show=asked.show)


def registration_step(call: ApiInput) -> SignInStepAnswer:
    """Have a method ask what its registration begins with, for whoever is signed in."""
    given = calls.decode(calls.SIGN_IN_STEP, call.body)
    asked = call.backend.registrations.begin(
        given.method,
        calls.signed_in(call.staff),
        pin_asker(call.backend),
        place_of(call.backend),
    )
    return SignInStepAnswer(step=asked.step, show=asked.show)


def sign_out(call: ApiInput) -> answers.PingAnswer:
    """End the session."""
    call.backend.authenticator.sign_out(call.token)
    return answers.PingAnswer(ok=True)


def session(call: ApiInput) -> answers.StaffAnswer:
    """Say who is signed in."""
    return serializers.staff_answer(calls.signed_in(call.staff))
