"""What no reader gets: verifiers of PINs, wherever in an entry they stand.

A site seals them (docs/decisions/0017), and entries of before hold them bare; a PIN of four digits
is guessed from its verifier within minutes.
"""

from __future__ import annotations

import json
from typing import Any

_MARK = "$argon2"
"""How a verifier begins (the string form of Argon2); canonical JSON writes it as it is."""


def read_entry(content: str) -> dict[str, Any]:
    """Read an entry for a reader; a text that holds a verifier is an empty one.

    An entry of which something is withheld does not fit its hash any more.
    """
    document: dict[str, Any] = json.loads(content)
    return _without(document) if _MARK in content else document


def holds_verifier(value: Any) -> bool:
    """Say whether there is a verifier anywhere in a JSON value."""
    return bool(_without(value) != value)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without(name): _without(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner) for inner in value]
    return "" if isinstance(value, str) and _MARK in value else value
