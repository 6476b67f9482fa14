"""kill -9 at every statement of the transaction: what was acknowledged is there, once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from site_factory import filled_site

from edge.adapters.settings import Settings
from edge.adapters.site_database import reading
from edge.journal import maintenance, views

pytestmark = pytest.mark.slow  # a process that is killed at every statement

CHILD = """
import os, signal, sys
from pathlib import Path
from edge.journal import database, views
from edge.node import Node
from edge.services.commands import GiveDose

folder, deadly = Path(sys.argv[1]), int(sys.argv[2])
seen = commits = 0

def connect(path, key):
    db = database.open_writer(path, key)
    execute = db.execute

    def deadly_execute(sql, *values):
        global seen, commits
        seen += 1
        if armed and seen == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        cursor = execute(sql, *values)
        commits += sql == "COMMIT"
        if armed and sql == "COMMIT" and -commits == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return cursor

    db.execute = deadly_execute
    return db

armed = False
node = Node(folder, connect_database=connect)
with node.journal.reading() as db:
    catalogue = node.site.catalogues.current(db)
    people = sorted(views.find_people(db, "555", 50), key=lambda one: one.code)
    today = node.clock.today()
    people = [p for p in people if not views.history(db, p.id) and p.age_on(today) > 12]
seen, commits, armed = 0, 0, True
for person in people[:2]:
    command = GiveDose(person=person.id, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
    outcome = node.desk.take(node.site.ids.new(), command, catalogue.staff["V1"])
    print(outcome.id, flush=True)
armed = False
print("statements", seen, flush=True)
node.close()
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kill") / "site"
    node = filled_site(folder, Settings(facility="DEMO01"))
    node.close()
    return folder


def give_two_doses(folder: Path, deadly: int) -> tuple[list[str], int | None]:
    """Give doses in a process that dies before its n-th statement, or after its -n-th commit."""
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(deadly)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = run.stdout.split("\n")
    acknowledged = [line for line in lines if line and not line.startswith("statements")]
    statements = [int(line.split()[1]) for line in lines if line.startswith("statements")]
    assert run.returncode == (0 if statements else -9), run.stderr
    return acknowledged, statements[0] if statements else None


def copied(prepared: Path, target: Path) -> Path:
    shutil.copytree(prepared, target)
    return target


def test_killed_at_any_statement_every_acknowledged_dose_is_there_once_and_the_chain_holds(
    prepared: Path, tmp_path: Path
) -> None:
    acknowledged, statements = give_two_doses(copied(prepared, tmp_path / "whole"), 0)
    assert len(acknowledged) == 2
    assert statements is not None
    assert statements > 20
    outcomes = set()
    for deadly in (*range(1, statements + 1), -1, -2):
        folder = copied(prepared, tmp_path / str(deadly))
        acknowledged, finished = give_two_doses(folder, deadly)
        assert finished is None
        with reading(folder) as db:
            proof = maintenance.check_chain(db)
            assert proof.broken is None, deadly
            doses = [row[0] for row in db.execute("SELECT id FROM dose WHERE reported = 0")]
            assert set(acknowledged) <= set(doses), deadly
            assert len(doses) <= len(acknowledged) + 1  # one may be saved and not yet answered
            certificates = [row[0] for row in db.execute("SELECT dose FROM certificate")]
            assert sorted(certificates) == sorted(doses), deadly
            given = views.lot(db, "coviprotect", "CP2611A")
            assert given is not None
            assert given.quantity == 400 - len(doses)
        outcomes.add((len(acknowledged), len(doses)))
    assert outcomes == {(0, 0), (0, 1), (1, 1), (1, 2)}  # the walk crossed the commits themselves
