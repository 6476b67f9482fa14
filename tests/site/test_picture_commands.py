"""Commands that read pictures: none is opened in the command's own process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from command_line import run
from photographs import code, saved

from edge.credentials import pictures as decoding
from printers.calibration import payload

COMMANDS = {
    "verify": (("verify",), "not a certificate in a form known here", "cannot be opened"),
    "calibrate-result": (
        ("print", "calibrate-result", "--picture"),
        "native_qr 600",
        "No code that the printer made",
    ),
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "slip.png"
    path.write_bytes(saved(code(payload(600).decode(), 1200)))
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_opens_no_picture_in_its_own_process(
    name: str, picture: Path, site_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(_picture: bytes) -> list[bytes]:
        raise AssertionError(name)

    monkeypatch.setattr(decoding, "codes_in_picture", opened)
    command, words, _ = COMMANDS[name]
    told = run(*command, picture, "--data", site_folder)
    assert not isinstance(told.exception, AssertionError)
    assert words in told.output


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_outlives_a_picture_that_ends_what_reads_it(
    name: str, picture: Path, site_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = tmp_path / "ends"
    ends.write_text("#!/bin/sh\nkill -KILL $$\n", encoding="ascii")
    ends.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(ends))
    command, _, words = COMMANDS[name]
    told = run(*command, picture, "--data", site_folder)
    assert told.exit_code == 1
    assert words in told.output
