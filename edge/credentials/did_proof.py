"""The proof of a GDHCN trust list: a DID document with a JsonWebSignature2020.

W3C JSON Web Signature 2020 over URDNA2015; WHO's network signs with ECDSA and writes R and S or
DER, under the algorithm ``ES256`` or ``EC``. What the proof covers is RDF, not JSON: a term that
no context defines, a name that is relative and a key under another type are in the text and not in
what is signed. So a list with any of them is refused before the signature is looked at.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pyld import jsonld

from edge.credentials.contexts import LIST_CONTEXTS
from edge.credentials.list_signatures import PinnedKey, PublishedList, one_that_fits
from edge.credentials.strict_json import strict_json
from edge.domain.errors import BadInput

_CONTEXTS = list(LIST_CONTEXTS)
_DOCUMENT = {"@context", "id", "controller", "verificationMethod", "proof"}
_METHOD = {"id", "type", "controller", "publicKeyJwk"}
_PROOF = {
    *("type", "created", "nonce", "proofPurpose", "verificationMethod", "jws"),
    *("domain", "challenge", "expires"),
}
_ABSOLUTE = re.compile(r'did:[a-z0-9]+:[^\x00-\x20<>"{}|\\^`]+')
_ALGORITHMS = ("ES256", "EC")


def check_proof(
    content: bytes,
    pinned: Sequence[PinnedKey],
    document_id: str,
    load: Callable[..., dict[str, Any]],
    now: datetime,
) -> PublishedList:
    """Prove that a pinned key has signed a DID document, all of it, and that it is this document.

    ``load`` gives contexts as :func:`edge.credentials.contexts.load_contexts` does. Raises
    :class:`BadInput`.
    """
    try:
        document = strict_json(content)
    except ValueError:
        raise _wrong("is not JSON in the one form that a signed list has") from None
    _check_shape(document)
    if document["id"] != document_id:
        raise BadInput(
            "publisher.document",
            "This is the list {found}, and not {wanted}.",
            hint="Compare the address it was fetched from with the publisher's table.",
            found=str(document["id"])[:200],
            wanted=document_id,
        )
    proof = dict(document.pop("proof"))
    signed, signature = _signed(proof, document, load)
    key = one_that_fits(pinned, signature, signed, now)
    return PublishedList(content, str(proof["created"]), key.fingerprint)


def _signed(
    proof: dict[str, Any], document: dict[str, Any], load: Callable[..., dict[str, Any]]
) -> tuple[bytes, bytes]:
    """Give the bytes that are signed, and the signature."""
    head, _, rest = str(proof.pop("jws")).partition(".")
    between, _, last = rest.partition(".")
    try:
        header = strict_json(_unpadded(head))
        signature = _unpadded(last)
    except ValueError:
        raise _wrong("has a proof that cannot be read") from None
    detached = isinstance(header, dict) and header.get("b64") is False and not between
    if not detached or header.get("crit") != ["b64"] or header.get("alg") not in _ALGORITHMS:
        raise _wrong("has a proof of a kind that is not known here")
    try:
        digests = [
            hashlib.sha256(_canonical(part, load)).digest()
            for part in ({**proof, "@context": _CONTEXTS}, document)
        ]
    except jsonld.JsonLdError:
        raise _wrong("is no JSON-LD document") from None
    return head.encode() + b"." + b"".join(digests), signature


def _canonical(document: Mapping[str, Any], load: Callable[..., dict[str, Any]]) -> bytes:
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
    }
    return str(jsonld.normalize(dict(document), options)).encode()


def _check_shape(document: Any) -> None:
    """Let nothing through that the proof would not cover."""
    if not isinstance(document, dict) or "proof" not in document:
        raise BadInput(
            "publisher.unsigned",
            "The list carries no proof.",
            hint="Fetch the document with its proof, or have an officer answer for it.",
        )
    proof = document["proof"]
    methods = document.get("verificationMethod")
    if document.get("@context") != _CONTEXTS:
        raise _wrong("has other contexts than a trust list")
    if set(document) - _DOCUMENT or not isinstance(methods, list):
        raise _wrong("holds what its proof does not cover")
    if not all(_is_name(document.get(name)) for name in ("id", "controller")):
        raise _wrong("has a name that its proof does not cover")
    if not isinstance(proof, dict) or set(proof) - _PROOF or not {"jws", "created"} <= set(proof):
        raise _wrong("has a proof that cannot be read")
    if not all(isinstance(value, str) for value in proof.values()):
        raise _wrong("has a proof that cannot be read")
    if (proof.get("type"), proof.get("proofPurpose")) != (
        "JsonWebSignature2020",
        "assertionMethod",
    ) or not _is_name(proof.get("verificationMethod")):
        raise _wrong("has a proof of a kind that is not known here")
    if not all(_is_name(method) or _is_method(method) for method in methods):
        raise _wrong("has an entry that its proof does not cover")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(_ABSOLUTE.fullmatch(value))


def _is_method(method: Any) -> bool:
    """A key stands in the one type whose context makes it part of what is signed."""
    return (
        isinstance(method, dict)
        and set(method) == _METHOD
        and method["type"] == "JsonWebKey2020"
        and _is_name(method["id"])
        and _is_name(method["controller"])
        and isinstance(method["publicKeyJwk"], dict)
    )


def _unpadded(text: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _wrong(what: str) -> BadInput:
    return BadInput(
        "publisher.form",
        "The trust list {what}.",
        hint="Fetch it again; a list that was signed whole is taken, and nothing else.",
        what=what,
    )
