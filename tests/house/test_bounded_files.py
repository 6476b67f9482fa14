"""Every file that a command is given has a bound: a device without an end is refused in words."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from shares import first_quick

from sync.bounded_files import MB, read_bounded

ROOT = Path(__file__).resolve().parents[2]
ZERO = "/dev/zero"
ROOM = 700 * MB
"""Bytes of address space that a command has: what it imports takes half of it."""
COMMANDS = (
    *(f"edge import {kind} {ZERO}" for kind in ("facilities", "vaccinators", "stock")),
    *(f"edge import {kind} {ZERO} --programme x" for kind in ("enrolments", "certificates")),
    f"edge import codes {ZERO} {ZERO}",
    f"edge import stock {ZERO} --new-expiry {ZERO}",
    f"edge trust import {ZERO}",
    f"edge trust import {ZERO} --unsigned",
    f"edge lists show {ZERO}",
    f"edge keys install {ZERO}",
    f"edge verify {ZERO}",
    f"edge verify --lines {ZERO}",
    f"edge verify --trust {ZERO} {ZERO}",
    f"edge schedule explain --schedule {ZERO} --born 2020-01-01",
    f"registry publish campaign {ZERO}",
    f"registry publish list {ZERO}",
    f"registry authority sign --out x {ZERO}",
)
SAID = ("larger than", "too large to be", "more than", "longer than", "cannot be read", "a list of rows",
        "Mistakes in the campaign: ", "no signature of the ministry")  # fmt: skip
_RUN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_FSIZE, (128 << 20, 128 << 20))
resource.setrlimit(resource.RLIMIT_AS, ({room}, {room}))
from {program} import main
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a site and a registry."""
    made: Path = tmp_path_factory.mktemp("doors")
    for words in (
        "edge init --data site-data --facility DEMO01", "edge import campaign {}/config/demo/campaign",
        "registry authority create --help", "registry status",
    ):  # fmt: skip
        called(made, words.format(ROOT))
    return made


def called(folder: Path, words: str) -> subprocess.CompletedProcess[str]:
    name, *rest = words.split()
    program = "edge.cli" if name == "edge" else "sync.registry.cli"
    code = _RUN.format(room=ROOM, program=program)
    return subprocess.run(
        [sys.executable, "-c", code, *rest],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("words", first_quick(COMMANDS, 2))
def test_a_file_without_an_end_is_refused_in_words_with_little_memory(
    folder: Path, words: str
) -> None:
    done = called(folder, words)
    told = done.stdout + done.stderr
    assert done.returncode in (1, 2), (done.returncode, told[-1500:])
    assert "Traceback" not in told, told[-1500:]
    assert any(word in told for word in SAID), told[-1500:]


def test_a_file_may_be_as_large_as_its_bound_and_no_larger(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"x" * MB)
    assert len(read_bounded(path, MB)) == MB
    path.write_bytes(b"x" * (MB + 1))
    with pytest.raises(OSError, match="larger than 1 MB"):
        read_bounded(path, MB)


_READERS = {"read_text", "read_bytes"}
OWN = {
    "edge/cli/demo.py": "what the demonstration has made itself",
    "edge/credentials/contexts.py": "contexts that came with the software",
    "edge/campaign/slip_templates.py": "schemas that came with the software",
    "edge/campaign/document_checks.py": "schemas that came with the software",
    "edge/campaign/schedules.py": "schemas that came with the software",
    "edge/campaign/packs.py": "schemas that came with the software",
    "edge/campaign/loader.py": "schemas that came with the software",
    "edge/campaign/list_tables.py": "schemas that came with the software",
    "edge/campaign/new_campaign.py": "campaigns that came with the software",
    "edge/campaign/region_files.py": "schemas that came with the software",
    "edge/campaign/worked_cases.py": "schemas that came with the software",
}
"""Where a file is read whole that nobody hands in."""
HANDED_IN = ("edge/cli", "edge/campaign", "edge/credentials", "sync/registry/cli")


def whole_reads() -> list[str]:
    found = []
    for part in HANDED_IN:
        for path in sorted((ROOT / part).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called_ = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                if called_ and node.func.attr in _READERS and name not in OWN:  # type: ignore[attr-defined]
                    found.append(f"{name}:{node.lineno}")  # type: ignore[attr-defined]
    return found


@pytest.mark.slow
def test_no_command_reads_a_file_whole_without_a_bound() -> None:
    assert whole_reads() == []
