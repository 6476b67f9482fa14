"""``python -m tests.fuzzing --inputs 5000``: play spoilt inputs to every reader that strangers reach.

What a reader did not answer in words is kept in its folder of the corpus, which every run plays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Play what was asked for; 1 if there were findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("--inputs", type=int, default=5000, help="spoilt inputs of each target")
    parser.add_argument("--seed", type=int, default=1, help="0 plays the right ones too")
    parser.add_argument("--target", action="append", default=[], help="only these, by name")
    parser.add_argument("--json", action="store_true", help="findings as JSON; keeps none")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests/helpers"))
    from tests.fuzzing.playing import inputs, play
    from tests.fuzzing.target import CORPUS
    from tests.fuzzing.targets import all_targets

    told = {}
    for name, target in all_targets().items():
        if asked.target and name not in asked.target:
            continue
        begun = time.perf_counter()
        given = inputs(target, target.all_seeds(), asked.inputs, asked.seed)
        found = play(target, given)
        told[name] = {
            "inputs": len(given),
            "findings": [{"data": one.data.hex()[:2000], "what": one.what} for one in found],
        }
        if asked.json:
            continue
        print(f"{name}: {len(given)} inputs in {time.perf_counter() - begun:.1f} s", flush=True)
        for one in found:
            path = CORPUS / name / hashlib.sha256(one.data).hexdigest()[:16]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.data)
            print(f"  FOUND, kept as {path.relative_to(ROOT)}:\n{one.what}", flush=True)
    if asked.json:
        print(json.dumps(told))
    return int(any(one["findings"] for one in told.values()))


if __name__ == "__main__":
    sys.exit(main())
