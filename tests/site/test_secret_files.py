"""Secrets in files as people's editors save them: a mark, other line ends, UTF-16, or not text."""

from __future__ import annotations

import codecs
import io
import json
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


def test_a_question_that_nobody_answers_is_told_to_a_script_as_json(site_folder: Path) -> None:
    words = ["people", "not-same", "one", "other", "--data", str(site_folder), "--by", "S1"]
    told = CliRunner().invoke(main, [*words, "--json"], input="")
    assert told.exit_code == 1
    error = json.loads(told.stdout.splitlines()[-1])["error"]
    assert error["code"] == "command.unanswered"


def test_who_saw_somebody_that_is_not_here_is_refused_and_not_an_empty_list(
    site_folder: Path,
) -> None:
    asked = ["access", "list", "--person", "nobody", "--data", str(site_folder), "--json"]
    told = CliRunner().invoke(main, asked)
    assert json.loads(told.stdout)["error"]["code"] == "person.unknown"
