"""What a plug-in of this kind is asked, and all that it is told."""

from __future__ import annotations

from typing import Protocol

from edge.plugins.contract import Provider


class SignInMethod(Provider, Protocol):
    """A way in which somebody says who they are."""
