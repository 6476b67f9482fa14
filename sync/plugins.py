"""What installed packages add to the project's tables: Python entry points, read once.

A package names what it adds under a group for each table (``divoc_edge.connections``, …). One that
cannot be loaded, does not fit or takes a name that is taken is left out and named with the reason:
it never stops a site. Source: entry points specification of packaging.python.org.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

PREFIX = "divoc_edge."
LOADED, LEFT_OUT = "loaded", "left out"
_NAME = re.compile(r"[a-z][a-z0-9+.-]{0,39}")
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """A table that packages may add to: its own names, and what an addition must be.

    ``wanted`` completes the sentence "it is not …"; ``begins`` is how added names must begin.
    """

    name: str
    taken: Collection[str]
    fits: Callable[[object], bool] = callable
    wanted: str = "a function"
    begins: str = ""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One addition: its table and name, the package and version, and what became of it.

    ``state`` is ``loaded`` or ``left out``; ``reason`` says in English why it was left out.
    """

    kind: str
    name: str
    package: str
    version: str
    state: str = LOADED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plugins:
    """What is installed, and what of it is used, by table and name."""

    found: Sequence[Plugin] = ()
    added: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def with_added(self, kind: str, own: Mapping[str, Any]) -> dict[str, Any]:
        """Give a table with what was added to it."""
        return {**own, **self.added.get(kind, {})}


def read_plugins(
    kinds: Iterable[Kind], installed: Callable[[], Iterable[Distribution]] = distributions
) -> Plugins:
    """Load what the installed packages add to some tables, in order of table and name."""
    known = {kind.name: kind for kind in kinds}
    rows = sorted(_points(installed(), known), key=lambda row: (row[0].kind, row[0].name))
    times = Counter((plugin.kind, plugin.name) for plugin, _ in rows)
    found: list[Plugin] = []
    added: dict[str, dict[str, Any]] = {name: {} for name in known}
    for plugin, point in rows:
        kind = known[plugin.kind]
        reason = _name_fault(kind, plugin.name, times[plugin.kind, plugin.name])
        loaded = None
        if not reason:
            loaded, reason = _load(kind, point)
        if reason:
            found.append(replace(plugin, state=LEFT_OUT, reason=reason))
            continue
        added[kind.name][plugin.name] = loaded
        found.append(plugin)
    return Plugins(tuple(found), added)


def _points(
    installed: Iterable[Distribution], known: Collection[str]
) -> Iterable[tuple[Plugin, EntryPoint]]:
    """Give the entry points of our groups; the first of two packages of one name counts."""
    seen: set[str] = set()
    for package in installed:
        try:
            points = [point for point in package.entry_points if point.group.startswith(PREFIX)]
        except Exception:  # noqa: S112  (a package whose metadata is damaged adds nothing)
            continue
        if not points:
            continue
        owner, version = _named(package)
        if owner in seen:
            continue
        seen.add(owner)
        for point in points:
            kind = point.group.removeprefix(PREFIX)
            if kind in known:
                yield Plugin(kind=kind, name=point.name, package=owner, version=version), point


def _named(package: Distribution) -> tuple[str, str]:
    try:
        return str(package.metadata["Name"]), str(package.version)
    except Exception:  # metadata without a name or a version
        return "?", "?"


def _name_fault(kind: Kind, name: str, times: int) -> str:
    if name in kind.taken:
        return f"The name {name} is taken by a part of divoc-edge itself."
    if times > 1:
        return f"Several installed packages add {name}: none of them is used."
    if not _NAME.fullmatch(name) or not name.startswith(kind.begins):
        begins = f", beginning with {kind.begins}" if kind.begins else ""
        return f"A name is made of small letters, digits, +, - and .{begins}."
    return ""


def _load(kind: Kind, point: EntryPoint) -> tuple[object, str]:
    try:
        loaded = point.load()
        fits = kind.fits(loaded)
    except (Exception, SystemExit) as error:  # whatever a stranger's module does when it is loaded
        said = " ".join(str(error).split())[:_LONGEST_REASON]
        return None, f"It cannot be loaded: {type(error).__name__}: {said}"
    return loaded, "" if fits else f"It is not {kind.wanted}."
