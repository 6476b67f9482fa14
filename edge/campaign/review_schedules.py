"""What is to be looked at in schedules: doses that nobody comes to, or that nobody could give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from edge.campaign.merging import vaccine_of
from edge.campaign.mistakes import Mistake
from edge.campaign.reviewed import Reviewed
from edge.campaign.yaml_files import YamlFile
from edge.domain.schedule.calendar import at_age, period

_BIRTH = date(2026, 1, 1)
_AGES = ("from", "recommended", "late", "until")
"""In the order in which somebody reaches them."""


def _named(campaign: Reviewed) -> Iterator[Mistake]:
    named = {programme.get("schedule") for programme in campaign.files["programmes"].value}
    for name, file in campaign.schedules.items():
        if name not in named:
            yield Mistake(file.name, 1, "schedule.unused",
                "No programme names this schedule. Write schedule: {name} in programmes.yaml, or"
                " take the file away.", {"name": name})  # fmt: skip
        elif file.value.get("decides") == "clinician" and not campaign.has_role("clinician"):
            yield Mistake(file.name, file.line(("decides",)), "schedule.no-clinician",
                "This schedule leaves decisions to a clinician, and nobody in staff.yaml has that"
                " role.")  # fmt: skip


def _doses(campaign: Reviewed) -> Iterator[Mistake]:
    """Find ages that nobody reaches in their order."""
    for file in campaign.schedules.values():
        for place, series in enumerate(file.value["series"]):
            for number, dose in enumerate(series["doses"]):
                yield from _ages(file, (place, number), series["name"], dose.get("age", {}))


def _ages(
    file: YamlFile, at: tuple[int, int], series: str, ages: Mapping[str, str]
) -> Iterator[Mistake]:
    reached = [(name, day) for name in _AGES
               if (day := at_age(_BIRTH, period(ages.get(name, "")))) is not None]  # fmt: skip
    for (name, day), (later, other) in pairwise(reached):
        if other < day:
            yield file.mistake(("series", at[0], "doses", at[1]), "schedule.age-order",
                "Dose {number} of {series}: {later} ({other}) comes before {name} ({age}).",
                number=at[1] + 1, series=series, later=later, other=ages[later], name=name,
                age=ages[name])  # fmt: skip


def _given(campaign: Reviewed) -> Iterator[Mistake]:
    """Find vaccines of a programme that no dose is of, and doses it has no vaccine for."""
    active = {vaccine["code"] for _, vaccine in campaign.each("vaccines")}
    for index, programme in campaign.each("programmes"):
        file = campaign.schedules.get(programme.get("schedule", ""))
        if file is None:
            continue
        own = active.intersection(programme["vaccines"])
        of_doses = {code for series in file.value["series"] for dose in series["doses"]
                    for code in _codes(dose)}  # fmt: skip
        for place, code in enumerate(programme["vaccines"]):
            if code in own - of_doses:
                yield campaign.remark("programmes", (index, "vaccines", place),
                    "programme.no-dose", "No dose of schedules/{schedule}.yaml is of {code}:"
                    " nobody is called for it.", schedule=programme["schedule"],
                    code=code)  # fmt: skip
        for against, lacking in _incomplete(file.value, own).items():
            yield campaign.remark("programmes", (index, "vaccines"), "programme.incomplete",
                "{code} could complete nobody against {against}: of dose {number} of {series} it"
                " has no active vaccine ({vaccines}).", code=programme["id"], against=against,
                **lacking)  # fmt: skip


def _incomplete(schedule: Mapping[str, Any], own: set[str]) -> dict[str, dict[str, object]]:
    """Give, by antigen, a dose that lacks a vaccine in every series of which any dose has one."""
    begun: dict[str, list[dict[str, object] | None]] = defaultdict(list)
    for series in schedule["series"]:
        doses = [_codes(dose) for dose in series["doses"]]
        if own.isdisjoint(code for codes in doses for code in codes):
            continue
        lacking = next(
            (
                {"number": number, "series": series["name"], "vaccines": ", ".join(codes)}
                for number, codes in enumerate(doses, start=1)
                if own.isdisjoint(codes)
            ),
            None,
        )
        begun[series["against"]].append(lacking)
    return {against: found[0] for against, found in begun.items() if all(found) and found[0]}


def _codes(dose: Mapping[str, Any]) -> list[str]:
    return [vaccine_of(item) for item in dose["vaccines"]]


SCHEDULES: tuple[Callable[[Reviewed], Iterator[Mistake]], ...] = (_named, _doses, _given)
