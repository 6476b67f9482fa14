"""The JSON-LD contexts that documents may name: those that came with the software, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

CONTEXTS: Mapping[str, str] = {
    "https://www.w3.org/2018/credentials/v1": "credentials-v1.json",
    "https://divoc.dev/credentials/vaccination/v1": "vaccination-v1.json",
    "https://divoc.dev/credentials/vaccination/v2": "vaccination-v2.json",
    "https://cowin.gov.in/credentials/vaccination/v1": "vaccination-v1.json",
    "https://cowin.gov.in/credentials/vaccination/v2": "vaccination-v2.json",
    "https://w3id.org/security/v2": "security-v2.json",
}
"""Every context that a certificate may name: a closed world."""

CREDENTIALS_2 = "https://www.w3.org/ns/credentials/v2"
CONTEXTS_2: Mapping[str, str] = {CREDENTIALS_2: "credentials-v2.json"}
"""Those of credentials of version 2.0, beside which only what a list brought may be named."""

LIST_CONTEXTS: Mapping[str, str] = {
    "https://www.w3.org/ns/did/v1": "did-v1.json",
    "https://w3id.org/security/suites/jws-2020/v1": "jws-2020-v1.json",
}
"""Those of a trust list, a DID document with a proof; no certificate may name them."""


class UnknownContextError(Exception):
    """A document names a JSON-LD context that is not one of ours."""


def load_contexts(
    folder: Path,
    contexts: Mapping[str, str] = CONTEXTS,
    added: Mapping[str, Any] = MappingProxyType({}),
) -> Callable[..., dict[str, Any]]:
    """Read contexts from a folder; give what PyLD asks for one by its URL.

    ``added`` are others by their URLs, which stand in for none of those. The function raises
    :class:`UnknownContextError` for any other.
    """
    documents = dict(added) | {
        url: json.loads((folder / name).read_text(encoding="utf-8"))
        for url, name in contexts.items()
    }

    def load(url: str, _options: object = None) -> dict[str, Any]:
        if url not in documents:
            raise UnknownContextError
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": documents[url],
            "contentType": "application/ld+json",
        }

    return load


def caused_by_context(error: BaseException) -> bool:
    """Say whether a context that is not one of ours is behind an error of PyLD."""
    cause: BaseException | None = error
    for _ in range(8):
        if cause is None:
            return False
        if isinstance(cause, UnknownContextError):
            return True
        cause = getattr(cause, "cause", None) or cause.__cause__
    return False
