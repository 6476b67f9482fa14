"""A packed campaign taken in at a tablet: what would change, and then the change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from edge.campaign.campaign_diff import differences
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.parts import named_in, place_of
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
    notes = tuple(_notes(backend, checked.body))
    new = backend.campaigns.would_change(checked)
    if new and not how.dry_run:
        new = backend.campaigns.apply(checked, by=how.by).new
    return Report(taken=int(new), known=int(not new), notes=notes)


def _notes(backend: Backend, body: Any) -> Iterator[Note]:
    """Tell what is in a campaign, what is otherwise in force, and what of that is not in it."""
    named = named_in(body)
    yield Note(
        "campaign.counts",
        "Campaign {id} {version}. Programmes: {programmes}, vaccines: {vaccines}, facilities:"
        " {facilities}, staff: {staff}.",
        {"id": body["id"], "version": body["version"],
         **{kind: len(named[kind]) for kind in LIST_KEYS}},
    )  # fmt: skip
    beside = [f"{place_of(part)} ({len(names)})"
              for part, names in named.items() if part not in LIST_KEYS]  # fmt: skip
    if beside:
        yield Note("campaign.beside", "Also in it: {parts}.", {"parts": ", ".join(beside)})
    with backend.journal.reading() as db:
        before = views.catalogue_body(db)
    changed = Counter(place_of(change.part) for change in differences(before, body))
    if changed:
        parts = ", ".join(f"{place} ({count})" for place, count in changed.items())
        yield Note("campaign.otherwise", "Otherwise than in force: {parts}.", {"parts": parts})
    gone = [name for part, names in named_in(before).items()
            for name in names if name not in named.get(part, ())]  # fmt: skip
    if gone:
        codes = ", ".join(gone[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
        yield Note("campaign.gone", "In force now and not in it: {codes}.", {"codes": codes})


def _as_row(mistake: Mistake) -> Mistake:
    """Name the file of the campaign where a table names its column."""
    column = f"{mistake.file} {mistake.column}".strip()
    return Mistake(
        mistake.file, mistake.line, mistake.code, mistake.sentence, mistake.values, column
    )
