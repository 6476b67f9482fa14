"""When doses of a country's schedule are not needed: what its file says, and mistakes in that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile, check_yaml
from edge.domain.schedule.calendar import period
from edge.domain.schedule.conditions import ADDED, AddedCondition, AddedConditions
from edge.domain.schedule.model import Skip, SkipCondition, SkipSet

_LOGICS = {"more_than": "greater than", "exactly": "equal to", "less_than": "less than"}
"""What a file says of a count, and CDSi's word for it."""


def to_skip(item: Mapping[str, Any]) -> Skip:
    """Turn one item of a dose's ``skip`` into the engine's values: its conditions hold together."""
    return Skip(True, True, (SkipSet(tuple(_conditions(item))),))


def _conditions(item: Mapping[str, Any]) -> Iterator[SkipCondition]:
    if not item or "from" in item or "until" in item:
        yield SkipCondition(
            "age", begin_age=period(item.get("from", "")), end_age=period(item.get("until", ""))
        )
    for name, value in item.items():
        if name in _READ:
            yield _READ[name](value)
        elif name not in ("from", "until"):  # a package's, or of newer software
            yield SkipCondition(name, parameters=value)


def _interval(value: str) -> SkipCondition:
    return SkipCondition("interval", interval=period(value))


def _completed(value: list[str]) -> SkipCondition:
    return SkipCondition("completed series", series_groups=frozenset(value))


def _counted(value: Mapping[str, Any]) -> SkipCondition:
    by_date = "since" in value or "before" in value
    logic = next(name for name in _LOGICS if name in value)
    return SkipCondition(
        "vaccine count by date" if by_date else "vaccine count by age",
        begin_age=period(value.get("from", "")),
        end_age=period(value.get("until", "")),
        start=date.fromisoformat(value["since"]) if "since" in value else None,
        end=date.fromisoformat(value["before"]) if "before" in value else None,
        count=value[logic],
        valid_only=value.get("valid", False),
        logic=_LOGICS[logic],
        vaccines=frozenset(value.get("vaccines", ())),
    )


_READ: Mapping[str, Callable[[Any], SkipCondition]] = {
    "interval": _interval,
    "completed": _completed,
    "counted": _counted,
}


def skip_mistakes(file: YamlFile, added: AddedConditions) -> Iterator[Mistake]:
    """Find the mistakes in a schedule's conditions that its schema cannot see.

    ``added`` are the conditions that packages add here: each checks its own parameters.
    """
    for place, series in enumerate(file.value["series"]):
        for number, dose in enumerate(series["doses"]):
            for index, item in enumerate(dose.get("skip", ())):
                path = ("series", place, "doses", number, "skip", index)
                yield from _completed_mistakes(file, path, item, series["against"])
                yield from _counted_mistakes(file, path, item)
                for name in item:
                    if name.startswith(ADDED):
                        yield from _added_mistakes(file, (*path, name), added)


_Path = tuple[str | int, ...]


def _completed_mistakes(
    file: YamlFile, path: _Path, item: Mapping[str, Any], against: str
) -> Iterator[Mistake]:
    groups = {
        series.get("group") for series in file.value["series"] if series["against"] == against
    }
    for group in item.get("completed", ()):
        if group not in groups:
            yield Mistake(
                file.name,
                file.line((*path, "completed")),
                "schedule.series-group",
                "{code} is not the group of a series against {against}.",
                {"code": group, "against": against},
            )


def _counted_mistakes(file: YamlFile, path: _Path, item: Mapping[str, Any]) -> Iterator[Mistake]:
    if "counted" in item and len(item["counted"].keys() & _LOGICS) != 1:
        yield Mistake(
            file.name,
            file.line((*path, "counted")),
            "schedule.counted",
            "Doses that are counted need one of: {known}.",
            {"known": ", ".join(_LOGICS)},
        )


def _added_mistakes(file: YamlFile, path: _Path, added: AddedConditions) -> Iterator[Mistake]:
    kind = str(path[-1])
    if kind in added:
        yield from check_yaml(file, added[kind].parameters, path)
        return
    sentence = "No package that is installed here adds the condition {code}."
    found = file.unknown(path, "schedule.condition", sentence, kind, added)
    yield found if found.hint else replace(found, hint=_NOT_INSTALLED)


_NOT_INSTALLED = (
    "Install it here and at every site, or take the condition out; divoc-edge plugins lists what is"
    " installed."
)


def is_condition(found: object) -> bool:
    """Say whether something is a condition as packages add them, with a schema that is one."""
    if not isinstance(found, AddedCondition) or not callable(found.holds):
        return False
    from jsonschema import Draft202012Validator  # where a package adds one, and only there
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(
            found.parameters, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
    except SchemaError:
        return False
    return True
