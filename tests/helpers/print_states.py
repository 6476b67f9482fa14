"""Brings a print job of a site to a state, by the moves that lead there."""

from __future__ import annotations

from edge.journal import print_jobs
from edge.journal.unit import Unit
from printers.jobs import MOVES, PrintState


def way_to(state: str) -> tuple[PrintState, ...]:
    """Give the shortest moves from ``queued`` to a state."""
    ways: dict[PrintState, tuple[PrintState, ...]] = {PrintState.QUEUED: ()}
    while state not in ways:
        for known, way in list(ways.items()):
            for after in sorted(MOVES[known]):
                ways.setdefault(after, (*way, after))
    return ways[PrintState(state)]


def bring(unit: Unit, job: int, state: str) -> None:
    """Move a queued job to a state; the cause and the instant of each move are made up."""
    for step in way_to(state):
        print_jobs.move(unit.db, job, step, "test", "2026-11-25T08:00:00.000Z")
