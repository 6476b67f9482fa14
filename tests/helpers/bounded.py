"""Runs a piece of our code where it has little time of a processor and little memory.

Code that would take minutes or gigabytes dies of the limits, on a machine with much to do as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

SECONDS = 20
ROOM = 400 * 1024 * 1024
"""Bytes of address space: what is imported takes half of it."""
_ROOT = Path(__file__).resolve().parents[2]
_PARENT = """
import ast, json, os, resource, sys, tempfile
code, seconds, room = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tree = ast.parse(code)
imports = [one for one in tree.body if isinstance(one, (ast.Import, ast.ImportFrom))]
exec(compile(ast.Module(imports, []), "code", "exec"), {})
for line in sys.stdin.buffer:
    data = sys.stdin.buffer.read(int(line))
    with tempfile.TemporaryFile() as told:
        child = os.fork()
        if not child:
            os.dup2(told.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (room, room))
            names = {"data": data}
            try:
                exec(code, names)
                os.write(2, json.dumps(names["answer"]).encode())
                os._exit(0)
            except BaseException as error:
                os.write(2, repr(error)[:2000].encode())
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told.seek(0)
        print(json.dumps([status, told.read().decode(errors="replace")[-2000:]]), flush=True)
"""


def bounded(code: str, data: bytes) -> Any:
    """Give what ``answer`` becomes of ``data`` in a piece of code; JSON values only.

    What the code imports is imported once; each time a child of that process has the limits.
    """
    parent = _parent(code)
    assert parent.stdin
    assert parent.stdout
    parent.stdin.write(b"%d\n" % len(data) + data)
    parent.stdin.flush()
    status, told = json.loads(parent.stdout.readline())
    assert status == 0, (status, told)
    return json.loads(told)


@cache
def _parent(code: str) -> subprocess.Popen[bytes]:
    """Start what has imported what a piece of code needs; it ends when its input does."""
    return subprocess.Popen(
        [sys.executable, "-c", _PARENT, code, str(SECONDS), str(ROOM)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT,
    )  # fmt: skip
