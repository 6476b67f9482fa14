"""The enrolment code: one string with the registry's address, its fingerprint and a secret.

``https://registry.example#`` and groups of five signs: Crockford's base 32 (no I, L, O, U), the
last sign of each a check by ISO 7064's hybrid system (MOD 33,32) over the group and its place, so
that a mistake is named by its group, also where two have changed places. The groups hold a version
(1 byte), the first 16 bytes of the SHA-256 of the registry's key, 2 bytes of a check over all with
the address, in version 2 the first 16 bytes of the fingerprint of the ministry's root, and the
secret (UTF-8). Version 1 is written where no root is known, so that older sites read it. The
address stands in plain, for it is read out, too.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.protocol.errors import ProtocolError
from sync.protocol.keys import raw

VERSION, WITH_ROOT = 1, 2
STICK = "stick"
"""Stands in the place of an address for a site that has no line."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BASE = len(_ALPHABET)
_BITS = 5
_SIGNS = 4
"""Signs of a group before its check."""
_FINGERPRINT, _CHECK, _ROOT = 16, 2, 16
SHORT_ROOT = 2 * _ROOT
"""Digits (hex) of a root's fingerprint that a code holds."""
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """What a site needs to enrol: ``address`` a URL or ``stick``; ``fingerprint`` in 32 digits.

    ``root`` is what is known of the ministry's root, in 32 digits, or empty.
    """

    address: str
    fingerprint: str
    secret: str = field(repr=False)
    root: str = ""

    @property
    def by_stick(self) -> bool:
        """Whether the site has no line, and enrols by stick."""
        return self.address == STICK


def short_fingerprint(key: Ed25519PublicKey) -> str:
    """Give what a code holds of a registry's key: 128 bits of its SHA-256, in hex."""
    return hashlib.sha256(raw(key)).digest()[:_FINGERPRINT].hex()


def has_fingerprint(key: Ed25519PublicKey, told: str) -> bool:
    """Say whether a key has the fingerprint that was told: at least its first 16 digits (hex)."""
    plain = re.sub(r"\s", "", told).lower()
    return len(plain) >= 16 and hashlib.sha256(raw(key)).hexdigest().startswith(plain)


def same_root(one: str, other: str) -> bool:
    """Say whether two told the same root: one may know more of its digits."""
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def write_code(code: EnrolmentCode) -> str:
    """Write a code as it is handed on; raises :class:`ProtocolError` for an address that is none.

    ``enrolment.address``.
    """
    address = check_address(code.address)
    version = bytes([WITH_ROOT if code.root else VERSION])
    told = bytes.fromhex(code.fingerprint)
    inner = version + told + bytes.fromhex(code.root[:SHORT_ROOT]) + code.secret.encode()
    whole = inner[: 1 + _FINGERPRINT] + _check(address, inner) + inner[1 + _FINGERPRINT :]
    signs = _in_signs(whole)
    groups = [signs[place : place + _SIGNS] for place in range(0, len(signs), _SIGNS)]
    checked = (group + _check_sign(number, group) for number, group in enumerate(groups, 1))
    return f"{address}#{'-'.join(checked)}"


def read_code(text: str) -> EnrolmentCode:
    """Read a code as somebody typed it, with white space, dashes and small letters as they like.

    Raises :class:`ProtocolError`: ``enrolment.bare`` for one of an older registry,
    ``enrolment.group`` with the number of the group that is mistyped, ``enrolment.whole``,
    ``enrolment.short``, ``enrolment.address``, ``enrolment.version``.
    """
    told, mark, signs = text.strip().partition("#")
    if not mark:
        raise ProtocolError(
            "enrolment.bare",
            "This is no whole enrolment code: it begins with the registry's address and a #, and"
            " holds the registry's fingerprint. Older registries gave a code without them; ask the"
            " registry's office for a new one.",
        )
    address = check_address(re.sub(r"\s", "", told))
    plain = re.sub(r"[\s‐-―-]", "", signs).upper().translate(_ALIKE)
    whole = _from_groups(plain).rstrip(b"\0")  # what fills the last group up
    if not whole or whole[0] not in (VERSION, WITH_ROOT):
        raise ProtocolError(
            "enrolment.version",
            "The enrolment code is of a newer version. This site's software needs an update.",
        )
    inner = whole[: 1 + _FINGERPRINT] + whole[1 + _FINGERPRINT + _CHECK :]
    if whole[1 + _FINGERPRINT :][:_CHECK] != _check(address, inner):
        raise ProtocolError(
            "enrolment.whole",
            "The address {address} does not fit the rest of the enrolment code: compare both with"
            " the paper.",
            address=address,
        )
    told, rest = inner[1 : 1 + _FINGERPRINT].hex(), inner[1 + _FINGERPRINT :]
    root = rest[:_ROOT] if whole[0] == WITH_ROOT else b""
    secret = rest[len(root) :].decode("utf-8", "replace")
    if not secret:
        raise _short()
    return EnrolmentCode(address, told, secret, root.hex())


def check_address(text: str) -> str:
    """Write an address as codes have it: small letters, no / at its end, https if nothing is said.

    Raises :class:`ProtocolError` ``enrolment.address``.
    """
    address = text.strip().rstrip("/").lower()
    if address == STICK:
        return STICK
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        port = parts.port
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
    except ValueError:
        fits = False
    if not fits or "@" in address or len(address) > _LONGEST or not re.fullmatch("[!-~]+", address):
        raise ProtocolError(
            "enrolment.address",
            "This is not the address of a registry. Write it as https://registry.example",
        )
    return address


def _from_groups(plain: str) -> bytes:
    size = _SIGNS + 1
    groups = [plain[place : place + size] for place in range(0, len(plain), size)]
    for number, group in enumerate(groups, 1):
        if not set(group) <= set(_ALPHABET) or (
            len(group) == size and _check_sign(number, group[:_SIGNS]) != group[-1]
        ):
            raise ProtocolError(
                "enrolment.group",
                "Group {number} of {groups} of the enrolment code is mistyped: compare it with the"
                " paper.",
                number=number,
                groups=len(groups),
            )
    whole = _from_signs("".join(group[:_SIGNS] for group in groups))
    if len(plain) % size or len(whole) <= 1 + _FINGERPRINT + _CHECK:
        raise _short()
    return whole


def _short() -> ProtocolError:
    return ProtocolError(
        "enrolment.short", "Something is missing at the end of the enrolment code."
    )


def _check(address: str, inner: bytes) -> bytes:
    return hashlib.sha256(address.encode() + b"\n" + inner).digest()[:_CHECK]


def _check_sign(number: int, group: str) -> str:
    """Give the check of a group at its place (ISO 7064, hybrid system MOD 33,32)."""
    check = _BASE // 2
    for value in (number % _BASE, *map(_ALPHABET.index, group)):
        check = ((check or _BASE) * 2 % (_BASE + 1) + value) % _BASE
    return _ALPHABET[(1 - (check or _BASE) * 2 % (_BASE + 1)) % _BASE]


def _in_signs(data: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % (_BITS * _SIGNS))
    return "".join(
        _ALPHABET[int(bits[place : place + _BITS], 2)] for place in range(0, len(bits), _BITS)
    )


def _from_signs(signs: str) -> bytes:
    bits = "".join(f"{_ALPHABET.index(sign):0{_BITS}b}" for sign in signs)
    whole = len(bits) // 8 * 8
    return bytes(int(bits[place : place + 8], 2) for place in range(0, whole, 8))
