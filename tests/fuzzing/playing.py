"""Plays spoilt inputs to a reader, in a child that has little time and memory for each.

A child is forked when everything is imported. What it dies of (a signal, its limits, any error that
is not one of ours) is a finding, and the next child goes on behind it.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzzing.spoiling import spoil
from tests.fuzzing.target import Target

SECONDS = 5.0
"""Of a processor, for one input."""
ROOM = 400 * 1024 * 1024
"""Bytes that one input may take beside what is there."""
_MOST_FINDINGS = 5
_FAILED = 3


@dataclass(frozen=True)
class Finding:
    """An input that a reader did not answer in words, and what it came to."""

    target: str
    data: bytes
    what: str


def inputs(target: Target, seeds: Sequence[bytes], count: int, seed: int) -> list[bytes]:
    """Give the seeds of a target as they are, and so many inputs made of them; the same each time."""
    chance = random.Random(f"{target.name} {seed}")
    return [
        *(one for one in seeds if seed == 0),
        *(spoil(chance, chance.choice(seeds), seeds, target.largest) for _ in range(count)),
    ]


def play(target: Target, given: Sequence[bytes]) -> list[Finding]:
    """Give what a target did not answer in words; at most five, as they are often the same."""
    found: list[Finding] = []
    place = 0
    while place < len(given) and len(found) < _MOST_FINDINGS:
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as reached:
            child = os.fork()
            if not child:
                _in_child(target, given[place:], told.fileno(), reached.fileno())
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if code == 0:
                break
            reached.seek(0)
            place += int(reached.read() or b"0")
            told.seek(0)
            what = told.read().decode(errors="replace")[-4000:]
            if code != _FAILED:
                what = f"ended with {code} ({_name(-code)}): too long, too much memory, or a crash"
            found.append(Finding(target.name, given[place], what))
            place += 1
    return found


def _in_child(target: Target, given: Sequence[bytes], told: int, reached: int) -> None:
    """Read one after the other; never comes back."""
    code = _FAILED
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        for place, data in enumerate(given):
            os.pwrite(reached, b"%8d" % place, 0)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            with contextlib.suppress(*target.refusals):
                target.read(data)
        code = 0
    except BaseException:
        os.write(told, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(code)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "no signal"
