"""The page of those who are to be called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Response, request

from edge.domain.errors import EdgeError
from edge.domain.recall import RecallItem
from edge.services.doses.recall import as_csv, recall
from edge.web import calls, serializers
from edge.web.visit import Answer, Visit, page_or_refusal

_SHOWN = 200
"""Rows that somebody reads on a tablet; the CSV has all."""


def to_call(visit: Visit) -> Answer:
    """List who is due or overdue until a day."""
    site, problem = visit.backend.site, None
    found: list[RecallItem] = []
    until, programme = site.clock.today(), request.args.get("programme", "")
    try:
        until = calls.query_day(request.args.get("until", ""), "until") or until
        found = list(_asked(visit, until, programme))
    except EdgeError as error:
        problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        catalogue = site.catalogues.current(db)
    order = sorted(found, key=lambda one: (one.status != "overdue", one.since))
    drawn = visit.page(
        "recall.html",
        calls=order[:_SHOWN],
        count=len(found),
        until=until,
        programme=programme,
        programmes=catalogue.programmes,
        vaccines=catalogue.vaccines,
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def to_call_csv(visit: Visit) -> Answer:
    """Give the whole list as a file."""
    until = (
        calls.query_day(request.args.get("until", ""), "until") or visit.backend.site.clock.today()
    )
    lines = as_csv(_asked(visit, until, request.args.get("programme", "")))
    return Response(
        (line.encode() for line in lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="recall-{until}.csv"'},
    )


def _asked(visit: Visit, until: date, programme: str) -> Iterator[RecallItem]:
    site, journal = visit.backend.site, visit.backend.journal
    with journal.reading() as db:
        catalogue = site.catalogues.current(db)
    return recall(journal.reading, catalogue, site.clock.today(), until, programme)
