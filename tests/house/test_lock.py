"""What an appliance installs is locked, whole, by hash, and as pyproject.toml wants it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
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


LOCKS = ("requirements.lock", "requirements-extras.lock")


def test_the_lock_with_the_extras_has_all_of_them_and_else_what_the_other_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    one, whole = (locked((ROOT / name).read_text(encoding="utf-8")) for name in LOCKS)
    extras = [
        *project["optional-dependencies"]["heic"],
        *project["optional-dependencies"]["postgres"],
        *project["optional-dependencies"]["pkcs11"],
    ]
    assert misfits([*wanted(), *extras], whole) == [], "run bin/lock"
    assert {name: whole.get(name) for name in one} == one


def test_a_release_is_installed_by_hash_wherever_the_project_says_how() -> None:
    """Else pip takes any file of that version, whoever put it there."""
    installs = [
        (path, line)
        for path in (
            *(ROOT / "bin").iterdir(),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "systemd").iterdir(),
        )
        for line in path.read_text(encoding="utf-8").splitlines()
        if "requirements" in line and ("pip install" in line or '/pip" install' in line)
    ]
    assert len(installs) >= 2
    for path, line in installs:
        assert "--require-hashes --only-binary :all:" in line, path


def package(name: str, version: str, *hashes: str) -> str:
    return f"{name}=={version} \\\n" + "".join(f"    --hash=sha256:{one * 64}\n" for one in hashes)


def bill(**licences: str) -> str:
    components = [
        {"name": name, "version": "1.0", "licenses": [{"expression": licence}],
         "hashes": [{"alg": "SHA-256", "content": "a" * 64}]}
        for name, licence in licences.items()
    ]  # fmt: skip
    return json.dumps({"components": components})


def changed(folder: Path, old: str, new: str, *options: str) -> tuple[int, str]:
    """Compare two releases with the command."""
    (folder / "old").write_text(old)
    (folder / "new").write_text(new)
    ran = subprocess.run(
        [sys.executable, ROOT / "bin/changed", folder / "old", folder / "new", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def test_what_was_added_removed_and_moved_is_told(tmp_path: Path) -> None:
    old = package("A_a", "1.0", "a") + package("b", "2.0", "b") + package("d", "1", "d")
    new = package("a-a", "1.1", "e") + package("c", "3.0", "c") + package("d", "1", "d")
    code, told = changed(tmp_path, old, new)
    assert told.splitlines()[:3] == ["added    c 3.0", "removed  b 2.0", "changed  a-a 1.0 -> 1.1"]
    assert (code, "d 1" in told, "Of licences nothing is known" in told) == (0, False, True)
    document = json.loads(changed(tmp_path, old, new, "--json")[1])
    assert document["changed"] == [{"name": "a-a", "from": "1.0", "to": "1.1"}]
    assert document["licences"] is None
    assert changed(tmp_path, old, old)[1].startswith("Nothing changed.")


@pytest.mark.parametrize("files", ["b", "ab", ""])
def test_other_files_under_the_same_version_are_an_alarm(tmp_path: Path, files: str) -> None:
    code, told = changed(tmp_path, package("a", "1.0", "a"), package("a", "1.0", *files))
    assert code == 1
    assert told.startswith("ALARM    a 1.0")
    assert ("has no hash" in told) == (files == "")


def test_a_licence_that_changed_is_told_from_two_bills_of_materials(tmp_path: Path) -> None:
    code, told = changed(tmp_path, bill(a="MIT", b="MIT"), bill(a="AGPL-3.0-only", b="MIT"))
    assert (code, told) == (0, "licence  a: MIT -> AGPL-3.0-only\n")


@pytest.mark.parametrize("text", ["", "nothing", "{}", '{"components": [1]}', "{"])
def test_what_is_neither_a_lock_nor_a_bill_of_materials_is_refused(
    tmp_path: Path, text: str
) -> None:
    code, told = changed(tmp_path, text, package("a", "1.0", "a"))
    assert code == 2
    assert told.startswith("Cannot go on: ")


def test_the_locks_of_the_project_are_read_whole_by_the_command(tmp_path: Path) -> None:
    one, whole = ((ROOT / name).read_text(encoding="utf-8") for name in LOCKS)
    found = json.loads(changed(tmp_path, one, whole, "--json")[1])
    names = {each["name"] for each in found["added"]}
    assert names == locked(whole).keys() - locked(one).keys()
    assert found["removed"] == found["changed"] == []
    assert found["alarms"] == {"otherFiles": [], "withoutHashes": []}
