"""``divoc-edge journal``: prove it, make its tables again, look at it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.adapters.site_database import journal_file, reading
from edge.cli.common import data_folder, data_option
from edge.domain.errors import BadInput, Conflict, EdgeError
from edge.journal.entries import count_entries, last_position
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit
from sync.commands.numbers import ROWS

if TYPE_CHECKING:
    from edge.journal.comparison import TableDifference
    from edge.journal.maintenance import ChainCheck
    from edge.journal.pages import PageCheck


@click.group()
def journal() -> None:
    """The journal: the one place where what happened is written."""


@journal.command()
@click.option("--repair", is_flag=True, help="Make tables that differ again. Stop the node first.")
@data_option
@json_option
def verify(repair: bool, data: Path, as_json: bool) -> None:
    """Read every page, walk the whole chain, then hold every table against it: name what differs.

    The chain of a damaged file is walked as far as it can be read.
    """
    from edge.adapters.keys import file_keys
    from edge.journal.comparison import changed_shape
    from edge.journal.pages import check_pages

    folder = data_folder(data)
    pages = check_pages(journal_file(folder), file_keys(folder).journal_key())
    if not pages.good:
        _tell_damage(folder, pages, as_json)
        raise SystemExit(Exit.FAILED)
    count, proof = _walk(folder, as_json)
    found = [] if proof.broken else _compare(folder, count, as_json)
    left = found
    if repair and found and not changed_shape(found):
        _make_again(folder, as_json)
        left = _compare(folder, count, as_json)
    if as_json:
        show_json({**_verified(proof, found, left), "pages": pages.document()})
    else:
        click.echo(pages.told())
        _tell_chain(proof)
        _tell_tables(found, left, repaired=repair)
    if proof.broken is not None or left:
        raise SystemExit(Exit.FAILED)


@journal.command()
@data_option
@json_option
def rebuild(data: Path, as_json: bool) -> None:
    """Make every table that is read from the journal again. The node must not be running."""
    count, same = _make_again(data_folder(data), as_json)
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
@click.option("--last", type=ROWS, default=20, show_default=True, help="How many.")
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


def _walk(folder: Path, hidden: bool) -> tuple[int, ChainCheck]:
    """Walk the chain; give how many entries there are, and what was found."""
    from edge.journal import maintenance

    with reading(folder) as db:
        count = count_entries(db)
        with _progress(count, "Verifying", hidden) as seen:
            return count, maintenance.check_chain(db, seen)


def _tell_damage(folder: Path, pages: PageCheck, as_json: bool) -> None:
    """Say which pages are damaged, and how many entries before the first gap can be read."""
    from edge.journal import maintenance
    from edge.journal.database import DatabaseError

    whole, good = False, 0

    def seen(number: int) -> None:
        nonlocal good
        good = number

    with contextlib.suppress(DatabaseError, EdgeError), reading(folder) as db:
        whole = maintenance.check_chain(db, seen).broken is None
    if as_json:
        show_json({"pages": pages.document(), "readable": good, "whole": whole})
        return
    click.echo(pages.told(), err=True)
    click.echo(
        f"All {good} entries can be read and hold together: it is tables that are damaged."
        if whole
        else f"{good} entries can be read, from the first, and hold together.",
        err=True,
    )
    click.echo(
        "Keep a copy of the folder for whoever looks into this, and bring the site back from a"
        " backup: the disk may have to be replaced.",
        err=True,
    )


@contextlib.contextmanager
def _progress(count: int, label: str, hidden: bool) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=max(1, count), label=label, hidden=hidden) as bar:
        yield lambda seen: bar.update(seen - bar.pos)


def _make_again(folder: Path, hidden: bool) -> tuple[int, bool]:
    """Make the tables again; give the number of entries, and whether all was as before."""
    from edge.adapters.keys import file_keys
    from edge.adapters.lock import SiteLock
    from edge.journal import database, maintenance

    lock = SiteLock(folder)
    try:
        db = database.open_writer(folder / "journal.db", file_keys(folder).journal_key())
        before = maintenance.fingerprint(db)
        count = count_entries(db)
        with _progress(count, "Rebuilding", hidden) as seen:
            maintenance.rebuild(db, seen)
        same = maintenance.fingerprint(db) == before
        db.close()
    finally:
        lock.release()
    return count, same


def _compare(folder: Path, count: int, hidden: bool) -> list[TableDifference]:
    from edge.adapters.clock import SystemClock
    from edge.adapters.keys import file_keys
    from edge.journal.comparison import compare_tables

    key, now = file_keys(folder).journal_key(), SystemClock("UTC").now()
    with reading(folder) as db, _progress(count, "Comparing the tables", hidden) as seen:
        return compare_tables(db, folder / "comparison.db", key, now, seen)


def _verified(
    proof: ChainCheck, found: Sequence[TableDifference], left: Sequence[TableDifference]
) -> dict[str, Any]:
    broken = proof.broken
    return {
        "entries": proof.entries,
        "head": proof.head,
        "broken": None if broken is None else asdict(broken),
        "differences": [asdict(difference) for difference in found],
        "left": len(left),
    }


def _tell_chain(proof: ChainCheck) -> None:
    broken = proof.broken
    if broken is None:
        click.echo(f"All {proof.entries} entries hold together. Head: {proof.head}")
        return
    click.echo(
        f"Broken at position {broken.position} (epoch {broken.epoch}, number"
        f" {broken.number}): {broken.reason}. The {proof.entries} before it hold together.",
        err=True,
    )


_FAULTS = {
    "missing": "is not there",
    "added": "is there and not of the journal",
    "changed": "says something else than the journal",
}


def _tell_tables(
    found: Sequence[TableDifference], left: Sequence[TableDifference], *, repaired: bool
) -> None:
    from edge.journal.comparison import changed_shape

    for difference in found:
        columns = f" ({', '.join(difference.columns)})" if difference.columns else ""
        key = f" {' '.join(difference.key)}" if difference.key else ""
        click.echo(f"{difference.part}{key}: {_FAULTS[difference.fault]}{columns}.", err=True)
    if not found:
        return
    if not repaired:
        sentence = (
            "{found} differences. Stop the node, keep a copy of its folder for whoever looks into"
            " this, and run: divoc-edge journal verify --repair"
        )
    elif changed_shape(found):
        sentence = (
            "Nothing was repaired: the shape of the database was changed, and a planted trigger"
            " would write while the tables are made again. Bring the site back from a backup."
        )
    elif left:
        sentence = "{left} differences are left: bring the site back from a backup."
    else:
        sentence = "The tables are made again from the journal: {found} differences are gone."
    click.echo(sentence.format(found=len(found), left=len(left)), err=True)
