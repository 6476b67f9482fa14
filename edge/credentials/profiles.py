"""What stands where in a health certificate: versioned tables of field names, kept as data."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from edge.credentials.code_text import trimmed
from edge.credentials.verdict import CheckError
from edge.credentials.window import ValidPeriod
from edge.domain.counting import day_of

_LONGEST_SHOWN = 300
_EXACTLY = re.DOTALL | re.ASCII
"""As the page that verifies in a browser understands a pattern."""
_MAPPINGS = (dict, Mapping)
"""The first is asked first: it is what CBOR gives, and asking for the second is slow."""
_LONGEST_ODD = 80
"""Characters of a value whose form is tolerated."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a field's value may be: a text (``longest``, ``pattern``) or a number (``least``).

    ``tolerated`` names the row of ``tolerances.py`` under which a reader takes any text or any
    whole number; who issues keeps to the form. ``exact``: blanks around it are shown as well.
    """

    longest: int = 0
    pattern: re.Pattern[str] | None = None
    least: int = 0
    tolerated: str = ""
    exact: bool = False

    def reads(self, value: Any) -> bool:
        """Say whether a reader takes a value; a whole number may be written as 2.0."""
        if self.least:
            whole = isinstance(value, float) and math.isfinite(value) and value == int(value)
            return (type(value) is int or whole) and (bool(self.tolerated) or value >= self.least)
        if self.tolerated:
            return isinstance(value, str) and len(value) <= (self.longest or _LONGEST_ODD)
        return self.fits(value)

    def fits(self, value: Any) -> bool:
        """Say whether a value has the form that is issued."""
        if self.least:
            return type(value) is int and value >= self.least
        if not self.longest and self.pattern is None:
            return True
        if not isinstance(value, str) or (self.longest and len(value) > self.longest):
            return False
        return self.pattern is None or self.pattern.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its path, its form, what a verifier calls it, and what an issuer writes there.

    ``system`` is the code system that its value is a code of, as a campaign's ``codes`` name it.
    """

    path: tuple[str, ...]
    form: Form
    required: bool = False
    claim: str = ""
    write: str = ""
    value: str = ""
    system: str = ""

    @property
    def may_be_null(self) -> bool:
        """Whether a reader takes null for it: only a birth date may be told by nobody."""
        return self.form.tolerated == "birth-date"


