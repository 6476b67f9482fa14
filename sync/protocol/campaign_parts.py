"""The parts of a signed campaign: the nation's own, each region's facilities and staff, and lists.

The nation's targets delegate (TUF specification 1.0.34, section 4.5) to a role for each region,
``region-NORTH``, whose paths are ``region.NORTH.json``, the one target that it signs, and
``facility.CODE`` for each facility that it may speak of, or ``facility.NO*`` for all whose codes
begin so; and to the role ``lists``, whose paths are ``list.*``. A region says nothing but who its
facilities and their staff are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import DelegatedRole, Metadata, Snapshot, Targets, Timestamp

from sync.protocol.errors import ProtocolError

CAMPAIGN = "campaign.json"
"""The target that holds the nation's own part, packed."""
LISTS = "lists"
LIST, FACILITY = "list.", "facility."
"""What targets of lists begin with, and what a region's paths of facilities do."""
_REGION = "region-"
_TIMESTAMP = "metadata/timestamp.json"
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class RegionPart:
    """What a region says: its ``body``, and which facilities it may speak of, by their codes.

    ``number`` rises with each edition of the region.
    """

    name: str
    number: int
    body: bytes
    may: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class SignedParts:
    """A campaign's parts as a site takes them; ``lists`` are files by their targets' names."""

    campaign: bytes
    region: RegionPart | None = None
    lists: Mapping[str, bytes] = field(default_factory=dict)


def region_role(name: str) -> str:
    """Give the role of a region."""
    return f"{_REGION}{name}"


def region_target(name: str) -> str:
    """Give the target in which a region says all that it says."""
    return f"region.{name}.json"


def region_name(role: str) -> str:
    """Give the region of a role; empty for a role that is none's."""
    return role.removeprefix(_REGION) if role.startswith(_REGION) else ""


def delegated_roles(targets: Targets) -> Iterable[DelegatedRole]:
    """Give the roles that the nation's targets delegate to, in their order."""
    roles = targets.delegations.roles if targets.delegations else None
    return (roles or {}).values()


def speaker_of(role: DelegatedRole) -> Callable[[str], bool]:
    """Give what says whether a role may speak of a facility, by its code.

    As TUF's own pattern matching does, but codes that are written out are looked up: a nation has
    tens of thousands of them.
    """
    paths = role.paths or []
    plain = frozenset(path for path in paths if not _WILD & set(path))
    wild = [path for path in paths if path not in plain and path.startswith(FACILITY)]

    def may(code: str) -> bool:
        path = FACILITY + code
        return path in plain or any(fnmatchcase(path, pattern) for pattern in wild)

    return may


def region_of(targets: Targets, facility: str) -> DelegatedRole | None:
    """Give the first region that may speak of a facility, by its code."""
    regions = (role for role in delegated_roles(targets) if region_name(role.name))
    return next((role for role in regions if speaker_of(role)(facility)), None)


