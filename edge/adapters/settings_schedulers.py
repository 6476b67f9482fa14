"""Schedulers outside the site, as ``site.toml`` names them: they tell who is expected here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PLACES = re.compile(r"\{(facility|from|until)\}|\{[^}]*\}?|\}")


class FileScheduler(msgspec.Struct, forbid_unknown_fields=True):
    """A scheduler as it is written in the file."""

    name: str
    url: str
    programme: str
    token_file: str = ""
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 60
    days: Annotated[int, Meta(ge=1, le=90)] = 14


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """Who is expected for a programme: asked every so many minutes, for so many days ahead.

    In ``url`` stand ``{facility}``, ``{from}`` and ``{until}`` for what is asked; ``token_file``
    holds the secret of the header ``Authorization: Bearer``, or there is none.
    """

    name: str
    url: str
    programme: str
    token_file: str = ""
    minutes: int = 60
    days: int = 14


def schedulers_of(
    items: Sequence[FileScheduler], wrong: Callable[[str, str, str], Exception]
) -> tuple[SchedulerSettings, ...]:
    """Check what the file says; raises what ``wrong`` makes of setting, fault and remedy."""
    found: dict[str, SchedulerSettings] = {}
    for index, item in enumerate(items, start=1):
        where = f"scheduler {index}"
        if not _NAME.fullmatch(item.name):
            raise wrong(where, "has no good name", "small letters, digits and -")
        if item.name in found:
            raise wrong(where, "has a name that is taken", "another name")
        if not item.programme:
            raise wrong(where, "names no programme", "the id of a programme")
        if any(not match[1] for match in _PLACES.finditer(item.url)):
            raise wrong(
                where,
                "has braces in its url that stand for nothing",
                "facility, from or until in them",
            )
        if not _is_web(item.url):
            raise wrong(where, "has no safe address", "https://…; http only of this machine itself")
        if item.token_file and not Path(item.token_file).is_absolute():
            raise wrong(where, "has a token_file that is not absolute", "a path that begins with /")
        found[item.name] = SchedulerSettings(**msgspec.structs.asdict(item))
    return tuple(found.values())


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in ("127.0.0.1", "::1", "localhost")
    return bool(host) and not parts.username and (parts.scheme == "https" or plain)


def scheduler_lines(schedulers: Sequence[SchedulerSettings]) -> list[str]:
    """Write a table for each; JSON's escapes are a subset of those of TOML's texts."""
    lines: list[str] = []
    for scheduler in schedulers:
        lines += [
            "",
            "# A scheduler outside: DIVOC's enrolments, CSV or a FHIR bundle of appointments,",
            "# fetched every so many minutes, for so many days ahead.",
            "[[scheduler]]",
            *(f"{name} = {json.dumps(getattr(scheduler, name), ensure_ascii=False)}"
              for name in scheduler.__dataclass_fields__),
        ]  # fmt: skip
    return lines
