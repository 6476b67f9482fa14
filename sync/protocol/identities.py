"""Finds one person under one identity number without telling the number."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐-―./]+")


def plain_identity(identity: str) -> str:
    """Write an identity as it is compared: two spellings of one number come out as one.

    Case, width (NFKC), the script of digits and the separators that people write into numbers do
    not count.
    """
    folded = unicodedata.normalize("NFKC", identity).casefold()
    digits = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in folded)
    return _SEPARATORS.sub("", "".join(digits))


def identity_digest(identity: str) -> str:
    """Digest an identity as both ends write it: SHA-256 in hex, or nothing for no identity.

    Whoever has every number can find the one behind a digest: it keeps numbers out of logs and
    addresses, and is no secret.
    """
    plain = plain_identity(identity)
    return hashlib.sha256(f"identity\n{plain}".encode()).hexdigest() if plain else ""
