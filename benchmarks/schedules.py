"""How long it takes to judge a child with twenty doses: CDC's whole schedule, all WHO packs.

And to plan all coming visits of a newborn: by the shipped schedules, a programme each.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path

from edge.campaign.cdsi import read_supporting_data
from edge.campaign.schedules import read_schedule
from edge.domain.catalogue import Catalogue, Issuer, Programme, Vaccine
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.scheduled import Case
from edge.domain.session_days import session_days
from edge.domain.visits import plan_visits
from sync.resources import resource

SUPPORTING = Path(__file__).resolve().parents[2] / "shared/data/cdsi/supporting"
PACKS = Path(resource("config/schedules/who"))
USUAL = ("BCG", "bOPV", "DTP", "PCV", "bOPV", "DTP", "PCV", "bOPV", "IPV", "DTP", "PCV", "MR",
         "IPV", "MR", "YF", "HPV")  # fmt: skip
BORN = date(2020, 1, 1)
CODES = ("08", "107", "10", "48", "133", "116", "03", "21", "83", "150")


def measure(rounds: int = 100) -> dict[str, float]:
    """Measure both; without CDC's data beside the checkout only the packs."""
    found = _measured("all WHO packs", all_packs(), USUAL, rounds)
    if SUPPORTING.is_dir():
        found |= _measured("CDC", read_supporting_data(SUPPORTING), CODES, rounds)
    return found


def all_packs() -> Schedule:
    """Compose one schedule of every pack, with WHO's own choices."""
    packs = sorted(path.stem for path in PACKS.glob("*.yaml") if not path.stem.endswith(".cases"))
    lines = "\n".join(f"  - use: who/{name}" for name in packs)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "all.yaml")
        file.write_text(f"schedule: all\ntitle: All packs\npacks:\n{lines}\n", encoding="utf-8")
        return read_schedule(file, resource("config/schemas"))


def _measured(name: str, schedule: Schedule, codes: Sequence[str], rounds: int) -> dict[str, float]:
    shots = [Shot(BORN + timedelta(days=45 + 60 * n), codes[n % len(codes)]) for n in range(20)]
    subject = Subject(born=BORN, gender="Female")
    start = time.process_time()
    for number in range(rounds):
        assess(schedule, subject, shots, date(2024, 1, 1 + number % 28))
    took = (time.process_time() - start) / rounds
    return {
        f"{name}: antigens": float(len(schedule.antigens)),
        f"{name}: series": float(sum(len(one.series) for one in schedule.antigens.values())),
        f"{name}: milliseconds for a child with 20 doses, every vaccine group": took * 1000,
        f"{name}: people a minute on one core": 60 / took,
    }


def measure_plan(rounds: int = 3) -> dict[str, float]:
    """Plan a newborn's visits for 20 years, with two session days a week: processor time.

    Once by the WHO infant schedule alone, once by all of WHO's packs, a programme each.
    """
    folder = Path(str(resource("config/schedules")))
    packs = [path for path in sorted(folder.glob("who/*.yaml")) if ".cases" not in path.name]
    return {
        **_planned("the infant schedule", [folder / "who-infant.yaml"], rounds),
        **_planned("WHO's packs", packs, rounds),
    }


def _planned(name: str, files: Sequence[Path], rounds: int) -> dict[str, float]:
    schemas = Path(str(resource("config/schemas")))
    case = _newborn([read_schedule(path, schemas) for path in files])
    start = time.process_time()
    for _ in range(rounds):
        plan = plan_visits(case, BORN, session_days(["Mon", "Thu"]))
    took = (time.process_time() - start) / rounds
    return {
        f"visits of a newborn by {name} ({len(files)})": float(len(plan.visits)),
        f"doses of a newborn by {name}": float(sum(len(one.doses) for one in plan.visits)),
        f"milliseconds for the plan by {name}": took * 1000,
    }


def _newborn(schedules: Sequence[Schedule]) -> Case:
    codes = {code for schedule in schedules for code in schedule.vaccines}
    vaccines = {code: Vaccine(code=code, name=code, manufacturer="") for code in sorted(codes)}
    programmes = {
        str(place): Programme(
            id=str(place),
            name=str(place),
            vaccines=tuple(schedule.vaccines),
            schedule=schedule,
            start=BORN,
        )
        for place, schedule in enumerate(schedules)
    }
    catalogue = Catalogue(
        version="1",
        issuer=Issuer("", "", "", "", ""),
        programmes=programmes,
        vaccines=vaccines,
        facilities={},
        staff={},
    )
    return Case(
        subject=Subject(born=BORN, gender="Female"), history=[], catalogue=catalogue, zone=UTC
    )


if __name__ == "__main__":
    for label, figure in (measure() | measure_plan()).items():
        print(f"{label:75} {figure:12,.2f}")
