"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PAYERS: Mapping[str, Any] = {}
"""Every way to pay by its name in a campaign; a new one is a module and a line here."""
