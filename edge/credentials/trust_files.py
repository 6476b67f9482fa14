"""Trust lists as the world publishes them: PEM, JWKS, DID documents, DCC and VCI lists.

What they have in common is that somewhere in them stand keys, each with a name nearby. So a list
is walked, and whatever is a key is taken; what cannot be read is told, and does no harm to the
rest.
"""

from __future__ import annotations

import base64
import errno
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_public_key,
)

from edge.credentials.listed_keys import (
    jwk_key,
    jwk_objection,
    key_objection,
    type_objection,
)
from edge.credentials.multikey import read_multikey
from edge.credentials.trust import (
    ANY_DID,
    ANY_NAME,
    PublicKey,
    Trust,
    TrustedKey,
    base58_key,
    kid_bytes,
    kid_name,
    spki,
    unpadded_base64,
)
from edge.credentials.trusted_certificates import certificate_key, keys_in_der
from edge.domain.errors import BadInput
from sync.bounded_files import read_bounded

LARGEST_FILE = 64 * 1024 * 1024
_DEEPEST = 12
_PEM = re.compile(r"-----BEGIN (CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)-----[^-]*-----END \1-----")
"""No dash within: else each beginning without an end would be looked for to the end of the file."""
_NO_SIGNER = re.compile(r":(SCA|UP|TLS|DECA)#", re.IGNORECASE)
"""Usages of a GDHCN list that sign no documents (trust list concepts, key usage)."""


@dataclass(frozen=True, slots=True)
class TrustFile:
    """What a trust list came to: its keys, and a sentence for each entry that was left out."""

    keys: tuple[TrustedKey, ...]
    left_out: tuple[str, ...] = ()

    @property
    def trust(self) -> Trust:
        """Trust all its keys."""
        return Trust.of(self.keys)


def read_trust(path: Path) -> TrustFile:
    """Read a trust list; raises :class:`BadInput` when it holds no key at all."""
    try:
        data = read_bounded(path, LARGEST_FILE)
    except OSError as error:
        large = error.errno == errno.EFBIG
        raise _wrong(path, "is larger than 64 MB" if large else "cannot be read") from None
    keys: list[TrustedKey] = []
    left_out: list[str] = []
    for found in _keys_in(data):
        if isinstance(found, TrustedKey):
            keys.append(found)
        else:
            left_out.append(found)
    if not keys:
        raise _wrong(path, left_out[0] if left_out else "holds no key in a form known here")
    return TrustFile(tuple(dict.fromkeys(keys)), tuple(left_out))


def _keys_in(data: bytes) -> Iterator[TrustedKey | str]:
    if data[:1] == b"\x30":
        yield from keys_in_der(data, "the certificate")
        return
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return
    blocks = list(_PEM.finditer(text)) if text.startswith("-----") else []
    for number, block in enumerate(blocks, start=1):
        yield _pem(block.group(), f"block {number}")
    if blocks:
        return
    document = _json(text)
    if _is_names_to_keys(document):
        for name, key in document.items():
            yield _named(_pem(key, name), (name,)) if "BEGIN" in key else _base58(key, (name,))
        return
    if document is not None:
        yield from _walk(document, (), "", 0)
        return
    if text[:1] in ("{", "["):
        yield "is not valid JSON"
        return
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return
    if der:
        yield from keys_in_der(der, "the file")


def _is_names_to_keys(document: Any) -> bool:
    """A JWK, too, is an object of texts."""
    if not isinstance(document, dict) or "kty" in document:
        return False
    return bool(document) and all(isinstance(value, str) for value in document.values())


def _json(text: str) -> Any:
    """Read JSON, also behind a line with a signature, or as the payload of a JWS."""
    candidates = [text, text.partition("\n")[2]]
    if text.count(".") == 2 and len(text.split()) == 1:
        payload = text.split(".")[1]
        candidates.append(unpadded_base64(payload).decode(errors="replace"))
    for candidate in candidates:
        if candidate.lstrip()[:1] in ("{", "["):
            try:
                return json.loads(candidate)
            except (ValueError, RecursionError):
                continue
    return None


