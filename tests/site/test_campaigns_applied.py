"""A campaign is one thing, however it comes: by folder, letter, stick or demonstration."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from list_publishers import Ministry
from stick_sites import Country

from edge.adapters.settings import Settings
from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.cli import main
from edge.cli.site import make_site
from edge.jobs import Jobs
from edge.node import Node
from edge.services.pins import without_pins
from sync.protocol.letters import Letter
from sync.registry.cli import main as registry_main
from sync.resources import resource

CAMPAIGN = resource("config/demo/campaign")
LIST = {"type": "divoc-edge revocations", "issuedAt": "2026-11-24T12:00:00+00:00", "scopes": ["hcert:XX"], "count": 0}  # fmt: skip
Way = Callable[[Path, Path, pytest.MonkeyPatch], None]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each job that is woken."""
    found: list[str] = []
    monkeypatch.setattr(Jobs, "wake", lambda _, name: found.append(name))
    return found


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note for which scripts fonts are made."""
    found: list[list[str]] = []
    monkeypatch.setattr(
        "printers.fonts.Fonts.prepare", lambda _, scripts, progress: found.append(list(scripts))
    )
    return found


def edge(*words: object) -> None:
    done = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def packed(folder: Path) -> dict[str, Any]:
    body = without_pins(read_campaign(folder, resource("config/schemas")))
    (folder.parent / "packed.json").write_text(json.dumps(body))
    return body


def by_folder(site: Path, folder: Path, _: pytest.MonkeyPatch) -> None:
    edge("import", "campaign", folder, "--data", site)


def by_letter(site: Path, folder: Path, _: pytest.MonkeyPatch) -> None:
    node = Node(site)
    with node.journal.reading() as db:
        node.site.catalogues.current(db)  # the one of before is at hand
    node.inbox.take([Letter("*", 1, "a" * 32, "campaign", {"campaign": packed(folder)}, "2026-11-29T00:00:00Z")])  # fmt: skip
    assert node.site.catalogues.cached() is None
    node.close()


def by_stick(site: Path, folder: Path, _: pytest.MonkeyPatch) -> None:
    country = Country(folder.parent)
    assert country.enrol(site, country.invite()).exit_code == 0
    country.read(site)
    country.export(site)
    packed(folder)
    country.take()
    published = CliRunner().invoke(registry_main, ["publish", "campaign", str(folder.parent / "packed.json"), "--data", str(country.data)])  # fmt: skip
    assert published.exit_code == 0, published.output
    country.export(site)
    country.take()
    assert country.read(site)["letters"] >= 1


WAYS: dict[str, Way] = {
    "folder": by_folder,
    "letter": by_letter,
    "stick": by_stick,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_campaign_is_recorded_and_followed_up_alike_whichever_way_it_comes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    woken: list[str],
    prepared: list[list[str]],
    way: str,
) -> None:
    site, folder = tmp_path / "site", tmp_path / "campaign"
    ministry = Ministry(tmp_path / "lists")
    make_site(site, Settings("DEMO01", ministry_keys=(ministry.public,)))
    shutil.copytree(CAMPAIGN, folder)
    (folder / "trust").mkdir()
    signed = ministry.vouched("nation", json.dumps(LIST) + "\n")
    (folder / "trust/nation.list").write_bytes(signed)
    edge("import", "campaign", folder, "--data", site)
    shutil.rmtree(folder / "trust")
    text = (folder / "campaign.yaml").read_text()
    text = re.sub(r"(?m)^version:.*$", 'version: "next"', text)
    (folder / "campaign.yaml").write_text(text + "language: ar\n")
    woken.clear()
    prepared.clear()

    WAYS[way](site, folder, monkeypatch)

    assert woken == ["letters"]
    (scripts,) = prepared
    assert scripts == ["Arabic"]
    node = Node(site)
    with node.journal.reading() as db:
        entries = [
            json.loads(row[0])["body"]["campaign"]
            for row in db.execute(
                "SELECT content FROM entry WHERE type = 'CampaignApplied' ORDER BY position"
            )
        ]
        catalogue = node.site.catalogues.current(db)
    first, second = entries
    assert {**first, "version": "next", "language": "ar"} == second
    assert all(one["pin"].startswith("sealed:") for one in second["staff"])
    assert (catalogue.version, catalogue.language) == ("next", "ar")
    assert [(one.name, one.kind) for one in node.lists.sources()] == [("nation", "revocations")]
    node.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_campaign_whose_certificates_do_not_fit_on_paper_is_refused_whichever_way_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    site, folder = tmp_path / "site", tmp_path / "campaign"
    make_site(site, Settings("DEMO01"))
    edge("import", "campaign", CAMPAIGN, "--data", site)
    shutil.copytree(CAMPAIGN, folder)
    text = (folder / "campaign.yaml").read_text()
    text = text.replace("[dcc-1.3, divoc]", "[divoc-rsa-node]")
    text = text.replace("[dcc-1.3]", "[divoc-rsa-node]")
    (folder / "campaign.yaml").write_text(text)
    refused = pytest.raises((CampaignErrors, AssertionError))
    with refused if way in ("folder", "demonstration") else contextlib.nullcontext():
        WAYS[way](site, folder, monkeypatch)
    node = Node(site)
    with node.journal.reading() as db:
        count = db.execute("SELECT count(*) FROM entry WHERE type = 'CampaignApplied'")
        assert count.fetchone() == (1,)
    if way in ("letter", "stick"):
        (trouble,) = node.registry.state().letters
        assert "leaves" in trouble.detail
    node.close()
