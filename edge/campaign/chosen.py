"""What is left of a pack when its options are chosen: every part whose ``when`` holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from edge.campaign.mistakes import Mistake
from edge.campaign.plain_values import plain_value
from edge.campaign.yaml_files import YamlFile
from edge.domain.nearest import nearest
from edge.domain.schedule.calendar import period

GRACE = "grace"
"""The option that every pack has: how much earlier than its least age or interval a dose counts."""


@dataclass(frozen=True, slots=True)
class PackChoice:
    """A pack as chosen: the schedule's keys of its file, plain and with the lines they stand on."""

    name: str
    marked: Any
    source: str = ""

    @property
    def value(self) -> Any:
        """The same as plain JSON values."""
        return plain_value(self.marked)


def choose(file: YamlFile, options: Mapping[str, Any], apart: set[str]) -> PackChoice:
    """Leave of a pack's file what holds with these options; ``apart`` are keys about the pack.

    Options that are not said have their usual value. The file was checked.
    """
    usual = {name: str(item["default"]) for name, item in file.value.get("options", {}).items()}
    values = {**usual, **{name: str(value) for name, value in options.items()}}
    values.setdefault(GRACE, str(file.value.get(GRACE, "")))
    marked = _copy(file.marked)
    for key, inner in file.marked.items():
        if key not in apart:
            _put(marked, file.marked, key, _chosen(inner, values))
    if values[GRACE]:
        for series in marked["series"]:
            for dose in series["doses"]:
                _with_grace(dose, values[GRACE])
    return PackChoice(file.name, marked, str(file.value.get("source", "")))


def _chosen(part: Any, values: Mapping[str, str]) -> Any:
    """Leave out what does not hold, and put the length that was chosen in place of an option."""
    if isinstance(part, Mapping):
        if set(part) == {"option"}:
            return values[part["option"]]
        new = _copy(part)
        for key, inner in part.items():
            if key != "when" and not _left_out(inner, values):
                _put(new, part, key, _chosen(inner, values))
        return new
    if isinstance(part, list):
        kept = _copy(part)
        for place, inner in enumerate(part):
            if not _left_out(inner, values):
                kept.append(_chosen(inner, values))
                if isinstance(part, CommentedSeq) and place in (part.lc.data or {}):
                    kept.lc.add_idx_line_col(len(kept) - 1, part.lc.data[place])
        return kept
    return part


def _left_out(part: Any, values: Mapping[str, str]) -> bool:
    """Say whether a part has a ``when`` that does not hold: every option it names must be so."""
    if not isinstance(part, Mapping) or "when" not in part:
        return False
    return any(
        values.get(name) not in (wanted if isinstance(wanted, list) else [str(wanted)])
        for name, wanted in part["when"].items()
    )


def _copy(part: Any) -> Any:
    """Make an empty part of the kind, which knows its line."""
    if not isinstance(part, CommentedMap | CommentedSeq):
        return {} if isinstance(part, Mapping) else []
    new: Any = type(part)()
    new.lc.line, new.lc.col = part.lc.line, part.lc.col
    return new


def _put(new: Any, old: Any, key: Any, value: Any) -> None:
    new[key] = value
    if isinstance(old, CommentedMap) and key in (old.lc.data or {}):
        new.lc.add_kv_line_col(key, old.lc.data[key])


def _with_grace(dose: Any, grace: str) -> None:
    """Let a dose count that much earlier, where nothing else is said of its ages and intervals."""
    ages = dose.get("age")
    if ages is not None and "from" in ages and str(ages["from"]) != "0 days":
        ages.setdefault("grace", grace)
    after = dose.get("after", ())
    for item in after if isinstance(after, list) else [after] if after else []:
        item.setdefault("grace", grace)


def is_length(value: Any) -> bool:
    """Say whether something is a length of time, as ages and intervals are written."""
    try:
        return isinstance(value, str) and period(value) is not None
    except ValueError:
        return False


def option_mistakes(file: YamlFile) -> Iterator[Mistake]:
    """Find what a pack says of options that it does not have, or of values they do not have."""
    options = file.value.get("options", {})
    for name, item in options.items():
        wrong = _value_mistake(item, str(item["default"]))
        if wrong:
            yield _mistake(file, ("options", name, "default"), wrong, item["default"], name)
    for table, chosen in file.value.get("tables", {}).items():
        yield from _uses(file, ("tables", table), chosen, options)
    for path, when in _whens(file.value, ()):
        yield from _uses(file, path, when, options)
    for path, name in _references(file.value, ()):
        if name not in options and name != GRACE:
            yield _no_option(file, path, name, options)


def _uses(
    file: YamlFile,
    path: tuple[str | int, ...],
    chosen: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Iterator[Mistake]:
    for name, wanted in chosen.items():
        if name not in options:
            yield _no_option(file, (*path, name), name, options)
            continue
        for value in wanted if isinstance(wanted, list) else [wanted]:
            wrong = _value_mistake(options[name], str(value))
            if wrong:
                yield _mistake(file, (*path, name), wrong, value, name)


def _value_mistake(option: Mapping[str, Any], value: str) -> str:
    values = option.get("values")
    if values is None:
        return "" if is_length(value) else "{option} is a length of time; {code} is none."
    if value in values:
        return ""
    near = nearest(value, values)
    return "{code} is not one of the values of {option}. " + (
        f"Did you mean {near}?" if near else f"Known are: {', '.join(values)}."
    )


def _whens(part: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(part, Mapping):
        if "when" in part:
            yield (*path, "when"), part["when"]
        for key, inner in part.items():
            yield from _whens(inner, (*path, key))
    elif isinstance(part, list):
        for place, inner in enumerate(part):
            yield from _whens(inner, (*path, place))


def _references(
    part: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(part, Mapping):
        if set(part) == {"option"}:
            yield path, str(part["option"])
        for key, inner in part.items():
            yield from _references(inner, (*path, key))
    elif isinstance(part, list):
        for place, inner in enumerate(part):
            yield from _references(inner, (*path, place))


def _no_option(
    file: YamlFile,
    path: tuple[str | int, ...],
    name: str,
    options: Sequence[str] | Mapping[str, Any],
) -> Mistake:
    sentence = "This pack has no option {code}. Known are: {known}."
    return _mistake(file, path, sentence, name, "", known=", ".join(options) or "none")


def _mistake(
    file: YamlFile,
    path: tuple[str | int, ...],
    sentence: str,
    code: Any,
    option: str,
    **values: object,
) -> Mistake:
    return Mistake(
        file.name,
        file.line(path),
        "pack.options",
        sentence,
        {"code": str(code), "option": option, **values},
    )
