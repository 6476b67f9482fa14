"""Codes of a schedule's file that lead nowhere: what a schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile

Path = tuple[str | int, ...]


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
    for path, code in _observations(body):
        if code not in body.get("observations", {}):
            sentence = "{code} is not one of the observations."
            yield _mistake(file, path, "schedule.observation", sentence, code)


def _vaccines(file: YamlFile) -> Iterator[Mistake]:
    body = file.value
    vaccines = body["vaccines"]
    used: list[tuple[Path, str, str]] = [
        (("series", place, "doses", number, field), code, series["against"])
        for place, series in enumerate(body["series"])
        for number, dose in enumerate(series["doses"])
        for field in ("vaccines", "allowed")
        for code in dose.get(field, ())
    ]
    used += [
        (("series", place, "doses", number, "skip", index, "counted"), code, series["against"])
        for place, series in enumerate(body["series"])
        for number, dose in enumerate(series["doses"])
        for index, item in enumerate(dose.get("skip", ()))
        for code in item.get("counted", {}).get("vaccines", ())
    ]
    used += [
        (("live", place, field), item[field], "")
        for place, item in enumerate(body.get("live", ()))
        for field in ("first", "then")
    ]
    for path, code, against in used:
        if code not in vaccines:
            sentence = "{code} is not one of the vaccines."
            yield _mistake(file, path, "schedule.vaccine", sentence, code)
        elif against and against not in vaccines[code]:
            sentence = "{code} does not protect against {against}."
            yield _mistake(file, path, "schedule.protects", sentence, code, against=against)


def _observations(body: Any) -> Iterator[tuple[Path, str]]:
    for place, series in enumerate(body["series"]):
        for code in series.get("for", ()):
            yield ("series", place, "for"), code
    for name, item in body.get("immune", {}).items():
        for code in item.get("seen", ()):
            yield ("immune", name, "seen"), code
    for name, codes in body.get("contraindicated", {}).items():
        for code in codes:
            yield ("contraindicated", name), code


def _no_series(file: YamlFile, path: Path, name: str) -> Mistake:
    return _mistake(file, path, "schedule.group", "There is no series against {code}.", name)


def _mistake(
    file: YamlFile, path: Path, code: str, sentence: str, name: str, **values: object
) -> Mistake:
    return Mistake(file.name, file.line(path), code, sentence, {"code": name, **values})
