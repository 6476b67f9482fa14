"""A journal in a temporary folder, and a world whose time and chance the test decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import pytest
from memory_journal import NODE

from edge.followers.runner import FollowerEnvironment
from edge.journal import database
from edge.journal.journal import Journal
from edge.journal.unit import Stamp, Unit

KEY = bytes(range(32))
START = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Time:
    """Seconds that pass when the test says so, for both clocks."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def elapsed(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def ports(self) -> FollowerEnvironment:
        return FollowerEnvironment(self.elapsed, lambda: 0.5, self.now)


class Box:
    """A journal that can be closed and opened again, as a restart does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        self.time = Time()
        self._epoch = 0
        self.open()

    def open(self) -> None:
        self._epoch += 1
        self.journal = Journal(
            self.path, KEY, node=NODE, epoch=f"{self._epoch:016x}",
            stamp=lambda: Stamp(START, True), die=_die,
        )  # fmt: skip

    def restart(self) -> None:
        self.journal.close()
        self.open()

    def append(self, *types: str) -> None:
        """Append entries of types that no projection knows."""

        def work(unit: Unit) -> None:
            for type_ in types:
                number = unit.tip.position + 1
                unit.append(type_, {"n": number}, id_=str(UUID(int=number)), by="V1")

        self.journal.run(work)


def _die(error: BaseException) -> NoReturn:
    raise AssertionError(error)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.journal.close()


@pytest.fixture
def writer() -> Callable[[Path], Any]:
    return lambda path: database.open_writer(path, KEY)
