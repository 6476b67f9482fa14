"""What the page that verifies by itself takes from others is locked by hash, and is what came out of the lock."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER, STATIC = ROOT / "edge/web/libraries", ROOT / "edge/web/static"


def test_the_file_of_libraries_is_the_one_that_was_written_from_the_lock() -> None:
    said, name = (FOLDER / "libraries.sha256").read_text().split()
    assert name == "libraries.js"
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == said, (
        "run bin/page-libraries"
    )


def test_every_library_is_locked_by_version_and_hash_and_its_licence_lies_beside_it() -> None:
    wanted = json.loads((FOLDER / "package.json").read_text())
    locked = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    licences = (STATIC / "libraries.LICENCES.txt").read_text(encoding="utf-8")
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all(one["integrity"].startswith("sha512-") for path, one in locked.items() if path)
    assert all(name in licences for name in wanted["dependencies"])


def test_every_script_that_the_page_imports_is_kept_by_its_worker() -> None:
    worker = (STATIC / "worker.js").read_text()
    seen, todo = set(), ["offline.js"]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        lines = (STATIC / name).read_text(encoding="utf-8").splitlines()
        todo += [line.split('"./')[1].split('"')[0] for line in lines if 'from "./' in line]
    assert len(seen) > 6
    assert [name for name in sorted(seen) if f'"/static/{name}"' not in worker] == []
