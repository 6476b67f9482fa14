"""Checking a nation's campaign: 2,000 facilities, 20,000 staff, 300 programmes with schedules.

Each programme has its own vaccine, its own schedule and five worked cases, in two formats of
certificate: ``python -m benchmarks.campaigns``. CPU of this process, from reading the folder to
the last thing to look at.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from edge.campaign import loader
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

FACILITIES, STAFF, PROGRAMMES = 2_000, 20_000, 300


def measure(folder: Path) -> dict[str, float]:
    nation = folder / "nation"
    write_nation(nation)
    reader = campaign_reader()
    # what one entry holds is another question: a nation's parts travel by region
    before, loader._LARGEST = loader._LARGEST, sys.maxsize
    try:
        start = time.process_time()
        checked = reader.folder(nation)
        remarks = reader.remarks(checked, date(2026, 11, 30))
        spent = time.process_time() - start
    finally:
        loader._LARGEST = before
    return {
        "campaign check of a nation (s of CPU)": spent,
        "of which facilities": len(checked.body["facilities"]),
        "of which staff": len(checked.body["staff"]),
        "of which programmes": len(checked.body["programmes"]),
        "things to look at": len(remarks),
    }


def write_nation(folder: Path) -> None:
    shutil.copytree(resource("config/demo/campaign"), folder)
    schedules = folder / "schedules"
    rule = (schedules / "measles-rubella.yaml").read_text()
    cases = (schedules / "measles-rubella.cases.yaml").read_text()
    with (folder / "facilities.yaml").open("a") as file:
        for number in range(FACILITIES):
            file.write(f"- code: F{number:05}\n  name: Health post {number}\n  address:\n")
            file.write(f"    district: District {number % 60}\n    state: Delta\n")
    with (folder / "staff.yaml").open("a") as file:
        for number in range(STAFF):
            file.write(f"- code: N{number:05}\n  name: Nurse Number {number}\n")
            file.write(f"  facilities: [F{number % FACILITIES:05}]\n  roles: [vaccinator]\n")
    with (folder / "vaccines.yaml").open("a") as file:
        for number in range(PROGRAMMES):
            file.write(f"- code: V{number:05}\n  name: Vaccine {number}\n  manufacturer: Delta\n")
            file.write("  codes: {disease: '840539006', prophylaxis: '1119349007',")
            file.write(f" product: XD-{number}, manufacturer: ORG-XD}}\n")
    with (folder / "programmes.yaml").open("a") as file:
        for number in range(PROGRAMMES):
            file.write(f"- id: p{number}\n  name: Programme {number}\n  start: 2026-01-01\n")
            file.write(f"  vaccines: [V{number:05}]\n  schedule: s{number}\n")
            own = rule.replace("schedule: measles-rubella", f"schedule: s{number}")
            own = own.replace("duomorb", f"V{number:05}")
            (schedules / f"s{number}.yaml").write_text(own)
            (schedules / f"s{number}.cases.yaml").write_text(cases)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for label, value in measure(Path(place)).items():
            print(f"{label:50} {value:,.2f}")
