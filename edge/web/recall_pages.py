"""The pages of those who are to be called: a stretch at a time, or the whole list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request

from edge.domain.errors import EdgeError
from edge.domain.numbers import typed_number
from edge.services.doses.recall import RecallQuery, as_csv, recall, recall_page, stretches
from edge.web import calls, serializers
from edge.web.noting import noted_while_sent, showed
from edge.web.visit import Answer, Visit, page_or_refusal, words_of

_ROWS, _PEOPLE = 50, 400
"""Rows of a page, and people that are looked at for them: a fifth of a second."""
_MARK = "<!-- the list -->"


def to_call(visit: Visit) -> Answer:
    """List some of those who are due or overdue until a day, and where to go on."""
    reading, problem = visit.backend.journal.reading, None
    query, page = _everything(visit), None
    after, before = request.args.get("after", "")[:64], typed_number(request.args.get("seen", "0"))
    try:
        query = _asked(visit)
        page = recall_page(reading, query, after, _ROWS, _PEOPLE)
        showed(item.person.id for item in page.items)
    except EdgeError as error:
        problem = serializers.problem(error, visit.language)
    looked = (before or 0) + (page.looked if page else 0)
    asked = _written(query)
    drawn = visit.page(
        "recall.html",
        query=query,
        calls=sorted(page.items, key=_gravest) if page else [],
        looked=looked,
        start="" if not after else f"/recall?{urlencode(asked)}",
        go_on=_go_on({**asked, "after": page.after, "seen": str(looked)}) if page else "",
        whole=f"/recall/all?{urlencode(asked)}",
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def to_call_whole(visit: Visit) -> Answer:
    """Give the whole list as one page that grows while it is found, and says how far it is."""
    query = _asked(visit)
    found = noted_while_sent(
        visit.backend,
        visit.staff,
        "/recall/all",
        stretches(visit.backend.journal.reading, query),
        lambda stretch: [item.person.id for item in stretch[0].items],
    )
    drawn = visit.page("recall_all.html", query=query, mark=_MARK)
    shown = {**words_of(visit.language, visit.backend), "query": query}
    rows = current_app.jinja_env.get_template("_recall_stretch.html")

    def parts() -> Iterator[str]:
        head, _, tail = drawn.partition(_MARK)
        yield head
        count = 0
        for page, done, whole in found:
            count += len(page.items)
            items = sorted(page.items, key=_gravest)
            yield rows.render(calls=items, done=done, whole=whole, count=count, **shown)
        yield tail

    return Response((part.encode() for part in parts()), mimetype="text/html")


def to_call_csv(visit: Visit) -> Answer:
    """Give the whole list as a file, line by line as it is found."""
    query = _asked(visit)
    found = noted_while_sent(
        visit.backend,
        visit.staff,
        "/recall.csv",
        recall(visit.backend.journal.reading, query),
        lambda item: [item.person.id],
    )
    lines = as_csv(found)
    return Response(
        (line.encode() for line in lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="recall-{query.until}.csv"'},
    )


def _gravest(item: Any) -> tuple[bool, Any]:
    return item.status != "overdue", item.since


def _everything(visit: Visit) -> RecallQuery:
    site = visit.backend.site
    with visit.backend.journal.reading() as db:
        catalogue = site.catalogues.current(db)
    today = site.clock.today()
    return RecallQuery(catalogue, today, until=today, facility=site.facility)


def _asked(visit: Visit) -> RecallQuery:
    query = _everything(visit)
    return replace(
        query,
        until=calls.query_day(request.args.get("until", ""), "until") or query.until,
        programme=request.args.get("programme", ""),
        overdue=request.args.get("overdue") == "yes",
    )


def _written(query: RecallQuery) -> dict[str, str]:
    found = {"until": query.until.isoformat(), "programme": query.programme}
    return {**found, "overdue": "yes"} if query.overdue else found


def _go_on(values: dict[str, str]) -> str:
    return f"/recall?{urlencode(values)}" if values["after"] else ""
