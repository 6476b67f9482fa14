"""The rows of a file, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge.campaign.files.enrolment_rows import enrolment_rows, is_json
from edge.campaign.files.table_file import Cells, TableFile, opened
from edge.campaign.files.text import text_rows
from edge.campaign.files.workbook import is_workbook, workbook_rows


def rows_of(file: TableFile, columns: Sequence[str]) -> Iterator[Cells]:
    """Give the rows of a file, the first of them that has anything in it first.

    ``columns`` are all that the table may have: the delimiter is the one that parts them. Raises
    :class:`BadInput` for a file that cannot be opened, :class:`TableError` where it ends.
    """
    with opened(file) as stream:
        first = stream.read(64)
        stream.seek(0)
        if is_workbook(first):
            yield from workbook_rows(stream, columns)
        elif is_json(first):
            yield from enrolment_rows(stream, columns, file.zone)
        else:
            yield from text_rows(file, stream, columns)
