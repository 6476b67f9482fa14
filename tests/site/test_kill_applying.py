"""kill -9 at every step of taking a signed campaign in: the last good one stays, or the next counts."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import run
from list_publishers import Ministry as Desk
from ministry import Ministry
from signing_office import DEMO, in_force
from site_factory import filled_site

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.adapters.site_database import reading
from edge.adapters.trust_store import TrustStore
from edge.journal import maintenance
from edge.journal.entries import newest_of
from edge.node import Node
from sync.protocol.campaign_parts import concerning
from sync.protocol.letters import Letter
from sync.registry.campaigns.delegations import put_lists

pytestmark = pytest.mark.slow  # a process that is killed at every step

CHILD = """
import json, os, shutil, signal, sqlite3, sys
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from edge.adapters import trust_store
from edge.journal import database
from edge.node import Node
from sync.protocol.letters import Letter

prepared, out = Path(sys.argv[1]), Path(sys.argv[2])
letter = Letter("*", 1, "letter-1", "campaign", json.loads(Path(sys.argv[3]).read_text()), "2026-11-30")
steps, armed, deadly = 0, False, 0

def step():
    global steps
    if armed:
        steps += 1
        if steps == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

def before(work):
    def done(*values, **named):
        step()
        found = work(*values, **named)
        if "COMMIT" in values[:2]:
            step()
        return found
    return done

def connect(path, key):
    db = database.open_writer(path, key)
    db.execute = before(db.execute)
    return db

os.replace, os.rename, os.symlink = before(os.replace), before(os.rename), before(os.symlink)
class Stepping(sqlite3.Connection):
    execute, executemany = map(before, (sqlite3.Connection.execute, sqlite3.Connection.executemany))

def lists(path, **how):
    return sqlite3.connect(path, factory=Stepping, **how)

trust_store.sqlite3 = SimpleNamespace(connect=lists)
def take_in():
    global armed
    folder = out / str(deadly)
    shutil.copytree(prepared, folder, symlinks=True)
    node = Node(folder, connect_database=connect)
    armed = deadly > 0
    node.inbox.take([letter])
    armed = False
    node.close()

take_in()  # in this process, which has then loaded what each of the others needs
for deadly in count(1):
    child = os.fork()
    if not child:
        take_in()
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
print(deadly - 1)
"""


def test_killed_at_any_step_of_applying_the_site_has_the_last_good_campaign_or_the_next_one(
    tmp_path: Path,
) -> None:
    ministry = Ministry(tmp_path / "ministry", now=datetime.now(UTC))
    assert run("campaign", "pack", DEMO, "--out", tmp_path / "packed.json").exit_code == 0
    body = json.loads((tmp_path / "packed.json").read_text())
    ministry.campaign({**body, "version": "2027.1"})
    keys = ministry.region("NORTH", "NEW*")
    ministry.say("NORTH", keys[:2], {"facilities": [{"code": "NEW1", "name": "New"}], "staff": []})
    desk = Desk(tmp_path / "desk")
    listed = desk.vouched("nation", '{"did:x#1": "GfHq2tTVk9z4eXgyL5pXiwzd9cVv2KVyBgUhbHrGbbpr"}')
    put_lists(ministry.folder, {"nation": listed}, ministry.later(90))
    ministry.sign(ministry.keys[:2])
    files = concerning(ministry.files(), "DEMO01")
    told = {"files": {name: content.decode() for name, content in files.items()}}
    (tmp_path / "letter.json").write_text(json.dumps(told))
    prepared = tmp_path / "prepared"
    filled_site(prepared, Settings("DEMO01")).close()
    root = ministry.folder.root_fingerprint
    write_settings(prepared, replace(read_settings(prepared), campaign_root=root))
    Node(prepared).close()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, prepared, tmp_path / "out", tmp_path / "letter.json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    steps = int(done.stdout)
    assert steps > 20
    outcomes = []
    for deadly in range(1, steps + 1):
        folder = tmp_path / f"out/{deadly}"
        with reading(folder) as db:
            assert maintenance.check_chain(db).broken is None, deadly
            entry = newest_of(db, "CampaignApplied")
            outcomes.append(entry.body["campaign"]["version"] if entry else "")
        lists = TrustStore(folder / "trust.db")  # a list is there with whose it is, or not at all
        named = [source.name for source in lists.sources()]
        assert named == (["nation"] if lists.provenance("nation") else []), deadly
        assert len(lists.trust().all_keys()) == len(named), deadly
        lists.close()
        if deadly % 4 and deadly < steps:  # opening a whole site again costs most
            continue
        node = Node(folder)
        try:
            assert in_force(node) == outcomes[-1], deadly
            node.inbox.take([Letter("*", 1, "letter-1", "campaign", told, "2026-11-30")])
            assert in_force(node) == "2027.1", deadly
            assert [source.name for source in node.lists.sources()] == ["nation"], deadly
            assert node.registry.state().letters == (), deadly
        finally:
            node.close()
    assert set(outcomes) == {"2026.11", "2027.1"}  # the walk crossed the commit itself
    assert outcomes == sorted(outcomes)
