"""What the tests import is where they think it is."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_two_folders_that_tests_import_from_hold_a_module_of_the_same_name() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = settings["tool"]["pytest"]["ini_options"]["pythonpath"]
    names = Counter(
        path.stem
        for folder in folders
        for path in (ROOT / folder).glob("*.py")
        if not path.stem.startswith("__")
    )
    assert len(names) > 10
    assert [name for name, count in names.items() if count > 1] == []
