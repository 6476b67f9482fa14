"""The wing of the plug-ins: a guard for each of a country's systems, which remembers how it is."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from edge.domain.disk import Purpose
from edge.domain.errors import EdgeError, Unavailable
from edge.journal.journal import Journal
from edge.journal.plugin_states import PluginState, all_ready, keep_plugin_state
from edge.plugins.contract import Health
from edge.plugins.guard import Guard, KeepHealth, PluginKind
from edge.plugins.payment.contract import Payer
from edge.services.identities import IdentityReader
from edge.services.payments.payers import Payers
from edge.wiring.keys import Keys
from sync.protocol.instants import instant


def wire_plugins(
    keys: Keys, journal: Journal, systems: Mapping[str, Mapping[str, Any]]
) -> Mapping[tuple[str, str], Guard]:
    """Make a guard for each plug-in by kind and name; all of them are asked again.

    Channels have theirs by the name under which a site has them (:mod:`edge.wiring.messages`).
    """
    with contextlib.suppress(Unavailable):  # a disk that takes nothing: they are as they were
        now = instant(keys.clock.now())
        journal.run(lambda unit: all_ready(unit.db, now), Purpose.UPKEEP)
    keep = health_keeper(keys, journal)
    kinds: tuple[PluginKind, ...] = ("identity", "payment", "sign_in")
    return {(kind, name): Guard(kind, name, keep) for kind in kinds for name in systems[kind]}


def health_keeper(keys: Keys, journal: Journal) -> KeepHealth:
    """Give what remembers how a plug-in is doing."""

    def keep(kind: PluginKind, name: str, health: Health) -> None:
        at = instant(keys.clock.now())
        state = PluginState(kind, name, health.state, health.code, health.english, at)
        with contextlib.suppress(Unavailable):
            journal.run(lambda unit: keep_plugin_state(unit.db, state), Purpose.UPKEEP)

    return keep


def identity_readers(
    types: Mapping[str, Any], guards: Mapping[tuple[str, str], Guard]
) -> Mapping[str, IdentityReader]:
    """Make what reads identities, each behind its guard; one that cannot be made is left out."""
    found: dict[str, IdentityReader] = {}
    for name, make in types.items():
        guard = guards["identity", name]
        try:
            found[name] = IdentityReader(guard, guard.call(make))
        except EdgeError:
            continue
    return found


def payers_of(made: Mapping[str, Any], guards: Mapping[tuple[str, str], Guard]) -> Payers:
    """Make the payers, each behind its guard; one that cannot be made is left out."""
    found: dict[str, tuple[Payer, Guard]] = {}
    for name, make in made.items():
        guard = guards["payment", name]
        with contextlib.suppress(EdgeError):
            found[name] = guard.call(make), guard
    return Payers(found)
