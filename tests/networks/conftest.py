"""Two networks, and a site whose doses wait for a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from networks import Impossible, Networks, lacking
from processes import Registry, Site, copied, with_waiting_doses
from requirements import missing


def opened(captured: Path, seed: int) -> Networks:
    """Make the networks, which takes root and a kernel that lets it."""
    if what := lacking():
        missing(what)
    try:
        return Networks(seed, captured)
    except Impossible as reason:
        missing(f"A kernel that lets root make networks ({reason})")


@pytest.fixture
def networks(tmp_path: Path) -> Iterator[Networks]:
    found = opened(tmp_path / "captured", seed=1)
    yield found
    found.close()


@pytest.fixture(scope="session")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that has delivered everything once, and whose later doses wait."""
    folder = tmp_path_factory.mktemp("waiting")
    networks = opened(folder / "captured", seed=0)
    try:
        with_waiting_doses(networks, folder, 60)
    finally:
        networks.close()
    return folder


@pytest.fixture
def people(waiting: Path) -> list[str]:
    """Names of the people whose doses wait."""
    names: list[str] = json.loads((waiting / "people.json").read_text())
    return names


@pytest.fixture
def ends(networks: Networks, waiting: Path, tmp_path: Path) -> tuple[Site, Registry]:
    """This test's own copy of that site and its registry; not started."""
    return copied(networks, waiting, tmp_path)
