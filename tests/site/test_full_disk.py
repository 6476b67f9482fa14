"""A site whose disk fills up: what tablets are told, in their language, and what goes on."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from desks import browser
from flask.testing import FlaskClient

from edge.adapters.settings import FILE
from edge.cli.serving import tell
from edge.domain.catalogue import Staff
from edge.domain.disk import MB, DiskSpace
from edge.domain.errors import Unavailable
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.commands import command_document

FRENCH = {"Accept-Language": "fr"}


@dataclass
class FillingDisk:
    """The port for the disk: as full as a test wants it."""

    free: int = 200 * MB
    read_only: bool = False

    def __call__(self, _folder: Path) -> DiskSpace:
        return DiskSpace(self.free, self.read_only)


@pytest.fixture
def disk() -> FillingDisk:
    return FillingDisk()


@pytest.fixture
def node(site_folder: Path, filled_folder: Path, disk: FillingDisk) -> Iterator[Node]:
    settings = shutil.ignore_patterns(FILE)
    shutil.copytree(filled_folder, site_folder, ignore=settings, dirs_exist_ok=True)
    node = Node(site_folder, disk=disk)
    yield node
    node.close()


def _put(
    client: FlaskClient, node: Node, command: commands.Command, id_: str = ""
) -> tuple[int, Any]:
    document = command_document(command)
    place = f"/api/v1/entries/{id_ or node.site.ids.new()}"
    answer = client.put(place, json=document, headers=FRENCH)
    return answer.status_code, answer.get_json()


def test_as_the_disk_fills_a_tablet_is_told_what_is_still_recorded_and_reads_on(
    node: Node,
    disk: FillingDisk,
    dose: Callable[..., commands.GiveDose],
    staff: Callable[[str], Staff],
) -> None:
    client = browser(node, "S1")
    status = client.get("/api/v1/status", headers=FRENCH).get_json()["disk"]
    assert (status["records"], status.get("trouble")) == ("everything", None)

    disk.free = 100 * MB
    first, id_ = dose("Grace Wanjiru"), node.site.ids.new()
    given = _put(client, node, first, id_)
    assert given[0] == 200
    with node.journal.reading() as db:
        lot = views.lot(db, "coviprotect", "CP2611A")
        assert lot
    stock = commands.ReceiveStock("coviprotect", "CP2611A", expiry=lot.expiry, quantity=10)
    code, problem = _put(client, node, stock)
    assert (code, problem["code"], problem["temporary"]) == (503, "disk.essentials-only", True)
    assert problem["sentence"].startswith("Le disque de l’ordinateur du site se remplit")
    assert problem["hint"].startswith("Appelez le technicien")

    disk.free = 10 * MB
    code, problem = _put(client, node, dose("Ngozi Okonkwo"))
    assert (code, problem["code"], problem["temporary"]) == (503, "disk.reading-only", True)
    assert "papier" in problem["hint"]
    repeated = _put(client, node, first, id_)  # the answer was lost, and is given again
    assert (repeated[0], repeated[1]["id"], repeated[1]["repeated"]) == (200, id_, True)
    found = client.post("/api/v1/people/search", json={"text": "Wanjiru"})
    assert found.status_code == 200
    assert found.get_json()
    status = client.get("/api/v1/status", headers=FRENCH).get_json()["disk"]
    assert (status["records"], status["free"]) == ("nothing", 10 * MB)
    assert status["trouble"] == problem["sentence"]
    for path in ("/", "/site", f"/people/{first.person}"):
        page = client.get(path, headers=FRENCH)
        assert page.status_code == 200
        assert problem["sentence"] in page.text
    other = browser(node, "V1")  # who comes later may sign in and read, too
    assert other.get(f"/people/{first.person}").status_code == 200

    disk.free = 200 * MB
    assert _put(client, node, stock)[0] == 200
    assert 'class="problem disk"' not in client.get("/").text


def test_what_is_no_essential_waits_while_doses_go_on(
    node: Node, disk: FillingDisk, staff: Callable[[str], Staff]
) -> None:
    disk.free = 100 * MB
    with pytest.raises(Unavailable) as refused:
        node.devices.invite("tablet 9", by="technician")
    assert refused.value.code == "disk.essentials-only"


def test_a_file_that_the_disk_does_not_take_is_told_in_words(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, raised = browser(node, "T1"), [0]
    print_slip = commands.PrintSlip(slip="tally", subject="2026-12-01")

    def fail(*_: object) -> None:
        raise OSError(raised[0], "the system's words")

    monkeypatch.setattr(node.desk, "take", fail)
    for number, told in (
        (errno.ENOSPC, "disk.full"),
        (errno.EDQUOT, "disk.full"),
        (errno.EIO, "disk.failing"),
        (errno.EROFS, "disk.read-only"),
    ):
        raised[0] = number
        code, problem = _put(client, node, print_slip)
        assert (code, problem["code"], problem["temporary"]) == (503, told, True)
        assert problem["sentence"].startswith("Rien n’a été enregistré")
        assert problem["hint"]
    raised[0] = errno.ENOENT
    assert _put(client, node, print_slip)[0] == 500


def test_a_line_that_no_log_takes_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_text: str) -> None:
        raise OSError(errno.ENOSPC, "the system's words")

    monkeypatch.setattr("click.echo", full)
    tell("The site listens")
