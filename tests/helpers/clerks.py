"""An officer of the registry who writes campaigns in a browser."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Protocol

from flask import Flask
from flask.testing import FlaskClient
from memory_journal import REGISTRY_KEY
from second_factors import confirm
from werkzeug.test import TestResponse

from sync.registry.store.records import Operator
from sync.registry.store.sqlite import SqliteStore

ANSWERS = {
    "like": "new",
    "country": "KE",
    "ministry": "Ministry of Health",
    "web": "https://moh.example",
    "title": "Measles 2027",
    "facility": "NRB1",
    "facility_name": "Nairobi Central",
    "district": "Nairobi",
    "vaccine": "Measles",
    "manufacturer": "Highland Serum Institute",
    "from_age": "9 months",
    "until_age": "",
    "doses": "2",
    "between": "6 months",
    "why": "the measles of 2027",
}


class Registered(Protocol):
    """A registry with its office."""

    store: SqliteStore
    app: Flask


class Clerk:
    """An officer of the registry in a browser."""

    def __init__(self, place: Registered, name: str, role: str = "steward") -> None:
        digest = hashlib.sha256(f"{name}-token".encode()).hexdigest()
        place.store.add_operator(Operator(name, role, digest, ""))
        self.browser: FlaskClient = place.app.test_client()
        assert self.browser.post("/", data={"token": f"{name}-token"}).status_code == 303
        if role == "steward":
            confirm(self.browser, place.store, REGISTRY_KEY, name)
        found = re.search(r'name="form" value="(\w+)"', self.browser.get("/").text)
        assert found
        self.form = found[1]

    def get(self, address: str) -> TestResponse:
        return self.browser.get(address)

    def post(self, address: str, **said: Any) -> TestResponse:
        return self.browser.post(address, data={"form": self.form, **said})

    def begin(self, **answers: str) -> str:
        made = self.post("/campaigns/new", **{**ANSWERS, **answers})
        assert made.status_code == 303, made.text
        return str(made.location)

    def seen(self, draft: str, path: str) -> str:
        found = re.search(r'name="seen" value="(\d+)"', self.get(f"{draft}/file?path={path}").text)
        assert found
        return found[1]

    def save(self, draft: str, path: str, text: str, seen: str = "") -> TestResponse:
        seen = seen or self.seen(draft, path)
        said = {"path": path, "text": text, "seen": seen, "why": "it is better so"}
        return self.post(f"{draft}/file", **said)
