"""Data Integrity proofs over RDF: ``eddsa-rdfc-2022`` and ``ecdsa-rdfc-2019`` on P-256.

W3C Data Integrity EdDSA and ECDSA Cryptosuites 1.0. What is signed is RDF and not JSON: a term
that no context knows, a name that is relative and a value of nothing are in the text and not in
what is signed. So all that is left out or put together on the way is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyld import jsonld

from edge.credentials.contexts import UnknownContextError, caused_by_context
from edge.credentials.cose import ecdsa_fits
from edge.credentials.multikey import from_multibase

EDDSA, ECDSA = "eddsa-rdfc-2022", "ecdsa-rdfc-2019"
SUITES = (EDDSA, ECDSA)
Load = Callable[..., dict[str, Any]]
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Characters that canonicalisers write in different ways, or not at all."""
_NAMES = ("id", "type", "@id", "@type")
_VALUES = ("@value", "@language")
_BASE = "relative:/"
"""Where names that are relative end up: without a base the library has one of its own."""
_MOST_ALIKE, _MOST_NODES = 4, 200
"""Nameless nodes that look alike, and nodes: the canonical order of many takes for ever."""


class NotKeptError(Exception):
    """Something in a document is not signed, or not kept apart from something else."""


def signed_bytes(document: Mapping[str, Any], proof: Mapping[str, Any], load: Load) -> bytes:
    """Give what the signature of a proof is over; ``document`` is without it.

    Raises :class:`NotKeptError` and :class:`UnknownContextError`.
    """
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    options["@context"] = document["@context"]
    return b"".join(hashlib.sha256(_canonical(part, load)).digest() for part in (options, document))


def proof_fits(proof: Mapping[str, Any], signed: bytes, key: object) -> bool:
    """Check the signature of a proof against one key; a key of another kind never fits."""
    try:
        signature = from_multibase(str(proof["proofValue"]))
        if proof["cryptosuite"] == EDDSA and isinstance(key, Ed25519PublicKey):
            key.verify(signature, signed)
            return True
        if proof["cryptosuite"] == ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
            # on P-384 the suite has other hashes
            return key.curve.name == "secp256r1" and ecdsa_fits(key, signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return False


def _canonical(document: Mapping[str, Any], load: Load) -> bytes:
    try:
        expanded = jsonld.JsonLdProcessor(on_property_dropped=_refuse).expand(
            dict(document), {"documentLoader": load, "base": _BASE}
        )
        _check_kept(document, expanded)
        text = jsonld.normalize(
            expanded, {"algorithm": "URDNA2015", "format": "application/n-quads"}
        )
    except jsonld.JsonLdError as error:
        if caused_by_context(error):
            raise UnknownContextError from error
        raise NotKeptError from error
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise NotKeptError from error  # PyLD raises whatever Python's types raise
    return str(text).encode()


def _refuse(term: object) -> None:
    raise NotKeptError(term)


def _check_kept(document: Mapping[str, Any], expanded: Any) -> None:
    """Compare what is written with what will be signed: as many properties, no name of nothing."""
    written = {name: value for name, value in document.items() if name != "@context"}
    if sum(1 for _ in _written(written)) != sum(1 for _ in _kept(expanded)):
        raise NotKeptError
    nodes = list(_nodes(expanded))
    alike = Counter(_looks(node) for node in nodes if "@id" not in node)
    if len(nodes) > _MOST_NODES or max(alike.values(), default=0) > _MOST_ALIKE:
        raise NotKeptError


def _written(value: Any) -> Iterator[str]:
    """Give each property of each object that is no name, type or part of a value."""
    if isinstance(value, list):
        for inner in value:
            yield from _written(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            own = name in _NAMES + _VALUES
            if inner is None or inner == [] or (name.startswith("@") and not own):
                raise NotKeptError(name)
            if not own:
                yield name
            yield from _written(inner)
    elif isinstance(value, float) or (isinstance(value, str) and _CONTROL.search(value)):
        raise NotKeptError


def _kept(value: Any) -> Iterator[str]:
    """Give each property of each node that will be signed; raises for a name that is relative."""
    if isinstance(value, list):
        for inner in value:
            yield from _kept(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in ("@id", "@type") and "@value" not in value:
                for each in inner if isinstance(inner, list) else [inner]:
                    if not isinstance(each, str) or not _is_absolute(each):
                        raise NotKeptError(name)
            elif not name.startswith("@"):
                yield name
                yield from _kept(inner)
            elif name not in ("@value", "@language", "@type"):
                yield from _kept(inner)


def _is_absolute(name: str) -> bool:
    return ":" in name and not name.startswith(("_:", _BASE))


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)
    elif isinstance(value, dict) and "@value" not in value:
        yield value
        for name, inner in value.items():
            if name not in ("@id", "@type"):
                yield from _nodes(inner)


def _looks(node: Mapping[str, Any]) -> str:
    """Describe a node as its neighbours see it: properties and values, nameless nodes alike."""
    seen = []
    for name, inner in sorted(node.items()):
        for each in inner if isinstance(inner, list) else [inner]:
            nameless = isinstance(each, dict) and "@value" not in each and "@id" not in each
            seen.append(f"{name}={'_' if nameless else each}")
    return "\n".join(sorted(seen))
