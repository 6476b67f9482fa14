"""What the nation's keys hand on: facilities and staff to their region, lists to other keys."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from tuf.api.metadata import DelegatedRole, Delegations, Targets

from sync.protocol.campaign_parts import (
    FACILITY,
    LIST,
    LISTS,
    RegionPart,
    check_region,
    delegated_roles,
    region_name,
    region_role,
    region_target,
    speaker_of,
)
from sync.protocol.errors import SyncError
from sync.registry.campaigns.folder import (
    CampaignFolder,
    RoleKeys,
    check_threshold,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_FACILITIES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}\*?")
"""A facility's code, or the beginning of codes and a star."""


def add_region(
    folder: CampaignFolder, name: str, keys: RoleKeys, facilities: Collection[str]
) -> int:
    """Have a region's own keys speak of its facilities; the nation's keys sign that.

    ``facilities`` are codes, or beginnings of codes with a star. A region of that name is changed.
    Gives how many it names. Raises :class:`SyncError`: also for a facility that another region has.
    """
    if not _NAME.fullmatch(name):
        raise SyncError(
            "region.name",
            "A region is named with letters, digits, - and _, at most 40 of them.",
        )
    named = list(dict.fromkeys(facilities))
    for text in named:
        if not _FACILITIES.fullmatch(text):
            raise SyncError(
                "region.facilities",
                "{text} is no code of a facility, nor the beginning of codes with a star: NO*.",
                text=text[:40],
            )
    if not named:
        raise SyncError("region.none", "Name the facilities that the region may speak of.")
    paths = [region_target(name), *(FACILITY + text for text in named)]
    role = _role(region_role(name), keys, paths)
    for other in _others(folder, role.name):
        _refuse_shared(role, other, named)
    _delegate(folder, role, keys)
    return len(named)


def drop_region(folder: CampaignFolder, name: str) -> None:
    """Take a region's word away; the nation's keys sign that. Raises ``region.unknown``."""
    _known(folder, name)
    targets = folder.next_targets(Targets.type)
    roles = targets.delegations.roles if targets.delegations else None
    if roles is not None:
        del roles[region_role(name)]
    folder.files.put(Targets.type, targets)


def put_region(
    folder: CampaignFolder,
    name: str,
    packed: bytes,
    national: Mapping[str, object],
    now: datetime,
    expires: datetime,
) -> int:
    """Put a region's next edition into the folder, for the region's keys to sign.

    Gives its number: the day and a count, as 2026113001, so that it rises also where a facility
    is moved to another region. Raises :class:`SyncError` for what is not the region's to say.
    """
    role = _known(folder, name)
    targets = folder.next_targets(role.name, expires)
    number = max(targets.version, int(f"{now:%Y%m%d}01"))
    check_region(RegionPart(name, number, packed, speaker_of(role)), national)
    targets.version = number
    folder.files.put_target(targets, region_target(name), packed)
    folder.files.put(role.name, targets)
    return number


def earlier_region(folder: CampaignFolder, name: str, number: int) -> bytes:
    """Give what a region said under a number; raises ``region.number`` where it said nothing."""
    role = _known(folder, name).name
    if number not in folder.files.versions(role):
        numbers = ", ".join(map(str, folder.files.versions(role)))
        raise SyncError(
            "region.number",
            "The region {region} has no part {number} in this folder; it has {numbers}.",
            region=name,
            number=number,
            numbers=numbers or "none",
        )
    path = region_target(name)
    found = folder.files.targets_of(folder.files.version(role, number)[1], path)
    return next(iter(found.values()))


def delegate_lists(folder: CampaignFolder, keys: RoleKeys) -> None:
    """Have other keys than the campaign's sign the nation's lists, which change more often."""
    _delegate(folder, _role(LISTS, keys, [f"{LIST}*"]), keys)


def put_lists(folder: CampaignFolder, lists: Mapping[str, bytes], expires: datetime) -> str:
    """Put lists into the folder, in place of all that were there; gives the role that signs them.

    ``lists`` are files that ``divoc-edge lists`` has signed, by the lists' names.
    """
    for name, content in lists.items():
        _check_text(name, content)
        if not _NAME.fullmatch(name):
            raise SyncError(
                "campaign.list-name",
                "The list {name} cannot go with a campaign: such a name has letters, digits, - and"
                " _, at most 40 of them.",
                name=name[:80],
            )
    named = {role.name for role in delegated_roles(folder.files.targets())}
    role = LISTS if LISTS in named else Targets.type
    targets = folder.next_targets(role, expires if role == LISTS else None)
    for path in [path for path in targets.targets if path.startswith(LIST)]:
        del targets.targets[path]
    for name, content in lists.items():
        folder.files.put_target(targets, LIST + name, content)
    folder.files.put(role, targets)
    return role


def _check_text(name: str, content: bytes) -> None:
    try:
        content.decode()
    except UnicodeDecodeError:
        raise SyncError(
            "publish.text", "{file} is not UTF-8 text. Save it again as UTF-8.", file=name
        ) from None


def regions(folder: CampaignFolder) -> Iterator[tuple[str, DelegatedRole]]:
    """Give the regions by their names."""
    for role in delegated_roles(folder.files.targets()):
        if name := region_name(role.name):
            yield name, role


def _known(folder: CampaignFolder, name: str) -> DelegatedRole:
    found = dict(regions(folder)).get(name)
    if found is None:
        raise SyncError(
            "region.unknown",
            "The campaign has no region {name}. Add it first: divoc-registry campaign region add.",
            name=name[:40],
        )
    return found


def _role(name: str, keys: RoleKeys, paths: list[str]) -> DelegatedRole:
    check_threshold(name, keys)
    keyids = [key.keyid for key in keys.keys]
    return DelegatedRole(name, keyids, keys.threshold, terminating=True, paths=paths)


def _delegate(folder: CampaignFolder, role: DelegatedRole, keys: RoleKeys) -> None:
    targets = folder.next_targets(Targets.type)
    if not targets.targets:
        folder.files.targets()  # raises: there is no campaign yet
    delegations = targets.delegations or Delegations({}, roles={})
    roles = {**(delegations.roles or {}), role.name: role}
    used = {keyid for delegated in roles.values() for keyid in delegated.keyids}
    known = {**delegations.keys, **{key.keyid: key for key in keys.keys}}
    kept = {keyid: key for keyid, key in known.items() if keyid in used}
    targets.delegations = Delegations(kept, roles=roles)
    folder.files.put(Targets.type, targets)


def _others(folder: CampaignFolder, role: str) -> Iterator[DelegatedRole]:
    return (other for _, other in regions(folder) if other.name != role)


def _refuse_shared(role: DelegatedRole, other: DelegatedRole, named: Collection[str]) -> None:
    """Refuse a facility, or a beginning of codes, that two regions would have."""
    mine, theirs = speaker_of(role), speaker_of(other)
    others = [
        path.removeprefix(FACILITY) for path in other.paths or () if path.startswith(FACILITY)
    ]
    shared = [text for text in named if theirs(text.rstrip("*"))]
    shared += [text for text in others if mine(text.rstrip("*"))]
    if shared:
        raise SyncError(
            "region.shared",
            "The region {other} has {text} already: a facility is of one region.",
            other=region_name(other.name),
            text=shared[0],
        )
