"""How the last backup of a site stands, as ``divoc-edge status`` says it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from edge.adapters.backups.state import backup_document, backup_state
from edge.adapters.clock import SystemClock
from edge.adapters.settings import Settings

_WORDS = {
    "none": "none is made by itself: divoc-edge keys recovery, then backup in site.toml",
    "never": "none yet: is the medium plugged in?",
    "old": "too old: is the medium plugged in?",
    "failed": "could not be restored when it was tried: take another medium",
    "good": "in order",
}


def backup_told(data: Path, settings: Settings, entries: int) -> dict[str, Any]:
    """Give how it stands, for scripts."""
    state, now = backup_state(data), SystemClock("UTC").now()
    set_up = bool(settings.backup and settings.recovery)
    standing = state.standing(now, entries, set_up=set_up)
    hours = None if state.at is None else round((now - state.at).total_seconds() / 3600, 1)
    return {**backup_document(state), "standing": standing, "ageHours": hours}


def say_backup(told: Mapping[str, Any]) -> None:
    """Say how it stands."""
    at = f"of {told['at'][:16]}, {told['ageHours']:g} hours old, " if told["at"] else ""
    click.echo(f"Backup        {at}{_WORDS[told['standing']]}")
    if told["tried"]:
        click.echo(f"              tried {told['tried'][:16]}: it can be restored")
    for sentence in filter(None, (told["trouble"], told["hint"])):
        click.echo(f"              {sentence}")
