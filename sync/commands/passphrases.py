"""A key's passphrase for a command: asked for unseen, or what a file holds."""

from __future__ import annotations

from pathlib import Path

import click

from sync.bounded_files import SMALL, read_bounded
from sync.commands.paths import FILE

passphrase_option = click.option(
    "--passphrase-file",
    type=FILE,
    help="A file with the key's passphrase; asked for by default.",
)


def read_passphrase(file: Path | None, whose: str, *, confirm: bool = False) -> bytes:
    """Give the passphrase of a key, which is called ``whose``: a file's bytes less blanks around.

    Without a file it is asked for, and with ``confirm`` typed twice.
    """
    if file is not None:
        return read_bounded(file, SMALL).strip()
    asked = f"Passphrase of {whose}"
    text: str = click.prompt(asked, hide_input=True, confirmation_prompt=confirm)
    return text.encode()
