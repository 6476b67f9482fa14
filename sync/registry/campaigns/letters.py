"""A signed campaign as letters: one to all sites, and in a feed of its own each region's part.

A site is handed one letter, with the part of its facility's region in it; so a campaign of a
nation is never carried whole to any of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tuf.api.metadata import Metadata, Targets

from sync.protocol.campaign_parts import (
    RegionPart,
    delegated_roles,
    places_of,
    region_name,
    region_of,
    region_target,
    speaker_of,
    with_region,
)
from sync.protocol.entries import canonical
from sync.protocol.errors import SyncError
from sync.registry.store.interface import Store

_REGIONS = "regions"
"""Beside the files of a campaign's letter: each region's letter by its number."""
Post = Callable[[str, dict[str, Any]], int]
"""Puts a campaign's letter into a feed and gives its number."""


def region_feed(name: str) -> str:
    """Give the feed of a region's part; no node is called so."""
    return f"region:{name}"


def check_regions(
    files: Mapping[str, bytes],
    regions: Mapping[str, Mapping[str, bytes]],
    national: Mapping[str, Any],
    check: Callable[[Mapping[str, Any], str], None],
) -> None:
    """Look at what each region says, as its sites will; raises :class:`SyncError` for the first.

    ``check`` is handed the longest campaign that a site of the region would make of it, and the
    region's name.
    """
    targets = _targets_in({name: content.decode() for name, content in files.items()})
    for role in delegated_roles(targets):
        name = region_name(role.name)
        if name not in regions:
            continue
        ((packed, number),) = (
            (content, _number(regions[name], role.name))
            for path, content in regions[name].items()
            if path.endswith(f".{region_target(name)}")
        )
        part = RegionPart(name, number, packed, speaker_of(role))
        check(with_region(national, part, _busiest(packed)), name)


def _number(files: Mapping[str, bytes], role: str) -> int:
    (path,) = (path for path in files if path.endswith(f".{role}.json"))
    return int(path.removeprefix("metadata/").partition(".")[0])


def _busiest(packed: bytes) -> str:
    """Give the facility at which most of a region's staff work."""
    counts: dict[str, int] = {}
    for member in json.loads(packed).get("staff", ()):
        for code in places_of(member):
            counts[code] = counts.get(code, 0) + 1
    return max(counts, key=lambda code: counts[code], default="")


def posted_regions(
    store: Store, regions: Mapping[str, Mapping[str, bytes]], post: Post
) -> dict[str, int]:
    """Put each region's part into its feed, if it is another than the last; give the letters."""
    found = {}
    for name, files in regions.items():
        body = {"files": {path: content.decode() for path, content in files.items()}}
        last = store.last_letter(region_feed(name))
        if last is None or last.body != canonical(body).decode():
            found[name] = post(region_feed(name), body)
        else:
            found[name] = last.number
    return found


def letter_of(common: Mapping[str, bytes], regions: Mapping[str, int]) -> dict[str, Any]:
    """Give the letter to all sites."""
    body: dict[str, Any] = {"files": {name: content.decode() for name, content in common.items()}}
    return {**body, _REGIONS: dict(regions)} if regions else body


def for_site(store: Store, body: dict[str, Any], node: str) -> dict[str, Any]:
    """Give a campaign's letter as a node gets it: with the part of its facility's region."""
    if _REGIONS not in body:
        return body
    record = store.node(node)
    files = dict(body["files"])
    name = _region(_targets_text(files), record.facility if record else "")
    number = body[_REGIONS].get(name)
    part = store.letter(region_feed(name), number) if number else None
    if part is not None:
        files |= json.loads(part.body)["files"]
    return {"files": files}


def _targets_text(files: Mapping[str, str]) -> str:
    names = (name for name in files if name.startswith("metadata/"))
    return next((files[name] for name in names if name.endswith(".targets.json")), "")


def _targets_in(files: Mapping[str, str]) -> Targets:
    return _read(_targets_text(files))


@lru_cache(maxsize=2)
def _read(text: str) -> Targets:
    """Read the nation's targets, once for all sites: they name every facility of the country."""
    targets: Targets = Metadata[Targets].from_bytes(text.encode()).signed
    return targets


@lru_cache(maxsize=4096)
def _region(text: str, facility: str) -> str:
    role = region_of(_read(text), facility) if text else None
    return region_name(role.name) if role else ""


def too_large(name: str, size: int, most: int) -> SyncError:
    """Say that what the sites of a region would take does not fit."""
    return SyncError(
        "publish.region-too-large",
        "With the part of the region {region} a campaign is {size} kB long, and a site takes at"
        " most {most} kB. Make two regions of it.",
        region=name,
        size=-(-size // 1024),
        most=most // 1024,
    )
