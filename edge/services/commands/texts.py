"""The texts of a request, composed and looked at before anything is done with them."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from edge.domain.names.texts import check_text, composed

_S = TypeVar("_S", bound=msgspec.Struct)
_CODES = frozenset({"certificate", "pin", "told"})
"""Fields that are no text: what stands in them is taken as it is."""
_LONGEST = 200


def with_composed_texts(command: _S) -> _S:
    """Give a request with every text in composed form (Unicode UAX 15, NFC).

    Raises :class:`BadInput` for what nobody can see: control and direction characters, texts of
    invisible signs only.
    """
    found: _S = _composed(command, "")
    return found


def _composed(value: Any, name: str) -> Any:
    if isinstance(value, msgspec.Struct):
        # their names alone: msgspec.structs.fields works out each field's type anew
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        changed = {}
        for field, written in names:
            told = getattr(value, field)
            if not told or written in _CODES:
                continue
            text = _composed(told, _path(name, written))
            if text is not told:
                changed[field] = text
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, dict):
        return {key: _composed(item, _path(name, key)) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_composed(item, name) for item in value)
    if isinstance(value, str):
        text = composed(value)
        if text == value:
            text = value
        check_text(name, text, _LONGEST)
        return text
    return value


def _path(name: str, field: str) -> str:
    return f"{name}.{field}" if name else field
