"""docs/extending.md, followed word for word: its package is installed, and a site uses it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from site_factory import fill

from edge.adapters.settings import FILE, Settings
from edge.campaign.loader import read_campaign
from edge.cli.site import make_site
from edge.journal import views
from edge.journal.entries import entries
from edge.node import Node
from edge.plugins import Extensions, extensions
from edge.services import commands
from edge.services.campaigns import CheckedCampaign
from sync.resources import resource

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/extending.md").read_text()
PACKAGE = ROOT / "tests/plugin_package"
BLOCKS = {
    name: f"# {name}\n{text}"
    for name, text in re.findall(r"```(?:toml|python)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
}
FILES = {name: text for name, text in BLOCKS.items() if name != "site.toml"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package of the page, as pip does, into a folder of its own."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("riverside", "library"))
    for name, text in FILES.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--no-build-isolation", "--target", target, source],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return target


@pytest.fixture
def more(library: Path, monkeypatch: pytest.MonkeyPatch) -> Extensions:
    monkeypatch.syspath_prepend(str(library))
    return extensions(lambda: distributions(path=[str(library)]))


@pytest.fixture
def node(tmp_path: Path, more: Extensions) -> Iterator[Node]:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    for name in ("bands", "doses"):
        (tmp_path / name).mkdir()
    with (folder / FILE).open("a") as file:
        file.write(BLOCKS["site.toml"].replace("/srv", str(tmp_path)))
    node = Node(folder, more=more)
    fill(node)
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    for one in body["programmes"]:
        if one["id"] == "covid-19":
            one["certificates"] = {"formats": ["divoc", "x-wristband"]}
    node.campaigns.apply(CheckedCampaign({**body, "version": "with wristbands"}))
    yield node
    node.close()


def give(node: Node, name: str = "Grace Wanjiru") -> None:
    with node.journal.reading() as db:
        person = views.find_people(db, name)[0].id
        who = node.site.catalogues.current(db).staff["V1"]
    asked = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    node.desk.take(node.site.ids.new(), asked, who)


def test_the_page_shows_the_package_of_the_tests_file_for_file() -> None:
    there = {
        str(path.relative_to(PACKAGE)): path.read_text()
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".toml") and "build" not in path.parts
    }
    assert there == FILES


def test_the_command_of_the_page_says_what_the_page_says(library: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(library), str(ROOT)))}

    def ask(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "edge", *words],
            capture_output=True, text=True, timeout=120, check=True, env=environment,
        ).stdout  # fmt: skip

    told = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert told
    assert ask("plugins") == told[1]
    found = json.loads(ask("plugins", "--json"))
    assert {one["state"] for one in found} == {"loaded"}
    assert set(found[0]) == {"kind", "name", "package", "version", "state", "reason"}


def test_a_dose_gets_the_packages_certificate_which_verifies_and_can_be_revoked(
    node: Node,
) -> None:
    give(node)
    with node.journal.reading() as db:
        (issued,) = [one for one in entries(db) if one.type == "CertificateIssued"]
    made = {one["format"]: one["credential"] for one in issued.body["credentials"]}
    assert set(made) == {"divoc", "x-wristband"}
    payload = node.certifier.payload("x-wristband", made["x-wristband"])
    verdict = node.verify(payload)
    assert (verdict.verdict, verdict.format) == ("valid", "x-wristband")
    assert verdict.claims["lot"] == "CP2611A"
    spoiled = made["x-wristband"].replace("A", "B", 40)
    assert not node.verify(spoiled.encode()).good
    assert node.verify(b"WB1:").verdict == "invalid"
    revoked = node.certifier.revocation(made)
    assert "x-wristband" in revoked["scopes"]


def test_a_slip_goes_through_the_packages_connection(node: Node, tmp_path: Path) -> None:
    give(node)
    node.print_room.spoolers["band"].run()
    (job,) = (tmp_path / "bands").glob("*.job")
    assert job.read_bytes().startswith(b"\x1b")
    assert not list((tmp_path / "bands").glob("*.new"))


def test_the_packages_follower_delivers_each_dose_once(node: Node, tmp_path: Path) -> None:
    give(node)
    (runner,) = node.followers.runners
    for _ in range(2):
        assert runner.run().trouble is None
    (file,) = (tmp_path / "doses").iterdir()
    assert json.loads(file.read_text())["lot"] == "CP2611A"
    assert "Grace" not in file.read_text()


def test_a_site_whose_package_is_gone_gives_doses_and_says_what_is_missing(
    node: Node, tmp_path: Path
) -> None:
    give(node)
    folder = node.folder
    node.close()
    bare = Node(folder, more=extensions(lambda: []))
    try:
        give(bare, "Tendai Moyo")
        with bare.journal.reading() as db:
            issued = [one for one in entries(db) if one.type == "CertificateIssued"][-1]
        assert [one["format"] for one in issued.body["credentials"]] == ["divoc"]
        bare.print_room.spoolers["band"].run()
        assert "spool" in bare.print_room.spoolers["band"].health.sentence
        assert set(bare.followers.troubles) == {"dose-files"}
    finally:
        bare.close()
