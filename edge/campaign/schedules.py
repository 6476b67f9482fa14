"""A country's schedules: YAML that a nurse manager can read, as the engine's values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

from edge.campaign.mistakes import Mistake, ScheduleErrors
from edge.campaign.packs import pack_store, plain_schedule
from edge.campaign.schedule_checks import codes_that_lead_nowhere
from edge.campaign.skips import skip_mistakes, to_skip
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml
from edge.domain.schedule.calendar import Period, period
from edge.domain.schedule.conditions import NONE_ADDED, AddedConditions
from edge.domain.schedule.model import (
    PRIMARY,
    RISK,
    STANDARD,
    AgeRule,
    Antigen,
    Association,
    Conflict,
    Contraindication,
    Immunity,
    Indication,
    IntervalRule,
    Observable,
    Schedule,
    Series,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)


def read_schedule(path: Path, schemas: Path, added: AddedConditions = NONE_ADDED) -> Schedule:
    """Read a schedule; raises :class:`ScheduleErrors` with every mistake and its line.

    ``added`` are the conditions that packages add here.
    """
    return to_schedule(read_plain(path, schemas, added).value, added)


def read_plain(path: Path, schemas: Path, added: AddedConditions = NONE_ADDED) -> YamlFile:
    """Read a schedule's file as a plain one, also of packs; raises :class:`ScheduleErrors`."""
    mistakes: list[Mistake] = []
    file = read_yaml(path, mistakes)
    if file is not None:
        file = plain_schedule(file, pack_store(schemas, path.parent), mistakes)
    if file is not None:
        mistakes.extend(schedule_mistakes(file, schemas, added))
    if mistakes or file is None:
        raise ScheduleErrors(mistakes)
    return file


def schedule_mistakes(
    file: YamlFile, schemas: Path, added: AddedConditions = NONE_ADDED
) -> list[Mistake]:
    """Find every mistake in a schedule that was read."""
    schema = json.loads((schemas / "schedule.schema.json").read_text(encoding="utf-8"))
    return list(check_yaml(file, schema)) or [
        *codes_that_lead_nowhere(file),
        *skip_mistakes(file, added),
    ]


def to_schedule(body: Mapping[str, Any], added: AddedConditions = NONE_ADDED) -> Schedule:
    """Turn a checked schedule into the engine's values.

    A condition that is not ``added`` here any more is kept: the engine says that nobody answers it.
    """
    antigens: dict[str, list[Series]] = {}
    for item in body["series"]:
        own = antigens.setdefault(item["against"], [])
        own.append(_series(item, _priority(body, item)))
    groups = {name: tuple(members) for name, members in body.get("groups", {}).items()}
    grouped = {name for members in groups.values() for name in members}
    groups |= {name: (name,) for name in antigens if name not in grouped}
    return Schedule(
        antigens={
            name: Antigen(
                name,
                tuple(series),
                _immunity(body.get("immune", {}).get(name, {})),
                tuple(map(_against, body.get("contraindicated", {}).get(name, ()))),
            )
            for name, series in antigens.items()
        },
        vaccines={
            name: tuple(Association(value) for value in against)
            for name, against in body["vaccines"].items()
        },
        groups={name: VaccineGroup(name, members) for name, members in groups.items()},
        conflicts=_conflicts(body.get("live", ())),
        observations={
            code: _observable(item) for code, item in body.get("observations", {}).items()
        },
        conditions={kind: condition.holds for kind, condition in added.items()},
        decides=body.get("decides", "supervisor"),
    )


def _priority(body: Mapping[str, Any], series: Mapping[str, Any]) -> str:
    """Give the priority of a series: the smallest text comes first.

    Of groups that are open the first of the file is due; in a group those for certain people take
    the place of the usual ones, and of several lists of people the first of the file.
    """
    same = [item for item in body["series"] if item["against"] == series["against"]]
    groups = list(dict.fromkeys(item.get("group", "") for item in same))
    people = list(dict.fromkeys(frozenset(item["for"]) for item in same if "for" in item))
    mine = people.index(frozenset(series["for"])) if "for" in series else len(people)
    return f"{groups.index(series.get('group', '')):04}.{mine:04}"


