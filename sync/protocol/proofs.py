"""Proof that somebody is present: what a site shows the registry to be told of a person.

An identity number is none: lists of those are about. A person's code stands on their paper alone;
a certificate carries a signature that nobody makes up, and its digest shows that it was read.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]

_ALIKE = str.maketrans("OILU", "011V")
_DAY = "-[0-9]{2}-[0-9]{2}"
CODE_DIGITS = 12
"""Signs of a person's code as sites make them: 60 bits."""


class CodeProof(Struct, frozen=True, tag_field="kind", tag="code"):
    """The code on the person's paper."""

    code: Text


class CertificateProof(Struct, frozen=True, tag_field="kind", tag="certificate"):
    """A certificate that was scanned: its number, and the SHA-256 of the signed text in hex."""

    number: Text
    digest: Digest


class OwnProof(Struct, frozen=True, tag_field="kind", tag="own"):
    """None: the person is this site's own, and it asks what others linked to its record."""


class StatedProof(Struct, frozen=True, tag_field="kind", tag="stated"):
    """None but the person's word: digest of the identity number, name, and birth (ISO 8601)."""

    identity: Digest
    name: Text
    born: Annotated[str, Meta(pattern=f"^[0-9]{{4}}({_DAY}(/[0-9]{{4}}{_DAY})?)?$")]


Proof = CodeProof | CertificateProof | OwnProof | StatedProof


def signed_digest(text: str) -> str:
    """Digest a certificate's signed text, as it was issued: SHA-256 in hex of its UTF-8."""
    return hashlib.sha256(text.strip().encode()).hexdigest()


def plain_code(text: str) -> str:
    """Write a person's code as sites make it: capitals, no spaces or dashes, no look-alikes."""
    plain = re.sub(r"[\s\-‐-―]+", "", unicodedata.normalize("NFKC", text)).upper()
    return plain.translate(_ALIKE)
