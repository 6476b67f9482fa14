"""Whose the files of a folder are: for the tests of what lies on a disk, a site's and a registry's."""

from __future__ import annotations

import stat
from pathlib import Path

_OTHERS = 0o077


def not_the_owners_alone(folder: Path) -> list[tuple[str, str]]:
    """Give what in a folder others may use, with its mode; links say nothing of their own."""
    return [
        (str(path.relative_to(folder.parent)), oct(stat.S_IMODE(path.lstat().st_mode)))
        for path in [folder, *folder.rglob("*")]
        if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & _OTHERS
    ]


def lay_open(folder: Path, outside: Path) -> None:
    """Have a folder lie open to everybody, with old backups, and a link to another's file."""
    outside.write_text("another's")
    outside.chmod(0o644)
    (folder / "link").symlink_to(outside)
    (folder / "backups").mkdir()
    (folder / "backups/old.db").write_text("x")
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o666)
