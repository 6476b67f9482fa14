"""What a site writes beside its journal is old or new after a power cut, and nothing between."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.profiles import keep_own
from edge.adapters.settings import PrinterSettings, Settings, write_settings
from printers.errors import PrinterError
from sync.own_files import write_once

PRINTER = PrinterSettings("desk", "file:///dev/null", "escpos-80")
WRITTEN: dict[str, Callable[[Path], object]] = {
    "settings": lambda folder: write_settings(folder, Settings(facility="DEMO01")),
    "calibration": lambda folder: keep_own(folder, PRINTER, {"width": 512}),
    "keys": lambda folder: FileKeys(folder / "keys", SystemEntropy()).create(),
    "a first key": lambda folder: write_once(folder / "registry.pem", "a key"),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], object]
) -> None:
    done: list[tuple[str, Path]] = []
    fsync, replace, mkdir = os.fsync, os.replace, os.mkdir

    def synced(handle: int) -> None:
        done.append(("fsync", Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    def replaced(old: Path, new: Path) -> None:
        done.append(("from", Path(old)))
        done.append(("name", Path(new)))
        replace(old, new)

    def made(path: Path, *rest: int) -> None:
        mkdir(path, *rest)
        if Path(path).is_relative_to(tmp_path):
            done.append(("folder", Path(path)))

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(os, "mkdir", made)
    write(tmp_path)
    names = [(index, path) for index, (what, path) in enumerate(done) if what == "name"]
    assert names
    for index, path in names:
        old = done[index - 1][1]
        assert ("fsync", old) in done[: index - 1]
        assert ("fsync", path.parent) in done[index:]
    for index, path in [(at, place) for at, (what, place) in enumerate(done) if what == "folder"]:
        assert ("fsync", path.parent) in done[index:]


def test_a_calibration_that_makes_no_profile_leaves_what_was_there(tmp_path: Path) -> None:
    path = keep_own(tmp_path, PRINTER, {"width": 512})
    before = path.read_bytes()
    with pytest.raises(PrinterError, match="width"):
        keep_own(tmp_path, PRINTER, {"width": "many"})
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]
