"""CBOR (RFC 8949) as strangers send it: plain values only, no deep nests, no key twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cbor2

_DEEPEST = 16
PLAIN_TAGS = (0, 1, 32, 36)
"""Tags that say what a text or a number means: dates, URIs, MIME; the value is enough."""
REFUSED_TAGS = (
    2,
    3,
    4,
    5,
    25,
    28,
    29,
    30,
    35,
    37,
    38,
    100,
    256,
    258,
    260,
    261,
    43000,
)
"""Tags that cbor2 would make objects of: big numbers, shared references, patterns, sets."""


_SCALARS = frozenset((str, int, float, bytes, bool, type(None)))


def loads(data: bytes) -> Any:
    """Decode one value: map, array, text, bytes, number, bool, None or an unknown tag.

    Raises :class:`ValueError` for whatever else it is, also behind the value.
    """
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(
            stream,
            max_depth=_DEEPEST,
            allow_duplicate_keys=False,
            semantic_decoders=_decoders(),
            read_size=1,  # no further than the value, so that what is behind it is seen
        ).decode()
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, LookupError):
        raise ValueError("not CBOR, or not of a kind that is read here") from None
    if stream.tell() != len(data):
        raise ValueError("something stands behind the value")
    return _plain(value)


def _plain(value: Any) -> Any:
    """Put None for what is undefined and for simple values that mean nothing (section 3.3)."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, dict):
        return {
            key: item if type(item) in _SCALARS else _plain(item) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [item if type(item) in _SCALARS else _plain(item) for item in value]
    nothing = value is cbor2.undefined or isinstance(value, cbor2.CBORSimpleValue)
    return None if nothing else value


def dumps(value: Any) -> bytes:
    """Encode a value in the shortest form, keys in the order given."""
    return cbor2.dumps(value)


def _decoders() -> dict[int, Callable[[Any, bool], Any]]:
    return dict.fromkeys(PLAIN_TAGS, _inner) | dict.fromkeys(REFUSED_TAGS, _refuse)


def _inner(value: Any, immutable: bool) -> Any:  # noqa: ARG001
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a tag of texts and numbers on something else")
    return value


def _refuse(value: Any, immutable: bool) -> Any:  # noqa: ARG001
    raise ValueError("a tag that has no place on paper")
