"""What an appliance installs is locked, whole, by hash, and as pyproject.toml wants it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
Locked = dict[str, tuple[Version, list[str]]]


def locked(text: str) -> Locked:
    """Give each package of a lock file with its version and its hashes."""
    found: Locked = {}
    for block in re.split(r"\n(?=[a-zA-Z0-9])", text):
        match = re.match(r"([\w.-]+)==([^\s;\\]+)", block)
        if match:
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
            found[canonicalize_name(match[1])] = (Version(match[2]), hashes)
    return found


def misfits(wanted: list[str], lock: Locked) -> list[str]:
    """Give what a lock lacks, has in another version, or has without a hash."""
    found = []
    for each in map(Requirement, wanted):
        version, hashes = lock.get(canonicalize_name(each.name), (Version("0"), []))
        if version not in each.specifier or not hashes:
            found.append(str(each))
    return found


def wanted() -> list[str]:
    """Give what the project depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies: list[str] = project["dependencies"]
    return dependencies


def test_the_lock_has_a_version_that_fits_of_everything_the_project_depends_on() -> None:
    lock = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert len(wanted()) > 25
    assert len(lock) > len(wanted())
    assert misfits(wanted(), lock) == [], "run bin/lock"


def test_everything_in_the_lock_has_hashes_and_names_no_place_of_a_machine() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [name for name, (_, hashes) in locked(text).items() if not hashes] == []
    assert not re.search(r"^-|https?://|file:|@ ", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("lock", "misfit"),
    [
        ("a==1.5 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via x\n", []),
        ("a==1.5\n", ["a<2,>=1.2"]),
        ("a==1.1 \\\n    --hash=sha256:" + "0" * 64 + "\n", ["a<2,>=1.2"]),
        ("a==2.0 \\\n    --hash=sha256:" + "0" * 64 + "\n", ["a<2,>=1.2"]),
        ("ab==1.5 \\\n    --hash=sha256:" + "0" * 64 + "\n", ["a<2,>=1.2"]),
    ],
)
def test_a_lock_that_does_not_fit_is_seen(lock: str, misfit: list[str]) -> None:
    assert misfits(["a>=1.2,<2"], locked(lock)) == misfit
