"""The pages of those who are not signed in yet, or no more: signing in and out, the language."""

from __future__ import annotations

from flask import make_response, redirect, request

from edge.domain.errors import EdgeError
from edge.web import serializers
from edge.web.context import Context
from edge.web.ribbon_pages import forget_vaccinator
from edge.web.session import COOKIE, session_token
from edge.web.visit import Answer, draw

_YEAR = 31_536_000


def sign_in(context: Context) -> Answer:
    """Open a session with a staff code and a PIN."""
    language, form, problem = context.language(), request.form.to_dict(), None
    if request.method == "POST":
        try:
            code, pin = form.get("code", ""), form.get("pin", "")
            token = context.backend.authenticator.sign_in(code, pin)
        except EdgeError as error:
            problem = serializers.problem(error, language)
        else:
            response = make_response(redirect("/", 303))
            response.set_cookie(
                COOKIE, token, httponly=True, samesite="Strict", secure=request.is_secure
            )
            forget_vaccinator(response)
            return response
    drawn = draw(
        "sign_in.html",
        language,
        context.backend,
        problem=problem,
        form=form,
        languages=list(context.languages.values()),
    )
    return make_response(drawn, 403 if problem else 200)


def sign_out(context: Context) -> Answer:
    """End the session."""
    context.backend.authenticator.sign_out(session_token())
    response = make_response(redirect("/sign-in", 303))
    response.delete_cookie(COOKIE)
    forget_vaccinator(response)
    return response


def choose_language(context: Context) -> Answer:
    """Keep the language chosen by hand on this tablet."""
    response = make_response(redirect("/sign-in", 303))
    chosen = request.form.get("language", "")
    if chosen in context.languages:
        response.set_cookie("language", chosen, samesite="Strict", max_age=_YEAR)
    return response
