"""Rules of a schedule that nobody can meet: doses that never come, and bans for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.schedule.calendar import at_age, period
from edge.domain.schedule.model import PRIMARY

_BIRTH = date(2026, 1, 1)
"""Ages and intervals are laid out from this birth: months and weeks have no order of their own."""


def unreachable(file: YamlFile) -> Iterator[Mistake]:
    """Find doses that are too old before they can be given, and rules that speak against all."""
    for place, series in enumerate(file.value["series"]):
        yield from _never_given(file, place, series)
    for name, items in file.value.get("contraindicated", {}).items():
        for index, item in enumerate(items):
            if isinstance(item, Mapping) and _of_everybody(file.value, name, item):
                yield Mistake(
                    file.name,
                    file.line(("contraindicated", name, index)),
                    "schedule.against-all",
                    "This speaks against {code} at every age at which a dose could be given.",
                    {"code": name},
                    hint="Give it other ages, or leave out the series.",
                )


def _never_given(file: YamlFile, place: int, series: Mapping[str, Any]) -> Iterator[Mistake]:
    first = earliest = at_age(_BIRTH, period(series.get("begin", {}).get("from", ""))) or _BIRTH
    for number, dose in enumerate(series["doses"]):
        ages = dose.get("age", {})
        day = at_age(_BIRTH, period(ages.get("from", ""))) or _BIRTH
        if not number:
            day = first = max(day, first)
        elif "skip" not in series["doses"][number - 1]:  # else the one before may be left out
            day = max([day, earliest, *_after(series, number, earliest, first)])
        last = at_age(_BIRTH, period(ages.get("until", "")))
        if last is not None and day >= last:
            yield Mistake(
                file.name,
                file.line(("series", place, "doses", number)),
                "schedule.never",
                "Dose {number} of {series} can never be given: the ages and intervals before it"
                " lead to {days} days of age, and from {until} on it is not given any more.",
                {
                    "number": number + 1,
                    "series": series["name"],
                    "days": (day - _BIRTH).days,
                    "until": ages["until"],
                },
                hint="Give it a later until, or shorter intervals.",
            )
            return
        earliest = day


def _after(series: Mapping[str, Any], number: int, previous: date, first: date) -> Iterator[date]:
    """Give the days before which the intervals of a dose do not end."""
    before = series["doses"][number - 1]
    after = series["doses"][number].get("after", ())
    for item in after if isinstance(after, list) else [after] if after else []:
        kind = item.get("kind")
        if "of" in item or kind not in (None, before.get("kind") or series.get("kind", PRIMARY)):
            continue  # from a dose that may lie further back, or that this series does not have
        for name, start in (("previous", previous), ("first", first)):
            if (length := period(item.get(name, ""))) is not None:
                yield length.after(start)


def _of_everybody(body: Mapping[str, Any], antigen: str, item: Mapping[str, Any]) -> bool:
    """Say whether a ban by age alone leaves nobody of any series against an antigen."""
    if item.keys() & {"seen", "vaccines", "judgement"}:
        return False
    begin = at_age(_BIRTH, period(item.get("from", ""))) or _BIRTH
    end = at_age(_BIRTH, period(item.get("until", ""))) or date.max
    windows = [
        (at_age(_BIRTH, period(ages.get("from", ""))) or _BIRTH,
         at_age(_BIRTH, period(ages.get("until", ""))) or date.max)
        for series in body["series"]
        if series["against"] == antigen
        for ages in [series["doses"][0].get("age", {})]
    ]  # fmt: skip
    return bool(windows) and all(begin <= first and last <= end for first, last in windows)
