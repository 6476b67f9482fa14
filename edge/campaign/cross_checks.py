"""What a campaign's files must agree on among themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.catalogue import LIST_KEYS
from edge.domain.certificate import needs_of
from edge.domain.session_days import session_days


def cross_check(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find codes that are used twice or lead nowhere, and numbers that contradict each other."""
    for name, key in LIST_KEYS.items():
        yield from _unique(files[name], key)
    yield from _programmes(files["programmes"], files["vaccines"])
    yield from _vaccines(files["vaccines"])
    yield from _places(files)
    yield from _certificates(files)
    if not any(facility.get("active", True) for facility in files["facilities"].value):
        yield _mistake(
            files["facilities"], (), "facilities.none", "No facility of the campaign is active."
        )


def _places(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find staff of facilities that are not there, and session days that no calendar has."""
    yield from _staff(files["staff"], files["facilities"])
    yield from _sessions(files["facilities"])


def check_region(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find what the two files of a region do not agree on."""
    for name in ("facilities", "staff"):
        yield from _unique(files[name], LIST_KEYS[name])
    yield from _places(files)


def _unique(file: YamlFile, key: str) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for index, item in enumerate(file.value):
        code = item[key]
        if code in first:
            yield _mistake(
                file,
                (index, key),
                "code.twice",
                "The code {code} is used twice; first on line {first}.",
                code=code,
                first=file.line((first[code], key)),
            )
        else:
            first[code] = index


def _programmes(programmes: YamlFile, vaccines: YamlFile) -> Iterator[Mistake]:
    known = {vaccine["code"] for vaccine in vaccines.value}
    for index, programme in enumerate(programmes.value):
        for place, code in enumerate(programme["vaccines"]):
            if code not in known:
                yield _mistake(
                    programmes,
                    (index, "vaccines", place),
                    "programme.vaccine",
                    "The vaccine {code} is not in vaccines.yaml.",
                    code=code,
                )
        if programme.get("end") and programme["end"] < programme["start"]:
            yield _mistake(
                programmes,
                (index, "end"),
                "programme.dates",
                "The programme ends before it starts.",
            )
        if programme.get("max_age") and programme["max_age"] < programme.get("min_age", 0):
            yield _mistake(
                programmes,
                (index, "max_age"),
                "programme.ages",
                "The greatest age is below the least.",
            )


def check_schedules(programmes: YamlFile, schedules: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find programmes whose schedule is not there or does not know one of their vaccines."""
    for index, programme in enumerate(programmes.value):
        name = programme.get("schedule")
        if name is None:
            continue
        if name not in schedules:
            yield _mistake(
                programmes,
                (index, "schedule"),
                "programme.schedule",
                "There is no file schedules/{schedule}.yaml.",
                schedule=name,
            )
            continue
        for place, code in enumerate(programme["vaccines"]):
            if code not in schedules[name].value["vaccines"]:
                yield _mistake(
                    programmes,
                    (index, "vaccines", place),
                    "programme.schedule-vaccine",
                    "The vaccine {code} is not in schedules/{schedule}.yaml.",
                    code=code,
                    schedule=name,
                )


def _vaccines(vaccines: YamlFile) -> Iterator[Mistake]:
    for index, vaccine in enumerate(vaccines.value):
        for place, interval in enumerate(vaccine.get("dose_intervals", [])):
            if interval.get("max") and interval["max"] < interval["min"]:
                yield _mistake(
                    vaccines,
                    (index, "dose_intervals", place),
                    "vaccine.interval",
                    "The longest interval is shorter than the shortest.",
                )


def _staff(staff: YamlFile, facilities: YamlFile) -> Iterator[Mistake]:
    known = {facility["code"] for facility in facilities.value}
    for index, member in enumerate(staff.value):
        for place, code in enumerate(member["facilities"]):
            if code not in known:
                yield _mistake(
                    staff,
                    (index, "facilities", place),
                    "staff.facility",
                    "The facility {code} is not in facilities.yaml.",
                    code=code,
                )


def _sessions(facilities: YamlFile) -> Iterator[Mistake]:
    """Find session days that no calendar has."""
    for index, facility in enumerate(facilities.value):
        for place, day in enumerate(facility.get("session_days", ())):
            try:
                session_days([day])
            except ValueError:
                yield _mistake(
                    facilities,
                    (index, "session_days", place),
                    "facility.session-day",
                    "{day} is no day of the calendar.",
                    day=day,
                )


def _certificates(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Check that what the formats need is there, and that paper carries only what is issued."""
    campaign, programmes = files["campaign"], files["programmes"]
    usual = campaign.value.get("certificates")
    if usual:
        yield from _paper(campaign, ("certificates",), usual)
    vaccines = {vaccine["code"]: vaccine for vaccine in files["vaccines"].value}
    for index, programme in enumerate(programmes.value):
        own = programme.get("certificates")
        if own:
            yield from _paper(programmes, (index, "certificates"), own)
        for name in (own or usual or {}).get("formats", ()):
            needs = needs_of(name)
            for field in needs.issuer:
                if not campaign.value["issuer"].get(field):
                    yield _mistake(
                        campaign,
                        ("issuer",),
                        "certificates.issuer",
                        "The format {format} needs the issuer's field {field}.",
                        format=name,
                        field=field,
                    )
            for code in programme["vaccines"]:
                given = vaccines.get(code, {}).get("codes", {})
                lacking = [code for code in needs.codes if not given.get(code)]
                if lacking:
                    yield _mistake(
                        programmes,
                        (index, "vaccines"),
                        "certificates.codes",
                        "The format {format} needs codes of the vaccine {code}: {codes}.",
                        format=name,
                        code=code,
                        codes=", ".join(lacking),
                    )


def _paper(
    file: YamlFile, path: tuple[str | int, ...], plan: Mapping[str, Any]
) -> Iterator[Mistake]:
    for width, formats in plan.get("paper", {}).items():
        for place, name in enumerate(formats):
            if name not in plan["formats"]:
                yield _mistake(
                    file,
                    (*path, "paper", width, place),
                    "certificates.paper",
                    "The format {format} goes on paper but is not issued.",
                    format=name,
                )


def _mistake(
    file: YamlFile, path: tuple[str | int, ...], code: str, sentence: str, /, **values: object
) -> Mistake:
    return Mistake(file.name, file.line(path), code, sentence, values)
