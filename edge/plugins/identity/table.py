"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

IDENTITY_TYPES: Mapping[str, Any] = {}
"""Every kind of identity by the type of its DID; a new one is a module and a line here."""
