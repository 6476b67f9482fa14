"""Sign-ins that are half done: what was asked, and what was right so far; in memory alone.

Who asks may make as many as they please, and so each asker has few, and all together some hundred.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from edge.domain.errors import NotAllowed
from edge.ports import Entropy

_KEPT = timedelta(minutes=15)
"""As long as identity providers wait for somebody's telephone (RFC 8628: 1800 s at the most)."""
_OF_AN_ASKER, _OF_ALL = 8, 400


@dataclass(frozen=True, slots=True)
class SignInStep:
    """A sign-in on its way: who asks, ``done`` by whom, and what ``method`` asked and keeps.

    ``staff`` is empty while nobody has shown anything.
    """

    asker: str
    since: datetime
    method: str = ""
    state: Mapping[str, str] = field(default_factory=dict)
    show: Mapping[str, Any] = field(default_factory=dict)
    staff: str = ""
    done: frozenset[str] = frozenset()


class SignInSteps:
    """Keeps steps by tokens that nobody guesses; each is taken once, by who asked for it."""

    def __init__(self, now: Callable[[], datetime], entropy: Entropy) -> None:
        self._now = now
        self._entropy = entropy
        self._lock = threading.Lock()
        self._steps: dict[str, SignInStep] = {}

    def keep(self, step: SignInStep, token: str = "") -> str:
        """Keep a step and give its token; with a token again, under that one."""
        token = token or self._entropy.bytes(16).hex()
        with self._lock:
            self._drop_old()
            own = [name for name, kept in self._steps.items() if kept.asker == step.asker]
            for name in own[: max(0, len(own) - _OF_AN_ASKER + 1)]:
                del self._steps[name]
            while len(self._steps) >= _OF_ALL:
                del self._steps[next(iter(self._steps))]
            self._steps[token] = step
        return token

    def take(self, token: str, asker: str) -> SignInStep:
        """Take a step away; raises :class:`NotAllowed` where it is over, or another's."""
        with self._lock:
            self._drop_old()
            found = self._steps.get(token)
            if found is not None and found.asker == asker:
                return self._steps.pop(token)
        raise NotAllowed(
            "sign-in.step",
            "This took too long, or it was begun at another tablet.",
            hint="Begin again.",
        )

    def forget_of(self, staff: str) -> None:
        """Forget what was right of somebody, whose way of signing in is another one by now."""
        with self._lock:
            self._steps = {
                name: kept
                for name, kept in self._steps.items()
                if kept.staff != staff or not kept.done
            }

    def _drop_old(self) -> None:
        now = self._now()
        self._steps = {
            name: kept for name, kept in self._steps.items() if abs(now - kept.since) <= _KEPT
        }
