"""The wing of the plug-ins: a guard for each of a country's systems, which remembers how it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.errors import EdgeError
from edge.journal.journal import Journal
from edge.journal.plugin_states import PluginState, all_ready, keep_plugin_state
from edge.plugins.contract import Health
from edge.plugins.guard import Guard, PluginKind
from edge.services.identities import IdentityReader
from edge.wiring.keys import Keys
from sync.protocol.instants import instant


def wire_plugins(
    keys: Keys, journal: Journal, systems: Mapping[str, Mapping[str, Any]]
) -> Mapping[tuple[str, str], Guard]:
    """Make a guard for each plug-in by kind and name; all of them are asked again."""

    def now() -> str:
        return instant(keys.clock.now())

    def keep(kind: PluginKind, name: str, health: Health) -> None:
        state = PluginState(kind, name, health.state, health.code, health.english, now())
        journal.run(lambda unit: keep_plugin_state(unit.db, state))

    journal.run(lambda unit: all_ready(unit.db, now()))
    kinds: tuple[PluginKind, ...] = ("identity", "payment", "distribution", "sign_in")
    return {(kind, name): Guard(kind, name, keep) for kind in kinds for name in systems[kind]}


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
