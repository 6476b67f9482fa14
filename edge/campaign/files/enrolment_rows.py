"""Enrolments as DIVOC's registry has them (``registry/Enrollment.json``), as rows of its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, BinaryIO

import msgspec

from edge.campaign.files.fhir_appointments import enrolments_of_bundle, is_bundle
from edge.campaign.files.table_file import Cells, TableError

_MOST = 16 * 1024**2
_OTHERWISE: Mapping[str, str] = {"nationality": "nationalId", "doseNumber": "dose"}
"""Columns of the table, and what the registry calls them."""
_NO_DAY = "0001-01-01"


def is_json(first: bytes) -> bool:
    """Say whether a file begins as a JSON object or array."""
    return first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


def enrolment_rows(stream: BinaryIO, columns: Sequence[str], zone: tzinfo) -> Iterator[Cells]:
    """Give a row for each enrolment, with the appointment that is still to be kept; a header first.

    ``columns`` are those of the table; a row's number is the enrolment's, behind the header. A
    bundle of FHIR's appointments is read as enrolments, its hours as of ``zone``. Raises
    :class:`TableError`.
    """
    found = _read(stream, zone)
    known = list(dict.fromkeys(columns))
    if "appointmentDate" not in known:
        raise TableError(
            1,
            "json.other-table",
            "As JSON only enrolments are taken.",
            "Save the table as CSV or as a workbook.",
        )
    yield 1, known
    for place, enrolment in enumerate(found, start=2):
        if not isinstance(enrolment, dict):
            raise TableError(
                place,
                "json.no-enrolment",
                "This is no enrolment of DIVOC.",
                "Each one is an object with name, gender and appointments.",
            )
        fields = _fields(enrolment)
        yield (
            place,
            [fields.get(column, fields.get(_OTHERWISE.get(column, ""), "")) for column in known],
        )


def _read(stream: BinaryIO, zone: tzinfo) -> list[Any]:
    content = stream.read(_MOST + 1)
    if len(content) > _MOST:
        raise TableError(
            1, "json.too-large", "The file is larger than 16 MB.", "Divide it into several."
        )
    try:
        found = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise TableError(
            1, "json.broken", "The file is not JSON in UTF-8.", "Export it again."
        ) from None
    if is_bundle(found):
        return list(enrolments_of_bundle(found, zone))
    return found if isinstance(found, list) else [found]


def _fields(enrolment: Mapping[str, Any]) -> dict[str, str]:
    """Give an enrolment's texts by their names, those of its address and appointment among them."""
    address = enrolment.get("address")
    parts = (enrolment, address if isinstance(address, dict) else {}, _to_come(enrolment))
    return {
        name: str(value)
        for part in parts
        for name, value in part.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def _to_come(enrolment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the appointment that is still to be kept; one with a day before one without."""
    told = enrolment.get("appointments")
    open_ = [
        appointment
        for appointment in (told if isinstance(told, list) else ())
        if isinstance(appointment, dict) and appointment.get("certified") is not True
    ]
    with_day = [
        asked for asked in open_ if not str(asked.get("appointmentDate", "")).startswith(_NO_DAY)
    ]
    found = next(iter(with_day or open_), {})
    return {name: value for name, value in found.items() if name != "osid"}
