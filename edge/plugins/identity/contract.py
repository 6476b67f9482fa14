"""What a plug-in of this kind is asked, and all that it is told."""

from __future__ import annotations

from typing import Protocol

from edge.plugins.contract import Provider


class IdentityType(Provider, Protocol):
    """A kind of number or paper that says who somebody is."""
