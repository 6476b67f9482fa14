"""A site that starts on a disk that takes nothing is read, says why, and begins to write by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desks import browser

from edge.adapters.settings import Settings, write_settings
from edge.domain.errors import EdgeError, Unavailable
from edge.journal import database
from edge.node import Node

EMPTY = Settings(facility="DEMO01", disk_essentials_below=0, disk_reading_below=0)


def reads_and_refuses(node: Node, told: str) -> None:
    """Somebody signs in and reads; what is to be written is refused in words."""
    assert not node.journal.writes
    client = browser(node, "V1")
    found = client.post("/api/v1/people/search", json={"text": "Wanjiru"}).get_json()
    assert found
    page = client.get(f"/people/{found[0]['id']}")
    assert page.status_code == 200
    assert 'class="problem disk"' in page.text
    slip = {"type": "PrintSlip", "slip": "tally", "subject": "2026-12-01"}
    refused = client.put(f"/api/v1/entries/{node.site.ids.new()}", json=slip)
    problem = refused.get_json()
    assert (refused.status_code, problem["code"], problem["temporary"]) == (503, told, True)
    assert problem["hint"]
    assert client.get("/").status_code == 200  # the session, of which nothing is kept, goes on


def begins_to_write(node: Node) -> None:
    node.journal.try_again()
    assert node.journal.writes
    node.authenticator.set_pin("V1", "2468", by="technician")
    assert browser(node, "V1").get("/api/v1/status").get_json()["disk"]["records"] == "everything"


def test_a_journal_that_cannot_be_written_at_the_start_is_read_until_it_can(
    site_folder: Path, filled_folder: Path
) -> None:
    shutil.copytree(filled_folder, site_folder, dirs_exist_ok=True)
    well = [False]

    def connect(path: Path, key: bytes) -> Any:
        if not well[0]:
            error = database.OperationalError("as SQLite would")
            error.sqlite_errorcode = 13
            raise error
        return database.open_writer(path, key)

    node = Node(site_folder, connect_database=connect)
    try:
        reads_and_refuses(node, "disk.full")
        well[0] = True
        begins_to_write(node)
    finally:
        node.close()


def test_wrong_pins_are_few_while_no_disk_counts_them(
    site_folder: Path, filled_folder: Path
) -> None:
    shutil.copytree(filled_folder, site_folder, dirs_exist_ok=True)

    def full(*_: object) -> Any:
        error = database.OperationalError("as SQLite would")
        error.sqlite_errorcode = 13
        raise error

    node = Node(site_folder, connect_database=full)
    try:
        client = node.backend().authenticator
        codes = []
        for _ in range(7):
            with pytest.raises(EdgeError) as refused:
                client.check_pin("V1", "1111")
            codes.append(refused.value.code)
        assert codes[:5] == ["sign-in.wrong"] * 5
        assert codes[5:] == ["sign-in.locked"] * 2
    finally:
        node.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6M", "none", str(place)]
    made = not os.geteuid() and shutil.which("mount")
    if not made or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can make a file system of its own")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def _fill(place: Path) -> None:
    size = 1 << 16
    with (place / "filling").open("wb", buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 4


def _lock(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)


def _free(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", place], check=True)
    (place / "filling").unlink(missing_ok=True)


def _set_pins(node: Node, count: int) -> None:
    for _ in range(count):
        node.authenticator.set_pin("V1", "2468", by="technician")


@pytest.mark.slow  # two file systems, and two sites on them
@pytest.mark.parametrize(
    ("trouble", "told"), [(_fill, "disk.full"), (_lock, "disk.read-only")], ids=["full", "locked"]
)
def test_on_a_real_disk_a_site_starts_reads_and_comes_back(
    small_disk: Path, filled_folder: Path, trouble: Callable[[Path], None], told: str
) -> None:
    folder = small_disk / "site"
    shutil.copytree(filled_folder, folder)
    write_settings(folder, EMPTY)
    trouble(small_disk)
    node = Node(folder)
    try:
        reads_and_refuses(node, told)
        _free(small_disk)
        begins_to_write(node)
        if trouble is _fill:  # and once more while it runs: nothing ends, everything is told
            trouble(small_disk)
            with pytest.raises(Unavailable) as refused:
                _set_pins(node, 50)
            assert refused.value.code == told
            assert browser(node, "V1").get("/").status_code == 200
            _free(small_disk)
            node.authenticator.set_pin("V1", "2468", by="technician")
    finally:
        node.close()
