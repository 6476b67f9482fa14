"""Codes of a schedule's file that lead nowhere, and rules for nobody: what a schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.schedule.calendar import at_age, period

Path = tuple[str | int, ...]

_ANY_BIRTH = date(2026, 1, 1)
"""Two ages are compared as days of this birth: months and weeks have no order of their own."""


def codes_that_lead_nowhere(file: YamlFile) -> Iterator[Mistake]:
    """Find every vaccine, disease and observation that is used but not declared."""
    body = file.value
    against = {series["against"] for series in body["series"]}
    yield from _vaccines(file)
    for section in ("immune", "contraindicated"):
        for name in body.get(section, {}):
            if name not in against:
                yield _no_series(file, (section, name), name)
    for name, members in body.get("groups", {}).items():
        for code in members:
            if code not in against:
                yield _no_series(file, ("groups", name), code)
    yield from _meaningless(file)
    for path, name, item, last in _spans(body):
        if last in item and "from" in item and _over_before_it_begins(item["from"], item[last]):
            sentence = "Nothing of {code} is both from {begin} on and before {end}."
            more = {"begin": item["from"], "end": item[last]}
            yield _mistake(file, (*path, last), "schedule.span", sentence, name, **more)
    for path, code in _observations(body):
        if code not in body.get("observations", {}):
            sentence = "{code} is not one of the observations."
            yield _mistake(file, path, "schedule.observation", sentence, code)


def _vaccines(file: YamlFile) -> Iterator[Mistake]:
    body = file.value
    vaccines = body["vaccines"]
    used: list[tuple[Path, str, str]] = [
        (
            ("series", place, "doses", number, field),
            item if isinstance(item, str) else item["vaccine"],
            series["against"],
        )
        for place, series in enumerate(body["series"])
        for number, dose in enumerate(series["doses"])
        for field in ("vaccines", "allowed")
        for item in dose.get(field, ())
    ]
    used += [
        (("series", place, "doses", number, "skip", index, "counted"), code, series["against"])
        for place, series in enumerate(body["series"])
        for number, dose in enumerate(series["doses"])
        for index, item in enumerate(dose.get("skip", ()))
        for code in item.get("counted", {}).get("vaccines", ())
    ]
    used += [
        (("series", place, "doses", number, "after"), code, "")
        for place, series in enumerate(body["series"])
        for number, dose in enumerate(series["doses"])
        for rule in _as_list(dose.get("after", []))
        for code in rule.get("of", ())
    ]
    used += [
        (("contraindicated", name, index, "vaccines"), code, name)
        for name, items in body.get("contraindicated", {}).items()
        for index, item in enumerate(items)
        if isinstance(item, dict)
        for code in item.get("vaccines", ())
    ]
    used += [
        (("live", place, field), code, "")
        for place, item in enumerate(body.get("live", ()))
        for field in ("first", "then", "vaccines")
        for code in _as_list(item.get(field, []))
    ]
    for path, code, against in used:
        if code not in vaccines:
            sentence = "{code} is not one of the vaccines."
            yield _mistake(file, path, "schedule.vaccine", sentence, code)
        elif against and against not in vaccines[code]:
            sentence = "{code} does not protect against {against}."
            yield _mistake(file, path, "schedule.protects", sentence, code, against=against)


def _meaningless(file: YamlFile) -> Iterator[Mistake]:
    """Find rules that speak against everybody, or that are both a ban and a judgement."""
    for name, items in file.value.get("contraindicated", {}).items():
        for index, item in enumerate(items):
            path: Path = ("contraindicated", name, index)
            if isinstance(item, str):
                continue
            if "because" in item and "judgement" in item:
                sentence = "Write because or judgement against {code}, not both."
                yield _mistake(file, path, "schedule.because", sentence, name)
            if not item.keys() & {"seen", "from", "until"}:
                sentence = "Say of whom this is against {code}: seen, from, or until."
                yield _mistake(file, path, "schedule.of-whom", sentence, name)


def _spans(body: Any) -> Iterator[tuple[Path, str, Mapping[str, str], str]]:
    """Give all that begins and ends at an age: its place, what it is of, the key of its end."""
    for place, series in enumerate(body["series"]):
        yield ("series", place, "begin"), series["name"], series.get("begin", {}), "before"
        for number, dose in enumerate(series["doses"]):
            path: Path = ("series", place, "doses", number)
            yield (*path, "age"), series["name"], dose.get("age", {}), "until"
            for item in (*dose["vaccines"], *dose.get("allowed", ())):
                if not isinstance(item, str):
                    yield (*path, "vaccines"), item["vaccine"], item, "until"
    for name, items in body.get("contraindicated", {}).items():
        for index, item in enumerate(items):
            if not isinstance(item, str):
                yield ("contraindicated", name, index), name, item, "until"


def _over_before_it_begins(begin: str, end: str) -> bool:
    first, last = (at_age(_ANY_BIRTH, period(text)) for text in (begin, end))
    return first is not None and last is not None and last <= first


def _observations(body: Any) -> Iterator[tuple[Path, str]]:
    for place, series in enumerate(body["series"]):
        for field in ("for", "needs"):
            for code in series.get(field, ()):
                yield ("series", place, field), code
        for number, dose in enumerate(series["doses"]):
            for code in dose.get("needs", ()):
                yield ("series", place, "doses", number, "needs"), code
    for name, item in body.get("immune", {}).items():
        for code in item.get("seen", ()):
            yield ("immune", name, "seen"), code
    for name, items in body.get("contraindicated", {}).items():
        for index, item in enumerate(items):
            path: Path = ("contraindicated", name, index)
            if isinstance(item, str):
                yield path, item
            else:
                for code in _as_list(item.get("seen", [])):
                    yield (*path, "seen"), code


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _no_series(file: YamlFile, path: Path, name: str) -> Mistake:
    return _mistake(file, path, "schedule.group", "There is no series against {code}.", name)


def _mistake(
    file: YamlFile, path: Path, code: str, sentence: str, name: str, **values: object
) -> Mistake:
    return Mistake(file.name, file.line(path), code, sentence, {"code": name, **values})
