"""How a document travels: JSON in a compressed frame that says itself how to open it.

Plain zlib (RFC 1950) is the floor that everybody speaks. zstd (RFC 8878) with a dictionary made
from entries is agreed on first; a zstd frame carries its dictionary's number.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import zstandard

from sync.protocol.entries import parsed, serialised
from sync.protocol.errors import ProtocolError

LARGEST = 8 * 1024 * 1024
"""Bytes of a document once it is opened: of a batch, a page of letters."""
SMALL = 64 * 1024
"""Bytes of a question or an enrolment once it is opened: anybody may send one."""
DICTIONARIES = (1,)
"""Numbers of the shared dictionaries that this version has, newest last."""
_ZLIB, _ZSTD = b"\x78", b"\x28\xb5\x2f\xfd"
_WINDOW = 8 * 1024 * 1024
_MB = 1024 * 1024
_SAME_BYTES = 32_000
"""Bytes up to which zstd writes the same with a digested dictionary; beyond, a thousandth more."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A way to compress: ``zlib``, or ``zstd`` with a dictionary (0: none); ``level`` is effort."""

    name: str = "zlib"
    dictionary: int = 0
    level: int = 9


FLOOR = Coding()
"""What every end can open."""
BEST = Coding("zstd", DICTIONARIES[-1], 19)
"""The fewest bytes: for slow lines."""
QUICK = Coding("zstd", DICTIONARIES[-1], 3)
"""The least work: for lines faster than a small computer compresses."""


def agreed(capabilities: Any) -> Coding:
    """Choose the best coding that the other end's capabilities list; the floor if unsure."""
    if not isinstance(capabilities, Mapping) or "zstd" not in _listed(capabilities, "codings"):
        return FLOOR
    theirs = _listed(capabilities, "dictionaries")
    shared = [number for number in DICTIONARIES if number in theirs]
    return Coding("zstd", shared[-1] if shared else 0, 19)


def pack(document: Mapping[str, Any], coding: Coding = FLOOR) -> bytes:
    """Write a document as a frame."""
    return compress(serialised(document), coding)


def compress(text: bytes, coding: Coding = FLOOR) -> bytes:
    """Compress bytes in a coding."""
    if coding.name == "zlib":
        return zlib.compress(text, coding.level)
    return _compressor(coding, len(text)).compress(text)


def unpack(data: bytes, largest: int = LARGEST) -> dict[str, Any]:
    """Open a frame of at most so many bytes, as it came and opened.

    Raises :class:`ProtocolError` naming what is wrong with it, before it takes any memory.
    ``frame.dictionary`` asks the sender to use another coding; ``frame.cut`` says that it is
    not whole.
    """
    if len(data) > largest:
        raise too_large(largest)
    opened = _open_zstd if data.startswith(_ZSTD) else _open_zlib
    text = opened(data, largest)
    try:
        document = parsed(text)
    except (ValueError, RecursionError):
        raise ProtocolError("frame.json", "The message is not JSON.") from None
    if not isinstance(document, dict):
        raise ProtocolError("frame.form", "The message is not a JSON object.")
    return document


def is_frame(data: bytes) -> bool:
    """Say whether bytes begin as one of our frames."""
    return data.startswith((_ZLIB, _ZSTD))


def coding_of(data: bytes) -> Coding:
    """Give the coding to answer a frame in: the one it came in."""
    if not data.startswith(_ZSTD):
        return FLOOR
    return Coding("zstd", zstandard.get_frame_parameters(data).dict_id, 19)


@cache
def dictionary(number: int) -> zstandard.ZstdCompressionDict:
    """Give a shared dictionary; a released one never changes."""
    data = files("sync").joinpath("dictionaries", f"entries-{number}.zdict").read_bytes()
    return zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_FULLDICT)


@cache
def _digested(number: int, level: int) -> zstandard.ZstdCompressionDict:
    """Give a dictionary as an effort uses it: to make that costs ten small messages."""
    shared = zstandard.ZstdCompressionDict(
        dictionary(number).as_bytes(), dict_type=zstandard.DICT_TYPE_FULLDICT
    )
    shared.precompute_compress(level=level)
    return shared


def _compressor(coding: Coding, length: int) -> zstandard.ZstdCompressor:
    # Made anew each time: a compressor must not be used by two threads at once.
    number, shared = coding.dictionary, None
    if number:
        small = length <= _SAME_BYTES
        shared = _digested(number, coding.level) if small else dictionary(number)
    return zstandard.ZstdCompressor(level=coding.level, dict_data=shared, write_checksum=False)


def _open_zstd(data: bytes, largest: int) -> bytes:
    try:
        header = zstandard.get_frame_parameters(data)
    except zstandard.ZstdError:
        raise _cut() from None
    if header.dict_id and header.dict_id not in DICTIONARIES:
        raise ProtocolError(
            "frame.dictionary", "The dictionary {number} is not known here.", number=header.dict_id
        )
    if header.content_size > largest:  # also when the frame does not say
        raise too_large(largest)
    shared = dictionary(header.dict_id) if header.dict_id else None
    opener = zstandard.ZstdDecompressor(dict_data=shared, max_window_size=_WINDOW)
    try:
        # A frame that lies about its size is read no further than it said.
        text = opener.stream_reader(data).read(header.content_size)
    except zstandard.ZstdError:
        raise _damaged() from None
    if len(text) != header.content_size:
        raise _cut()
    return text


def _open_zlib(data: bytes, largest: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, largest)
    except zlib.error:
        raise _damaged() from None
    if inflater.unconsumed_tail:
        raise too_large(largest)
    if not inflater.eof:
        raise _cut()
    return text


def too_large(largest: int) -> ProtocolError:
    """Make the refusal of a message of more than so many bytes."""
    if largest >= _MB:
        sentence, most = "The message is larger than {most} MB.", largest // _MB
    else:
        sentence, most = "The message is larger than {most} kB.", largest // 1024
    return ProtocolError("frame.too-large", sentence, most=most)


def _damaged() -> ProtocolError:
    return ProtocolError("frame.compression", "The message is compressed in no way known here.")


def _cut() -> ProtocolError:
    return ProtocolError("frame.cut", "The message is cut off.")


def _listed(capabilities: Mapping[str, Any], name: str) -> list[Any]:
    value = capabilities.get(name)
    return value if isinstance(value, list) else []
