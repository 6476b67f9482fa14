"""``divoc-edge journal``: prove it, make its tables again, look at it."""

from __future__ import annotations

from pathlib import Path

import click

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.lock import SiteLock
from edge.cli.common import FAILED, data_folder, data_option, json_option, show_json
from edge.folder import reading
from edge.journal import database, maintenance
from edge.journal.entries import count_entries, entries, last_position


@click.group()
def journal() -> None:
    """The journal: the one place where what happened is written."""


@journal.command()
@data_option
@json_option
def verify(data: Path, as_json: bool) -> None:
    """Walk the whole chain and name the first broken link, if any."""
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
        raise SystemExit(FAILED)


@journal.command()
@data_option
def rebuild(data: Path) -> None:
    """Make every table that is read from the journal again. The node must not be running."""
    folder = data_folder(data)
    lock = SiteLock(folder)
    try:
        keys = FileKeys(folder / "keys", SystemEntropy())
        db = database.open_writer(folder / "journal.db", keys.journal_key())
        before = maintenance.fingerprint(db)
        count = count_entries(db)
        with click.progressbar(length=max(1, count), label="Rebuilding") as bar:
            maintenance.rebuild(db, lambda seen: bar.update(seen - bar.pos))
        same = maintenance.fingerprint(db) == before
        db.close()
    finally:
        lock.release()
    click.echo(
        f"Made again from {count} entries; {'nothing' if same else 'something'} had changed."
    )


@journal.command(name="list")
@data_option
@click.option("--last", default=20, show_default=True, help="How many.")
@json_option
def list_(data: Path, last: int, as_json: bool) -> None:
    """List the latest entries: their place, type and hash, nobody's data."""
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
