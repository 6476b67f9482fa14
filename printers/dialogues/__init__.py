"""How one asks a printer how it is and whether paper came out: a dialogue for each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from printers.connections import Connection
from printers.dialogues import brother_ql, escpos, starprnt, zpl
from printers.dialogues.base import Clock, Dialogue
from printers.profile import Profile

DIALOGUES: Mapping[str, type[Dialogue]] = {
    "escpos": escpos.EscposDialogue,
    "starprnt": starprnt.StarDialogue,
    "zpl": zpl.ZplDialogue,
    "brother-ql": brother_ql.BrotherDialogue,
}
"""Every language that can be asked; with another one a person looks."""

Begin = Callable[[Profile, Connection, Clock], Dialogue]


def begin(
    profile: Profile,
    connection: Connection,
    clock: Clock,
    dialogues: Mapping[str, type[Dialogue]] = DIALOGUES,
) -> Dialogue:
    """Begin a dialogue over an open connection; one that can only write is not asked."""
    chosen = dialogues.get(profile.language, Dialogue) if connection.answers else Dialogue
    return chosen(profile, connection, clock)
