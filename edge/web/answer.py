"""What every answer of the API is made of."""

from __future__ import annotations

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Fields are camelCase; empty ones are left out."""
