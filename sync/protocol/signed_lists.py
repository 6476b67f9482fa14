"""A list that the ministry signed: one line that says what it is and whose, then the list itself.

The ministry's key is used on a machine without a network. The registry carries what it signed, as
a stick or a campaign's folder does, and can put nothing of its own in its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import keys
from sync.protocol.counted import Counted
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import in_utc

TYPE = "divoc-edge signed list"
LONGEST_LINE = 8192
"""Bytes of the first line."""
LARGEST = 1024 * 1024 * 1024
"""Bytes of the list behind it."""
WITHDRAWN = hashlib.sha256(b"").hexdigest()
"""The digest of a list that says nothing any more."""
_CHUNK = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ListError(ProtocolError):
    """A list is not what the ministry signed, or nothing that it signed."""


class _Line(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    type: str
    name: str
    publisher: str
    publisher_key: str
    version: str
    officer: str
    reason: str
    sequence: int
    issued_at: datetime
    good_until: datetime
    length: int
    digest: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedList:
    """What stands before a signed list.

    ``publisher`` is its id in the ministry's table, and ``publisher_key`` the SHA-256 of the key
    whose signature held (hex); both are empty for a list that an ``officer`` answers for, with a
    ``reason``. ``version`` is what the publisher says of the edition (an instant, or a number),
    ``sequence`` the ministry's own count, which rises with each edition. ``digest`` is the SHA-256
    of the list (hex) and ``length`` its bytes. ``key`` is the ministry's, in base64.
    """

    name: str
    publisher: str = ""
    publisher_key: str = ""
    version: str = ""
    officer: str = ""
    reason: str = ""
    sequence: int
    issued_at: datetime
    good_until: datetime
    length: int = 0
    digest: str = ""
    key: str = ""

    @property
    def withdrawn(self) -> bool:
        """Whether this edition is empty: the list of that name counts for nothing any more."""
        return self.length == 0

    @property
    def fingerprint(self) -> str:
        """The ministry's key as people compare it."""
        return keys.fingerprint(keys.public_key(self.key))


def sealed(stated: SignedList, content: bytes, key: Ed25519PrivateKey) -> bytes:
    """Sign a list; ``length``, ``digest`` and ``key`` are filled in here."""
    document = _document(stated, content, key.public_key())
    line = canonical({**document, "signature": keys.sign(key, document)})
    if len(line) > LONGEST_LINE:
        raise ListError("list.line", "What is said of the list is too long.")
    return line + b"\n" + content


def is_signed(beginning: bytes) -> bool:
    """Say whether a file begins as a signed list does."""
    return beginning.startswith(b"{") and TYPE.encode() in beginning.partition(b"\n")[0]


def read_line(path: Path) -> SignedList:
    """Read what a file says of itself, and prove that the key that it names has signed that.

    Whether that key is the ministry's is for :func:`checked` to say. Raises :class:`ListError`.
    """
    with path.open("rb") as file:
        return _line(file)[0]


def checked(path: Path, ministry: Collection[str], out: BinaryIO | None = None) -> SignedList:
    """Prove that a key of the ministry has signed a file, whole; the list itself goes to ``out``.

    ``ministry`` are its keys in base64. What went to ``out`` counts for nothing when this raises
    :class:`ListError`: ``list.unsigned``, ``list.signature``, ``list.key``, ``list.cut`` or
    ``list.changed``.
    """
    with path.open("rb") as file:
        found, _ = _line(file)
        if found.key not in ministry:
            raise ListError(
                "list.key",
                "The list {name} is signed with a key that is not the ministry's: {fingerprint}.",
                name=found.name,
                fingerprint=found.fingerprint,
            )
        digest, length = hashlib.sha256(), 0
        while chunk := file.read(min(_CHUNK, found.length + 1 - length)):
            length += len(chunk)
            digest.update(chunk)
            if out is not None:
                out.write(chunk)
    if length < found.length:
        raise ListError(
            "list.cut",
            Counted(
                "The list {name} is cut: it has {here} of {length} byte.",
                "The list {name} is cut: it has {here} of {length} bytes.",
                "length",
            ),
            name=found.name,
            here=length,
            length=found.length,
        )
    if length > found.length or digest.hexdigest() != found.digest:
        raise ListError(
            "list.changed",
            "The list {name} was changed after the ministry had signed it.",
            name=found.name,
        )
    return found


def _line(file: BinaryIO) -> tuple[SignedList, Ed25519PublicKey]:
    line = file.readline(LONGEST_LINE + 1)
    if not is_signed(line):
        raise ListError("list.unsigned", "The list carries no signature of the ministry.")
    try:
        found = msgspec.json.decode(line, type=_Line)
        document: Mapping[str, Any] = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _unreadable() from None
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    if not _sound(found):
        raise _unreadable()
    try:
        stated = _stated(found)
    except ValueError:  # a moment that UTC does not have
        raise _unreadable() from None
    key = keys.public_key(found.key)
    if line.rstrip(b"\n") != canonical(dict(document)) or not keys.fits(
        key, unsigned, found.signature
    ):
        raise ListError(
            "list.signature",
            "What is said of the list {name} is not what was signed.",
            name=found.name[:80],
        )
    return stated, key


def _sound(found: _Line) -> bool:
    aware = all(moment.tzinfo is not None for moment in (found.issued_at, found.good_until))
    return (
        found.type == TYPE
        and bool(found.name)
        and bool(found.publisher) != bool(found.officer)
        and aware
        and 0 < found.sequence < 2**53
        and 0 <= found.length <= LARGEST
        and bool(_DIGEST.fullmatch(found.digest))
    )


def _stated(found: _Line) -> SignedList:
    return SignedList(
        name=found.name,
        publisher=found.publisher,
        publisher_key=found.publisher_key,
        version=found.version,
        officer=found.officer,
        reason=found.reason,
        sequence=found.sequence,
        issued_at=in_utc(found.issued_at),
        good_until=in_utc(found.good_until),
        length=found.length,
        digest=found.digest,
        key=found.key,
    )


def _document(stated: SignedList, content: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    return {
        "type": TYPE,
        "name": stated.name,
        "publisher": stated.publisher,
        "publisherKey": stated.publisher_key,
        "version": stated.version,
        "officer": stated.officer,
        "reason": stated.reason,
        "sequence": stated.sequence,
        "issuedAt": stated.issued_at.isoformat(),
        "goodUntil": stated.good_until.isoformat(),
        "length": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "key": keys.public_text(key),
    }


def _unreadable() -> ListError:
    return ListError("list.form", "The first line of the list is not as a signed list has it.")
