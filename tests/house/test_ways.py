"""A dose's way and an entry's way are what the architecture says, file by file and in that order."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from memory_journal import REGISTRY_KEY, Line, sealing
from site_factory import fill

from edge.adapters.settings import PrinterSettings, Settings
from edge.cli.site import make_site
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.registry.link import RegistryLink
from edge.web.app import create_app as site_app
from sync.protocol.keys import fingerprint
from sync.registry.codes import make_code
from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app as registry_app

ROOT = Path(__file__).resolve().parents[2]
PARTS = tuple(f"{ROOT}/{part}/" for part in ("edge", "sync", "printers"))
SHORTER_THAN = {"A dose's way": 28, "An entry's way": 32}
"""Files on each way before the rooms were sorted."""


class Trace:
    """Files of ours in the order in which something in them is called, while it is watched."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.watched = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if self.watched and event == "call" and frame.f_code.co_filename.startswith(PARTS):
            self.files[frame.f_code.co_filename.removeprefix(f"{ROOT}/")] = None

    def of(self, work: Callable[[], Any]) -> list[str]:
        """Give the files that a piece of work reaches, in this thread and in the others."""
        self.watched = True
        sys.setprofile(self)
        try:
            work()
        finally:
            sys.setprofile(None)
            self.watched = False
        return list(self.files)


@pytest.fixture
def trace() -> Iterator[Trace]:
    found = Trace()
    threading.setprofile(found)  # the writer's thread begins with the node
    yield found
    threading.setprofile(None)


def named(way: str) -> list[str]:
    """Give the files that the page names in a section."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    section = page.partition(f"## {way}\n")[2].partition("\n## ")[0]
    steps = section.rpartition("\n\n")[0] if way == "An entry's way" else section
    return re.findall(r"`((?:edge|sync|printers)/[\w/]+\.py)`", steps)


def in_order(way: str, reached: list[str]) -> None:
    files = named(way)
    assert 10 < len(files) < SHORTER_THAN[way]
    assert [one for one in files if one not in reached] == []
    assert files == sorted(files, key=reached.index)


def test_a_doses_way_is_as_the_architecture_says(tmp_path: Path, trace: Trace) -> None:
    printer = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    make_site(tmp_path / "site", Settings(facility="DEMO01", zone="UTC", printers=(printer,)))
    node = Node(tmp_path / "site")
    fill(node)
    client = site_app(node.backend()).test_client()
    token = client.post("/api/v1/session", json={"code": "V1", "pin": "2468"}).json["token"]  # type: ignore[index]
    answers: list[int] = []
    asked = {"type": "GiveDose", **dose(node)}

    def give() -> None:
        answer = client.put(
            f"/api/v1/entries/{node.site.ids.new()}",
            json=asked,
            headers={"Authorization": f"Bearer {token}"},
        )
        answers.append(answer.status_code)

    in_order("A dose's way", trace.of(give))
    assert answers == [200]
    node.close()


def test_an_entrys_way_to_its_receipt_is_as_the_architecture_says(
    tmp_path: Path, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    registry = Registry(store, REGISTRY_KEY, **sealing())
    line = Line(registry_app(registry).test_client())
    original = RegistryLink.__init__

    def connected(self: Any, *words: Any, **more: Any) -> None:
        original(self, *words, **{**more, "connect": lambda *_: line})

    monkeypatch.setattr(RegistryLink, "__init__", connected)
    code = make_code(store, "DEMO01", 1, registry.now())
    settings = Settings(
        facility="DEMO01",
        zone="UTC",
        registry="http://127.0.0.1:9",
        registry_fingerprint=fingerprint(REGISTRY_KEY.public_key()),
        enrolment_code=code,
    )
    make_site(tmp_path / "site", settings)
    node = Node(tmp_path / "site")
    fill(node)
    assert node.registry.run().state == "synced"
    with node.journal.reading() as db:
        vaccinator = node.site.catalogues.current(db).staff["V1"]
    node.desk.take(node.site.ids.new(), commands.GiveDose(**dose(node)), vaccinator)
    passes: list[str] = []

    def run() -> None:
        passes.append(node.registry.run().state)
        node.registry.state()

    in_order("An entry's way", trace.of(run))
    assert passes == ["synced"]
    node.close()
    store.close()


def dose(node: Node) -> dict[str, Any]:
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    return {
        "person": person, "programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A",
    }  # fmt: skip
