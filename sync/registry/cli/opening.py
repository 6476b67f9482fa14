"""How the registry's commands find its folder and its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import click

from sync.plugins import read_plugins
from sync.protocol.errors import SyncError
from sync.registry.store.interface import Store
from sync.registry.store.stores import STORES, StoreKind, added_stores, embedded, open_store

Command = TypeVar("Command", bound=Callable[..., Any])

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


class Worded(click.Group):
    """A group whose commands may raise our errors."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say in words what went wrong."""
        try:
            return super().invoke(ctx)
        except SyncError as error:
            raise click.ClickException(str(error)) from None


@cache
def stores() -> Mapping[str, StoreKind]:
    """Give every kind of store, with those that installed packages add; read once."""
    return read_plugins([added_stores()]).table("stores", STORES)


def opened(data: Path, database: str | None, *, make: bool = False) -> Store:
    """Open the registry's store; one that is not there is made only if ``make`` says so."""
    if database is None and make:
        data.mkdir(parents=True, exist_ok=True)
    elif database is None and not (data / "registry.db").exists():
        raise click.ClickException(f"There is no registry in {data}.")
    try:
        return open_store(database or embedded(data), stores())
    except SyncError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def opening(data: Path, database: str | None, *, make: bool = False) -> Iterator[Store]:
    """Open the registry's store for one command."""
    store = opened(data, database, make=make)
    try:
        yield store
    finally:
        store.close()


def instant() -> str:
    """Write this moment as ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
