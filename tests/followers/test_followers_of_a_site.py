"""A site whose journal is copied to a disk: what ``site.toml`` says, and what the technician sees."""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result
from site_factory import fill

from edge.adapters.settings import FILE, Settings
from edge.cli import main
from edge.cli.site import make_site
from edge.journal import following
from edge.journal.entries import entries
from edge.node import Node

IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    disk = tmp_path / "disk"
    with (folder / FILE).open("a") as file:
        file.write(
            f'[[follower]]\nkind = "copy"\nname = "backup-disk"\nfolder = "{disk}"\n'
            f'recipient = "{IDENTITY.to_public()}"\n'
            '[[follower]]\nkind = "nosuch"\n'
        )
    return folder


def ask(site: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["followers", *words, "--data", str(site)])


def test_the_journal_of_a_site_is_copied_and_the_technician_sees_how_it_stands(
    site: Path, tmp_path: Path
) -> None:
    node = Node(site)
    try:
        fill(node)
        (runner,) = node.followers.runners
        assert runner.run().trouble is not None
        assert "There is no folder" in ask(site, "status").output
        (tmp_path / "disk").mkdir()
        assert runner.run().trouble is None
        with node.journal.reading() as db:
            wanted = [one.content for one in entries(db)]
    finally:
        node.close()
    copied = [
        line
        for path in sorted((tmp_path / "disk").iterdir())
        for line in pyrage.decrypt(path.read_bytes(), [IDENTITY]).decode().splitlines()
    ]
    assert copied == wanted
    run = ask(site, "status", "--json")
    assert run.exit_code == 1
    told = {one["name"]: one for one in json.loads(run.output)}
    assert (told["backup-disk"]["state"], told["backup-disk"]["waiting"]) == ("complete", 0)
    assert told["nosuch"]["state"] == "trouble"
    assert "nosuch" in told["nosuch"]["sentence"]


def test_a_jobs_thread_of_its_own_runs_each_follower(site: Path) -> None:
    node = Node(site)
    try:
        assert "follower backup-disk" in node.jobs.names
        assert "follower nosuch" not in node.jobs.names
    finally:
        node.close()


def test_what_was_refused_is_listed_and_tried_again_when_the_technician_says_so(
    site: Path,
) -> None:
    node = Node(site)
    told = following.UndeliveredEntry(
        1, "refused", 5, "x", "The lot {lot} is new.", {"lot": "A"}, "2026"
    )
    try:
        fill(node)
        node.journal.run(lambda unit: following.keep_undelivered(unit.db, "backup-disk", told))
    finally:
        node.close()
    assert "The lot A is new." in ask(site, "refused", "backup-disk").output
    assert "1 entries are refused" in ask(site, "status").output
    assert "1 entries will be tried again" in ask(site, "retry", "backup-disk").output
    assert "1 entries are tried again later" in ask(site, "status").output
    assert "no follower sms" in ask(site, "retry", "sms").output


def test_the_receipts_of_status_are_the_registrys_alone(site: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    node = Node(site)
    try:
        fill(node)
        node.followers.runners[0].run()
    finally:
        node.close()
    run = CliRunner().invoke(main, ["status", "--json", "--data", str(site)])
    assert json.loads(run.output)["receipts"] == []
