"""What is remembered of a site's last backup, in a file of its folder: nobody's data."""

from __future__ import annotations

import json
from pathlib import Path

from edge.domain.backups import BackupState
from sync.own_files import write_whole
from sync.protocol.instants import instant, read_instant

_FILE = "backup.json"


def backup_state(folder: Path) -> BackupState:
    """Read what is remembered; what cannot be read was never remembered."""
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        at, tried = (read_instant(found[name]) if found[name] else None for name in ("at", "tried"))
        file, trouble, hint = (str(found[name]) for name in ("file", "trouble", "hint"))
        return BackupState(at, file, int(found["entries"]), tried, trouble, hint)
    except (OSError, ValueError, KeyError, TypeError):
        return BackupState()


def keep_backup_state(folder: Path, state: BackupState) -> None:
    """Remember it."""
    told = backup_document(state)
    write_whole(folder / _FILE, json.dumps(told))


def backup_document(state: BackupState) -> dict[str, str | int]:
    """Give it as it is kept and as scripts read it."""
    return {
        "at": instant(state.at) if state.at else "",
        "file": state.file,
        "entries": state.entries,
        "tried": instant(state.tried) if state.tried else "",
        "trouble": state.trouble,
        "hint": state.hint,
    }
