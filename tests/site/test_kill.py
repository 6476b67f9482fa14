"""kill -9 at every statement of the transaction: what was acknowledged is there, once."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from site_factory import filled_site

from edge.adapters.settings import Settings
from edge.adapters.site_database import reading
from edge.journal import maintenance, views

pytestmark = pytest.mark.slow  # a process that is killed at every statement

CHILD = """
import os, shutil, signal, sys
from pathlib import Path
from edge.journal import database, views
from edge.node import Node
from edge.services.commands import GiveDose

prepared, out = Path(sys.argv[1]), Path(sys.argv[2])
armed, deadly, seen, commits = False, 0, 0, 0

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

def give_two_doses():
    global armed, seen, commits
    folder = out / str(deadly)
    shutil.copytree(prepared, folder)
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
        print(deadly, outcome.id, flush=True)
    node.close()
    armed = False

give_two_doses()  # in this process, which has then loaded what each of the others needs
print("statements", seen, flush=True)
for deadly in (*range(1, seen + 1), -1, -2):
    child = os.fork()
    if not child:
        give_two_doses()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, deadly
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kill") / "site"
    node = filled_site(folder, Settings(facility="DEMO01"))
    node.close()
    return folder


def test_killed_at_any_statement_every_acknowledged_dose_is_there_once_and_the_chain_holds(
    prepared: Path, tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", CHILD, prepared, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answered: dict[str, list[str]] = defaultdict(list)
    for line in run.stdout.splitlines():
        of, _, told = line.partition(" ")
        answered[of].append(told)
    statements = int(answered["statements"][0])
    assert len(answered["0"]) == 2
    assert statements > 20
    outcomes = set()
    for deadly in (*range(1, statements + 1), -1, -2):
        acknowledged = answered[str(deadly)]
        with reading(tmp_path / str(deadly)) as db:
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
    # the walk crossed the commits themselves, and the checkpoint of the closing
    assert outcomes == {(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)}
