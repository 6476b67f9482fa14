"""Every kind of follower that ``site.toml`` may name, and what a site's followers are made of.

The registry's follower is not made here: it proves what it delivered by receipts
(``edge/services/registry/link.py``). Its cursor lies beside the others', under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.adapters.settings_kinds import FollowerSettings
from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.followers import copy
from edge.followers.follower import Follower
from edge.followers.runner import FollowerEnvironment, Runner
from edge.journal import following
from edge.journal.delivery import REGISTRY, delivery
from edge.journal.journal import Journal

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a follower works: the facility's code, the data folder, and a look at the journal."""

    facility: str
    folder: Path
    reading: Callable[[], AbstractContextManager[Any]]


Make = Callable[[Mapping[str, Any], Surroundings], Follower]
"""Makes a follower of its settings, without reaching for its place; raises ``EdgeError``."""

FOLLOWERS: Mapping[str, Make] = {
    "copy": copy.make,
}
"""Every kind by its name in ``site.toml``; a new one is a module and a line here."""


def make_follower(
    settings: FollowerSettings, surroundings: Surroundings, kinds: Mapping[str, Make]
) -> Follower:
    """Make one; raises :class:`EdgeError` in words, also for a fault of a plug-in's."""
    if settings.kind not in kinds:
        raise BadInput(
            "follower.kind",
            "The follower {name} is of a kind that is not known here: {kind}.",
            hint="Known are: {known}. See divoc-edge plugins.",
            name=settings.name,
            kind=settings.kind,
            known=", ".join(sorted(kinds)),
        )
    try:
        return kinds[settings.kind](settings.options, surroundings)
    except EdgeError:
        raise
    except Exception as error:
        raise Unavailable(
            "follower.made",
            "The follower {name} cannot be set up: {reason}.",
            hint="Tell who made it.",
            name=settings.name,
            reason=type(error).__name__,
        ) from error


def runners(
    settings: Iterable[FollowerSettings],
    surroundings: Surroundings,
    kinds: Mapping[str, Make],
    journal: Journal,
    ports: FollowerEnvironment,
) -> tuple[list[Runner], Mapping[str, EdgeError]]:
    """Give a runner for each follower that can be made, and why the others cannot, by name."""
    found: list[Runner] = []
    troubles: dict[str, EdgeError] = {}
    for setting in settings:
        try:
            follower = make_follower(setting, surroundings, kinds)
            found.append(Runner(setting.name, follower, journal, ports))
        except EdgeError as error:
            troubles[setting.name] = error
    return found, troubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a follower stands: ``state`` is ``complete``, ``waiting`` or ``trouble``.

    ``waiting``, ``later`` and ``refused`` count entries; ``at`` is the instant (ISO 8601) of the
    last delivery, or empty; ``sentence`` says what is wrong, in English.
    """

    name: str
    kind: str
    state: str
    waiting: int = 0
    later: int = 0
    refused: int = 0
    at: str = ""
    sentence: str = ""


def health(
    db: Database,
    settings: FollowerSettings,
    surroundings: Surroundings,
    kinds: Mapping[str, Make],
) -> Health:
    """Say how a follower stands, from what the journal remembers of it."""
    at = delivery(db, settings.name).heard_at
    try:
        types = make_follower(settings, surroundings, kinds).types
    except EdgeError as error:
        return Health(
            name=settings.name, kind=settings.kind, state="trouble", at=at, sentence=str(error)
        )
    counted = following.counts(db, settings.name, types)
    told = following.trouble(db, settings.name)
    state = "waiting" if counted.waiting or counted.later else "complete"
    return Health(
        name=settings.name,
        kind=settings.kind,
        state="trouble" if told else state,
        waiting=counted.waiting,
        later=counted.later,
        refused=counted.refused,
        at=at,
        sentence=str(told["sentence"]).format(**told["values"]) if told else "",
    )


def registry_health(db: Database) -> Health:
    """Say what the registry's receipts prove."""
    held = delivery(db, REGISTRY)
    return Health(
        name=REGISTRY,
        kind=REGISTRY,
        state="complete" if held.complete else "waiting",
        waiting=held.recorded - held.delivered,
        at=held.heard_at,
    )
