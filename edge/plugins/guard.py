"""Calls a plug-in so that it can fail, or never answer, and nobody waits or falls with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from edge.domain.errors import EdgeError, Unavailable
from edge.plugins.contract import READY, Health
from sync.protocol.counted import Counted

SECONDS = 3.0
"""How long a person at a tablet waits for a plug-in that asks nobody beyond the site."""
UNAVAILABLE = "plugin.unavailable"
"""The code of the error that stands for a plug-in's fault or overrun."""
STOPPED = "plugin.stopped"
"""The code of the error for a plug-in that was not asked, because the node stops."""
FAULTS = 3
"""Faults in a row after which a plug-in is switched off."""
MOST_AT_ONCE = 32
"""Calls of one plug-in that wait at a time: each leaves a thread behind where it never answers."""

PluginKind = Literal["identity", "payment", "distribution", "sign_in"]
KeepHealth = Callable[[PluginKind, str, Health], None]
"""Remembers how a plug-in of a kind and name is doing; called when that changes."""
R = TypeVar("R")

_log = logging.getLogger("divoc_edge")


class Guard:
    """Stands before a plug-in, of a kind, under its name; safe to share.

    What the plug-in refuses in words (:class:`EdgeError`) is its answer, and passes. Anything else
    it raises is a fault; the third in a row, or one call that takes longer than ``seconds``,
    switches it off until the node starts anew. While ``MOST_AT_ONCE`` wait nobody else is let in.
    ``health`` is how it did lately.
    """

    def __init__(
        self, kind: PluginKind, name: str, keep: KeepHealth, seconds: float = SECONDS
    ) -> None:
        self._kind = kind
        self.name = name
        self._keep = keep
        self._seconds = seconds
        self._lock = threading.Lock()
        self._faults = 0
        self._waits: set[threading.Event] = set()
        self._stop = threading.Event()
        self.health = READY

    @property
    def stopped(self) -> bool:
        """Whether nothing is asked any more."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask nothing more, and wait for nothing that was asked: the node stops."""
        with self._lock:
            self._stop.set()
            for ended in self._waits:
                ended.set()

    def call(self, ask: Callable[[], R]) -> R:
        """Give the plug-in's answer; raises what it refuses, or :class:`Unavailable`."""
        if self.health.state == "off":
            raise _unavailable(self.name)
        answers: list[R] = []
        raised: list[BaseException] = []
        ended = threading.Event()

        def work() -> None:
            try:
                answers.append(ask())
            except BaseException as error:  # whatever a stranger's code does
                raised.append(error)
            ended.set()

        with self._lock:
            if self._stop.is_set():
                raise _stopped()
            if len(self._waits) >= MOST_AT_ONCE:
                raise _unavailable(self.name)
            self._waits.add(ended)
        threading.Thread(target=work, name=f"{self._kind} {self.name}", daemon=True).start()
        ended.wait(self._seconds)
        with self._lock:
            self._waits.discard(ended)
        if answers or (raised and isinstance(raised[0], EdgeError)):
            self._went_well()
            if raised:
                raise raised[0]
            return answers[0]
        if self._stop.is_set() and not raised:  # it had no time to answer
            raise _unavailable(self.name)
        self._failed(type(raised[0]).__name__ if raised else "")
        raise _unavailable(self.name)

    def _went_well(self) -> None:
        with self._lock:
            self._faults = 0
        if self.health.state == "trouble":
            self.tell(READY)

    def _failed(self, fault: str) -> None:
        with self._lock:
            self._faults += 1
            off = not fault or self._faults >= FAULTS
        code, sentence, values = _told(self.name, fault, self._seconds)
        self.tell(Health("off" if off else "trouble", code, sentence, values))

    def tell(self, health: Health) -> None:
        """Remember how the plug-in is doing, as it says itself where it keeps a state.

        One that is off stays off: calls that began before may end in another way, and later.
        """
        with self._lock:
            if health == self.health or self.health.state == "off":
                return
            self.health = health
        if health.state != "ready":
            _log.error("%s %s is %s: %s", self._kind, self.name, health.state, health.english)
        self._keep(self._kind, self.name, health)


def _told(name: str, fault: str, seconds: float) -> tuple[str, str, dict[str, Any]]:
    if fault:
        sentence = "{name} failed ({fault})."
        return "plugin.failed", sentence, {"name": name, "fault": fault}
    sentence = Counted(
        "{name} did not answer within {seconds} second.",
        "{name} did not answer within {seconds} seconds.",
    )
    return (
        "plugin.slow",
        sentence,
        {"name": name, "seconds": int(seconds) if seconds == int(seconds) else f"{seconds:g}"},
    )


def _unavailable(name: str) -> Unavailable:
    return Unavailable(
        UNAVAILABLE,
        "{name} does not work at the moment.",
        hint="Go on without it, and tell the technician: divoc-edge plugins says why.",
        name=name,
    )


def _stopped() -> Unavailable:
    return Unavailable(
        STOPPED,
        "The site was stopped before anything was sent.",
        hint="It is tried again by itself.",
    )
