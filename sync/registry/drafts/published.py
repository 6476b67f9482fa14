"""The campaign that sites are told to run now: the newest in the letters of the nation."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sync.protocol.campaign_parts import CAMPAIGN
from sync.protocol.entries import canonical
from sync.registry.feeds import withdrawn_letters
from sync.registry.store.interface import Store
from sync.registry.store.records import NATION, Letter

_LOOKED_AT = 20
"""Campaigns that are looked at, from the newest, for one that was not withdrawn."""


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
    """Give the newest that was not withdrawn; None where there is none."""
    withdrawn = withdrawn_letters(store, NATION, 0)
    found = store.letters_of_kind(NATION, "campaign", 0, _LOOKED_AT)
    return next((_read(letter) for letter in found if letter.id not in withdrawn), None)


def _read(letter: Letter) -> PublishedCampaign:
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
