"""Parts of ``site.toml`` of which there are several kinds: followers, and channels to people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from edge.adapters.settings_rules import NAME_TAKEN, NO_KIND
from edge.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class FollowerSettings:
    """What brings the journal elsewhere: its name, its kind, and the settings of that kind."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A way to people: its name, as campaigns have it, its kind, and the settings of that kind."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


_Made = TypeVar("_Made", FollowerSettings, ChannelSettings)


def of_kinds(
    table: str, made: type[_Made], items: list[dict[str, Any]], path: Path
) -> tuple[_Made, ...]:
    """Check what each has; the settings of its kind are checked where it is made."""
    found: dict[str, _Made] = {}
    for index, item in enumerate(items, start=1):
        where, kind = f"{table} {index}", item.get("kind")
        if not isinstance(kind, str) or not kind:
            raise wrong_setting(path, where, *NO_KIND)
        name = item.get("name", kind)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise wrong_setting(path, where, "has no good name", "small letters, digits and -")
        if name in found or name == "registry":
            raise wrong_setting(path, where, *NAME_TAKEN)
        options = {key: value for key, value in item.items() if key not in ("name", "kind")}
        found[name] = made(name, kind, options)
    return tuple(found.values())


def kind_lines(
    table: str, comment: str, items: Sequence[FollowerSettings | ChannelSettings]
) -> list[str]:
    """Write several of a table, each with what stands above it."""
    lines: list[str] = []
    for item in items:
        lines += [
            "",
            comment,
            f"[[{table}]]",
            f"kind = {quoted(item.kind)}",
            f"name = {quoted(item.name)}",
            *(f"{quoted(name)} = {quoted(value)}" for name, value in item.options.items()),
        ]
    return lines


def quoted(value: str | float) -> str:
    """A value in TOML: JSON's escapes are a subset of those of its basic strings."""
    return json.dumps(value, ensure_ascii=False)


def wrong_setting(path: Path, name: str, what: str, instead: str) -> BadInput:
    """Say which setting is wrong, in what, and what to write instead."""
    return BadInput(
        "settings.wrong",
        "In {path} the setting {name} {what}.",
        hint="Write {instead}.",
        field=name,
        path=path,
        name=name,
        what=what,
        instead=instead,
    )
