"""The routes of the site's clock, as :mod:`edge.web.routes` has them."""

from __future__ import annotations

from edge.domain.modules import ALWAYS, DOSES
from edge.web import clock_api
from edge.web.clock_answers import (
    ClockAnswer,
    ClockRequest,
    DatedAheadAnswer,
    ReplaceAheadRequest,
    ReplacedAnswer,
)
from edge.web.noting import LIST
from edge.web.route import SUPERVISORS, Route

CLOCK_ROUTES: tuple[Route, ...] = (
    Route("POST", "/clock", ALWAYS, SUPERVISORS, clock_api.confirm, ClockAnswer, body=ClockRequest),
    Route(
        "GET",
        "/clock/ahead",
        DOSES,
        SUPERVISORS,
        clock_api.ahead,
        list[DatedAheadAnswer],
        sees=LIST,
    ),
    Route(
        "POST",
        "/clock/ahead",
        DOSES,
        SUPERVISORS,
        clock_api.replace,
        ReplacedAnswer,
        body=ReplaceAheadRequest,
    ),
)