def _walk(
    value: Any, names: tuple[str, ...], issuer: str, depth: int
) -> Iterator[TrustedKey | str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _walk(inner, names, issuer, depth + 1)
    elif isinstance(value, Mapping):
        yield from _entry(value, names, issuer, depth)


def _entry(
    item: Mapping[str, Any], names: tuple[str, ...], issuer: str, depth: int
) -> Iterator[TrustedKey | str]:
    """Take an object for a key if it looks like one, else look inside it."""
    own = item.get("id") if isinstance(item.get("id"), str) else ""
    kid = item.get("kid") if isinstance(item.get("kid"), str) else ""
    called = tuple(name for name in (str(own), str(kid)) if name) or names
    if _NO_SIGNER.search(str(own)):
        return
    if isinstance(item.get("publicKeyJwk"), Mapping):
        yield _typed(item, _jwk(item["publicKeyJwk"], called, issuer))
    elif isinstance(item.get("publicKeyPem"), str):
        yield _typed(item, _named(_pem(item["publicKeyPem"], str(own)), called))
    elif isinstance(item.get("publicKeyMultibase", item.get("publicKeyBase58")), str):
        yield _typed(item, _in_base58(item, called))
    elif "kty" in item:
        yield _jwk(item, called, issuer)
    elif isinstance(item.get("rawData"), str):
        yield _listed(item["rawData"], called)
    elif isinstance(item.get("subjectPk"), str):
        yield _subject_key(item, names)
    else:
        stated = item.get("issuer")
        if isinstance(stated, Mapping) and isinstance(stated.get("iss"), str):
            issuer = stated["iss"]
        elif isinstance(item.get("iss"), str) and "keys" in item:
            # a list of many countries' keys may name its own publisher there
            issuer = item["iss"]
        for name, inner in item.items():
            if name not in ("@context", "proof", "issuer", "controller", "keyAgreement"):
                yield from _walk(inner, (str(name),), issuer, depth + 1)


def _typed(item: Mapping[str, Any], found: TrustedKey | str) -> TrustedKey | str:
    """Leave out a key that a verification method of its type does not have."""
    if isinstance(found, str):
        return found
    return _agreeing(found, type_objection(item.get("type"), found.key), str(item.get("id", "")))


def _jwk(jwk: Mapping[str, Any], names: tuple[str, ...], issuer: str) -> TrustedKey | str:
    """Read a JSON Web Key; its certificate first, as lists carry coordinates of wrong length."""
    called = (*names, *((jwk["kid"],) if isinstance(jwk.get("kid"), str) else ()))
    shown = called[0] if called else "a key"
    chain = jwk.get("x5c")
    first = chain[0] if isinstance(chain, list) and chain else None
    found = _listed(first, called) if isinstance(first, str) else ""
    try:
        key = jwk_key(jwk)
    except (ValueError, KeyError, TypeError, AttributeError):
        key = None
    if isinstance(found, TrustedKey) and key is not None and spki(key) != found.spki:
        return f"has a key that is not the one of its certificate: {shown[:80]}"
    if isinstance(found, TrustedKey) and not issuer:
        return _agreeing(found, jwk_objection(jwk, found.key), shown)
    if key is None:
        return f"has a key that cannot be read: {shown[:80]}"
    listed = TrustedKey(spki(key), _all_names(called), issuer=issuer)
    return _agreeing(listed, jwk_objection(jwk, key) or key_objection(key), shown)


def _agreeing(found: TrustedKey, objection: str, shown: str) -> TrustedKey | str:
    return f"has a key {objection}: {shown[:80]}" if objection else found


def _listed(text: str, names: tuple[str, ...]) -> TrustedKey | str:
    shown = names[0] if names else "a key"
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return f"has a certificate that is not base64: {shown[:80]}"
    return _named(certificate_key(der, shown), names)


def _subject_key(item: Mapping[str, Any], names: tuple[str, ...]) -> TrustedKey | str:
    """Read the Dutch list's entry: a bare key, and the groups it may sign."""
    try:
        key = load_der_public_key(unpadded_base64(item["subjectPk"]))
    except (ValueError, UnsupportedAlgorithm):
        return f"has a key that cannot be read: {''.join(names)[:80]}"
    objection, stated = key_objection(key), item.get("keyUsage")
    usages = frozenset(usage for usage in "tvr" if isinstance(stated, list) and usage in stated)
    if stated and not usages:  # and no usage at all would be all of them
        objection = "for nothing that is known here (keyUsage)"
    if objection or not isinstance(key, PublicKey):
        return f"has a key {objection}: {''.join(names)[:80]}"
    return TrustedKey(spki(key), _all_names(names), usages=usages)


def _pem(block: str, shown: str) -> TrustedKey | str:
    if "CERTIFICATE" in block[:40]:
        body = "".join(line for line in block.splitlines() if not line.startswith("-----"))
        return _listed_certificate(body, shown)
    try:
        key = load_pem_public_key(block.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return f"has a key that cannot be read: {shown[:80]}"
    objection = key_objection(key)
    if objection or not isinstance(key, PublicKey):
        return f"has a key {objection}: {shown[:80]}"
    return TrustedKey(spki(key), (ANY_NAME,))


def _listed_certificate(body: str, shown: str) -> TrustedKey | str:
    try:
        return certificate_key(base64.b64decode("".join(body.split()), validate=True), shown)
    except ValueError:
        return f"has a certificate that is not base64: {shown[:80]}"


def _base58(text: str, names: tuple[str, ...]) -> TrustedKey | str:
    try:
        return TrustedKey(spki(base58_key(text)), _all_names(names))
    except ValueError:
        return f"has a key that is not base58: {names[0][:80]}"


def _in_base58(item: Mapping[str, Any], names: tuple[str, ...]) -> TrustedKey | str:
    if isinstance(item.get("publicKeyMultibase"), str):
        return _multikey(item["publicKeyMultibase"], names)
    return _base58(item["publicKeyBase58"], names)


def _multikey(text: str, names: tuple[str, ...]) -> TrustedKey | str:
    try:
        return TrustedKey(spki(read_multikey(text)), _all_names(names))
    except ValueError:
        return f"has a key that cannot be read: {''.join(names[:1])[:80]}"


def _named(found: TrustedKey | str, names: tuple[str, ...]) -> TrustedKey | str:
    """Put the list's own names beside the certificate's, in place of "any"."""
    if isinstance(found, str):
        return found
    kept = tuple(name for name in found.names if name not in (ANY_NAME, ANY_DID))
    return replace(found, names=(*kept, *_all_names(names)))


def _all_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give each name, what stands behind its #, and both as a COSE key id."""
    found: list[str] = []
    for name in names:
        for part in (name, name.rpartition("#")[2]):
            found += [part, *map(kid_name, kid_bytes(part))]
    return tuple(dict.fromkeys(found))


def _wrong(path: Path, what: str) -> BadInput:
    return BadInput(
        "trust.file",
        "The trust file {file} {what}.",
        hint=(
            "Give PEM certificates or public keys, a JWKS, a DID document, a DCC or VCI trust"
            " list, or JSON of verification method to key."
        ),
        file=path.name,
        what=what,
    )
