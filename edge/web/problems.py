"""What an application answers where a request failed: an error in words, and its status."""

from __future__ import annotations

import contextlib
import logging
import traceback

import msgspec
from flask import Response, request
from werkzeug.exceptions import HTTPException

from edge.adapters.disk import disk_words
from edge.domain.errors import (
    BadInput,
    Conflict,
    EdgeError,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
)
from edge.web import serializers
from edge.web.answers import ProblemAnswer
from edge.web.context import Context
from edge.web.refusing import too_large
from edge.web.ribbon_pages import came_from
from edge.web.route import CLINICAL
from edge.web.visit import draw
from edge.web.visiting import visit_with

_STATUS: tuple[tuple[type[EdgeError], int], ...] = (
    (BadInput, 400),
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Refusal, 409),
    (Unavailable, 503),
)

_log = logging.getLogger("divoc_edge.web")


def answer_error(context: Context, error: Exception) -> Response:
    """Answer an error as JSON where the API was asked, else as a page."""
    problem = in_words(error)
    status = status_of(error if isinstance(error, HTTPException) else problem)
    language = context.language()
    answer = serializers.problem(problem, language)
    if request.path.startswith("/api/"):
        return Response(msgspec.json.encode(answer), status=status, mimetype="application/json")
    return Response(_page(context, error, answer), status=status)


def _page(context: Context, error: Exception, answer: ProblemAnswer) -> str:
    """Draw the problem as one of our pages; after an unexpected fault with the bar alone."""
    staff, back = context.staff(), came_from()
    shown = {"problem": answer, "back": "/" if back == request.path else back}
    expected = isinstance(error, EdgeError | HTTPException) or disk_words(error) is not None
    if staff is not None and expected:
        with contextlib.suppress(EdgeError):  # there is no campaign yet
            return visit_with(context, staff, {}).page("problem.html", **shown)
    if staff is not None:
        shown |= {"staff": staff, "clinical": bool(CLINICAL & staff.roles)}
    return draw("problem.html", context.language(), context.backend, **shown)


def status_of(error: Exception) -> int:
    """Give the HTTP status of an error."""
    if isinstance(error, HTTPException):
        return error.code or 500
    if isinstance(error, EdgeError) and error.code == "session.none":
        return 401
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def in_words(error: Exception) -> EdgeError:
    """Say what went wrong; of what was not expected only its kind and place go to the log."""
    if isinstance(error, EdgeError):
        return error
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if (trouble := disk_words(error)) is not None:
        _log.error("the disk: %s", trouble.code)
        return trouble
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("unexpected %s at %s:%s", type(error).__name__, place.filename, place.lineno)
    return EdgeError(
        "edge.unexpected",
        "Something went wrong on the site computer; nothing was saved.",
        hint="Try again, and call the technician if it happens again.",
    )


def _http_problem(error: HTTPException) -> EdgeError:
    if error.code == 404:
        return NotFound("page.unknown", "There is no such page.")
    if error.code == 405:
        return BadInput("request.method", "This address does not take this kind of request.")
    if error.code == 413:
        return too_large()
    return BadInput("request.malformed", "The request cannot be read.")
