"""The rows of a file of test cases: text with columns, read with a bound."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edge.domain.errors import BadInput
from sync.bounded_files import MB, read_bounded_text

_MOST = 64 * MB


def case_rows(
    path: Path, columns: Sequence[str], hint: str
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give each row with its number, the header being row 1.

    Raises :class:`BadInput` for a file that is no text, or lacks ``columns``: ``hint`` says where
    files of another form go.
    """
    try:
        rows = csv.DictReader(io.StringIO(read_bounded_text(path, _MOST), newline=""))
        missing = [name for name in columns if name not in (rows.fieldnames or ())]
        if missing:
            raise BadInput(
                "cases.columns",
                "The file {file} lacks these columns of the cases: {missing}.",
                hint=hint,
                file=path.name,
                missing=", ".join(missing),
            )
        yield from enumerate(rows, start=2)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BadInput("cases.file", "The file {file} cannot be read.", file=path.name) from None
