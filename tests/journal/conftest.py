"""A journal in a temporary folder, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.unit import Stamp

KEY = bytes(range(32))
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Died(Exception):
    pass


def die(error: BaseException) -> NoReturn:
    raise Died from error


@pytest.fixture
def key() -> bytes:
    return KEY


@pytest.fixture
def append() -> Callable[..., Entry]:
    """Append one entry of an unknown type, as newer software might."""

    def append_it(journal: Journal, id_: str, body: dict[str, object] | None = None) -> Entry:
        return journal.run(
            lambda unit: unit.append("SomethingNew", body or {}, id_=id_, by="staff-1")
        )

    return append_it


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[Callable[..., Journal]]:
    """Open the same file again and again, each time as a new epoch."""
    opened: list[Journal] = []

    def open_it(epoch: str = "00000000000000e1", **options: object) -> Journal:
        for journal in opened:
            journal.close()
        opened.clear()
        journal = Journal(
            tmp_path / "journal.db",
            KEY,
            node="node-a",
            epoch=epoch,
            stamp=lambda: Stamp(NOON, believed=True),
            die=die,
            **options,  # type: ignore[arg-type]
        )
        opened.append(journal)
        return journal

    yield open_it
    for journal in opened:
        journal.close()
