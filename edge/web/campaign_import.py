"""A packed campaign taken in at a tablet: what would change, and then the change."""

from __future__ import annotations

import json
from typing import Any

from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.domain.catalogue import LIST_KEYS
from edge.domain.errors import BadInput
from edge.journal import views
from edge.services.imports.reports import ImportOptions, Note, Report
from edge.web.backend import Backend

CAMPAIGN = "campaign"
"""The kind of file that is no table: what ``divoc-edge campaign pack`` writes."""
_NAMED = 20
"""Codes that a note names of what is in a campaign no more."""


def import_campaign(backend: Backend, name: str, content: bytes, how: ImportOptions) -> Report:
    """Apply a packed campaign whole, or say what of it is wrong and what would change.

    Raises :class:`BadInput` for a file that is none, or a campaign that may not come into force.
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadInput(
            "campaign.not-packed",
            "The file {file} is not a packed campaign.",
            hint="Make it with: divoc-edge campaign pack FOLDER --out FILE",
            field="file",
            file=name,
        )
    try:
        checked = backend.campaigns.reader.packed(body)
    except CampaignErrors as error:
        return Report(mistakes=tuple(_as_row(mistake) for mistake in error.mistakes))
    notes = _notes(backend, checked.body)
    new = backend.campaigns.would_change(checked)
    if new and not how.dry_run:
        new = backend.campaigns.apply(checked, by=how.by).new
    return Report(taken=int(new), known=int(not new), notes=notes)


def _notes(backend: Backend, body: Any) -> tuple[Note, ...]:
    """Tell what is in a campaign, and what of the one in force is not in it."""
    counts = {kind: len(body.get(kind, ())) for kind in LIST_KEYS}
    told = Note(
        "campaign.counts",
        "Campaign {id} {version}: {programmes} programmes, {vaccines} vaccines,"
        " {facilities} facilities, {staff} staff.",
        {"id": body["id"], "version": body["version"], **counts},
    )
    with backend.journal.reading() as db:
        before = views.catalogue_body(db)
    gone = [
        item[key]
        for kind, key in LIST_KEYS.items()
        for item in before[kind]
        if item[key] not in {kept[key] for kept in body.get(kind, ())}
    ]
    if not gone:
        return (told,)
    named = ", ".join(gone[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
    return (told, Note("campaign.gone", "In force now and not in it: {codes}.", {"codes": named}))


def _as_row(mistake: Mistake) -> Mistake:
    """Name the file of the campaign where a table names its column."""
    column = f"{mistake.file} {mistake.column}".strip()
    return Mistake(
        mistake.file, mistake.line, mistake.code, mistake.sentence, mistake.values, column
    )
