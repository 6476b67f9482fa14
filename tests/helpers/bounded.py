"""Runs a piece of our code where it has little time of a processor and little memory.

Code that would take minutes or gigabytes dies of the limits, on a machine with much to do as well.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 20
ROOM = 400 * 1024 * 1024
"""Bytes of address space: what is imported takes half of it."""
_ROOT = Path(__file__).resolve().parents[2]


def bounded(code: str, data: bytes) -> Any:
    """Give what ``answer`` becomes of ``data`` in a piece of code; JSON values only."""
    told = subprocess.run(
        [sys.executable, "-c", f"import json, sys\ndata = sys.stdin.buffer.read()\n{code}\nprint(json.dumps(answer))"],
        input=data, capture_output=True, cwd=_ROOT, preexec_fn=_limit, timeout=600, check=False,
    )  # fmt: skip
    assert told.returncode == 0, (told.returncode, told.stderr.decode()[-2000:])
    return json.loads(told.stdout)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
