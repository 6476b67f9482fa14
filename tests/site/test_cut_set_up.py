"""The power is cut at every step of making a site: it can be started then, or be made again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # a process for each step

CHILD = """
import builtins, os, sys
from pathlib import Path
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.node import Node

out = Path(sys.argv[1])
SETTINGS = Settings(facility="DEMO01")

class PowerCut(BaseException):
    pass

class Disk:
    '''Counts what changes files and names, and cuts before one of them.

    What was not brought to the disk by then is lost: names without a sync of their folder, and the
    content of files without one of theirs.
    '''

    def __init__(self, root, cut):
        self.root, self.cut, self.steps = str(root), cut, 0
        self.names, self.contents, self.opened = {}, {}, {}
        self.real = {name: getattr(os, name) for name in ("mkdir", "replace", "open", "fsync")}
        for name in self.real:
            setattr(os, name, getattr(self, name))

    def step(self, *paths):
        if not any(str(path).startswith(self.root) for path in paths):
            return
        self.steps += 1
        if self.steps == self.cut:
            raise PowerCut

    def mkdir(self, path, *rest, **more):
        self.step(path)
        self.real["mkdir"](path, *rest, **more)
        self.names[str(path)] = None

    def open(self, path, flags, *rest, **more):
        new = bool(flags & os.O_CREAT)
        if new:
            self.step(path)
        there = os.path.exists(path)
        handle = self.real["open"](path, flags, *rest, **more)
        self.opened[handle] = str(path)
        if new:
            self.contents[str(path)] = None
            if not there:
                self.names[str(path)] = None
        return handle

    def replace(self, old, new, **more):
        self.step(new)
        before = Path(new).read_bytes() if os.path.exists(new) else None
        self.real["replace"](old, new, **more)
        self.names.pop(str(old), None)
        self.names[str(new)] = before
        if str(old) in self.contents:
            self.contents[str(new)] = self.contents.pop(str(old))

    def fsync(self, handle):
        path = self.opened.get(handle, "")
        self.step(path)
        self.real["fsync"](handle)
        self.contents.pop(path, None)
        for name in [name for name in self.names if os.path.dirname(name) == path]:
            del self.names[name]

    def lose(self):
        for name in self.real:
            setattr(os, name, self.real[name])
        for path in self.contents:
            if os.path.isfile(path):
                os.truncate(path, 0)
        for path, before in reversed(self.names.items()):
            if before is not None:
                Path(path).write_bytes(before)
            elif os.path.isdir(path):
                import shutil
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)

def child(work):
    pid = os.fork()
    if not pid:
        code = 9
        try:
            code = work() or 0
        except BaseException as error:
            print(type(error).__name__, error, flush=True)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def made_until(cut):
    place = out / str(cut)
    place.mkdir()
    disk = Disk(place / "site", cut)
    try:
        make_site(place / "site", SETTINGS)
    except PowerCut:
        disk.lose()
        return 1
    disk.lose()  # it was said to be ready: nothing of it may be lost
    return 0

def usable(cut):
    folder = out / str(cut) / "site"
    if not (folder / "site.toml").exists():
        make_site(folder, SETTINGS)
    Node(folder).close()

Node  # loaded once, for all of the children
cut, ended = 0, 1
while ended:
    cut += 1
    ended = child(lambda: made_until(cut))
    assert ended in (0, 1), (cut, ended)
    if not ended:
        assert (out / str(cut) / "site" / "site.toml").exists(), "it was ready, and is gone"
    used = child(lambda: usable(cut))
    print("cut", cut, ended, used, flush=True)
"""


def test_a_set_up_that_is_cut_anywhere_starts_or_is_made_again(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", CHILD, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    cuts = [line.split() for line in run.stdout.splitlines() if line.startswith("cut ")]
    assert len(cuts) > 15
    assert cuts[-1][2:] == ["0", "0"]  # nothing was cut the last time, and it starts
    assert {used for *_, used in cuts} == {"0"}, run.stdout
