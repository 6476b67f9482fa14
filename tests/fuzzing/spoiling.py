"""Spoils an input: its bytes, or what it says in JSON or CBOR, which is then written again.

Most of what only has other bytes is refused by the first reader, so an input is opened as far as
it can be (base45, zlib, the frames of the protocol), spoilt there, and closed again.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import base45
import cbor2
from spoiled import ODD

Chance = random.Random
_TOKENS = (
    b"", b"\0", b"\xff", b"\n", b"\r\n", b'"', b"'", b",", b";", b"\t", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"<<: ",
    b"%", b"\\", b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"0", b"-1", b"9" * 25, b"1e999", b"NaN", b"=", b"==",
    b"(", b")", b"(01)", b"(10)", b"(17)", b"\x1d", b":", b"/", b"2026-02-30", b"0000-00-00", b"9999-12-31",
    "\u202e".encode(), "\u0663".encode(), "\u2029".encode(), "\U0010ffff".encode(), b"\x11", b"\x13", b"\x80",
)  # fmt: skip
_WORDS = re.compile(rb"[A-Za-z0-9_.+-]+|[^A-Za-z0-9_.+-]")
_HC1 = b"HC1:"


def spoil(chance: Chance, data: bytes, others: Sequence[bytes], largest: int) -> bytes:
    """Give an input made of one (and of parts of others of its kind), at most so many bytes."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = _opened_and_closed(chance, data, others)
    return data[:largest]


def _opened_and_closed(chance: Chance, data: bytes, others: Sequence[bytes]) -> bytes:
    if data.startswith(_HC1) and chance.random() < 0.7:
        with contextlib.suppress(ValueError, zlib.error):
            inner = zlib.decompress(base45.b45decode(data[len(_HC1) :].decode()))
            packed = zlib.compress(_opened_and_closed(chance, inner, ()))
            written: bytes = base45.b45encode(packed)
            return _HC1 + written
    if data[:1] == b"\x78" and chance.random() < 0.7:
        with contextlib.suppress(zlib.error):
            return zlib.compress(_opened_and_closed(chance, zlib.decompress(data), ()))
    if chance.random() < 0.5:
        for read, write in ((_json, _as_json), (_cbor, _as_cbor)):
            with contextlib.suppress(Exception):  # not of this kind, or not to be written any more
                return write(spoilt_value(chance, read(data)))
    return _bytes(chance, data, others)


def _json(data: bytes) -> Any:
    found = json.loads(data)
    if not isinstance(found, dict | list):
        raise TypeError
    return found


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _cbor(data: bytes) -> Any:
    found = cbor2.loads(data)
    if not isinstance(found, dict | list | cbor2.CBORTag):
        raise TypeError
    return found


def _as_cbor(value: Any) -> bytes:
    written: bytes = cbor2.dumps(value)
    return written


def spoilt_value(chance: Chance, value: Any) -> Any:
    """Change one place in a value: gone, twice, of another kind, deeper, renamed."""
    if isinstance(value, cbor2.CBORTag):
        if chance.random() < 0.2:
            return cbor2.CBORTag(chance.choice((0, 1, 2, 18, 61, 98, 2**32)), value.value)
        return cbor2.CBORTag(value.tag, spoilt_value(chance, value.value))
    if isinstance(value, bytes) and chance.random() < 0.7:
        with contextlib.suppress(Exception):
            return _as_cbor(spoilt_value(chance, _cbor(value)))
        return _bytes(chance, value, ())
    if isinstance(value, dict) and value and chance.random() < 0.9:
        made = dict(value)
        key = chance.choice(list(made))
        what = chance.random()
        if what < 0.15:
            del made[key]
        elif what < 0.25:
            made[chance.choice((*made, *(odd for odd in ODD if odd.__hash__)))] = made[key]
        else:
            made[key] = spoilt_value(chance, made[key])
        return made
    if isinstance(value, list | tuple) and value and chance.random() < 0.9:
        many = list(value)
        place = chance.randrange(len(many))
        what = chance.random()
        if what < 0.15:
            del many[place]
        elif what < 0.3:
            many = many * chance.choice((2, 50))
        else:
            many[place] = spoilt_value(chance, many[place])
        return many
    if isinstance(value, str) and value and chance.random() < 0.6:
        return _bytes(chance, value.encode("utf-8", "surrogatepass"), ()).decode("utf-8", "replace")
    if type(value) is int and chance.random() < 0.5:
        return value + chance.choice((-1, 1, -value, 2**31, 2**53, 2**64, -(2**63)))
    return chance.choice((*ODD, [value], {"a": value}, [value] * 500))


def _bytes(chance: Chance, data: bytes, others: Sequence[bytes]) -> bytes:
    ways: list[Callable[[], bytes]] = [
        lambda: _flipped(chance, data),
        lambda: _replaced(chance, data, chance.choice(_TOKENS)),
        lambda: _replaced(chance, data, b""),
        lambda: data[: chance.randrange(len(data) + 1)],
        lambda: _twice(chance, data),
        lambda: _moved(chance, data),
        lambda: _replaced(chance, data, bytes(chance.randrange(256) for _ in range(4))),
    ]
    if others:
        ways.append(lambda: _replaced(chance, data, _part(chance, chance.choice(others))))
    return chance.choice(ways)()


def _flipped(chance: Chance, data: bytes) -> bytes:
    if not data:
        return bytes([chance.randrange(256)])
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def _replaced(chance: Chance, data: bytes, by: bytes) -> bytes:
    """Put something in the place of a word, or between two bytes."""
    words = [match.span() for match in _WORDS.finditer(data[:100_000])]
    if words and chance.random() < 0.7:
        start, end = chance.choice(words)
    else:
        start = end = chance.randrange(len(data) + 1)
    return data[:start] + by + data[end:]


def _part(chance: Chance, data: bytes) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[start : start + chance.choice((1, 8, 64, 4096))]


def _twice(chance: Chance, data: bytes) -> bytes:
    """Repeat a part, so often that what is slow shows."""
    start = chance.randrange(len(data) + 1)
    part = data[start : start + chance.choice((1, 2, 8, 64))]
    return data[:start] + part * chance.choice((2, 3, 50, 2000, 30_000)) + data[start:]


def _moved(chance: Chance, data: bytes) -> bytes:
    one, two = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return data[:one] + data[two:] + data[one:two]
