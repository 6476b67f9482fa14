"""Every instant is written and read in one form, by one module."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.protocol.instants import instant, read_instant

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "config/schemas/entries/entry.schema.json").read_text())
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=ZONES | st.just(UTC)).filter(lambda one: 1 < one.year < 9999)


@given(MOMENTS)
@example(datetime(17, 3, 4, 5, 6, 7, 8999, UTC))
def test_what_is_written_fits_the_schema_and_is_read_back_to_the_millisecond(
    moment: datetime,
) -> None:
    text = instant(moment)
    assert re.search(SCHEMA["properties"]["at"]["pattern"], text)
    read = read_instant(text)
    assert timedelta() <= moment - read < timedelta(milliseconds=1)
    assert read.utcoffset() == timedelta()
    assert instant(read) == text


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert instant(first) <= instant(second)


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert instant(datetime(2026, 1, 1, 4, 0, tzinfo=india)) == "2025-12-31T22:30:00.000Z"


def test_a_moment_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001


@given(MOMENTS.map(lambda moment: moment.astimezone(UTC)))
def test_what_earlier_versions_wrote_is_read(moment: datetime) -> None:
    assert read_instant(moment.isoformat()) == moment
    assert read_instant(moment.isoformat().replace("+00:00", "Z")) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-25",
        "2026-11-25T08:30Z",
        "2026-11-25T08:30:00",
        "2026-11-25 08:30:00Z",
        "2026-11-25t08:30:00z",
        "20261125T083000Z",
        "2026-W48-3T08:30:00Z",
        "2026-11-25T08:30:00,000Z",
        "2026-11-25T08:30:00.Z",
        "2026-11-25T08:30:00.0000000Z",
        "2026-11-25T08:30:00+05:30",
        "2026-11-25T08:30:00-00:00",
        "2026-11-25T08:30:00+0000",
        "2026-11-25T08:30:00+00",
        "2026-11-25T08:30:00.000Z\n",
        " 2026-11-25T08:30:00.000Z",
        "2026-11-25T24:00:00.000Z",
        "2026-11-25T24:00:00Z",
        "2016-12-31T23:59:60.000Z",
        "0000-01-01T00:00:00.000Z",
        "2026-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "+02026-11-25T08:30:00Z",
        "٢٠٢٦-11-25T08:30:00Z",
        "2026-11-25T08:30:00.000Z\0",
        "None",
    ],
)
def test_every_other_text_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (whichever way it is none)
        read_instant(text)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"))
def test_no_text_is_read_as_another_moment_than_it_says(text: str) -> None:
    try:
        read = read_instant(text)
    except ValueError:
        return
    assert text[:19] == read.isoformat()[:19]
    assert read.utcoffset() == timedelta()


def test_no_other_module_writes_the_form_of_an_instant() -> None:
    found = [
        str(path.relative_to(ROOT))
        for part in ("edge", "sync", "printers")
        for path in (ROOT / part).rglob("*.py")
        if re.search(r"%Y-%m-%dT|timespec=\"milliseconds\"", path.read_text())
    ]
    assert found == ["sync/protocol/instants.py"]
