"""Jobs run by elapsed time: whoever sets the machine's clock stops none and hurries none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from requirements import missing

from edge.domain.modules import ALWAYS
from edge.jobs import Jobs, Timetable

ROOT = Path(__file__).resolve().parents[2]
WAIT = 20.0
WALL = re.compile(r"datetime\.now\(|datetime\.utcnow\(|time\.time\(|date\.today\(")
SAYS_WHAT_TIME_IT_IS = {
    "edge/adapters/clock.py": "the site's clock itself",
    "edge/journal/views/search.py": "today, when nobody says which day",
    "edge/office/tools.py": "the office dates what it exports",
    "edge/peers/identity_provider.py": "a provider of demonstrations dates its tokens",
    "edge/peers/locker.py": "a locker of demonstrations dates its requests",
    "sync/registry/audit.py": "the registry's clock, by default",
    "sync/registry/publishing.py": "the registry's clock",
    "sync/registry/registry.py": "the registry's clock, by default",
    "sync/registry/store/sqlite/store.py": "when a migration was made",
}
"""Outside the commands, where the machine's clock is asked: each for a date, none for a duration."""
STEPPED = """
import sys, time
from pathlib import Path
from threading import Event
from datetime import datetime
from edge.domain.modules import ALWAYS
from edge.jobs import Jobs

told, ran = Path(sys.argv[1]), [0]
again = Event()

def sync():
    ran[0] += 1
    again.set()

jobs = Jobs(lambda needs: True)
jobs.add("sync", ALWAYS, 0.02, sync)
jobs.start()
for moment in ("2026-12-01 09:00:00", "2026-11-30 09:00:00", "2027-11-30 09:00:00"):
    told.write_text("@" + moment)
    assert str(datetime.now()).startswith(moment[:10]), datetime.now()
    for _ in range(3):
        again.clear()
        assert again.wait(10), f"the job stands still at {moment}"
jobs.stop()
"""


def test_a_job_comes_again_after_its_seconds_and_missed_runs_are_made_up_for_by_one() -> None:
    table = Timetable()
    table.add("sync", ALWAYS, 5.0, bool)
    assert table.take_due(100.0) == ["sync"]
    assert table.take_due(200.0) == [], "it is running"
    assert table.wait(200.0) is None
    table.done("sync")
    assert table.take_due(200.0) == ["sync"]
    table.done("sync")
    assert (table.take_due(204.9), table.wait(204.0)) == ([], 1.0)
    assert table.take_due(205.0) == ["sync"]


def test_a_job_that_is_woken_while_it_runs_runs_once_more() -> None:
    table = Timetable()
    table.add("print desk", ALWAYS, 3600.0, bool)
    table.take_due(0.0)
    table.wake("print desk")
    assert table.take_due(1.0) == [], "never twice at a time"
    table.done("print desk")
    assert table.take_due(1.0) == ["print desk"]
    table.done("print desk")
    assert table.take_due(1.0) == []
    table.wake("no such job")


def test_what_is_woken_runs_now_and_what_fails_runs_again() -> None:
    ran: list[str] = []
    first, second = Event(), Event()

    def job() -> None:
        ran.append("job")
        (second if len(ran) > 1 else first).set()
        raise OSError

    jobs = Jobs(lambda needs: True)
    jobs.add("job", ALWAYS, 3600.0, job)
    jobs.start()
    try:
        assert first.wait(WAIT)
        jobs.wake("job")
        assert second.wait(WAIT)
    finally:
        jobs.stop()
    jobs.stop()


def test_sync_goes_on_when_the_clock_is_set_back_a_day_and_on_a_year(tmp_path: Path) -> None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        missing("libfaketime")
    told = tmp_path / "now"
    told.write_text("@2026-12-01 09:00:00")
    world = {
        **os.environ,
        "LD_PRELOAD": str(found[0]),
        "FAKETIME_TIMESTAMP_FILE": str(told),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }
    done = subprocess.run(
        [sys.executable, "-c", STEPPED, str(told)],
        cwd=ROOT,
        env=world,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-600:]


@pytest.mark.parametrize("part", ["edge", "sync", "printers"])
def test_nothing_but_the_clock_and_the_commands_asks_the_machine_for_its_time(part: str) -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / part).rglob("*.py")
        if "cli" not in path.parts and WALL.search(path.read_text(encoding="utf-8"))
    }
    allowed = {name for name in SAYS_WHAT_TIME_IT_IS if name.startswith(f"{part}/")}
    assert found == allowed
