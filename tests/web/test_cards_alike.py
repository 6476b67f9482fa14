"""The browser reads a health card as the site computer does, whatever stands in it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from odd_bundles import odd_bundles
from playwright.sync_api import Browser
from verifying import LATER

from edge.credentials.code_systems import published
from edge.credentials.fhir import is_read, read_bundle
from edge.domain.counting import counted
from sync.resources import resource

STATIC = resource("edge/web/static")
SITE = "http://site.example/"
pytestmark = pytest.mark.slow  # a browser


def read_here(bundle: dict[str, Any], edition: Any) -> list[Any]:
    told = read_bundle(bundle)
    found = counted(told, LATER)
    only_results = bool(told.get("results")) and not told["doses"]
    counting = "some" if found.get("notCounted") else "all"
    kinds = {"vaccination": ["vaccine", "date", "lot"], "test": ["date"]}
    shown = kinds.get(str(found.get("kind")), [])
    return [
        is_read(edition, bundle.get("type")),
        "t" if only_results else "v",
        "nothing" if found.get("kind") == "uncounted" else counting,
        found.get("name"),
        {name: found[name] for name in shown if found.get(name)},
    ]


def test_of_odd_bundles_the_browser_and_the_site_computer_say_the_same(browser: Browser) -> None:
    cases = odd_bundles(Random(22), 600)
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(path=STATIC / route.request.url[len(SITE) :]))
    page.goto(f"{SITE}edge.css")
    found = page.evaluate(
        """async ([address, cases, now, tables]) => {
          const { isRead, readBundle } = await import(address);
          return cases.map(([bundle, edition]) => {
            const { group, counting, claims } = readBundle(bundle, now, tables);
            const kept = "vaccine" in claims ? ["vaccine", "date", "lot"] : "result" in claims ? ["date"] : [];
            const shown = Object.fromEntries(kept.filter((name) => claims[name]).map((name) => [name, claims[name]]));
            return [isRead(edition, bundle.type), group, counting, claims.name || null, shown];
          });
        }""",
        [f"{SITE}cards.js", cases, LATER.timestamp(), published()],
    )
    page.close()
    here = [read_here(bundle, edition) for bundle, edition in cases]
    differ = [pair for pair in zip(cases, found, here, strict=True) if pair[1] != pair[2]]
    assert differ == []
    assert {told[2] for told in here} == {"all", "some", "nothing"}
