"""What a plug-in of this kind is asked, and all that it is told."""

from __future__ import annotations

from typing import Protocol

from edge.plugins.contract import Provider


class Channel(Provider, Protocol):
    """A way to bring a certificate or a message to a person."""
