"""Secrets in files as people's editors save them: a mark, other line ends, UTF-16, or not text."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.cli.secret_files import secret_of
from edge.domain.errors import BadInput

SAVED = {
    "plain": b"2468",
    "line ends": b"2468\r\n",
    "a mark": codecs.BOM_UTF8 + b"2468\r\n",
    "UTF-16": codecs.BOM_UTF16_LE + "2468\r\n".encode("utf-16-le"),
    "UTF-16, the other way": codecs.BOM_UTF16_BE + "2468\n".encode("utf-16-be"),
}


@pytest.mark.parametrize("saved", SAVED.values(), ids=SAVED)
def test_a_pin_is_read_however_its_file_was_saved(saved: bytes, tmp_path: Path) -> None:
    file = tmp_path / "pin.txt"
    file.write_bytes(saved)
    made = CliRunner().invoke(main, ["staff", "pin", "--pin-file", str(file)])
    assert made.exit_code == 0, made.output
    assert made.output.startswith("$argon2id$")


@pytest.mark.parametrize("saved", [b"24\xff68", codecs.BOM_UTF16_LE + b"2"])
def test_what_is_no_text_is_refused_in_words_that_hold_none_of_it(
    saved: bytes, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        secret_of(io.BytesIO(saved), "--pin-file")
    assert refused.value.field == "--pin-file"
    assert refused.value.__suppress_context__
    file = tmp_path / "pin.txt"
    file.write_bytes(saved)
    told = CliRunner().invoke(main, ["staff", "pin", "--pin-file", str(file)])
    assert "Save it again as UTF-8." in told.output
    assert told.exit_code == 1
