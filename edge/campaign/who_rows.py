"""Rows of WHO's example patients (CSV): who, what was given when, what is known, what is expected.

Days are counted from the reference day (``-6w``) or from birth (``b+6w``), facts written as
``name=value@when``, doses as ``when=code:vaccine(kind number/of)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edge.campaign.case_rows import case_rows
from edge.domain.errors import BadInput
from edge.domain.schedule.calendar import Period
from edge.domain.schedule.model import Shot

COLUMNS = ("case_id", "antigen", "variant", "birth_offset", "doses", "expected_outcome")
"""What a file of this form has at least."""
OUTCOMES = (
    "due",
    "not-due",
    "complete",
    "primary-complete",
    "further-evaluation",
    "contraindicated",
    "other-table",
)
_WHEN = re.compile(r"(?:b\+|(?P<ago>-)|)(?P<count>\d{1,4})(?P<unit>[hdwmy])")
_DOSE = re.compile(r"(?:.*:)?(?P<vaccine>[^:()]+)\((?P<kind>[a-z0-9-]+)(?: \d+/\d+)?\)")
_BELOW: Mapping[str, tuple[float, str]] = {"birth-weight-g": (2000, "low-birth-weight")}
"""Facts that are numbers: below what they are an observation, and which."""
_CALLED: Mapping[str, str] = {
    "currently-pregnant": "pregnant",
    "planning-to-get-pregnant-in-the-next-month": "planning-pregnancy",
    "planning-to-get-pregnant": "planning-pregnancy",
}
"""Facts that packs call by another code."""


@dataclass(frozen=True, slots=True)
class WhoCase:
    """One example patient as of a day.

    ``kinds`` are those of the shots as the file says them, ``brands`` their products where they are
    known (empty: not). ``facts`` are observation codes with their days. ``expected_for`` and
    ``also`` are as written.
    """

    id: str
    antigen: str
    variant: str
    on: date
    born: date
    gender: str
    shots: tuple[Shot, ...]
    kinds: tuple[str, ...]
    brands: tuple[str, ...]
    facts: Mapping[str, date | None]
    proposed: str
    outcome: str
    expected_for: str
    also: str
    until: str


def read_who_cases(path: Path, on: date) -> Iterator[WhoCase]:
    """Read a case file as of a reference day; raises :class:`BadInput` naming row and column."""
    hint = "CDC's cases are tried with --supporting DIR."
    for number, row in case_rows(path, COLUMNS, hint):
        yield _case(_Place(path, number), row, on)


def day_of(text: str, on: date, born: date) -> date | None:
    """Give the day of ``-2w`` (from the reference day) or ``b+6w`` (from birth); None: neither."""
    found = _WHEN.fullmatch(text.strip())
    if found is None:
        return None
    count, start = int(found["count"]), on
    if text.strip().startswith("b"):
        start = born
    elif found["ago"]:
        count = -count
    length = {
        "h": Period(),
        "d": Period(days=count),
        "w": Period(days=7 * count),
        "m": Period(months=count),
        "y": Period(years=count),
    }[found["unit"]]
    try:
        return length.after(start)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    row: int

    def wrong(self, column: str, value: str) -> BadInput:
        return BadInput(
            "cases.value",
            "In {file}, row {row}, the column {column} has a value"
            " that is not understood: {value}.",
            file=self.path.name,
            row=self.row,
            column=column,
            value=value[:60] or "nothing",
        )


def _case(place: _Place, row: Mapping[str, str], on: date) -> WhoCase:
    def text(column: str) -> str:
        return (row.get(column) or "").strip()

    born = day_of(text("birth_offset"), on, on)
    if born is None or born > on:
        raise place.wrong("birth_offset", text("birth_offset"))
    if text("expected_outcome") not in OUTCOMES:
        raise place.wrong("expected_outcome", text("expected_outcome"))
    facts, brands = _facts(place, text("other_facts"), on, born)
    doses = list(_doses(place, text("doses"), on, born))
    return WhoCase(
        id=text("case_id") or str(place.row),
        antigen=text("antigen"),
        variant=text("variant"),
        on=on,
        born=born,
        gender=text("sex").capitalize(),
        shots=tuple(shot for shot, _ in doses),
        kinds=tuple(kind for _, kind in doses),
        brands=tuple(brands.get(number, "") for number in range(1, len(doses) + 1)),
        facts=facts,
        proposed=text("vaccine_proposed").rpartition(":")[2],
        outcome=text("expected_outcome"),
        expected_for=text("expected_for"),
        also=text("also_expected"),
        until=text("not_due_until_derived"),
    )


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(";") if part.strip())


def _doses(place: _Place, text: str, on: date, born: date) -> Iterator[tuple[Shot, str]]:
    for part in _parts(text):
        when, _, told = part.partition("=")
        found, day = _DOSE.fullmatch(told.strip()), day_of(when, on, born)
        if found is None or day is None:
            raise place.wrong("doses", part)
        yield Shot(day, found["vaccine"].strip()), found["kind"]


def _facts(
    place: _Place, text: str, on: date, born: date
) -> tuple[dict[str, date | None], dict[int, str]]:
    """Read the facts as observations, and which brand each dose was where one is known."""
    found: dict[str, date | None] = {}
    brands: dict[int, str] = {}
    for part in _parts(text):
        told, _, when = part.partition("@")
        name, sign, value = (piece.strip() for piece in told.partition("="))
        day = day_of(when, on, born) if when else None
        if not sign or (when and day is None):
            raise place.wrong("other_facts", part)
        brand = re.fullmatch(r"brand-(\d{1,2})", name)
        if brand is not None:
            if value not in ("none", "unknown"):
                brands[int(brand[1])] = value
            continue
        code = observation(name, value)
        if code:
            found[code] = day
    return found, brands


def observation(name: str, value: str) -> str:
    """Give the code of a fact: ``pregnant=yes`` is ``pregnant``, ``art=no`` is ``not-art``.

    Any other value stands behind the name (``hiv-positive``); a contraindication is its value. A
    number is an observation only below its limit. Empty: nothing was observed.
    """
    if name in _BELOW:
        limit, below = _BELOW[name]
        try:
            return below if float(value) < limit else ""
        except ValueError:
            return ""
    if name == "contraindication":
        code = value
    elif value in ("yes", "true"):
        code = name
    else:
        code = f"not-{name}" if value in ("no", "false") else f"{name}-{value}"
    return _CALLED.get(code, code)
