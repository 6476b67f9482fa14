"""Canonicalisers that know one context beside those of the software: a campaign's, or a list's."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.credentials.rdf import Canonicaliser

_KEPT = 64


class ContextCanonicalisers:
    """Gives a canonicaliser for a context; the same as long as the context is the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._kept: dict[str, Canonicaliser] = {}

    def of(self, address: str, document: Mapping[str, Any]) -> Canonicaliser:
        """Give the one that knows a context, by its address and what stands there."""
        key = address + json.dumps(document)
        with self._lock:
            if key not in self._kept:
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[key] = Canonicaliser(self._folder, {address: document})
            return self._kept[key]
