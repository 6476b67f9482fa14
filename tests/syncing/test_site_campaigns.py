"""The office sees which campaign a site runs, and why it refused another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync.registry.judging.facts import told_key
from sync.registry.site_campaigns import RefusedCampaign, site_campaign


class Entries:
    """A store that knows of one site's entries alone, by their keys."""

    def __init__(self, **documents: list[Any]) -> None:
        self._found = {
            told_key("campaign", "n1"): documents.get("applied", []),
            told_key("refused-campaign", "n1"): documents.get("refused", []),
        }

    def newest_mentions(self, key: str, count: int) -> list[Any]:
        class Stored:
            def __init__(self, content: str) -> None:
                self.content = content

        return [Stored(json.dumps(one)) for one in self._found.get(key, [])[-count:]]


def applied(version: Any, at: str = "2026-11-02T08:00:00Z") -> dict[str, Any]:
    return {"at": at, "body": {"campaign": {"id": "x", "version": version}}}


def refused(version: Any, at: str, **more: Any) -> dict[str, Any]:
    body = {"version": version, "code": "campaign.older", "sentence": "It is older.", **more}
    return {"at": at, "body": body}


def test_the_newest_that_was_applied_counts_and_what_was_refused_after_it() -> None:
    store: Any = Entries(
        applied=[applied("1", "2026-11-01T08:00:00Z"), applied("2")],
        refused=[refused("1.5", "2026-11-01T09:00:00Z"), refused("1.9", "2026-11-03T09:00:00Z")],
    )
    found = site_campaign(store, "n1")
    assert (found.id, found.version, found.at) == ("x", "2", "2026-11-02T08:00:00Z")
    assert found.refused == (
        RefusedCampaign("1.9", "campaign.older", "It is older.", (), "2026-11-03T09:00:00Z"),
    )


def test_a_site_that_has_told_nothing_runs_none() -> None:
    store: Any = Entries()
    assert site_campaign(store, "n1").version == ""


@pytest.mark.parametrize(
    "odd",
    [
        {},
        [],
        {"body": []},
        {"body": {"campaign": "x", "mistakes": "all of them"}},
        {"at": 7, "body": {"version": 7, "sentence": ["x"], "mistakes": [7, "x" * 999] * 50}},
        {"body": {"campaign": {"id": {}, "version": []}}},
    ],
)
def test_what_a_rogue_site_writes_there_is_cut_and_breaks_nothing(odd: Any) -> None:
    store: Any = Entries(applied=[odd], refused=[odd])
    found = site_campaign(store, "n1")
    assert found.version == ""
    for refusal in found.refused:
        assert len(refusal.mistakes) <= 20
        assert all(len(mistake) <= 400 for mistake in refusal.mistakes)
