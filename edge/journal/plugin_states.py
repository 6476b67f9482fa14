"""How plug-ins are doing: the node's own table, beside the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class PluginState:
    """A plug-in by kind and name: ``ready``, ``trouble`` or ``off``, since an instant (ISO 8601).

    ``code`` and ``sentence`` (English) tell its last trouble, also when it is ready again.
    """

    kind: str
    name: str
    state: str
    code: str
    sentence: str
    at: str


def keep_plugin_state(db: Database, state: PluginState) -> None:
    """Remember how a plug-in is doing; being ready again leaves the last trouble written."""
    db.execute(
        "INSERT INTO plugin_state VALUES (:kind, :name, :state, :code, :sentence, :at)"
        " ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at,"
        " code = CASE excluded.code WHEN '' THEN code ELSE excluded.code END,"
        " sentence = CASE excluded.code WHEN '' THEN sentence ELSE excluded.sentence END",
        {
            "kind": state.kind,
            "name": state.name,
            "state": state.state,
            "code": state.code,
            "sentence": state.sentence,
            "at": state.at,
        },
    )


def plugin_states(db: Database) -> list[PluginState]:
    """List how plug-ins are doing, by kind and name."""
    rows = db.execute("SELECT kind, name, state, code, sentence, at FROM plugin_state")
    return sorted((PluginState(*row) for row in rows), key=lambda one: (one.kind, one.name))


def all_ready(db: Database, at: str) -> None:
    """Write that every plug-in is asked again: a node that starts asks them all."""
    db.execute("UPDATE plugin_state SET state = 'ready', at = ? WHERE state <> 'ready'", (at,))
