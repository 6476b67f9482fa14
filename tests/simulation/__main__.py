"""``python tests/simulation --seed N --days D``: run one country, or many, and say what they did."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from clockwork import DAY, Violation
from country import Plan, simulate
from mutants import INTENSE, MUTANTS
from registry_mutants import REGISTRY_MUTANTS


def main() -> int:
    """Run what was asked for; 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python tests/simulation")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many, one after the other")
    parser.add_argument("--days", type=float, default=2.0)
    parser.add_argument("--sites", type=int, default=3)
    parser.add_argument("--doses", type=int, default=250, help="of a site and a day, as a mean")
    parser.add_argument("--desk", action="store_true", help="one more site, with the real desk")
    parser.add_argument(
        "--mutant", choices=sorted({**MUTANTS, **REGISTRY_MUTANTS}), help="plant this bug"
    )
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    site_days, begun = 0.0, time.perf_counter()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        faults = INTENSE.get(asked.mutant) if asked.mutant else None
        plan = Plan(seed, asked.days, asked.sites, asked.doses, asked.desk, faults)
        patches = {**MUTANTS, **REGISTRY_MUTANTS}[asked.mutant] if asked.mutant else ()
        try:
            outcome = simulate(plan, *patches)
        except BaseException as error:
            mutant = f" --mutant {asked.mutant}" if asked.mutant else ""
            print(f"{type(error).__name__}: {error}", *error.__notes__, sep="\n", end=f"{mutant}\n")
            if not isinstance(error, Violation):
                raise
            return 1
        counts.update(outcome.counts)
        site_days += outcome.site_days
        print(f"seed {seed}: {outcome.steps} steps, trace {outcome.trace}", flush=True)
    seconds = time.perf_counter() - begun
    print(
        f"{site_days:g} site-days in {seconds:.1f} s, {site_days * DAY / seconds:,.0f} times real"
        f" time: {', '.join(f'{count:,} {name}' for name, count in sorted(counts.items()))}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
