"""How long it takes to judge a child with twenty doses against CDC's whole schedule."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

from edge.campaign.cdsi import read_supporting_data
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Shot, Subject

SUPPORTING = Path(__file__).resolve().parents[2] / "shared/data/cdsi/supporting"
BORN = date(2020, 1, 1)
CODES = ("08", "107", "10", "48", "133", "116", "03", "21", "83", "150")


def measure(rounds: int = 100) -> dict[str, float]:
    if not SUPPORTING.is_dir():
        return {}
    schedule = read_supporting_data(SUPPORTING)
    shots = [Shot(BORN + timedelta(days=60 + 60 * n), CODES[n % len(CODES)]) for n in range(20)]
    start = time.perf_counter()
    for number in range(rounds):
        assess(schedule, Subject(born=BORN, gender="Female"), shots, date(2024, 1, 1 + number % 28))
    took = (time.perf_counter() - start) / rounds
    return {
        "antigens": float(len(schedule.antigens)),
        "series": float(sum(len(one.series) for one in schedule.antigens.values())),
        "milliseconds for a child with 20 doses, every vaccine group": took * 1000,
        "people a minute on one core": 60 / took,
    }


if __name__ == "__main__":
    for label, figure in measure().items():
        print(f"{label:60} {figure:12,.2f}")
