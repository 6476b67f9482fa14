"""Settings of a channel as site.toml has them: each named where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge.plugins.distribution.making import wrong_option


def unknown_options(options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse settings that a channel does not have."""
    for name in options:
        if name not in known:
            raise wrong_option(name, "is not known", "one of: " + ", ".join(known))


def text(options: Mapping[str, Any], name: str, *, needed: str = "") -> str:
    """Read a text; ``needed`` says what to write where it must be there."""
    value = options.get(name, "")
    if not isinstance(value, str):
        raise wrong_option(name, "is not text", "text in quotation marks")
    if needed and not value.strip():
        raise wrong_option(name, "is missing", needed)
    return value.strip()


def integer(options: Mapping[str, Any], name: str, usual: int) -> int:
    """Read a whole number of zero or more."""
    value = options.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise wrong_option(name, "is not a number", "a whole number, for example 10")
    return value


def flag(options: Mapping[str, Any], name: str) -> bool:
    """Read yes or no; no where it is not said."""
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise wrong_option(name, "is neither yes nor no", "true or false")
    return value
