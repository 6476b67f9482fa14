"""How the registry's commands find its folder and its database."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.own_files import keep_private, private_folder
from sync.protocol import instants
from sync.protocol.errors import DatabaseError, SyncError

if TYPE_CHECKING:
    from sync.registry.store.interface import Store
    from sync.registry.store.stores import StoreKind

_TRY_EVERY, _TOLD_EVERY = 2, 60
"""Seconds between tries to reach the database at the start, and between words about it."""

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("registry-data"),
    show_default=True,
    help="Folder for the registry's records and keys.",
)
database_option = click.option(
    "--database",
    envvar="DIVOC_REGISTRY_DATABASE",
    show_envvar=True,
    metavar="URI",
    help="postgresql://user@host/name instead of a file in the data folder. Give a password"
    " in this variable, PGPASSWORD or ~/.pgpass, never on the command line.",
)
address_option = click.option(
    "--address",
    default="",
    metavar="URL",
    help="Where sites reach the registry, for enrolment codes; what was told once is kept.",
)
schemas_option = click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with the entries' JSON Schemas; those that came with the software by default.",
)


def checked_name(_: click.Context, __: click.Parameter, name: str) -> str:
    """Let a name through that can stand in the audit, and in the terminal of who reads it."""
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise click.BadParameter("this name cannot be used")
    return name


by_option = click.option(
    "--by",
    required=True,
    callback=checked_name,
    help="Who decides: the officer's name, for the audit.",
)


@cache
def stores() -> Mapping[str, StoreKind]:
    """Give every kind of store, with those that installed packages add; read once."""
    from sync.plugins import read_plugins
    from sync.registry.store.stores import STORES, added_stores

    return read_plugins([added_stores()]).with_added("stores", STORES)


def opened(data: Path, database: str | None, *, make: bool = False) -> Store:
    """Open the registry's store; one that is not there is made only if ``make`` says so."""
    from sync.registry.store.stores import embedded, open_store

    if database is None and make:
        private_folder(data)
    elif database is None and not (data / "registry.db").exists():
        raise no_registry(data)
    close_folder(data)
    return open_store(database or embedded(data), stores())


def waited_for(store: Callable[[], Store], sleep: Callable[[float], None] = time.sleep) -> Store:
    """Open a store; while its database does not answer, say so once a minute and try again.

    After a power cut a registry and its database start in any order.
    """
    for turn in itertools.count():
        try:
            return store()
        except DatabaseError as error:
            if turn % (_TOLD_EVERY // _TRY_EVERY) == 0:
                click.echo(f"{error} Waiting for it.", err=True)
            sleep(_TRY_EVERY)
    raise AssertionError("itertools.count ended")


def close_folder(data: Path) -> None:
    """Take a registry's folder and all in it away from everybody but its owner."""
    if any((data / name).exists() for name in ("registry.db", "registry.pem")):
        keep_private(data)


def no_registry(data: Path) -> SyncError:
    """Say that a folder holds no registry."""
    return SyncError("registry.none", "There is no registry in {folder}.", folder=data)


@contextmanager
def opening(data: Path, database: str | None, *, make: bool = False) -> Iterator[Store]:
    """Open the registry's store for one command."""
    store = opened(data, database, make=make)
    try:
        yield store
    finally:
        store.close()


def instant() -> str:
    """Write this moment as the store keeps it."""
    return instants.instant(datetime.now(UTC))