def _against(item: str | Mapping[str, Any]) -> Contraindication:
    if isinstance(item, str):
        return Contraindication(seen=frozenset([item]))
    seen = item.get("seen", [])
    return Contraindication(
        seen=frozenset([seen] if isinstance(seen, str) else seen),
        begin=period(item.get("from", "")),
        end=period(item.get("until", "")),
        vaccines=frozenset(item.get("vaccines", ())),
        judgement="judgement" in item,
        because=item.get("judgement") or item.get("because", ""),
        source=item.get("source", ""),
    )


def _observable(item: str | Mapping[str, Any]) -> Observable:
    if isinstance(item, str):
        return Observable(item)
    return Observable(item["title"], period(item.get("valid", "")), item.get("ends", False))


def _immunity(item: Mapping[str, Any]) -> Immunity:
    return Immunity(_day(item.get("born_before", "")), frozenset(item.get("seen", ())))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _series(item: Mapping[str, Any], priority: str) -> Series:
    begin = item.get("begin", {})
    return Series(
        name=item["name"],
        antigen=item["against"],
        genders=frozenset([item["gender"]] if "gender" in item else []),
        kind=RISK if "for" in item else STANDARD,
        indications=tuple(Indication(code) for code in item.get("for", ())),
        default=item.get("usual", False),
        group=item.get("group", ""),
        priority=priority,
        min_start=period(begin.get("from", "")),
        max_start=period(begin.get("before", "")),
        by_begin=True,
        doses=tuple(_dose(dose, item) for dose in item["doses"]),
        source=item.get("source", ""),
    )


def _dose(item: Mapping[str, Any], series: Mapping[str, Any]) -> TargetDose:
    season, after = item.get("season", {}), item.get("after", {})
    return TargetDose(
        ages=(_ages(item["age"]),) if "age" in item else (),
        intervals=tuple(
            rule
            for part in (after if isinstance(after, list) else [after])
            for rule in _intervals(part)
        ),
        preferable=tuple(map(_vaccine, item["vaccines"])),
        allowable=tuple(map(_vaccine, item.get("allowed", ()))),
        skips=tuple(to_skip(skip) for skip in item.get("skip", ())),
        season=(_day(season.get("from", "")), _day(season.get("until", ""))),
        recurring=item.get("again", False),
        kind=item.get("kind") or series.get("kind", PRIMARY),
        needs=frozenset(item.get("needs") or series.get("needs", ())),
        judgement=item.get("judgement") or series.get("judgement", ""),
        source=item.get("source", ""),
    )


def _vaccine(item: str | Mapping[str, str]) -> VaccineRule:
    if isinstance(item, str):
        return VaccineRule(item)
    ages = period(item.get("from", "")), period(item.get("until", ""))
    return VaccineRule(item["vaccine"], *ages)


def _ages(item: Mapping[str, str]) -> AgeRule:
    start = period(item.get("from", ""))
    return AgeRule(
        absolute_min=_less(start, period(item.get("grace", ""))),
        min=start,
        earliest=period(item.get("recommended", "")) or start,
        latest=period(item.get("late", "")),
        max=period(item.get("until", "")),
    )


def _intervals(item: Mapping[str, Any]) -> Iterator[IntervalRule]:
    of, kind = frozenset(item.get("of", ())), item.get("kind", "")
    grace = period(item.get("grace", ""))
    for name, target in (("previous", 0), ("first", 1)):
        if name not in item:
            continue
        least = period(item[name])
        yield IntervalRule(
            from_previous=not (target or of or kind),
            from_target=target,
            from_most_recent=frozenset() if target else of,
            from_kind="" if target or of else kind,
            absolute_min=_less(least, grace),
            min=least,
            earliest=period(item.get("recommended", "")) or least,
            latest=period(item.get("late", "")),
        )


def _conflicts(items: Any) -> dict[str, tuple[Conflict, ...]]:
    found: dict[str, tuple[Conflict, ...]] = {}
    for item in items:
        apart = period(item["apart"]) or Period()
        for first, then in _pairs(item):
            one = Conflict(first, then, Period(days=1), apart, apart)
            found[first] = (*found.get(first, ()), one)
    return found


def _pairs(item: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Give the vaccines that keep a distance: which first, and which then."""
    if "vaccines" in item:
        return permutations(dict.fromkeys(item["vaccines"]), 2)
    return [(item["first"], item["then"])]


def _less(length: Period | None, grace: Period | None) -> Period | None:
    if length is None or grace is None:
        return length
    return Period(
        length.years - grace.years, length.months - grace.months, length.days - grace.days
    )
