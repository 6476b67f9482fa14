"""Identities of rows, as they are kept: before any unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from edge.campaign.divoc_csv import Enrolment, ReportedDose
from edge.campaign.mistakes import Mistake
from edge.campaign.tables import ValidRow
from edge.domain.errors import BadInput
from edge.services.imports.rows import Rows, mistake_of
from edge.services.site import Site

T = TypeVar("T", Enrolment, ReportedDose)


def with_kept_identities(
    site: Site, file: str, rows: Rows[T], column: str
) -> Iterator[ValidRow[T] | Mistake]:
    """Give rows with identities as they are kept; a number that cannot be is a mistake of its row.

    ``column`` is what a table calls it. Raises :class:`Unavailable` where the key is missing.
    """
    for row in rows:
        if isinstance(row, Mistake):
            yield row
            continue
        try:
            identity = site.identities.kept(row.value.person.identity)
        except BadInput as error:
            error.field = column
            yield mistake_of(file, row.row, error)
            continue
        person = replace(row.value.person, identity=identity)
        yield ValidRow(row.row, replace(row.value, person=person))
