"""The page on which a supervisor takes in a table: first what would happen, then one tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from edge.campaign.files.text import ENCODINGS
from edge.domain.errors import BadInput, EdgeError
from edge.domain.numbers import typed_number
from edge.services.imports.reports import ImportOptions, Report, RowAnswers
from edge.services.imports.tables import PROGRAMMED, ImportRequest
from edge.services.imports.waiting import WaitingFile
from edge.web import serializers
from edge.web.campaign_import import CAMPAIGN, import_campaign
from edge.web.office import KIND_WORDS, check_kind, kinds_of
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal
from sync.web.uploads import bytes_of

_SHOWN = 200
"""Rows of each kind that somebody reads on a tablet; the others come with the next look."""


def imports(visit: Visit) -> Answer:
    """Look at a table, answer what it asks, and take it in."""
    problem, report, waiting, done = None, None, None, False
    number = visit.form.get("waiting", "")
    if request.method == "POST":
        try:
            if not number or request.files.get("file"):
                number = _keep(visit)
            waiting = visit.backend.waiting_files.find(number, visit.staff.code)
            done = visit.form.get("do") == "take"
            report = _take(visit, waiting, done=done)
        except EdgeError as error:
            problem, done = serializers.problem(error, visit.language), False
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
    drawn = visit.page(
        "imports.html",
        kinds={kind: KIND_WORDS[kind] for kind in kinds_of(visit.backend, visit.staff)},
        kind=waiting.asked.kind if waiting else visit.form.get("kind", "enrolments"),
        programmes=[programme for programme in catalogue.programmes.values() if programme.active],
        programmed=PROGRAMMED,
        encodings=ENCODINGS,
        report=report,
        waiting=waiting if report else None,
        number=number,
        done=done,
        shown=_SHOWN,
        clean=bool(report and report.clean),
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def _keep(visit: Visit) -> str:
    file, form = request.files.get("file"), visit.form
    kind = form.get("kind") or form_missing("kind")
    check_kind(visit.backend, visit.staff, kind)
    if file is None or not file.filename:
        raise BadInput(
            "import.no-file", "No file was chosen.", hint="Choose the file first.", field="file"
        )
    asked = ImportRequest(kind, form.get("programme", ""), form.get("document", "").strip()[:60])
    encoding = form.get("encoding", "")
    return visit.backend.waiting_files.keep(
        visit.staff.code, asked, file.filename[-80:], bytes_of(file), encoding
    )


def _take(visit: Visit, waiting: WaitingFile, *, done: bool) -> Report:
    how = ImportOptions(visit.staff.code, _answers(visit.form), dry_run=not done)
    if waiting.asked.kind == CAMPAIGN:
        return import_campaign(visit.backend, waiting.name, waiting.content, how)
    return visit.backend.tables.take(waiting.asked, waiting.file, how)


def _answers(form: Mapping[str, Any]) -> RowAnswers:
    """Read what was chosen for each row that was asked about."""
    different: set[int] = set()
    same: dict[int, str] = {}
    for name, value in form.items():
        row = typed_number(name.removeprefix("row-"), 9) if name.startswith("row-") else None
        if row is None or not value:
            continue
        if value == "different":
            different.add(row)
        else:
            same[row] = value
    return RowAnswers(frozenset(different), same, form.get("again") == "yes")
