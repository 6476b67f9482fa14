"""What every JSON-LD context that a list brings may say of a term, and errors that name one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.errors import BadInput

Path = tuple[str, ...]
PLAIN = frozenset({"@version", "@protected"})
"""What a context may say beside its terms: nothing is fetched, nested or left out by it."""
NAMES: Mapping[str, str] = {"id": "@id", "type": "@type"}
_SCHEMES = ("http", "https", "urn", "did")


def whole_iri(address: str, path: Path, iri: str, prefixes: Mapping[str, str]) -> str:
    """Give an IRI without the prefix that shortens it; raises for one that is not whole."""
    prefix, colon, rest = iri.partition(":")
    if colon and prefix in prefixes and not rest.startswith("//"):
        return whole_iri(address, path, prefixes[prefix] + rest, {})
    if not colon or prefix not in _SCHEMES:
        raise term_error(address, path, "has no IRI that is whole")
    return iri


def term_error(address: str, path: Path, what: str) -> BadInput:
    """Say what is wrong with a term of a context."""
    return context_error(
        "contexts.term",
        "In the context {address} the term {term} {what}.",
        address=address,
        term=".".join(path)[:80],
        what=what,
    )


def context_error(code: str, sentence: str, **values: Any) -> BadInput:
    """Say what is wrong with a context; the sentence names the ``values``."""
    return BadInput(
        code,
        sentence,
        hint="See docs/lists.md: what a context may say, and that it has an address of its own.",
        **values,
    )
