"""The pages of those who are not signed in yet, or no more: signing in and out, the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import make_response, redirect, request

from edge.domain.catalogue import Staff
from edge.domain.errors import EdgeError
from edge.domain.sign_in_rules import BADGE, TYPED
from edge.services.sign_in_outcomes import SignInOutcome
from edge.web import serializers
from edge.web.answers import ProblemAnswer
from edge.web.asking import pin_asker, place_of, shown_in, signed_in
from edge.web.context import Context
from edge.web.device_key import check_paired, device_id, renew_device_key
from edge.web.kept_forms import FIELD, KeptForm, read_kept
from edge.web.office import check_twice
from edge.web.qr_pictures import qr_drawing
from edge.web.ribbon_pages import forget_vaccinator
from edge.web.session import forget_token, keep_token, session_token
from edge.web.visit import Answer, draw, page_or_refusal
from sync.web.scripts import passkey_script as shared_script

_YEAR = 31_536_000


Resume = Callable[[Context, Staff, KeptForm], Answer | None]
"""Draws the page whose form was kept, for the one who signed in; None: not for this person."""


def sign_in(context: Context, resume: Resume) -> Answer:
    """Open a session by what somebody shows; what was kept meanwhile is shown again."""
    form, problem = request.form.to_dict(), None
    kept = read_kept(form.get(FIELD, ""))
    try:
        check_paired(context.backend)
    except EdgeError as error:
        return ask(context, kept=kept, problem=serializers.problem(error, context.language()))
    if request.method == "POST":
        try:
            if form.get("begin"):
                return _begun(context, form, kept)
            outcome = signed_in(
                context.backend, shown_in(context.backend, form), form.get("step", "")
            )
        except EdgeError as error:
            problem = serializers.problem(error, context.language())
        else:
            return _went_on(context, resume, outcome, kept)
    idle = left_idle(context) if request.method == "GET" else ""
    return ask(context, form.get("code", "") or idle, kept, problem)


def _went_on(
    context: Context,
    resume: Resume,
    outcome: SignInOutcome,
    kept: KeptForm | None,
) -> Answer:
    """Let somebody in, or ask for what goes with what was right so far."""
    if outcome.waiting:
        return _draw_step(
            context, kept, step=outcome.step, missing=outcome.missing, show=outcome.show
        )
    if not outcome.token:
        return _draw_step(context, kept, step=outcome.step, missing=outcome.missing)
    staff = context.backend.authenticator.who(outcome.token, device_id(context.backend))
    again = resume(context, staff, kept) if staff and kept else None
    response = make_response(again or redirect("/", 303))
    keep_token(response, outcome.token)
    renew_device_key(response)
    forget_vaccinator(response)
    return response


def _begun(context: Context, form: Mapping[str, str], kept: KeptForm | None) -> Answer:
    """Have a method ask first, and show what it asks: the code for a telephone."""
    method, backend = form["begin"], context.backend
    asked = backend.authenticator.begin(
        method, pin_asker(backend), place_of(backend), form.get("step", "")
    )
    return _draw_step(context, kept, step=asked.step, missing=(method,), show=asked.show)


def _draw_step(
    context: Context,
    kept: KeptForm | None,
    *,
    step: str,
    missing: Sequence[str],
    show: Mapping[str, Any] | None = None,
) -> Answer:
    """Ask for what goes on with a sign-in; ``show`` is what a telephone is asked."""
    whole = str((show or {}).get("whole", ""))
    drawn = draw(
        "sign_in_step.html",
        context.language(),
        context.backend,
        problem=None,
        step=step,
        missing=missing,
        show=show,
        qr=qr_drawing(whole) if whole else None,
        kept=kept.written() if kept else "",
    )
    return make_response(drawn, 200)


def ask(
    context: Context,
    code: str = "",
    kept: KeptForm | None = None,
    problem: ProblemAnswer | None = None,
) -> Answer:
    """Ask for what lets somebody in; ``kept`` is a form that came without a session."""
    drawn = draw(
        "sign_in.html",
        context.language(),
        context.backend,
        problem=problem,
        code=code,
        kept=kept.written() if kept else "",
        foreign=_foreign(context),
        methods=(methods := context.backend.authenticator.methods()),
        other_ways=methods - TYPED - {BADGE},
        languages=list(context.languages.values()),
    )
    return make_response(drawn, 403 if problem or kept else 200)


def change(context: Context) -> Answer:
    """End the session and ask who is next; what was typed on the page that was left is kept."""
    kept = read_kept(request.form.get(FIELD, ""))
    context.backend.authenticator.sign_out(session_token())
    response = make_response(ask(context, kept=kept))
    forget_token(response)
    forget_vaccinator(response)
    return response


def invited(context: Context) -> Answer:
    """Take the one-time code of an invitation and a PIN of the invited person's own."""
    form, problem, taken = request.form.to_dict(), None, None
    try:
        check_paired(context.backend)
        if request.method == "POST":
            check_twice(form.get("newPin", ""), form.get("newPinAgain", ""))
            taken = context.backend.invitations.take(
                form.get("code", ""),
                form.get("invitation", ""),
                form.get("newPin", ""),
                pin_asker(context.backend),
            )
    except EdgeError as error:
        problem = serializers.problem(error, context.language())
    drawn = draw(
        "invited.html",
        context.language(),
        context.backend,
        problem=problem,
        taken=taken,
        code=form.get("code", ""),
        typed=form.get("invitation", "") if problem else "",
    )
    return page_or_refusal(problem, drawn)


def left_idle(context: Context) -> str:
    """Give the code of whoever was signed in here and is asked for the PIN again."""
    token = session_token()
    if not token or context.staff() is not None:
        return ""
    device = device_id(context.backend)
    return context.backend.authenticator.sessions.left_idle(token, device)


def _foreign(context: Context) -> int:
    try:
        return context.backend.authenticator.of_another_node()
    except EdgeError:  # there is no campaign yet
        return 0


def sign_out(context: Context) -> Answer:
    """End the session."""
    context.backend.authenticator.sign_out(session_token())
    response = make_response(redirect("/sign-in", 303))
    forget_token(response)
    forget_vaccinator(response)
    return response


def choose_language(context: Context) -> Answer:
    """Keep the language chosen by hand on this tablet."""
    response = make_response(redirect("/sign-in", 303))
    chosen = request.form.get("language", "")
    if chosen in context.languages:
        response.set_cookie(
            "language", chosen, samesite="Strict", max_age=_YEAR, secure=request.is_secure
        )
    return response


def passkey_script(context: Context) -> Answer:  # noqa: ARG001
    """Give the script of the pages on which somebody uses a passkey."""
    return shared_script()
