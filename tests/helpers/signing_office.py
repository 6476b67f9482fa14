"""A ministry's keys, its folder and the registry, by the commands that people use."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from command_line import run

from edge.node import Node
from sync.protocol.letters import Letter
from sync.registry.cli import main as registry_main
from sync.resources import resource

DEMO = resource("config/demo/campaign")


def registry(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(registry_main, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


class Office:
    """The ministry's keys, its folder, and the registry, by the commands that people use."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "registry"
        self.signed, self.secret = folder / "signed", folder / "passphrase"
        self.secret.write_text("a passphrase of the tests")
        registry("migrate", "--data", self.data)
        registry("campaign", "online", folder / "registry.pub", "--data", self.data)
        for name in ("root-1", "root-2", "nurse-1", "nurse-2"):
            registry("campaign", "key", folder / name, "--passphrase-file", self.secret)
        said = registry("campaign", "init", *self.keys("nurse-1", "nurse-2"))
        found = re.search(r"Root ([0-9a-f]{64})", said)
        assert found
        self.root = found[1]
        self.sign("root-1", "root-2")

    def keys(self, *names: str) -> list[object]:
        """Give the words that say whose keys count."""
        words: list[object] = [self.signed, "--root-threshold", 2, "--campaign-threshold", 2]
        for name in ("root-1", "root-2"):
            words += ["--root-key", self.folder / f"{name}.pub"]
        for name in names:
            words += ["--campaign-key", self.folder / f"{name}.pub"]
        return [*words, "--registry-key", self.folder / "registry.pub"]

    def renew(self, *names: str) -> str:
        """Put another root in front, with other keys for campaigns."""
        return registry("campaign", "renew", *self.keys(*names), "--days", 900, "--json")

    def sign(self, *names: str) -> None:
        for name in names:
            registry(
                *("campaign", "sign", self.signed, "--key", self.folder / name),
                *("--passphrase-file", self.secret),
            )

    def packed(self, **changes: Any) -> Path:
        path = self.folder / "packed.json"
        done = run("campaign", "pack", DEMO, "--out", path)
        assert done.exit_code == 0, done.output
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return path

    def add(self, *signers: str, **changes: Any) -> None:
        registry("campaign", "add", self.signed, self.packed(**changes))
        self.sign(*signers)

    def publish(self, code: int = 0) -> str:
        return registry("campaign", "publish", self.signed, "--data", self.data, code=code)

    def letters(self) -> list[Letter]:
        from sync.registry.store.stores import embedded, open_store

        store = open_store(embedded(self.data))
        try:
            return [
                Letter("*", one.number, one.id, one.kind, json.loads(one.body), one.at)
                for one in store.letters("*", 0, 100, 10**9)
            ]
        finally:
            store.close()


def in_force(node: Node) -> str:
    with node.journal.reading() as db:
        return node.site.catalogues.current(db).version
