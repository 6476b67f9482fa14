"""``divoc-edge journal``: prove it, make its tables again, look at it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click

from edge.adapters.site_database import reading
from edge.cli.common import data_folder, data_option
from edge.domain.errors import BadInput, Conflict
from edge.journal.entries import count_entries, last_position
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit


@click.group()
def journal() -> None:
    """The journal: the one place where what happened is written."""


@journal.command()
@data_option
@json_option
def verify(data: Path, as_json: bool) -> None:
    """Walk the whole chain and name the first broken link, if any."""
    from edge.journal import maintenance

    with reading(data_folder(data)) as db:
        count = count_entries(db)
        with click.progressbar(length=max(1, count), label="Verifying", hidden=as_json) as bar:
            proof = maintenance.check_chain(db, lambda seen: bar.update(seen - bar.pos))
    broken = proof.broken
    if as_json:
        show_json(
            {
                "entries": proof.entries,
                "head": proof.head,
                "broken": None
                if broken is None
                else {
                    "position": broken.position,
                    "epoch": broken.epoch,
                    "number": broken.number,
                    "reason": broken.reason,
                },
            }
        )
    elif broken is None:
        click.echo(f"All {proof.entries} entries hold together. Head: {proof.head}")
    else:
        click.echo(
            f"Broken at position {broken.position} (epoch {broken.epoch}, number"
            f" {broken.number}): {broken.reason}. The {proof.entries} before it hold together.",
            err=True,
        )
    if broken is not None:
        raise SystemExit(Exit.FAILED)


@journal.command()
@data_option
@json_option
def rebuild(data: Path, as_json: bool) -> None:
    """Make every table that is read from the journal again. The node must not be running."""
    from edge.adapters.entropy import SystemEntropy
    from edge.adapters.keys import FileKeys
    from edge.adapters.lock import SiteLock
    from edge.journal import database, maintenance

    folder = data_folder(data)
    lock = SiteLock(folder)
    try:
        keys = FileKeys(folder / "keys", SystemEntropy())
        db = database.open_writer(folder / "journal.db", keys.journal_key())
        before = maintenance.fingerprint(db)
        count = count_entries(db)
        with click.progressbar(length=max(1, count), label="Rebuilding", hidden=as_json) as bar:
            maintenance.rebuild(db, lambda seen: bar.update(seen - bar.pos))
        same = maintenance.fingerprint(db) == before
        db.close()
    finally:
        lock.release()
    if as_json:
        show_json({"entries": count, "changed": not same})
        return
    click.echo(
        f"Made again from {count} entries; {'nothing' if same else 'something'} had changed."
    )


@journal.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--with-people",
    is_flag=True,
    help="Also what names or describes a person; otherwise ids stand for people.",
)
@data_option
@json_option
def copy(file: Path, with_people: bool, data: Path, as_json: bool) -> None:
    """Write the tables into FILE, not encrypted, for tools such as sqlite-utils."""
    from edge.journal.plain_copy import write_plain_copy

    with reading(data_folder(data)) as db, _private(file):
        counts = write_plain_copy(db, file, people=with_people)
    if as_json:
        show_json({"file": str(file), "people": with_people, "rows": counts})
        return
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables are in {file}.")
    click.echo("It is not encrypted. Delete it when you have your answer.")


@contextlib.contextmanager
def _private(file: Path) -> Iterator[None]:
    """Make a new file that its owner alone may read; what fails meanwhile leaves none."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Conflict(
            "journal.copy-exists",
            "There is a file {path} already.",
            hint="Name another one. Nothing was written.",
            path=file,
        ) from None
    except OSError as error:
        raise _nowhere(file, str(error.strerror)) from None
    try:
        yield
    except BaseException as error:
        for left in (file, *(file.with_name(file.name + end) for end in ("-journal", "-wal"))):
            left.unlink(missing_ok=True)
        if isinstance(error, sqlite3.OperationalError):  # the copy's own, so of its disk
            raise _nowhere(file, str(error)) from None
        raise


def _nowhere(file: Path, reason: str) -> BadInput:
    return BadInput(
        "journal.copy-nowhere",
        "No file can be made at {path}: {reason}.",
        hint="Name one in a folder that there is, that you may write to and that has room.",
        path=file,
        reason=reason,
    )


@journal.command(name="list")
@data_option
@click.option("--last", default=20, show_default=True, help="How many.")
@json_option
def list_(data: Path, last: int, as_json: bool) -> None:
    """List the latest entries: their place, type and hash, nobody's data."""
    from edge.journal.entries import entries

    with reading(data_folder(data)) as db:
        top = last_position(db)
        found = list(entries(db, after=max(0, top - last)))
    for entry in found:
        if as_json:
            show_json(
                {
                    "epoch": entry.epoch,
                    "number": entry.number,
                    "type": entry.type,
                    "id": entry.id,
                    "hash": entry.hash,
                }
            )
        else:
            click.echo(f"{entry.epoch} {entry.number:6} {entry.type:18} {entry.hash[:16]}")
