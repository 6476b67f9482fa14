"""Stores by the scheme of their address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sync.plugins import Kind
from sync.protocol.errors import SyncError
from sync.registry.store.interface import Store


@dataclass(frozen=True, slots=True)
class StoreKind:
    """How a store is opened, and brought up to date (address, instant): the steps applied."""

    open: Callable[[str], Store]
    migrate: Callable[[str, str], Sequence[str]]


def open_store(uri: str, stores: Mapping[str, StoreKind] | None = None) -> Store:
    """Open the store at an address; raises :class:`SyncError`, which never holds the address.

    ``stores`` are the kinds there are; None: those of this project.
    """
    return _kind(uri, stores or STORES).open(uri)


def migrate_store(
    uri: str, now: str, stores: Mapping[str, StoreKind] | None = None
) -> Sequence[str]:
    """Bring the database at an address up to date; name the steps that were applied."""
    return _kind(uri, stores or STORES).migrate(uri, now)


def added_stores() -> Kind:
    """Say what packages may add to the stores."""
    return Kind("stores", STORES, lambda found: isinstance(found, StoreKind), "a StoreKind")


def embedded(folder: Path) -> str:
    """Give the address of the embedded store in the registry's folder."""
    return (folder / "registry.db").absolute().as_uri().replace("file:", "sqlite:", 1)


def _kind(uri: str, stores: Mapping[str, StoreKind]) -> StoreKind:
    scheme = uri.partition("://")[0]
    if scheme not in stores:
        raise SyncError(
            "registry.store-unknown",
            "This is not the address of a database. Addresses begin with: {known}.",
            known=", ".join(f"{name}://" for name in stores),
        )
    return stores[scheme]


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _open_sqlite(uri: str) -> Store:
    from sync.registry.store.sqlite import SqliteStore
    from sync.registry.store.sqlite.key import file_key

    path = _path(uri)
    return SqliteStore(path, file_key(path))


def _migrate_sqlite(uri: str, now: str) -> Sequence[str]:
    from sync.registry.store.sqlite import migrate_sqlite
    from sync.registry.store.sqlite.key import file_key

    path = _path(uri)
    return migrate_sqlite(path, now, key=file_key(path))


def _open_postgres(uri: str) -> Store:
    _need_psycopg()
    from sync.registry.store.postgres import PostgresStore

    return PostgresStore(uri)


def _migrate_postgres(uri: str, now: str) -> Sequence[str]:
    _need_psycopg()
    from sync.registry.store.postgres import migrate_postgres

    return migrate_postgres(uri, now)


def _need_psycopg() -> None:
    try:
        import psycopg_pool  # noqa: F401
    except ImportError:
        raise SyncError(
            "registry.psycopg",
            "PostgreSQL needs two more Python packages. Install them with:"
            " pip install 'divoc-edge[postgres]'",
        ) from None


STORES: Mapping[str, StoreKind] = {
    "sqlite": StoreKind(_open_sqlite, _migrate_sqlite),
    "postgresql": StoreKind(_open_postgres, _migrate_postgres),
    "postgres": StoreKind(_open_postgres, _migrate_postgres),
}
"""Every store by its URI scheme; a new one is a module and a line here."""
