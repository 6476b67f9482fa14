"""A whole country in one process: nothing acknowledged is lost, nothing is twice, nobody is told lies.

A failure prints its seed and the command that repeats it: ``python tests/simulation --seed N``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from clockwork import Violation
from country import Outcome, Plan, simulate
from ledger import Ledger
from mutants import AT_DESK, INTENSE, MUTANTS
from registry_mutants import REGISTRY_MUTANTS
from shares import COUNTRIES
from swarm import Faults

from sync.protocol import frames

pytestmark = pytest.mark.slow  # whole countries

WITHIN = 20
"""Seeds a planted bug may take to be found."""
SEEN_AT = {
    **{"kept-tag": 2, "fork-ignored": 5, "parent-not-checked": 2, "any-code": 3},
    **{"code-used-twice": 4, "code-without-end": 3, "code-of-another-facility": 9},
    **{"read-before-judged": 3, "numbers-stay": 28},
}
"""Where some bugs were found, to look there first; the others show at seed 1."""


def mutant(name: str, seed: int) -> Violation | None:
    """Run half a day of two sites with a bug in it; give what was found."""
    desk = name in AT_DESK
    doses, faults = 120 if desk else 20, INTENSE.get(name, Faults())
    plan = Plan(seed, days=0.5, sites=1 if desk else 2, doses=doses, desk=desk, faults=faults)
    try:
        simulate(plan, *MUTANTS[name])
    except Violation as found:
        return found
    return None


@pytest.mark.parametrize("seed", COUNTRIES)
def test_a_country_in_bad_weather_loses_nothing_that_was_acknowledged(seed: int) -> None:
    outcome = simulate(Plan(seed, days=1.0, sites=3, doses=150))
    assert outcome.counts["doses"] > 50
    assert len(outcome.lost) == outcome.counts["lost"]


def test_the_whole_way_of_a_dose_goes_through_bad_weather() -> None:
    outcome = simulate(Plan(4, days=1.0, sites=1, doses=40, desk=True))
    assert outcome.counts["doses"] > 50


def test_in_good_weather_nothing_is_lost_and_nobody_diverges() -> None:
    outcome = simulate(Plan(1, days=1.0, sites=2, doses=200, faults=Faults()))
    assert outcome.lost == []
    assert "diverged" not in outcome.counts


@pytest.mark.parametrize("desk", [False, True])
def test_the_same_seed_is_the_same_country(desk: bool) -> None:
    def run() -> Outcome:
        return simulate(Plan(11, days=0.5, sites=2, doses=60, desk=desk))

    first, again = run(), run()
    assert first == again
    assert simulate(Plan(12, days=0.5, sites=2, doses=60, desk=desk)).trace != first.trace


def test_another_process_makes_the_same_country() -> None:
    command = [sys.executable, str(Path(__file__).parent), "--seed", "11", "--days", "0.3"]
    traces = {
        subprocess.run(
            [*command, "--sites", "2", "--doses", "40"],
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout.splitlines()[0]
        for hashes in ("1", "2")
    }
    assert len(traces) == 1
    assert "trace" in traces.pop()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_found(name: str) -> None:
    first = SEEN_AT.get(name, 1)
    seeds = [first, *(seed for seed in range(1, WITHIN + 1) if seed != first)]
    assert any(mutant(name, seed) for seed in seeds)


@pytest.mark.parametrize("name", REGISTRY_MUTANTS)
def test_a_bug_of_the_registry_is_found_in_whatever_weather_the_seeds_have(name: str) -> None:
    def found(seed: int) -> bool:
        try:
            simulate(Plan(seed, days=0.5, sites=1, doses=10), *REGISTRY_MUTANTS[name])
        except Violation:
            return True
        return False

    first = SEEN_AT.get(name, 1)
    assert any(map(found, [first, *range(1, WITHIN + 1)]))


@pytest.mark.parametrize("name", MUTANTS)
def test_the_weather_for_a_planted_bug_hurts_nobody_without_it(name: str) -> None:
    faults = INTENSE.get(name, Faults())
    simulate(Plan(SEEN_AT.get(name, 1), days=0.5, sites=2, doses=20, faults=faults))


def test_a_failure_says_how_to_repeat_it() -> None:
    found = mutant("retry-is-new", 1)
    assert found is not None
    (story,) = found.__notes__
    assert story.splitlines()[-1] == (
        "python tests/simulation --seed 1 --days 0.5 --sites 2 --doses 20"
    )


def test_a_record_is_seen_inside_a_compressed_frame() -> None:
    body = frames.pack({"entries": [{"body": {"canary": "canary-1"}}]}, frames.BEST)
    with pytest.raises(Violation, match="the portal was given a record"):
        Ledger().peek("portal", body)
    Ledger().peek("portal", frames.pack({"nonce": "12345678"}, frames.BEST))
