"""When a site makes its next pass by itself: a line may be there for minutes only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from site_factory import fill

from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.followers.backoff import Backoff
from edge.node import Node
from edge.services.registry.link import RegistryLink
from sync.protocol.errors import LineError, TransportError
from sync.site.follower import Pass


class Tried:
    """A site's line over simulated hours; ``fails`` is raised at each try, or a pass is given."""

    def __init__(self, link: RegistryLink, monkeypatch: pytest.MonkeyPatch) -> None:
        self.link, self.now = link, 0.0
        self.tries: list[float] = []
        self.told_at = ""
        self.outcome: Pass | Exception = LineError("registry.unreachable", "It is away.")
        world = replace(link._world, elapsed=lambda: self.now, chance=lambda: 0.999)
        monkeypatch.setattr(link, "_world", world)
        monkeypatch.setattr(link, "_backoff", Backoff(world.elapsed, world.chance))
        monkeypatch.setattr(link, "_enrolled", lambda **_: self)

    def run(self) -> Pass:
        self.tries.append(self.now)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def lives(self, seconds: float, outcome: Pass | Exception) -> list[float]:
        """Let time pass with the same outcome of every try; give the pauses between them."""
        self.outcome, first, until = outcome, len(self.tries), self.now + seconds
        while self.now < until:
            self.link.run_when_due()
            self.now += 1
        tries = self.tries[first:]
        return [after - before for before, after in pairwise(tries)]


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tried]:
    make_site(tmp_path / "site", Settings(facility="DEMO01", registry="http://127.0.0.1:9"))
    node = Node(tmp_path / "site")
    fill(node)
    yield Tried(node.registry, monkeypatch)
    node.close()


AWAY = LineError("registry.unreachable", "It is away.")
BUSY = TransportError("registry.busy", "The national registry is busy.")


def failed(error: Any, sent: int = 0) -> Pass:
    away = isinstance(error, LineError)
    return Pass("unreachable", sent, code=error.code, trouble=error.sentence, away=away)


@pytest.mark.parametrize("outcome", [AWAY, failed(AWAY)])
def test_after_a_night_without_a_line_it_is_found_within_two_minutes(
    tried: Tried, outcome: Pass | Exception
) -> None:
    pauses = tried.lives(8 * 3600, outcome)
    assert pauses[0] <= 10
    assert 100 < max(pauses) <= 121


def test_a_registry_that_is_busy_is_asked_less_and_less_often(tried: Tried) -> None:
    assert 800 < max(tried.lives(3 * 3600, BUSY)) <= 901


def test_a_line_that_breaks_again_and_again_is_used_as_long_as_something_gets_through(
    tried: Tried,
) -> None:
    tried.lives(3600, AWAY)
    tried.lives(120, failed(AWAY, sent=20))  # the first try comes when it comes
    assert max(tried.lives(600, failed(AWAY, sent=20))) <= 11
    assert max(tried.lives(3600, failed(AWAY))) > 100
