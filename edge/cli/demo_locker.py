"""The demonstration's digital locker: it pulls certificates from the registry, as files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urljoin

import requests

from edge.peers.locker import SoftwareLocker
from sync.bounded_files import read_bounded
from sync.own_files import write_whole
from sync.registry.locker.settings import MOST_KEY, LockerSettings

_ISSUER, _DOCUMENT, _ORG = "example.demoland", "VACER", "example.locker"
_PATIENCE = 30
"""Seconds for an answer: the first draws with fonts that are not unpacked yet."""


class DemoLocker:
    """A locker of this machine that asks the registry at an address; its key is in a folder."""

    def __init__(self, folder: Path, registry: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._registry = folder, registry
        self._key = folder / "locker.key"
        if not self._key.exists():
            write_whole(self._key, secrets.token_hex(32))
        self.settings = LockerSettings(
            _ISSUER, _DOCUMENT, _ORG, read_bounded(self._key, MOST_KEY + 2)
        )
        self.peer = SoftwareLocker(self._post, self.settings)

    def options(self) -> list[str]:
        """Give the options with which a registry serves it."""
        told = {"issuer": _ISSUER, "document": _DOCUMENT, "org": _ORG, "key": str(self._key)}
        return [word for name, text in told.items() for word in (f"--locker-{name}", text)]

    def pull(self, paper: str, name: str, born: str) -> str:
        """Fetch the certificate of who knows its number; say what came of it."""
        try:
            found = self.peer.pull_uri(paper, name, born)
            if found.said != "1":
                return f"The registry gave the locker nothing (HTTP {found.status})."
            answer = self.peer.pull_document(found.text("URI"), format="pdf")
            pdf = answer.opened("DocContent")
        except (requests.RequestException, ValueError) as error:
            return f"The locker had no answer: {type(error).__name__}."
        path = self._folder / f"{found.text('URI')}.pdf"
        path.write_bytes(pdf)
        return f"The locker has {found.text('URI')}: {path}"

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        address = urljoin(self._registry, path)
        answer = requests.post(address, data=body, headers=dict(headers), timeout=_PATIENCE)
        return answer.status_code, answer.content
