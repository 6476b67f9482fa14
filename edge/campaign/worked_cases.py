"""Worked cases: what a country says its schedules come to for somebody, tried on each of them.

A case stands in ``schedules/NAME.cases.yaml`` beside its schedule; without a schedule of that name
it is of the programme with that id, whose ages and intervals are its schedule. The cases of a
country's own pack stand beside the pack, each with the options it is about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from edge.campaign.merging import merged
from edge.campaign.mistakes import Mistake
from edge.campaign.packs import PackStore, chosen_pack, read_pack
from edge.campaign.schedules import to_schedule
from edge.campaign.yaml_files import YamlFile, check_yaml, read_list
from edge.domain.nearest import did_you_mean
from edge.domain.schedule.conditions import AddedConditions
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.forecast import NOT_COMPLETE
from edge.domain.schedule.model import Schedule, Shot, Subject

SUFFIX = ".cases"
FindSchedule = Callable[[str], Schedule | None]
"""Gives a schedule by its name, None for one with mistakes; raises LookupError without one."""


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """What is asked of a schedule: a person, the doses, the day and the group."""

    subject: Subject
    shots: tuple[Shot, ...]
    on: date
    group: str

    def found(self, schedule: Schedule) -> GroupAssessment | None:
        """Ask the engine; None: the schedule has no such group."""
        return assess(schedule, self.subject, self.shots, self.on).get(self.group)


def to_case(item: Mapping[str, Any]) -> WorkedCase:
    """Read a checked case; days may be dates or texts."""
    shots = (str(text).partition(" ") for text in item.get("doses", ()))
    return WorkedCase(
        Subject(
            born=date.fromisoformat(str(item["born"])),
            gender=item.get("gender", ""),
            observations=dict.fromkeys(item.get("observed", ())),
        ),
        tuple(Shot(date.fromisoformat(day), code) for day, _, code in shots),
        date.fromisoformat(str(item["on"])),
        item["group"],
    )


def differences(item: Mapping[str, Any], found: GroupAssessment) -> Iterator[tuple[str, str, str]]:
    """Give what comes out otherwise than a case says: the field, what it says, what comes out."""
    due, wanted = found.forecast, item.get("next", {})
    told: dict[str, tuple[Any, Any]] = {"status": (item["status"], due.status)}
    if "valid" in item:
        told["valid"] = (item["valid"], [dose.status for dose in found.evaluations])
    if "kind" in wanted:
        told["kind"] = (wanted["kind"], due.place.kind)
        told["dose"] = (wanted["dose"], due.place.number)
    elif "next" in item or item["status"] == NOT_COMPLETE:
        told["dose"] = (wanted.get("dose", 0), due.target)
    days = {"earliest": due.earliest, "recommended": due.recommended, "late": due.past_due}
    told |= {name: (str(wanted[name]), str(day)) for name, day in days.items() if name in wanted}
    for field, (said, got) in told.items():
        if said != got:
            yield field, _told(said), _told(got)


def case_mistakes(folder: Path, schemas: Path, find: FindSchedule) -> Iterator[Mistake]:
    """Try every worked case in a campaign's folder ``schedules``; give those that differ."""
    schema = json.loads((schemas / "cases.schema.json").read_text(encoding="utf-8"))
    for path in sorted(folder.glob(f"*{SUFFIX}.yaml")):
        mistakes: list[Mistake] = []
        file = _read(path, folder, schema, mistakes)
        yield from mistakes
        if file is None:
            continue
        name = path.stem.removesuffix(SUFFIX)
        try:
            schedule = find(name)
        except LookupError:
            sentence = "There is no schedule and no programme {code}, whose cases these would be."
            yield Mistake(file.name, 1, "cases.whose", sentence, {"code": name})
            continue
        if schedule is not None:
            for place, item in enumerate(file.value):
                yield from _tried(file, place, item, schedule)


def pack_case_mistakes(
    folder: Path, schemas: Path, packs: PackStore, added: AddedConditions
) -> Iterator[Mistake]:
    """Try the worked cases of the country's own packs, which lie in folders of this one."""
    schema = json.loads((schemas / "cases.schema.json").read_text(encoding="utf-8"))
    for path in sorted(folder.glob(f"*/*{SUFFIX}.yaml")):
        mistakes: list[Mistake] = []
        file = _read(path, folder, schema, mistakes)
        pack_path = path.with_name(f"{path.stem.removesuffix(SUFFIX)}.yaml")
        name = pack_path.relative_to(folder).with_suffix("").as_posix()
        pack = read_pack(pack_path, packs, name, [])
        yield from mistakes
        if file is None or pack is None:
            continue
        for place, item in enumerate(file.value):
            plain = merged(name, name, name, [chosen_pack(pack, item.get("options", {}))])
            yield from _tried(file, place, item, to_schedule(plain.value, added))


def _read(
    path: Path, folder: Path, schema: Mapping[str, Any], mistakes: list[Mistake]
) -> YamlFile | None:
    found = read_list(path, mistakes)
    told = f"schedules/{path.relative_to(folder).as_posix()}"
    if found is not None:
        mistakes.extend(check_yaml(found, schema))
    mistakes[:] = [replace(mistake, file=told) for mistake in mistakes]
    return None if mistakes or found is None else replace(found, name=told)


def _tried(
    file: YamlFile, place: int, item: Mapping[str, Any], schedule: Schedule
) -> Iterator[Mistake]:
    case = to_case(item)
    unknown = list(_unknown(file, place, case, schedule))
    yield from unknown
    found = None if unknown else case.found(schedule)
    for field, said, got in differences(item, found) if found is not None else ():
        sentence = "{why}: {field} comes out as {got}, and the case says {said}."
        path = (place, field) if field in item else (place, "next", field)
        values = {"why": item["why"], "field": field, "said": said, "got": got}
        hint = "Mend the schedule, or the case."
        yield Mistake(file.name, file.line(path), "cases.otherwise", sentence, values, hint=hint)


def _unknown(file: YamlFile, place: int, case: WorkedCase, schedule: Schedule) -> Iterator[Mistake]:
    """Find names in a case that the schedule does not have: it would say nothing of them."""
    named: list[tuple[str, str, Collection[str], str]] = [
        ("group", case.group, schedule.groups, "The schedule has nothing against {code}.")
    ]
    sentence = "{code} is not one of the schedule's vaccines."
    named += [("doses", shot.cvx, schedule.vaccines, sentence) for shot in case.shots]
    sentence = "{code} is not one of the schedule's observations."
    seen = schedule.observations
    named += [("observed", code, seen, sentence) for code in case.subject.observations]
    for field, code, known, sentence in named:
        if code not in known:
            hint, values = did_you_mean(code, known)
            yield Mistake(file.name, file.line((place, field)), "cases.unknown", sentence,
                          {"code": code, **values}, field, hint)  # fmt: skip


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "no dose"
    return str(value or "none") if value != "None" else "none"
