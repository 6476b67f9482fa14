"""A digital locker in software: it asks a registry as DigiLocker does, or misbehaves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from defusedxml.ElementTree import fromstring

from sync.registry.locker.questions import keyhash_of, signature_of
from sync.registry.locker.settings import LockerSettings

LockerMood = Literal["right", "wrong key", "late", "again"]
"""As it should be; signed with a key of its own; a request of an hour ago; a number asked twice."""
URI, DOCUMENT = "/cert/api/pullUriRequest", "/cert/api/pullDocRequest"
Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]
"""Sends a body with header fields to a path of the registry; gives the status and the answer."""
_WRONG_KEY = b"a key that the registry does not know"
_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class LockerAnswer:
    """The HTTP status, the ``Status`` of the XML, and the XML."""

    status: int
    said: str
    root: Element = field(repr=False)

    def text(self, name: str) -> str:
        """Give the text of the first element of a name; empty where there is none."""
        return self.root.findtext(f".//{name}") or ""

    def opened(self, name: str) -> bytes:
        """Give the bytes that an element has in Base64."""
        return base64.b64decode(self.text(name))


class SoftwareLocker:
    """Asks one registry; what is changed of a request is signed as it is then.

    ``at`` is the instant it takes for now; None: the machine's clock.
    """

    def __init__(self, post: Post, settings: LockerSettings) -> None:
        self._post, self._settings = post, settings
        self.mood: LockerMood = "right"
        self.at: datetime | None = None
        self._asked = 0

    def pull_uri(self, paper: str, name: str, born: str, **more: str) -> LockerAnswer:
        """Ask for the certificate of who knows its number; ``born`` as DD-MM-YYYY."""
        document = self._settings.document
        fields = {"DocType": document, "FullName": name, "DOB": born, "UDF1": paper}
        return self.ask(URI, self.written("PullURIRequest", fields, **more))

    def pull_document(self, uri: str, **more: str) -> LockerAnswer:
        """Ask for the certificate under a URI that the registry gave."""
        return self.ask(DOCUMENT, self.written("PullDocRequest", {"URI": uri}, **more))

    def written(self, asks: str, fields: Mapping[str, str], **more: str) -> bytes:
        """Write a request; ``more`` are attributes in place of the usual ones."""
        if self.mood != "again" or not self._asked:
            self._asked += 1
        now = self.at or datetime.now(UTC)
        ts = more.get("ts", (now - _LATE if self.mood == "late" else now).isoformat())
        told = {
            "ver": "3.0",
            "ts": ts,
            "txn": f"txn-{self._asked}",
            "orgId": self._settings.org,
            "keyhash": keyhash_of(self._settings.key, ts),
            "format": "xml",
            **more,
        }
        attributes = " ".join(f"{name}={quoteattr(text)}" for name, text in told.items())
        inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            f'<{asks} xmlns="http://tempuri.org/" {attributes}><DocDetails>'
            f"<DigiLockerId>{'0' * 36}</DigiLockerId>{inner}</DocDetails></{asks}>"
        ).encode()

    def ask(self, path: str, body: bytes, header: str | None = None) -> LockerAnswer:
        """Send a request, with another signature where ``header`` is one."""
        key = _WRONG_KEY if self.mood == "wrong key" else self._settings.key
        signed = signature_of(body, key) if header is None else header
        told = {"x-digilocker-hmac": signed, "Content-Type": "application/xml"}
        status, answer = self._post(path, body, told)
        root = fromstring(answer)
        said = root.find("ResponseStatus")
        return LockerAnswer(status, "" if said is None else said.text or "", root)
