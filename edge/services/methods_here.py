"""The ways of signing in that there are at a site, each asked so that none holds anybody up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from edge.domain.errors import BadInput
from edge.plugins.guard import Guard
from edge.plugins.sign_in.contract import SignInMethod

R = TypeVar("R")


class MethodsHere:
    """Asks methods by name: ``guards`` stand before those that can fail or keep others waiting.

    The project's own that need nothing beyond the site are asked as they are: they are part of it,
    and one that is switched off for being slow would keep everybody out.
    """

    def __init__(self, methods: Mapping[str, SignInMethod], guards: Mapping[str, Guard]) -> None:
        self._methods = methods
        self._guards = guards

    def ask(self, name: str, question: Callable[[SignInMethod], R]) -> R:
        """Put a question to a method; raises what it refuses, ``Unavailable`` where it fails."""
        method = self._methods.get(name)
        if method is None:
            raise BadInput(
                "sign-in.method-unknown",
                "This site cannot sign anybody in by {method}.",
                hint="A technician looks which there are: divoc-edge plugins.",
                field="method",
                method=name[:40],
            )
        guard = self._guards.get(name)
        return question(method) if guard is None else guard.call(lambda: question(method))
