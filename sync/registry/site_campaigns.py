"""Which campaign each site says it runs, and which it refused: read from its own entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol.enrolment_codes import same_root
from sync.registry.judging.facts import (
    as_mapping,
    read_entry,
    told_key,
)
from sync.registry.store.interface import Store

_REFUSALS = 5
"""Refusals of a site that are shown, the newest ones."""
_LISTS = 300
_LONGEST, _SENTENCE, _MISTAKES, _DIGITS = 40, 400, 20, 64


@dataclass(frozen=True, slots=True)
class RefusedCampaign:
    """A campaign that a site did not apply, in its own words; ``at`` is an instant (ISO 8601)."""

    version: str
    code: str
    sentence: str
    mistakes: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class SiteRoot:
    """The ministry's root that a site believes, and the one that it believed ``before``, if any."""

    root: str
    before: str
    at: str


@dataclass(frozen=True, slots=True)
class SiteList:
    """A signed list at a site; ``edition`` is the ministry's count, 0 where it was refused.

    ``state``: ``taken``, ``withdrawn`` or ``refused``, with the ``sentence`` that says why.
    """

    name: str
    edition: int
    state: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLetter:
    """A letter that a site could not take, in its own words; ``at`` is an instant (ISO 8601)."""

    kind: str
    name: str
    sentence: str
    at: str


@dataclass(frozen=True, slots=True)
class SiteCampaign:
    """What a site runs, empty if it has told nothing yet; ``refused`` since, the newest first.

    ``root`` is None where the site takes campaigns that nobody has signed.
    """

    id: str = ""
    version: str = ""
    at: str = ""
    refused: tuple[RefusedCampaign, ...] = ()
    root: SiteRoot | None = None
    lists: tuple[SiteList, ...] = ()
    letters: tuple[RefusedLetter, ...] = ()


def root_remark(site: SiteCampaign, told: str) -> str:
    """Say what is odd in the root that a site believes, where sites are ``told`` of one.

    ``unsigned``: it takes what nobody signed; ``other``: it believes another; empty: nothing.
    """
    if not told:
        return ""
    if site.root is None:
        return "unsigned"
    return "" if same_root(site.root.root, told) else "other"


def site_campaign(store: Store, node: str) -> SiteCampaign:
    """Give what a site runs and what it refused after that; what is odd in an entry is left out."""
    campaign: Mapping[str, Any] = {}
    at = ""
    for document, body in _newest(store, told_key("campaign", node), 1):
        campaign, at = as_mapping(body.get("campaign")), _text(document.get("at"), _LONGEST)
    refused = _newest(store, told_key("refused-campaign", node), _REFUSALS)
    since = [_refusal(document, body) for document, body in refused]
    return SiteCampaign(
        _text(campaign.get("id"), _LONGEST),
        _text(campaign.get("version"), _LONGEST),
        at,
        tuple(refusal for refusal in since if refusal.at >= at),
        _root(store, node),
        tuple(_lists(store, node)),
        tuple(_letters(store, node)),
    )


def _lists(store: Store, node: str) -> Iterator[SiteList]:
    for _, body in _newest(store, told_key("lists", node), 1):
        for name, state in (("lists", "taken"), ("refused", "refused")):
            found = body.get(name)
            for each in map(as_mapping, (found if isinstance(found, list) else [])[:_LISTS]):
                edition = each.get("edition")
                yield SiteList(
                    _text(each.get("name"), _LONGEST),
                    edition if type(edition) is int else 0,
                    "withdrawn" if each.get("withdrawn") is True else state,
                    _text(each.get("sentence"), _SENTENCE),
                )


def _letters(store: Store, node: str) -> Iterator[RefusedLetter]:
    for document, body in _newest(store, told_key("refused-letter", node), _REFUSALS):
        yield RefusedLetter(
            _text(body.get("kind"), _LONGEST),
            _text(body.get("name"), _LONGEST),
            _text(body.get("sentence"), _SENTENCE),
            _text(document.get("at"), _LONGEST),
        )


def _root(store: Store, node: str) -> SiteRoot | None:
    for document, body in _newest(store, told_key("campaign-root", node), 1):
        root, before = (_text(body.get(name), _DIGITS) for name in ("root", "before"))
        return SiteRoot(root, before, _text(document.get("at"), _LONGEST))
    return None


def _newest(
    store: Store, key: str, count: int
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Give the entries under a key that came in last, with their bodies, the newest first."""
    read = [read_entry(entry.content) for entry in store.newest_mentions(key, count)]
    read.sort(key=lambda document: _text(document.get("at"), _LONGEST), reverse=True)
    return [(document, as_mapping(document.get("body"))) for document in read]


def _refusal(document: Mapping[str, Any], body: Mapping[str, Any]) -> RefusedCampaign:
    mistakes = body.get("mistakes")
    listed = mistakes if isinstance(mistakes, list) else []
    return RefusedCampaign(
        _text(body.get("version"), _LONGEST),
        _text(body.get("code"), _LONGEST),
        _text(body.get("sentence"), _SENTENCE),
        tuple(_text(mistake, _SENTENCE) for mistake in listed[:_MISTAKES]),
        _text(document.get("at"), _LONGEST),
    )


def _text(value: Any, longest: int) -> str:
    return value[:longest] if isinstance(value, str) else ""
