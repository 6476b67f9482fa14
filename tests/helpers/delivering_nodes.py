"""Nodes that deliver people and doses to a store, without signatures and batches."""

from __future__ import annotations

import json
from typing import Any

from sync.protocol.entries import GENESIS, Link, canonical, chain_hash, linked
from sync.registry.store.interface import Store

NOW = "2026-11-24T12:00:00.000Z"
PERSON = {"code": "12-34", "name": "Amina Bello", "gender": "Female", "birthYear": 1990}
DOSE = {
    "programme": "covid-19",
    "vaccine": "coviprotect",
    "number": 1,
    "total": 2,
    "lot": "CP1",
    "expiry": "2027-01-01",
    "on": "2026-11-24",
    "facility": "DEMO01",
    "vaccinator": "V1",
}


def uuid(number: int) -> str:
    return f"01935e5c-0000-7000-8000-{number:012x}"


class Place:
    """A node that delivers entries to a store, without signatures and batches."""

    def __init__(self, store: Store, node: str, facility: str = "DEMO01") -> None:
        self.store, self.node = store, node
        store.enrol(node, "key", facility, "Name", NOW)
        self.epoch, self.number, self.previous = "e" * 16, 0, GENESIS

    def deliver(self, *entries: dict[str, Any], at: str = NOW) -> None:
        links = []
        for entry in entries:
            self.number += 1
            link = Link(self.node, self.epoch, self.number, self.previous)
            content = canonical(linked(entry, link))
            self.previous = chain_hash(content)
            links.append((link, content, self.previous))
        self.store.accept(links, at)

    def states(self) -> dict[str, tuple[str, str]]:
        return {one.id: (one.state, one.field) for one in self.store.verdicts(self.node)}

    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(one.body) for one in self.store.letters(self.node, 0, 100)]


def entry(number: int, type_: str, body: Any) -> dict[str, Any]:
    return {
        "id": uuid(number),
        "type": type_,
        "version": 1,
        "at": NOW,
        "clock": "believed",
        "by": "V1",
        "cause": uuid(number),
        "body": body,
    }


def person(number: int = 1, **more: Any) -> dict[str, Any]:
    told = {"id": uuid(number), **PERSON, "code": f"{number:012d}", **more}
    kept = {name: value for name, value in told.items() if value is not None}
    return entry(number, "PersonRegistered", {"person": kept, "source": "walk-in"})


def dose(number: int = 2, who: int = 1, **more: Any) -> dict[str, Any]:
    told = {"person": uuid(who), **DOSE, **more}
    kept = {name: value for name, value in told.items() if value is not None}
    return entry(number, "DoseGiven", kept)


def correction(number: int, of: int, **changes: Any) -> dict[str, Any]:
    body = {"dose": uuid(of), "changes": changes, "reason": "misread"}
    return entry(number, "DoseCorrected", body)


def placed(bare: dict[str, Any]) -> dict[str, Any]:
    return linked(bare, Link("a", "e" * 16, 1, GENESIS))
