"""The nation's registry: the real one, its snapshots and rewinds, and an eye on its disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from clockwork import Clockwork, Violation
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledger import Ledger

from sync.protocol import frames
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.entries import GENESIS, Head, canonical, chain_hash, own_epoch
from sync.protocol.receipts import Receipt
from sync.protocol.versions import ONCE
from sync.registry.judging.schemas import Schemas
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.records import NATION
from sync.registry.store.sqlite import SqliteStore
from sync.registry.store.sqlite.connections import connect
from sync.registry.web.app import create_app
from sync.registry.web.reading_api import reading_api

CODE = "country"
_OLD = {"code": "frame.compression", "sentence": "Not known here.", "temporary": False}
_KEPT = 4
"""Snapshots that are kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: tuple[tuple[str, str], ...]
    data: bytes


class WatchedRegistry(Registry):
    """A registry whose receipts are compared with its disk as it gives them."""

    nation: Nation

    def _receipt(self, node: str, head: Head, count: int) -> Receipt:
        receipt = super()._receipt(node, head, count)
        self.nation.give(receipt)
        return receipt


@dataclass
class Nation:
    """One registry over one file. ``generation`` counts its rewinds."""

    work: Clockwork
    ledger: Ledger
    folder: Path
    key: Ed25519PrivateKey
    schemas: Schemas
    identity: str = field(default_factory=new_identity)
    generation: int = 0
    old: bool = False
    offset: float = 0.0
    quota: int = 200_000
    come_back: int = 0
    posted: set[tuple[str, str, int, str]] = field(default_factory=set)
    """Letters: feed, id, number, kind."""
    issued: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)
    forks: set[str] = field(default_factory=set)
    _noted: dict[str, int] = field(default_factory=dict)
    _files: int = 0
    _snapshots: list[bytes] = field(default_factory=list)
    _proven: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._open(None)

    def call(self, method: str, path: str, body: bytes | None, sender: str = "192.0.2.1") -> Answer:
        """Let the registry answer; every receipt it gives is compared with its disk."""
        if self.old and (refusal := self._too_new(path, body)) is not None:
            return refusal
        whence = {"REMOTE_ADDR": sender}
        response = self._client.open(path, method=method, data=body, environ_base=whence)
        answer = Answer(response.status_code, tuple(response.headers.items()), response.data)
        self._watch(path, answer)
        return answer

    def _too_new(self, path: str, body: bytes | None) -> Answer | None:
        """Answer as a registry of the oldest version that is spoken: no zstd, nothing newer."""
        if path == "/v1":
            spoken = {"min": ONCE, "max": ONCE}
            return _json(200, {"protocol": spoken, "codings": ["zlib"]})
        if not body or path == "/v1/enrol":
            return None
        if not body.startswith(b"\x78"):
            return _json(400, _OLD)
        if frames.unpack(body).get("protocol", ONCE) != ONCE:
            return _json(400, {**_OLD, "code": "protocol.version"})
        return None

    def _watch(self, path: str, answer: Answer) -> None:
        if answer.status >= 400 and b'"batch.fork"' in answer.data:
            self.forks.add(path.split("/")[3])

    def give(self, receipt: Receipt) -> None:
        """Compare a receipt with the disk before anybody sees it."""
        self.prove(receipt.node, receipt.epoch, receipt.number)
        ((held,),) = self.look("SELECT count(*) FROM entry WHERE node = ?", receipt.node)
        if held != receipt.count:
            raise Violation(
                f"a receipt counts {receipt.count} entries of {receipt.node};"
                f" {held} are on the disk"
            )
        place = (receipt.node, receipt.epoch, receipt.number)
        self.issued[receipt.signature] = (*place, self.generation)

    def prove(self, node: str, epoch: str, number: int) -> None:
        """Check that an epoch is on the disk through a number: no gap, one chain, its parent."""
        begun = self.begins_behind(node, epoch)
        done, last = self._proven.get((node, epoch), (begun, ""))
        if begun and not last:
            self.prove(node, own_epoch(epoch), begun)
            last = self.hash_at(node, own_epoch(epoch), begun) or ""
        for at, hash_, content in self.look(
            "SELECT number, hash, content FROM entry WHERE node = ? AND epoch = ? AND number > ?"
            " AND number <= ? ORDER BY number",
            *(node, epoch, done, number),
        ):
            document = json.loads(content)
            if at != done + 1:
                raise Violation(f"entry {at} of {epoch} follows {done} in the registry")
            if chain_hash(content.encode()) != hash_ or canonical(document) != content.encode():
                raise Violation(f"entry {at} of {epoch} has another content than its hash says")
            if not self.ledger.is_written(own_epoch(epoch), at, hash_):
                raise Violation(f"nobody wrote entry {at} of {epoch} as the registry holds it")
            if document["previous"] != (self._before(node, document) if at == 1 else last):
                raise Violation(f"entry {at} of {epoch} does not follow the one before it")
            done, last = at, hash_
        if done < number:
            raise Violation(f"a receipt names entry {number} of {epoch}; {done} is the last held")
        self._proven[node, epoch] = done, last

    def _before(self, node: str, document: dict[str, Any]) -> str:
        parent = document.get("parent")
        if parent is None:
            return GENESIS
        for (kept,) in self.look(
            "SELECT epoch FROM entry WHERE node = ? AND (epoch = ? OR epoch LIKE ? || '~%')"
            " AND number = ? AND hash = ?",
            *(node, parent["epoch"], parent["epoch"], parent["number"], parent["hash"]),
        ):
            self.prove(node, kept, parent["number"])
            return str(parent["hash"])
        return ""

    def begins_behind(self, node: str, epoch: str) -> int:
        """Give the number behind which an epoch begins: 0, or where a branch parts."""
        if own_epoch(epoch) == epoch:
            return 0
        ((parent, number),) = self.look(
            "SELECT parent_epoch, parent_number FROM head WHERE node = ? AND epoch = ?",
            *(node, epoch),
        )
        return int(number) if parent == own_epoch(epoch) else 0

    def hash_at(self, node: str, epoch: str, number: int) -> str | None:
        """Give what is on the disk at a place."""
        rows = self.look(
            "SELECT hash FROM entry WHERE node = ? AND epoch = ? AND number = ?",
            *(node, epoch, number),
        )
        return str(rows[0][0]) if rows else None

    def look(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read what is committed, through a connection of our own."""
        found: list[tuple[Any, ...]] = self._eye.execute(sql, values).fetchall()
        return found

    def now(self) -> datetime:
        """Give the registry's moment."""
        return self.work.moment(self.offset)

    def judge(self, which: int) -> int:
        """Let one of the workers take a turn; give how many entries it judged."""
        judged = self._judges[which % len(self._judges)].run()
        self._note_letters()
        return judged

    def judge_all(self) -> None:
        """Let both take turns until nothing is left to judge."""
        while self.judge(0) + self.judge(1):
            pass

    def _note_letters(self) -> None:
        """Write down the letters that judging has posted."""
        for feed, last in self.look("SELECT feed, last FROM feed"):
            for id_, number, kind in self.look(
                "SELECT id, number, kind FROM letter WHERE feed = ? AND number > ?",
                *(feed, self._noted.get(feed, 0)),
            ):
                self.posted.add((feed, id_, number, kind))
            self._noted[feed] = last

    def post(self, feed: str, kind: str, body: dict[str, Any]) -> None:
        """Post a letter to a node's feed, or to everybody's."""
        id_ = self.work.hex(16)
        text = canonical(body).decode()
        letter = self.store.post(feed, kind, id_, text, self.registry.instant())
        self.posted.add((feed, id_, letter.number, kind))

    def feeds(self, node: str) -> dict[str, str]:
        """Give the store's names of the two feeds a node reads."""
        return {"nation": NATION, "own": node}

    def snapshot(self) -> None:
        """Keep the file as it is now."""
        self._snapshots = [*self._snapshots[1 - _KEPT :], self._image()]

    def rewind(self) -> bool:
        """Go back to a snapshot, if there is one."""
        if not self._snapshots:
            return False
        at = self.work.random.randrange(len(self._snapshots))
        self.generation += 1
        self._proven.clear()
        self._noted.clear()
        image = self._snapshots[at]
        self.close()
        self._open(image)
        return True

    def restart(self) -> None:
        """Lose the power, and come back with what was committed."""
        image = self._image()
        self._proven.clear()
        self.close()
        self._open(image)

    def limit(self, quota: int = 200_000, come_back: int = 0) -> None:
        """Let sites send only so much a day, and come back only after so many seconds."""
        self.quota, self.come_back = quota, come_back
        self._serve()

    def close(self) -> None:
        """Let go of the file and forget it."""
        self._eye.close()
        self.store.close()
        for path in self.folder.glob(f"registry-{self._files}.db*"):
            path.unlink()

    def _image(self) -> bytes:
        """Give one file with everything that is committed."""
        self._eye.execute("VACUUM INTO ?", (str(self.folder / "image.db"),))
        data = (self.folder / "image.db").read_bytes()
        (self.folder / "image.db").unlink()
        return data

    def _open(self, image: bytes | None) -> None:
        self._files += 1
        path = self.folder / f"registry-{self._files}.db"
        if image is not None:
            path.write_bytes(image)
        self.store = SqliteStore(path)
        self._eye = connect(path, None)
        self._serve()

    def _serve(self) -> None:
        limits = Limits(
            entries_a_day=self.quota, passes_a_minute=10**6, morning_window=self.come_back
        )
        self.registry = WatchedRegistry(
            self.store,
            self.key,
            frozenset({CODE}),
            limits,
            self.now,
            recipient_of(self.identity),
            (self.identity,),
        )
        object.__setattr__(self.registry, "nation", self)
        self._judges = [Judging(self.store, self.schemas, self.registry.instant) for _ in range(2)]
        app = create_app(self.registry, reading_api(self.registry, timedelta(0)))
        app.config["PROPAGATE_EXCEPTIONS"] = True
        self._client = app.test_client()


def _json(status: int, document: dict[str, Any]) -> Answer:
    return Answer(status, (("Content-Type", "application/json"),), json.dumps(document).encode())
