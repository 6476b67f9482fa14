"""Whatever is missing, damaged or of another version in a data folder: a sentence says it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.adapters.keys import file_keys
from edge.adapters.site_database import FILE as JOURNAL
from edge.cli import main
from edge.journal import database

Spoil = Callable[[Path], object]


def _rewrite(path: Path, change: Callable[[bytearray], object]) -> None:
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


def _flip(folder: Path, place: int) -> None:
    def flip(content: bytearray) -> None:
        content[place] ^= 1

    _rewrite(folder / JOURNAL, flip)


def _sql(folder: Path, *statements: str) -> None:
    db = database.open_writer(folder / JOURNAL, file_keys(folder).journal_key())
    for statement in statements:
        db.execute(statement)
    db.conn.close()


SPOILT: dict[str, tuple[Spoil, str]] = {
    "no folder": (shutil.rmtree, "There is no data folder"),
    "no settings": (lambda folder: (folder / "site.toml").unlink(), "has no site.toml"),
    "settings that are no text": (
        lambda folder: (folder / "site.toml").write_bytes(b"\xff\x00"),
        "is not valid TOML",
    ),
    "no key": (
        lambda folder: (folder / "keys" / "journal.key").unlink(),
        "The key of the database is missing",
    ),
    "a key of another site": (
        lambda folder: (folder / "keys" / "journal.key").write_text("ab" * 32),
        "the key does not fit",
    ),
    "a key that is none": (
        lambda folder: (folder / "keys" / "journal.key").write_text("ab"),
        "missing or unreadable",
    ),
    "the first page": (lambda folder: _flip(folder, 700), "amaged"),
    "a file cut short": (
        lambda folder: _rewrite(
            folder / JOURNAL, lambda content: content.__delitem__(slice(40_000, None))
        ),
        "amaged",
    ),
    "a newer version": (
        lambda folder: _sql(folder, "UPDATE migration SET number = 9999 WHERE number = 38"),
        "written by a newer version",
    ),
    "an older version": (
        lambda folder: _sql(folder, "DELETE FROM migration WHERE number > 30"),
        "is of an older version",
    ),
}


@pytest.mark.parametrize(("spoil", "told"), SPOILT.values(), ids=SPOILT)
def test_a_folder_that_cannot_be_used_is_told_in_a_sentence(
    tmp_path: Path, made_site: Path, spoil: Spoil, told: str
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(made_site, folder)
    spoil(folder)
    commands: set[tuple[str, ...]] = {("status",), ("journal", "verify"), ("run",)}
    if told == "is of an older version":
        commands.remove(("run",))  # a start brings it up to date
    if "toml" in told.lower():
        commands.remove(("journal", "verify"))  # which asks for no settings
    for command in sorted(commands):
        ended = CliRunner().invoke(main, [*command, "--data", str(folder)])
        assert isinstance(ended.exception, SystemExit), (command, ended.exception)
        assert ended.exit_code in (1, 75), command
        assert told in ended.output, command
        assert len(ended.output.strip().splitlines()) <= 4, ended.output


def test_damaged_pages_are_named_and_what_can_still_be_read_is_counted(
    tmp_path: Path, made_site: Path
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(made_site, folder)
    good = CliRunner().invoke(main, ["journal", "verify", "--data", str(folder)])
    assert good.exit_code == 0
    assert "pages of the file are in order" in good.output
    for page in (12, 30):
        _flip(folder, page * database.PAGE + 100)
    ended = CliRunner().invoke(main, ["journal", "verify", "--data", str(folder)])
    assert ended.exit_code == 1
    assert isinstance(ended.exception, SystemExit)
    assert "Damaged pages of the file: 13, 31 (2 of" in ended.output
    assert "backup" in ended.output
