"""A digital locker in software: it asks as DigiLocker does, and wrongly on request."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape

from flask import Blueprint
from flask.testing import FlaskClient

from sync.registry.locker.questions import keyhash_of, signature_of
from sync.registry.locker.settings import LockerSettings
from sync.registry.registry import Registry
from sync.registry.web.locker_api import Locker, locker_api

KEY = b"of-the-tests-locker-0123456789"
SETTINGS = LockerSettings("in.gov.demoland", "VACER", "in.gov.locker", KEY)
URI, DOCUMENT = "/cert/api/pullUriRequest", "/cert/api/pullDocRequest"


def locker_of(registry: Registry) -> Blueprint:
    """Give the addresses of a locker, whose papers are empty pages."""
    return locker_api(Locker(registry, SETTINGS, lambda _: b"%PDF-1.7"))


@dataclass(frozen=True)
class LockerAnswer:
    """The HTTP status, the ``Status`` of the XML, and the XML."""

    status: int
    said: str
    root: Element = field(repr=False)

    def text(self, name: str) -> str:
        return self.root.findtext(f".//{name}") or ""

    def opened(self, name: str) -> bytes:
        return base64.b64decode(self.text(name))


class SoftwareLocker:
    """Asks one registry; what a test changes of a request, it signs as it is then."""

    def __init__(self, client: FlaskClient, key: bytes = KEY) -> None:
        self.client, self.key = client, key
        self.at = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self._asked = 0

    def pull_uri(self, paper: str, name: str, born: str, **more: str) -> LockerAnswer:
        fields = {"DocType": "VACER", "FullName": name, "DOB": born, "UDF1": paper}
        return self.ask(URI, self.written("PullURIRequest", fields, **more))

    def pull_document(self, uri: str, **more: str) -> LockerAnswer:
        return self.ask(DOCUMENT, self.written("PullDocRequest", {"URI": uri}, **more))

    def written(self, asks: str, fields: dict[str, str], **more: str) -> bytes:
        self._asked += 1
        ts = more.get("ts", self.at.isoformat())
        told = {
            "ver": "3.0",
            "ts": ts,
            "txn": f"txn-{self._asked}",
            "orgId": SETTINGS.org,
            "keyhash": keyhash_of(self.key, ts),
            "format": "xml",
            **more,
        }
        attributes = " ".join(f'{name}="{escape(text)}"' for name, text in told.items())
        inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            f'<{asks} xmlns="http://tempuri.org/" {attributes}><DocDetails>'
            f"<DigiLockerId>{'0' * 36}</DigiLockerId>{inner}</DocDetails></{asks}>"
        ).encode()

    def ask(self, path: str, body: bytes, header: str | None = None) -> LockerAnswer:
        signed = signature_of(body, self.key) if header is None else header
        answer = self.client.post(
            path,
            data=body,
            headers={"x-digilocker-hmac": signed},
            content_type="application/xml",
        )
        root = fromstring(answer.data)
        status = root.find("ResponseStatus")
        return LockerAnswer(answer.status_code, "" if status is None else status.text or "", root)
