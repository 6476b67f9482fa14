"""A country's schedules: YAML that a nurse manager can read, as the engine's values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml
from edge.domain.catalogue import Programme, Vaccine
from edge.domain.schedule.calendar import Period, period
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    Conflict,
    IntervalRule,
    Schedule,
    Series,
    Skip,
    SkipCondition,
    SkipSet,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)


def read_schedule(path: Path, schemas: Path) -> Schedule:
    """Read a schedule; raises :class:`CampaignErrors` with every mistake and its line."""
    mistakes: list[Mistake] = []
    file = check_schedule(path, schemas, mistakes)
    if mistakes or file is None:
        raise CampaignErrors(mistakes)
    return to_schedule(file.value)


def check_schedule(path: Path, schemas: Path, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a schedule's file; what is wrong with it is added to the mistakes."""
    file = read_yaml(path, mistakes)
    if file is None:
        return None
    schema = json.loads((schemas / "schedule.schema.json").read_text(encoding="utf-8"))
    found = list(check_yaml(file, schema)) or list(_cross_check(file))
    mistakes.extend(found)
    return None if found else file


def to_schedule(body: Mapping[str, Any]) -> Schedule:
    """Turn a checked schedule into the engine's values."""
    antigens: dict[str, list[Series]] = {}
    for item in body["series"]:
        antigens.setdefault(item["against"], []).append(_series(item))
    groups = {name: tuple(members) for name, members in body.get("groups", {}).items()}
    grouped = {name for members in groups.values() for name in members}
    groups |= {name: (name,) for name in antigens if name not in grouped}
    return Schedule(
        antigens={name: Antigen(name, tuple(series)) for name, series in antigens.items()},
        vaccines={
            name: tuple(Association(one) for one in against)
            for name, against in body["vaccines"].items()
        },
        groups={name: VaccineGroup(name, members) for name, members in groups.items()},
        conflicts=_conflicts(body.get("live", ())),
    )


def programme_schedule(programme: Programme, vaccines: Mapping[str, Vaccine]) -> Schedule:
    """Turn a programme's simple rules into the same model.

    Each vaccine is a series: DIVOC's ``doseIntervals`` are the intervals between its doses
    (``min`` days at least, late after ``max``), the programme's ages bound the first dose.
    """
    known = [vaccines[code] for code in programme.vaccines if code in vaccines]
    oldest = Period(years=programme.max_age + 1) if programme.max_age else None
    youngest = Period(years=programme.min_age)
    series = tuple(
        Series(
            name=vaccine.name,
            antigen=programme.id,
            default=place == 0,
            preference=place + 1,
            doses=(
                TargetDose(
                    ages=(AgeRule(youngest, youngest, youngest, None, oldest),),
                    preferable=(VaccineRule(vaccine.code),),
                ),
                *(
                    TargetDose(
                        intervals=(
                            IntervalRule(
                                absolute_min=Period(days=gap.min),
                                min=Period(days=gap.min),
                                earliest=Period(days=gap.min),
                                latest=Period(days=gap.max + 1) if gap.max else None,
                            ),
                        ),
                        preferable=(VaccineRule(vaccine.code),),
                    )
                    for gap in vaccine.dose_intervals
                ),
            ),
        )
        for place, vaccine in enumerate(known)
    )
    return Schedule(
        antigens={programme.id: Antigen(programme.id, series)},
        vaccines={vaccine.code: (Association(programme.id),) for vaccine in known},
        groups={programme.id: VaccineGroup(programme.id, (programme.id,))},
    )


def _series(item: Mapping[str, Any]) -> Series:
    return Series(
        name=item["name"],
        antigen=item["against"],
        genders=frozenset([item["gender"]] if "gender" in item else []),
        default=item.get("usual", False),
        doses=tuple(_dose(one) for one in item["doses"]),
    )


def _dose(item: Mapping[str, Any]) -> TargetDose:
    return TargetDose(
        ages=(_ages(item["age"]),) if "age" in item else (),
        intervals=tuple(_intervals(item.get("after", {}))),
        preferable=tuple(VaccineRule(code) for code in item["vaccines"]),
        skips=tuple(_skip(one) for one in item.get("skip", ())),
        recurring=item.get("again", False),
    )


def _ages(item: Mapping[str, str]) -> AgeRule:
    start = period(item.get("from", ""))
    return AgeRule(
        absolute_min=_less(start, period(item.get("grace", ""))),
        min=start,
        earliest=period(item.get("recommended", "")) or start,
        latest=period(item.get("late", "")),
        max=period(item.get("until", "")),
    )


def _intervals(item: Mapping[str, str]) -> Iterator[IntervalRule]:
    grace = period(item.get("grace", ""))
    for name, target in (("previous", 0), ("first", 1)):
        if name not in item:
            continue
        least = period(item[name])
        yield IntervalRule(
            from_previous=not target,
            from_target=target,
            absolute_min=_less(least, grace),
            min=least,
            earliest=period(item.get("recommended", "")) or least,
            latest=period(item.get("late", "")),
        )


def _skip(item: Mapping[str, str]) -> Skip:
    condition = SkipCondition(
        "age", begin_age=period(item.get("from", "")), end_age=period(item.get("until", ""))
    )
    return Skip(True, True, (SkipSet((condition,)),))


def _conflicts(items: Any) -> dict[str, tuple[Conflict, ...]]:
    found: dict[str, tuple[Conflict, ...]] = {}
    for item in items:
        apart = period(item["apart"]) or Period()
        one = Conflict(item["first"], item["then"], Period(days=1), apart, apart)
        found[one.previous] = (*found.get(one.previous, ()), one)
    return found


def _less(length: Period | None, grace: Period | None) -> Period | None:
    if length is None or grace is None:
        return length
    return Period(
        length.years - grace.years, length.months - grace.months, length.days - grace.days
    )


def _cross_check(file: YamlFile) -> Iterator[Mistake]:
    """Find codes that lead nowhere."""
    body = file.value
    vaccines = body["vaccines"]
    against = {one["against"] for one in body["series"]}
    for place, series in enumerate(body["series"]):
        for number, dose in enumerate(series["doses"]):
            for code in dose["vaccines"]:
                path = ("series", place, "doses", number, "vaccines")
                if code not in vaccines:
                    yield _mistake(
                        file, path, "schedule.vaccine", "{code} is not one of the vaccines.", code
                    )
                elif series["against"] not in vaccines[code]:
                    yield _mistake(
                        file,
                        path,
                        "schedule.protects",
                        "{code} does not protect against {against}.",
                        code,
                        against=series["against"],
                    )
    for name, members in body.get("groups", {}).items():
        for code in members:
            if code not in against:
                yield _mistake(
                    file,
                    ("groups", name),
                    "schedule.group",
                    "There is no series against {code}.",
                    code,
                )
    for place, item in enumerate(body.get("live", ())):
        for field in ("first", "then"):
            if item[field] not in vaccines:
                yield _mistake(
                    file,
                    ("live", place, field),
                    "schedule.vaccine",
                    "{code} is not one of the vaccines.",
                    item[field],
                )


def _mistake(
    file: YamlFile,
    path: tuple[str | int, ...],
    code: str,
    sentence: str,
    name: str,
    **values: object,
) -> Mistake:
    return Mistake(file.name, file.line(path), code, sentence, {"code": name, **values})