def check_region(part: RegionPart, national: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a region says, and refuse what is not for it to say.

    Raises :class:`ProtocolError` that names what it is.
    """
    try:
        body = json.loads(part.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not all(
        isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        for rows in body.values()
    ):
        raise ProtocolError(
            "region.form", "What the region {region} signed cannot be read.", region=part.name
        )
    for name in sorted(body.keys() - {"facilities", "staff"}):
        raise ProtocolError(
            "region.part",
            "The region {region} says something of {part}, which is the nation's to say.",
            region=part.name,
            part=name[:40],
        )
    own = {str(member.get("code")) for member in national.get("staff", ())}
    for kind, code in _spoken(body):
        if kind == "staff" and code in own:
            raise ProtocolError(
                "region.staff",
                "The region {region} names {code} among its staff, who is of the nation's staff.",
                region=part.name,
                code=code[:40],
            )
        if kind == "facility" and not part.may(code):
            raise ProtocolError(
                "region.facility",
                "The region {region} says something of the facility {code}, which is not one of"
                " its own.",
                region=part.name,
                code=code[:40],
            )
    return body


def _spoken(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row in body.get("facilities", ()):
        yield "facility", str(row.get("code"))
    for row in body.get("staff", ()):
        yield "staff", str(row.get("code"))
        for place in places_of(row):
            yield "facility", place


def places_of(member: Mapping[str, Any]) -> list[str]:
    """Give the codes of the facilities at which a member of a region's staff works."""
    places = member.get("facilities")
    return [str(place) for place in places] if isinstance(places, list) else []


def with_region(national: Mapping[str, Any], part: RegionPart, facility: str) -> dict[str, Any]:
    """Give the campaign of a facility: the nation's part and what concerns it of its region's.

    Of the region's staff only those are of use there who work at the facility, or at the one whose
    sub-site it is (``part_of``). The region's number stands behind the version,
    ``2027.1+2026113001``, so that a later edition of either is newer. Raises as
    :func:`check_region`.
    """
    body = check_region(part, national)
    rows = body.get("facilities", ())
    here = {facility, *(str(row.get("part_of")) for row in rows if row.get("code") == facility)}
    staff = [row for row in body.get("staff", ()) if not here.isdisjoint(places_of(row))]
    return {
        **national,
        "version": f"{national.get('version')}+{part.number}",
        "facilities": [*national.get("facilities", ()), *body.get("facilities", ())],
        "staff": [*national.get("staff", ()), *staff],
    }


def concerning(files: Mapping[str, bytes], facility: str) -> dict[str, bytes]:
    """Choose from all files of a campaign those that a site of a facility needs.

    Nothing is proven here: a file that is missing or odd is left out, and the site says so.
    """
    snapshot = _snapshot(files)
    targets = _targets(files, snapshot)
    role = region_of(targets, facility) if targets else None
    own = _of_role(files, snapshot, role.name) if role else {}
    return {**_common(files, snapshot), **own}


def apart(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, dict[str, bytes]]]:
    """Part the files of a campaign: those that all sites need, and by its name each region's."""
    snapshot = _snapshot(files)
    targets = _targets(files, snapshot)
    names = {role.name: region_name(role.name) for role in delegated_roles(targets or Targets())}
    found = {name: _of_role(files, snapshot, role) for role, name in names.items() if name}
    return _common(files, snapshot), {name: own for name, own in found.items() if own}


def _common(files: Mapping[str, bytes], snapshot: Snapshot | None) -> dict[str, bytes]:
    """Give roots, timestamp, snapshot, and what the nation signed."""
    names = [name for name in files if name.endswith(".root.json")]
    names += [_TIMESTAMP, *([f"metadata/{snapshot.version}.snapshot.json"] if snapshot else ())]
    found = {name: files[name] for name in names if name in files}
    for role in (Targets.type, LISTS):
        found |= _of_role(files, snapshot, role)
    return found


def _of_role(files: Mapping[str, bytes], snapshot: Snapshot | None, role: str) -> dict[str, bytes]:
    """Give the newest metadata of a role, and the targets that it names."""
    meta = snapshot.meta.get(f"{role}.json") if snapshot else None
    if meta is None:
        return {}
    path = f"metadata/{meta.version}.{role}.json"
    signed = _load(files, path)
    listed = signed.targets if isinstance(signed, Targets) else {}
    names = [path, *(f"targets/{file.hashes.get('sha256')}.{at}" for at, file in listed.items())]
    return {name: files[name] for name in names if name in files}


def _snapshot(files: Mapping[str, bytes]) -> Snapshot | None:
    timestamp = _load(files, _TIMESTAMP)
    if not isinstance(timestamp, Timestamp):
        return None
    found = _load(files, f"metadata/{timestamp.snapshot_meta.version}.snapshot.json")
    return found if isinstance(found, Snapshot) else None


def _targets(files: Mapping[str, bytes], snapshot: Snapshot | None) -> Targets | None:
    meta = snapshot.meta.get("targets.json") if snapshot else None
    found = _load(files, f"metadata/{meta.version}.targets.json") if meta else None
    return found if isinstance(found, Targets) else None


def _load(files: Mapping[str, bytes], name: str) -> Any:
    """Read what metadata says; None for what is missing or none."""
    content = files.get(name)
    try:
        return Metadata[Any].from_bytes(content).signed if content is not None else None
    except (RepositoryError, ValueError):
        return None