@dataclass(frozen=True, slots=True)
class DelayRule:
    """What counts only ``days`` after its day: where one of the claims has a value of this form."""

    claims: tuple[str, ...]
    pattern: re.Pattern[str]
    days: int

    def concerns(self, claims: Mapping[str, Any]) -> bool:
        """Say whether claims tell of what counts later."""
        values = [str(claims.get(name) or "") for name in self.claims]
        return any(self.pattern.fullmatch(value) for value in values)


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of one kind of contents.

    ``subclaim`` is the key under claim -260, 0 for contents that stand in the payload itself.
    ``kinds`` are the groups of which exactly one entry must be there, with what it proves;
    ``kind`` is what contents without groups prove; ``listed`` says that an entry stands in a list
    of one. ``ends`` says that none is for life: one that names no end of its own counts as long as
    the key that signed it.
    """

    name: str
    version: str
    subclaim: int
    has: tuple[tuple[str, ...], ...]
    kinds: Mapping[str, str]
    listed: bool
    any_of: tuple[tuple[tuple[str, ...], ...], ...]
    fields: tuple[Field, ...]
    kind: str = ""
    ends: bool = False
    delay: DelayRule | None = None

    @property
    def called(self) -> str:
        """Name and version, as a campaign and a verdict write them."""
        return f"{self.name}-{self.version}"

    def fits(self, contents: Mapping[Any, Any]) -> bool:
        """Say whether contents look as if they were written by this version."""
        return all(not _is_empty(_at(contents, path)) for path in self.has)

    def group(self, contents: Mapping[Any, Any]) -> str:
        """Give the one group there is; raises :class:`CheckError` when it is not exactly one."""
        there = [name for name in self.kinds if not _is_empty(contents.get(name))]
        listed = len(there) == 1 and isinstance(contents[there[0]], list | tuple)
        if (
            len(there) != 1
            or listed < self.listed
            or not isinstance(_entry(contents, there[0]), Mapping)
        ):
            raise CheckError("form", "The certificate must tell of exactly one event.")
        return there[0]

    def claims(self, contents: Mapping[Any, Any]) -> dict[str, Any]:
        """Read the claims; raises :class:`CheckError` naming the field that is wrong."""
        group = self.group(contents) if self.kinds else ""
        found: dict[str, Any] = {"kind": self.kinds[group] if group else self.kind}
        codings = []
        for field in self.fields:
            if field.path[0] in self.kinds and field.path[0] != group:
                continue
            value = _at(contents, field.path)
            if type(value) is str and not field.form.exact:
                value = trimmed(value)
            if value is None:
                if field.required and not (field.may_be_null and field.path[0] in contents):
                    name = ".".join(field.path)
                    raise CheckError("form", "The field {field} is missing.", field=name)
                continue
            if not field.form.reads(value):
                name = ".".join(field.path)
                raise CheckError("form", "The field {field} is of the wrong kind.", field=name)
            if field.claim:
                found[field.claim] = _shown(value)
            if field.system:
                codings.append({"system": field.system, "code": _shown(value)})
        for choice in self.any_of:
            if all(_is_empty(_at(contents, path)) for path in choice):
                names = ", ".join(".".join(path) for path in choice)
                raise CheckError("form", "The field {field} is missing.", field=names)
        if codings:
            found["codings"] = codings
        return {key: value for key, value in found.items() if value not in ("", None)}

    def days(self, claims: Mapping[str, Any]) -> ValidPeriod:
        """Give the days that claims limit themselves to; raises :class:`CheckError`.

        A vaccine that protects only after some days does not count before, whatever is written.
        """
        first, last = (_day(claims, name) for name in ("validFrom", "validUntil"))
        given = day_of(claims.get("date"))
        if given and self.delay and self.delay.concerns(claims):
            protects = given + min(timedelta(days=self.delay.days), date.max - given)
            first = max(first, protects) if first else protects
        return ValidPeriod(first, last)

    def write(self, facts: Mapping[str, Any], group: str) -> dict[str, Any]:
        """Make the contents for one group from facts; an absent fact leaves its field out.

        Raises :class:`CheckError` for a required field without a fact, or one that does not fit.
        """
        contents: dict[str, Any] = {}
        for field in self.fields:
            if field.path[0] in self.kinds and field.path[0] != group:
                continue
            value = field.value or facts.get(field.write or field.claim)
            name = ".".join(field.path)
            if value in (None, ""):
                if field.required:
                    raise CheckError("form", "The field {field} is missing.", field=name)
                continue
            if not field.form.fits(value):
                raise CheckError("form", "The field {field} is of the wrong kind.", field=name)
            place = contents
            for step in field.path[:-1]:
                place = place.setdefault(step, {})
            place[field.path[-1]] = value
        if self.listed:
            contents[group] = [contents[group]]
        return contents


@cache
def read_profiles(folder: Path) -> tuple[Profile, ...]:
    """Read every table of a folder, in the order of their names, newest version first.

    A folder comes with the software and is read once in a process.
    """
    tables = [YAML(typ="safe").load(path) for path in sorted(folder.glob("*.yaml"))]
    profiles = [_profile(table) for table in tables]
    return tuple(sorted(profiles, key=lambda one: (one.name, _has_order(one)), reverse=True))


def _has_order(profile: Profile) -> tuple[int, str]:
    """The more a table asks for, the earlier it is tried."""
    return max((len(path) for path in profile.has), default=0), profile.version


def _delay(row: Mapping[str, Any] | None) -> DelayRule | None:
    return (
        DelayRule(tuple(row["claims"]), re.compile(row["pattern"], re.ASCII), row["days"])
        if row
        else None
    )


def _profile(table: Mapping[str, Any]) -> Profile:
    forms = {
        name: Form(
            longest=form.get("longest", 0),
            pattern=re.compile(form["pattern"], re.DOTALL | re.ASCII)
            if "pattern" in form
            else None,
            least=form.get("least", 0),
            tolerated=form.get("tolerated", ""),
            exact=form.get("exact", False),
        )
        for name, form in table["forms"].items()
    }
    return Profile(
        name=table["profile"],
        version=table["version"],
        subclaim=table["subclaim"],
        has=tuple(_path(text) for text in table.get("has", ())),
        kinds=dict(table["kinds"]),
        kind=table.get("kind", ""),
        listed=table.get("listed", False),
        ends=table.get("ends", False),
        delay=_delay(table.get("delay")),
        any_of=tuple(tuple(_path(text) for text in choice) for choice in table.get("any_of", ())),
        fields=tuple(
            Field(
                path=_path(item["at"]),
                form=forms[item["form"]],
                required=item.get("required", False),
                claim=item.get("claim", ""),
                write=item.get("write", ""),
                value=item.get("value", ""),
                system=item.get("system", ""),
            )
            for item in table["fields"]
        ),
    )


def _day(claims: Mapping[str, Any], name: str) -> date | None:
    stated = claims.get(name)
    found = day_of(stated)
    if stated is not None and found is None:
        raise CheckError("form", "The field {field} is of the wrong kind.", field=name)
    return found


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


def _at(contents: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        contents = _entry(contents, step)
        if contents is None:
            return None
    return contents


def _entry(contents: Any, step: str) -> Any:
    """Give a member; of a list with one entry, that entry: groups are written either way."""
    if type(contents) is list and len(contents) == 1:
        contents = contents[0]
    value = contents.get(step) if isinstance(contents, _MAPPINGS) else None
    if type(value) is list or type(value) is tuple:
        entries = [entry for entry in value if entry is not None]
        if len(entries) == 1 and isinstance(entries[0], Mapping):
            return entries[0]
    return value


def _is_empty(value: Any) -> bool:
    """Say whether a member says nothing: it is null, or empty, or a list of nulls."""
    if isinstance(value, list | tuple):
        return all(item is None for item in value)
    if isinstance(value, str):
        return not trimmed(value)
    return value is None or (isinstance(value, Mapping) and not value)


def _shown(value: Any) -> Any:
    """Give a value as JSON can hold it, never longer than a screen."""
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value == int(value) else str(value)
    if isinstance(value, Mapping):
        inner = {str(key): _shown(item) for key, item in value.items()}
        return ", ".join(f"{item}" for item in inner.values() if item not in ("", None))[
            :_LONGEST_SHOWN
        ]
    return str(value)[:_LONGEST_SHOWN]
