"""Checks what the other end sent against the shape it must have, and names the field that is wrong.

Strict: true is no number, text is no number, a list has its length. Fields that a shape does not
have are let through: an end that is newer may send them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

Shape = TypeVar("Shape")
Nonce = Annotated[str, Meta(min_length=8, max_length=64)]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
"""From nought, as far as every JSON reader counts exactly."""
Number = Annotated[int, Meta(gt=0, lt=2**53)]
"""From 1."""
_MISSING = re.compile(r"Object missing required field `([^`]*)`\Z")


def fit(value: Any, shape: type[Shape], wrong: Callable[[str], Exception]) -> Shape:
    """Give a JSON value in its shape, or raise what ``wrong`` makes of the outermost field's name.

    The name is empty where the value as a whole is another kind of thing, such as a list.
    """
    try:
        return msgspec.convert(value, shape)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter: an odd key
        raise wrong(field_of(error)) from None


def field_of(error: Exception) -> str:
    """Name the outermost field that an error of msgspec is about; empty for the whole."""
    what, _, path = str(error).rpartition(" - at `$")
    missing = _MISSING.match(str(error))
    if missing:
        return missing[1]
    found = re.match(r"\.(\w+)", path) if what else None
    return found[1] if found else ""
