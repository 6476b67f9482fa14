"""What a command costs before it does anything: CPU of a whole process, the smallest of several.

User and system time of the child, as ``time`` gives it, for an interpreter that does nothing, for
each program's help, for each command's help, and for the status of a site with the demonstration's
people: ``python -m benchmarks.command_line``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.demoland import fill
from edge.adapters.settings import Settings
from edge.cli import main as edge
from edge.cli.site import make_site
from edge.node import Node
from sync.registry.cli import main as registry

PLACES = {"divoc-edge": "edge.cli", "divoc-registry": "sync.registry.cli"}


def measure(folder: Path, times: int = 5) -> dict[str, float]:
    site = folder / "command-line-site"
    make_site(site, Settings(facility="DEMO01"))
    node = Node(site)
    fill(node)
    node.close()
    return {
        "an interpreter that does nothing (s of CPU)": _least([sys.executable, "-c", ""], times),
        **{
            f"{program} --help (s of CPU)": _least(_typed(program, "--help"), times)
            for program in PLACES
        },
        "divoc-edge status of the demonstration (s of CPU)": _least(
            _typed("divoc-edge", "status", "--data", str(site)), times
        ),
    }


def every_help(times: int = 3) -> dict[str, float]:
    return {
        " ".join((program, *words, "--help")): _least(_typed(program, *words, "--help"), times)
        for program, group in (("divoc-edge", edge), ("divoc-registry", registry))
        for words in _commands(group)
    }


def _typed(program: str, *words: str) -> list[str]:
    return [sys.executable, "-c", f"from {PLACES[program]} import main; main()", *words]


def _commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, one in sorted(group.commands.items()):
        yield (*before, name)
        if isinstance(one, click.Group):
            yield from _commands(one, *before, name)


def _least(command: list[str], times: int) -> float:
    return min(_cpu(command) for _ in range(times))


def _cpu(command: list[str]) -> float:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(Path(temporary)) | every_help()
    for label, value in figures.items():
        print(f"{label:60} {value:6.3f}")
