"""What the simulation itself knows to be true, beside the software under test."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from clockwork import Violation

from sync.protocol import frames
from sync.protocol.errors import SyncError

CANARY = "canary-"
"""Every entry's body holds it: a peer that has seen it has seen a record."""


@dataclass(slots=True)
class Dose:
    """An acknowledged dose: whose node was told, and the hash the tablet was answered with."""

    node: str
    id: str
    hash: str


@dataclass(slots=True)
class Removed:
    """A dose that a restore took from a disk; ``safe`` if the registry held it just then."""

    safe: bool
    generation: int


@dataclass
class Ledger:
    """Every entry that was ever written, every dose a tablet was told is safe, every loss."""

    written: dict[str, array[int]] = field(default_factory=dict)
    twinned: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    doses: dict[str, Dose] = field(default_factory=dict)
    removed: dict[str, Removed] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _owner: dict[str, str] = field(default_factory=dict)
    _canaries: dict[str, str] = field(default_factory=dict)
    _certificates: dict[str, tuple[str, int]] = field(default_factory=dict)

    def write(self, node: str, document: dict[str, Any], hash_: str) -> None:
        """Note a committed entry: no place is ever used for two contents."""
        epoch, number, short = document["epoch"], document["number"], int(hash_[:16], 16)
        if epoch in self.twinned:
            self.twinned[epoch].add((number, short))
            return
        if self._owner.setdefault(epoch, node) != node:
            raise Violation(f"two nodes write in epoch {epoch}")
        places = self.written.setdefault(epoch, array("Q"))
        if number == len(places) + 1:
            places.append(short)
        elif not self.is_written(epoch, number, hash_):
            raise Violation(f"entry {number} of epoch {epoch} was written with two contents")
        self._note_body(document)

    def _note_body(self, document: dict[str, Any]) -> None:
        body, id_ = document["body"], document["id"]
        canary = body.get("canary")
        if document["type"] == "PersonRegistered":
            canary = body["person"]["name"]
        if canary is not None and self._canaries.setdefault(canary, id_) != id_:
            raise Violation(f"one dose is recorded twice, under {id_} and another id")
        certificate = body.get("certificate")
        if document["type"] == "CertificateIssued":
            place = document["epoch"], document["number"]
            if self._certificates.setdefault(certificate, place) != place:
                raise Violation(f"two certificates have the number {certificate}")

    def is_written(self, epoch: str, number: int, hash_: str) -> bool:
        """Say whether some node has written this very entry."""
        short, places = int(hash_[:16], 16), self.written.get(epoch, ())
        return (number <= len(places) and places[number - 1] == short) or (
            (number, short) in self.twinned.get(epoch, ())
        )

    def twin(self, epoch: str) -> None:
        """Two machines write in one epoch from now on; one of them must be found out."""
        self.twinned.setdefault(epoch, set())

    def acknowledge(self, node: str, id_: str, hash_: str) -> None:
        """A tablet was told that its dose is safe."""
        known = self.doses.setdefault(id_, Dose(node, id_, hash_))
        if known.hash == hash_ and known.node == node:
            self.counts["doses"] = len(self.doses)

    def remove(self, ids: Iterable[str], held: set[str], generation: int) -> None:
        """Note what a restore took from a disk, and what of it the registry held just then."""
        for id_ in ids:
            before = self.removed.get(id_)
            safe = id_ in held or bool(before and before.safe and before.generation == generation)
            self.removed[id_] = Removed(safe, generation)

    def peek(self, who: str, body: bytes | None) -> None:
        """Look inside what somebody received who has not shown to be the registry."""
        if not body:
            return
        try:
            text = json.dumps(frames.unpack(body))
        except SyncError:
            text = body.decode(errors="replace")
        if CANARY in text:
            raise Violation(f"the {who} was given a record")
