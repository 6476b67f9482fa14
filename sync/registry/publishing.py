"""Puts letters of the nation into the feeds, once what they say is proven as a site will prove it.

What a letter says is checked where it is made (``divoc-edge campaign pack``) and again where it is
taken; the registry carries it, and signs what it hands out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sync.protocol.errors import SyncError
from sync.protocol.instants import instant

if TYPE_CHECKING:
    from sync.registry.store.interface import Store

BY_COMMAND = "command line"
"""Who publishes, in the audit, where a command does."""
_LARGEST = 4 * 1024 * 1024
"""Bytes of one letter: with its page it must go into a message of 8 MB."""
_AROUND = 4096
"""Bytes that stand around a campaign in the entry that a site makes of it."""


def read_packed(content: bytes, name: str) -> dict[str, Any]:
    """Read a packed campaign; raises :class:`SyncError` for what no site takes, by its file."""
    from sync.protocol.entries import LARGEST_ENTRY, canonical

    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not {"id", "version", "programmes"} <= body.keys():
        raise SyncError(
            "publish.campaign",
            "{file} is not a packed campaign. Make it with: divoc-edge campaign pack FOLDER",
            file=name,
        )
    _refuse_verifiers(body, name)
    size = len(canonical(body))
    if size > LARGEST_ENTRY - _AROUND:
        raise SyncError(
            "publish.campaign-too-large",
            "This campaign is {size} kB long; a site takes at most {most} kB.",
            size=size // 1024,
            most=(LARGEST_ENTRY - _AROUND) // 1024,
        )
    return body


def read_region(content: bytes, name: str) -> dict[str, Any]:
    """Read a region's packed part; raises :class:`SyncError` for what is none, by its file."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.keys() != {"facilities", "staff"}:
        raise SyncError(
            "publish.region",
            "{file} is not a region's part. Make it with: divoc-edge campaign pack FOLDER --region",
            file=name,
        )
    _refuse_verifiers(body, name)
    return body


def _refuse_verifiers(body: Mapping[str, Any], name: str) -> None:
    from sync.registry.withheld import holds_verifier

    if holds_verifier(body):
        raise SyncError(
            "publish.verifiers",
            "{file} holds the verifiers of PINs, which are for nobody but a site. Pack the campaign"
            " again with: divoc-edge campaign pack FOLDER",
            file=name,
        )


def post_campaign(
    store: Store,
    campaign: Mapping[str, Any],
    letter: dict[str, Any],
    who: str = BY_COMMAND,
) -> int:
    """Put a campaign into the nation's feed as ``letter``; gives the letter's number."""
    from sync.registry.store.records import NATION, AuditLine

    number = post(store, NATION, "campaign", letter)
    version = str(campaign["version"])
    store.audit(AuditLine(_now(), who, "published a campaign", version))
    return number


def post_signed(
    store: Store,
    files: Mapping[str, bytes],
    root: str,
    now: datetime,
    proven: Callable[[], None] = lambda: None,
    who: str = BY_COMMAND,
) -> tuple[int, dict[str, Any]]:
    """Put a signed campaign into the feeds, once it is proven as a site will prove it.

    ``proven`` is called before anything is posted; ``who`` stands in the audit.
    Gives the letter's number and the nation's part.
    """
    from sync.protocol.campaign_files import LARGEST
    from sync.protocol.campaign_parts import apart
    from sync.protocol.signed_campaigns import CampaignTrust
    from sync.registry.campaigns.letters import check_regions, letter_of, posted_regions, too_large

    common, regions = apart(files)
    with tempfile.TemporaryDirectory() as trying:
        packed = CampaignTrust(Path(trying) / "site", root).parts(common, now).campaign
    body = read_packed(packed, "campaign.json")
    check_regions(common, regions, body, _check_region_size)
    shared = sum(map(len, common.values()))
    for name, own in regions.items():
        if shared + sum(map(len, own.values())) > LARGEST:
            raise too_large(name, shared + sum(map(len, own.values())), LARGEST)
    proven()
    numbers = posted_regions(store, regions, lambda feed, text: post(store, feed, "campaign", text))
    return post_campaign(store, body, letter_of(common, numbers), who), body


def _check_region_size(campaign: Mapping[str, Any], name: str) -> None:
    from sync.protocol.entries import LARGEST_ENTRY, canonical
    from sync.registry.campaigns.letters import too_large

    size = len(canonical(dict(campaign)))
    if size > LARGEST_ENTRY - _AROUND:
        raise too_large(name, size, LARGEST_ENTRY - _AROUND)


def post(store: Store, feed: str, kind: str, body: dict[str, Any]) -> int:
    """Put a letter into a feed; gives its number."""
    from sync.protocol.entries import canonical

    text = canonical(body)
    if len(text) > _LARGEST:
        raise SyncError(
            "publish.too-large",
            "This is {size} MB; a letter holds at most 4 MB. Cut it into parts, or carry it by"
            " stick.",
            size=-(-len(text) // (1024 * 1024)),
        )
    return store.post(feed, kind, str(uuid4()), text.decode(), _now()).number


def _now() -> str:
    return instant(datetime.now(UTC))
