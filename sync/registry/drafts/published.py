"""The campaign that sites are told to run now: the newest in the letters of the nation."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sync.protocol.campaign_parts import CAMPAIGN
from sync.protocol.entries import canonical
from sync.registry.store.interface import Store
from sync.registry.store.records import NATION, Letter

_LOOKED_AT = 500
"""Letters that are looked at, from the newest: lists and revocations stand between campaigns."""


@dataclass(frozen=True, slots=True)
class PublishedCampaign:
    """A campaign in the nation's letters: the letter's number, when (ISO 8601), and what it says.

    Of a signed one ``packed`` is the nation's part.
    """

    number: int
    at: str
    packed: bytes
    id: str
    version: str
    signed: bool


def published_campaign(store: Store) -> PublishedCampaign | None:
    """Give the newest; None while nothing was published."""
    last = store.last_letter(NATION)
    for number in range(last.number if last else 0, 0, -1)[:_LOOKED_AT]:
        letter = store.letter(NATION, number)
        if letter is not None and letter.kind == "campaign":
            return _read(letter)
    return None


def _read(letter: Letter) -> PublishedCampaign | None:
    body = json.loads(letter.body)
    files = body.get("files")
    if files is None:
        packed = canonical(body["campaign"])
    else:
        texts = (text for path, text in files.items() if path.endswith(f".{CAMPAIGN}"))
        packed = next(texts, "{}").encode()
    said = json.loads(packed)
    id_, version = str(said.get("id", "")), str(said.get("version", ""))
    return PublishedCampaign(letter.number, letter.at, packed, id_, version, files is not None)
