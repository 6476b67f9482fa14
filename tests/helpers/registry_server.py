"""A registry on a port of this machine, with a clock that can be set, for tests with whole sites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from memory_journal import sealing
from serving import Serving

from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.node import Node
from sync.protocol.instants import instant
from sync.protocol.keys import fingerprint
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app


class Nation:
    """Serves sites over HTTP; ``behind`` is how far its clock is behind the machine's."""

    def __init__(self, folder: Path) -> None:
        self.behind = timedelta(0)
        self.store = SqliteStore(folder / "registry.db")
        self.registry = Registry(
            self.store,
            Ed25519PrivateKey.generate(),
            frozenset({"code"}),
            now=self.now,
            **sealing(),
        )
        self._judging = Judging(self.store, Schemas(schemas_folder()), lambda: instant(self.now()))
        self._serving = Serving(create_app(self.registry), threads=2)
        self.url = self._serving.url
        self._nodes: list[Node] = []
        self.folder = folder

    def now(self) -> datetime:
        return datetime.now(UTC) - self.behind

    def site(self, facility: str, load: Callable[[Node], Any], **settings: Any) -> Node:
        """Make a site that delivers here, with what ``load`` puts into it."""
        folder = self.folder / facility
        told = {
            "registry": self.url,
            "registry_fingerprint": fingerprint(self.registry.key.public_key()),
            "enrolment_code": "code",
        }
        make_site(folder, Settings(facility, **{**told, **settings}))
        node = Node(folder)
        self._nodes.append(node)
        load(node)
        return node

    def judge(self) -> int:
        return self._judging.run()

    def exchange(self, *nodes: Node) -> None:
        """Let sites deliver, judge it, and let them hear the verdicts."""
        for _ in range(2):
            for node in nodes:
                done = node.registry.run()
                assert done.state == "synced", done
            self.judge()

    def close(self) -> None:
        for node in self._nodes:
            node.close()
        self._serving.close()
        self.store.close()
