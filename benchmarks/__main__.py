"""One command that measures: ``python -m benchmarks`` (in the project's virtual environment).

Everything is measured side by side in one run, because machines differ and drift.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks import (
    access,
    campaigns,
    certificates,
    command_line,
    doses,
    expected_people,
    hostile,
    identities,
    ingest,
    judging,
    messages,
    network,
    recall,
    revocations,
    schedules,
    search,
    slips,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long to load the site (8)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "doses": doses.measure(Path(folder), options.seconds),
            "access": access.measure(Path(folder) / "access"),
            "campaigns": campaigns.measure(Path(folder)),
            "expected people": expected_people.measure(Path(folder) / "expected", 2000),
            "certificates": certificates.measure(Path(folder)),
            "revocations": revocations.measure(Path(folder)),
            "hostile": hostile.measure(),
            "identities": identities.measure(),
            "schedules": schedules.measure() | schedules.measure_plan(),
            "recall": recall.measure(Path(folder)) | recall.measure_pages(Path(folder)),
            "search": search.measure(Path(folder)),
            "ingest": ingest.measure(Path(folder)),
            "judging": judging.measure(),
            "messages": messages.measure(Path(folder) / "messages"),
            "slips": slips.measure(Path(folder)),
            "network": network.measure(Path(folder)),
            "command line": command_line.measure(Path(folder)),
        }
    if options.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"\n{name}")
        for label, value in figures.items():
            print(
                f"  {label:58} {value:>12,.3f}"
                if isinstance(value, float)
                else f"  {label:58} {value:>12,}"
            )


if __name__ == "__main__":
    main()
