"""A list of people who are expected at sites, in pieces: cut, named by their hashes, and sealed.

A list is published for the whole nation; a site is told by a letter of which pieces its own part
consists, and gets each of them sealed to itself. What is said outside the seal names nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from sync.protocol import frames, keys
from sync.protocol.bundles.sealed import check_address, open_sealed, seal
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import read_instant
from sync.protocol.shapes import Nonce, Number, fit
from sync.protocol.versions import NEWEST

LETTER = "expected"
"""The kind of the letter that tells a site which pieces a list has for it."""
PEOPLE = 200
"""People in a piece at the most: a piece is one question on a slow line, and one commit."""
MOST_PIECES = 2000
"""Pieces of a list for one site at the most."""
ASKED = 16
"""Pieces in one question at the most."""
_LARGEST = 2 * 1024 * 1024
"""Bytes of a piece once it is opened."""
_PADDED = 16 * 1024
"""A sealed piece is as long as a multiple of this: its length does not say who is in it."""
_LENGTH = 4
"""Bytes in front of each frame in a seal."""
_SALT = 16

Name = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,39}\Z")]
"""A list's name: it stands in letters and logs, and names no file of anybody."""
Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class Piece(msgspec.Struct, frozen=True):
    """Some people of a list, all of one facility.

    ``rows`` is a table as DIVOC has it, with its header; ``lines`` are where its rows stand in the
    officer's file. ``salt`` is drawn: who knows the hash cannot try who may be in it.
    """

    list: Name
    edition: str
    facility: Text
    programme: Text
    rows: str
    lines: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=PEOPLE)]
    salt: Annotated[str, Meta(min_length=32, max_length=32)]


@dataclass(frozen=True, slots=True)
class PieceName:
    """A piece by its hash, and how many people are in it."""

    hash: str
    people: int


class _Named(msgspec.Struct, array_like=True):
    hash: Hash
    people: Annotated[int, Meta(ge=1, le=PEOPLE)]


class ToldList(msgspec.Struct, frozen=True):
    """What a letter says of a list: the pieces of one site's part, none once it is withdrawn.

    ``edition`` is the instant of its publication; a later one takes the place of the whole.
    """

    name: Name
    edition: str
    programme: Text
    pieces: Annotated[tuple[_Named, ...], Meta(max_length=MOST_PIECES)]

    @property
    def people(self) -> int:
        """How many people are in it."""
        return sum(piece.people for piece in self.pieces)


def read_list(body: Mapping[str, Any]) -> ToldList:
    """Read the letter of a list; raises :class:`ProtocolError` ``list.field``."""
    told = fit(body, ToldList, _wrong)
    if len({piece.hash for piece in told.pieces}) < len(told.pieces):
        raise _wrong("pieces")
    _check_edition(told.edition)
    return told


def letter_of(
    name: str, edition: str, programme: str, pieces: Iterable[PieceName]
) -> dict[str, Any]:
    """Write the letter of a list."""
    named = [[piece.hash, piece.people] for piece in pieces]
    return {"name": name, "edition": edition, "programme": programme, "pieces": named}


def cut(rows: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
    """Cut the rows of one facility, each with its line, into pieces."""
    for start in range(0, len(rows), PEOPLE):
        yield rows[start : start + PEOPLE]


def pack_piece(piece: Piece) -> bytes:
    """Write a piece as the frame that its hash is of."""
    return frames.pack(msgspec.to_builtins(piece))


def new_salt(random: Callable[[int], bytes]) -> str:
    """Draw what keeps the hash of a piece from being tried out."""
    return random(_SALT).hex()


def hash_of(frame: bytes) -> str:
    """Give the name of a piece: the SHA-256 of its frame, in hex."""
    return hashlib.sha256(frame).hexdigest()


def seal_pieces(pieces: Sequence[bytes], address: str) -> bytes:
    """Seal frames of pieces to an age recipient, padded."""
    long = sum(len(frame) + _LENGTH for frame in pieces) + _LENGTH
    return seal([*pieces, bytes(-long % _PADDED or _PADDED)], address)


def open_pieces(data: bytes, identities: Sequence[str]) -> dict[str, bytes]:
    """Give the frames that were sealed, by their hashes; the padding is one of no piece.

    Raises :class:`ProtocolError` ``bundle.sealed`` for what was changed, cut off or is another
    node's.
    """
    return {hash_of(frame): frame for frame in open_sealed(data, identities)}


def read_piece(frame: bytes) -> Piece:
    """Read a proven frame; raises :class:`ProtocolError`."""
    return fit(frames.unpack(frame, _LARGEST), Piece, _wrong)


class _Question(msgspec.Struct):
    nonce: Nonce
    recipient: Text
    want: Annotated[list[Hash], Meta(min_length=1, max_length=ASKED)]


class _Answer(msgspec.Struct):
    at: str
    sealed: bytes = b""


def make_question(want: Sequence[str], recipient: str, nonce: str) -> dict[str, Any]:
    """Make a question for pieces, to be signed; they come sealed to ``recipient``."""
    return {"protocol": NEWEST, "nonce": nonce, "recipient": recipient, "want": list(want)}


def read_question(document: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """Read a question that is proven: nonce, recipient, and which pieces.

    Raises :class:`ProtocolError` naming the field that is wrong.
    """
    asked = fit(document, _Question, _wrong)
    return asked.nonce, check_address(asked.recipient), asked.want


def answer_of(node: str, nonce: str, at: str, sealed: bytes) -> dict[str, Any]:
    """Make the answer, to be signed; ``sealed`` is empty where none of the pieces is any more."""
    return {"node": node, "nonce": nonce, **msgspec.to_builtins(_Answer(at, sealed))}


def check_answer(document: Any, node: str, nonce: str, key: Ed25519PublicKey) -> tuple[str, bytes]:
    """Prove that pieces are the registry's answer to this very question: its instant, the seal."""
    if not isinstance(document, Mapping):
        raise _no_pieces()
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, unsigned, document.get("signature")):
        raise ProtocolError("piece.signature", "The pieces are not signed by the registry.")
    if unsigned.get("nonce") != nonce or unsigned.get("node") != node:
        raise ProtocolError("piece.other", "The pieces are an answer to another question.")
    answer = fit(unsigned, _Answer, lambda _field: _no_pieces())
    return answer.at, answer.sealed


def _check_edition(edition: str) -> None:
    try:
        read_instant(edition)
    except ValueError:
        raise _wrong("edition") from None


def _no_pieces() -> ProtocolError:
    return ProtocolError("piece.form", "This is not an answer with pieces of a list.")


def _wrong(field: str) -> ProtocolError:
    return ProtocolError("list.field", "The field {field} of the list is wrong.", field=field)
