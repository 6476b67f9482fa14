"""What a campaign says of approvals: facilities, certifications, recalled lots, and mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import (
    language_of,
    scope_mistakes,
    text_in,
    text_mistakes,
    to_scope,
    unknown_codes,
)
from edge.campaign.yaml_files import YamlFile
from edge.domain.approval import (
    ApprovalRules,
    Certification,
    LotRecall,
)
from edge.domain.facility_programmes import FacilityProgramme, OpeningTime
from edge.domain.lots import lot_key
from edge.domain.session_days import WEEKDAYS


def to_approval(body: Mapping[str, Any]) -> ApprovalRules:
    """Read what comes of a dose without an approval."""
    return ApprovalRules(**body.get("approval", {}))


def to_facility_programmes(item: Mapping[str, Any]) -> dict[str, FacilityProgramme] | None:
    """Read the programmes of a facility by their ids; None where it says nothing of them."""
    if "programmes" not in item:
        return None
    return {
        plan["id"]: FacilityProgramme(
            active=plan.get("active", True),
            first=_day(plan.get("from")),
            last=_day(plan.get("until")),
            daily_rate=plan.get("daily_rate", 0),
            rate_per_vaccinator=plan.get("rate_per_vaccinator", 0),
            appointments=_times(plan, "appointments"),
            walk_ins=_times(plan, "walk_ins"),
            walk_ins_take_room=plan.get("walk_ins_take_room", False),
        )
        for plan in item["programmes"]
    }


def to_certifications(item: Mapping[str, Any]) -> tuple[Certification, ...] | None:
    """Read what a member of staff was certified for; None where nothing is said of it."""
    if "certified" not in item:
        return None
    return tuple(
        Certification(to_scope(training), _day(training.get("until")))
        for training in item["certified"]
    )


def to_recalls(items: Any, language: str) -> tuple[LotRecall, ...]:
    """Read the lots that are recalled."""
    return tuple(
        LotRecall(
            code=item["code"],
            vaccine=item["vaccine"],
            lots=frozenset(map(lot_key, item["lots"])),
            on=date.fromisoformat(item["on"]),
            why=text_in(item, "why", language),
            to_do=text_in(item, "to_do", language),
        )
        for item in items
    )


def facility_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find sub-sites of nothing, approvals twice or that never begin, and times nobody can keep."""
    file = files["facilities"]
    known = {item["code"]: item for item in file.value}
    for index, item in enumerate(file.value):
        parent = item.get("part_of")
        if parent is not None and (parent not in known or parent == item["code"]):
            yield file.mistake(
                (index, "part_of"),
                "facility.part-of",
                "{code} is no other facility of facilities.yaml.",
                code=parent,
            )
        elif parent is not None and "part_of" in known[parent]:
            yield file.mistake(
                (index, "part_of"),
                "facility.part-of-part",
                "{code} is itself a part of {whole}: name that one.",
                code=parent,
                whole=known[parent]["part_of"],
            )
        yield from distinct(file, "id", (index, "programmes"))
        for place, plan in enumerate(item.get("programmes", ())):
            yield from _times_mistakes(file, (index, "programmes", place), plan)


def _slots_twice(
    file: YamlFile, path: tuple[str | int, ...], slots: Sequence[Mapping[str, Any]]
) -> Iterator[Mistake]:
    """Find a day's slot that is said twice: for how many there is room would be a guess."""
    said: set[tuple[int, str, str]] = set()
    for place, slot in enumerate(slots):
        keys = {(day, slot["from"], slot["until"]) for day in _rooms(slot)}
        if twice := sorted(said & keys):
            yield file.mistake(
                (*path, "appointments", place),
                "facility.slot-twice",
                "The slot {opens} to {until} of {day} is said twice: say it once.",
                opens=slot["from"],
                until=slot["until"],
                day=WEEKDAYS[twice[0][0]],
            )
        said |= keys


def _times_mistakes(
    file: YamlFile, path: tuple[str | int, ...], plan: Mapping[str, Any]
) -> Iterator[Mistake]:
    if plan.get("from") and plan.get("until") and plan["until"] < plan["from"]:
        yield file.mistake(
            (*path, "until"), "facility.programme-dates", "The approval ends before it begins."
        )
    for kind in ("appointments", "walk_ins"):
        for slot, opening in enumerate(plan.get(kind, ())):
            if opening["until"] <= opening["from"]:
                yield file.mistake(
                    (*path, kind, slot),
                    "facility.hours",
                    "It closes at {until}, which is not after {opens}.",
                    until=opening["until"],
                    opens=opening["from"],
                )
    yield from _slots_twice(file, path, plan.get("appointments", ()))


def approval_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find facilities that are approved for a programme that there is not."""
    file, programmes = files["facilities"], {item["id"] for item in files["programmes"].value}
    for index, item in enumerate(file.value):
        for place, plan in enumerate(item.get("programmes", ())):
            path, named = (index, "programmes", place), {"programmes": [plan["id"]]}
            yield from unknown_codes(file, path, named, "programmes", programmes)


def certification_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find staff who are certified for what there is not."""
    programmes = {item["id"]: item for item in files["programmes"].value}
    vaccines = {item["code"] for item in files["vaccines"].value}
    file = files["staff"]
    for index, member in enumerate(file.value):
        for place, training in enumerate(member.get("certified", ())):
            path = (index, "certified", place)
            yield from scope_mistakes(file, path, training, programmes, vaccines)


def recall_mistakes(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find recalls of a vaccine that there is not, or without words of the campaign's language."""
    vaccines = {item["code"] for item in files["vaccines"].value}
    file, language = files["lot_recalls"], language_of(files)
    yield from distinct(file)
    for index, item in enumerate(file.value):
        named = {"vaccines": [item["vaccine"]]}
        yield from unknown_codes(file, (index,), named, "vaccines", vaccines)
        yield from text_mistakes(file, (index, "why"), item.get("why"), language)
        yield from text_mistakes(file, (index, "to_do"), item.get("to_do"), language)


def _times(plan: Mapping[str, Any], kind: str) -> tuple[OpeningTime, ...] | None:
    if kind not in plan:
        return None
    return tuple(
        OpeningTime(
            days=frozenset(rooms),
            opens=time.fromisoformat(opening["from"]),
            closes=time.fromisoformat(opening["until"]),
            rooms={day: room for day, room in rooms.items() if room is not None},
        )
        for opening in plan[kind]
        for rooms in [_rooms(opening)]
    )


def _rooms(opening: Mapping[str, Any]) -> dict[int, int | None]:
    """Give the days of the week, each with its room; a day may have one of its own, as in DIVOC."""
    usual = opening.get("max_appointments")
    told: Sequence[Any] = opening.get("days", WEEKDAYS)
    days: list[Mapping[str, Any]] = [{"day": day} if isinstance(day, str) else day for day in told]
    return {WEEKDAYS.index(day["day"]): day.get("max_appointments", usual) for day in days}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
