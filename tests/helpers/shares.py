"""How much is played of what could be played for ever: one share for each kind of long run.

Numbers, not seconds: a slow machine plays the same. ``bin/test --long N`` (``DIVOC_TEST_LONG``)
plays N times as much of everything, for a night or a release; CI plays the share as it stands here.
What each takes is in docs/testing.md; a test of the house sees that no file has a share of its own.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

TIMES = max(1, int(os.environ.get("DIVOC_TEST_LONG", "1")))
QUICK_CASES = 1
"""Cases of one test that a quick run plays: its kind, and not all that is of it."""
MOST = 1000
"""What a test may ask for in the suite; one that needs more wants a smaller question."""


def share(examples: int) -> int:
    """Give how many examples or seeds are played: so many, times what the run asks for."""
    if not 0 < examples <= MOST:
        raise ValueError(f"a share is 1 to {MOST}, not {examples}")
    return examples * TIMES


def later_cases(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Give the cases of each test behind its first quick one, for the whole run alone."""
    quick: Counter[str] = Counter()
    later = []
    for item in items:
        if item.get_closest_marker("slow") is None:
            test = item.nodeid.partition("[")[0]
            quick[test] += 1
            if quick[test] > QUICK_CASES:
                later.append(item)
    return later


def first_quick(cases: Iterable[object], count: int) -> list[ParameterSet]:
    """Give cases of one kind as parameters: the first of them quick, the others slow."""
    return [
        pytest.param(case, marks=() if place < count else pytest.mark.slow)
        for place, case in enumerate(cases)
    ]


FUZZED_CODES = share(400)
"""Codes and cards of each fuzz test."""
ODD_CERTIFICATES = range(share(600))
"""Seeds of rightly signed certificates, odd somewhere, that the offline page and the site computer judge."""
COUNTRIES = range(1, share(16) + 1)
"""Seeds of the simulated country, a day of three sites each."""
CLINICS = range(1, share(1) + 1)
"""Seeds of the random clinic, a hundred visits each."""
SPOILED_MESSAGES = share(1000)
"""Messages of a site, spoilt somewhere, that each store's registry is sent."""
SPOILED_ENROLMENTS = range(share(20))
LYING_REGISTRIES = range(share(120))
"""Seeds of registries that answer with something spoilt."""
BAD_LINES = range(1, share(3) + 1)
"""Seeds of lines that are cut while real processes deliver."""
HOSTILE_STREAMS = range(share(8))
"""Seeds of random bytes for the printer in software."""
MERGED_CLINICS = range(share(6))
"""Seeds of two tablets that register, give, merge and undo in any order."""
BOOKED_CLINICS = range(share(3))
"""Seeds of appointments booked, moved, merged and changed by campaigns in any order."""
PRINTED_DAYS = range(share(60))
"""Seeds of simulated printers with faults at any time."""
ODD_REQUESTS = range(share(3))
"""Odd requests to each route of a site, as each role."""
DESCRIBED_REQUESTS = share(4)
"""Requests to each operation of an OpenAPI document, as each role: right ones, and as many wrong ones."""
FUZZED_INPUTS = share(20)
"""Spoilt inputs of each reader of what strangers send."""
