"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CHANNELS: Mapping[str, Any] = {}
"""Every channel by its kind in site.toml and a campaign; a new one is a module and a line here."""
