"""``python -m tests.clinic --visits 10000 --seed 1``: play a clinic, and say what it came to."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

_TOLD_EACH = 500
ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Play what was asked for; 1 if the page and the oracle differ anywhere."""
    parser = argparse.ArgumentParser(prog="python -m tests.clinic")
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests/helpers"))
    from tests.clinic.visits import Clinic, Mismatch

    begun, used = time.perf_counter(), time.process_time()

    def took() -> str:
        return f"{time.process_time() - used:.0f} s of CPU, {time.perf_counter() - begun:.0f} s"

    def played(visits: int) -> None:
        if visits % _TOLD_EACH == 0:
            print(f"{visits:,} visits, {took()}", file=sys.stderr, flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as folder:
        clinic = Clinic(Path(folder), asked.seed)
        try:
            clinic.run(asked.visits, played)
        except Mismatch as error:
            print(f"{error}", *error.__notes__, sep="\n")  # noqa: T201
            return 1
        finally:
            clinic.close()
    told = ", ".join(f"{count:,} {name}" for name, count in sorted(clinic.counts.items()))
    print(f"seed {asked.seed}: {told} in {took()}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
