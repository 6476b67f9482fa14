"""A copy of the tables for a technician's tools: what is in it, what never is, and who may read it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from edge.cli import main
from edge.domain.catalogue import Staff
from edge.journal import plain_copy
from edge.node import Node
from edge.services.commands import GiveDose, RecordObservation

NAMES = ("Wanjiru", "Grace", "Moyo", "+254", "pregnant")


@pytest.fixture
def folder(
    node: Node,
    site_folder: Path,
    staff: Callable[[str], Staff],
    person: Callable[[str], str],
    dose: Callable[..., GiveDose],
) -> Path:
    """Record a dose, an observation and a PIN; close the site and give its folder."""
    node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    seen = RecordObservation(person=person("Tendai Moyo"), code="pregnant")
    node.desk.take(node.site.ids.new(), seen, staff("V1"))
    node.authenticator.set_pin("V1", "135790", by="S1")
    node.close()
    return site_folder


def copied(folder: Path, file: Path, *options: str) -> Result:
    arguments = ["journal", "copy", str(file), "--data", str(folder), *options]
    return CliRunner().invoke(main, arguments)


def words(file: Path) -> str:
    db = sqlite3.connect(file)
    text = "\n".join(db.iterdump())
    db.close()
    return text


def test_a_copy_counts_what_the_site_has_and_names_nobody(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    told = json.loads(copied(folder, file, "--json").stdout)
    assert told["people"] is False
    db = Database(file)
    assert {name: db.table(name).count for name in told["rows"]} == told["rows"]
    assert told["rows"]["dose"] > 1
    assert told["rows"]["person"] > 3
    (day,) = db.query("SELECT vaccine, doses FROM doses_a_day")
    assert day == {"vaccine": "coviprotect", "doses": 1}
    assert {"person", "given_on"} <= {
        column for i in db.table("dose").indexes for column in i.columns
    }
    db.close()
    assert not [name for name in NAMES if name in words(file)]


def test_with_people_a_name_is_found_by_a_word_of_it_with_or_without_its_accents(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    assert copied(folder, file, "--with-people").exit_code == 0
    db = Database(file)
    assert [row["name"] for row in db.table("person").search("wanjirũ")] == ["Grace Wanjiru"]
    assert db.table("observation").count == 1
    db.close()


@pytest.mark.parametrize("options", [(), ("--with-people",)])
def test_no_copy_holds_a_session_a_setting_a_failure_or_a_verifier(
    folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    file = tmp_path / "copy.db"
    assert copied(folder, file, *options).exit_code == 0
    db = Database(file)
    assert not {
        "session",
        "setting",
        "pin",
        "pin_try",
        "pin_remade",
        "access",
        "shown",
        "catalogue",
    } & set(db.table_names())
    db.close()
    text = words(file)
    assert "sealed:" not in text
    assert "argon2" not in text


def test_a_copy_is_its_owners_alone_and_replaces_no_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    assert copied(folder, file).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    again = copied(folder, file)
    assert again.exit_code == 1
    assert "There is a file" in again.output
    assert file.read_bytes() == before
    nowhere = copied(folder, tmp_path / "none" / "copy.db")
    assert nowhere.exit_code == 1
    assert "No file can be made" in nowhere.output


@pytest.mark.parametrize(
    "error", [OSError("gone"), sqlite3.OperationalError("database or disk is full")]
)
def test_a_copy_that_fails_half_way_leaves_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(plain_copy, "_rows", broken)
    failed = copied(folder, tmp_path / "copy.db", "--with-people")
    assert failed.exit_code == 1
    assert list(tmp_path.glob("copy.db*")) == []
    if isinstance(error, sqlite3.Error):
        assert "disk is full" in failed.output


def test_the_tool_that_the_page_names_reads_the_copy(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    assert copied(folder, file).exit_code == 0
    run = subprocess.run(
        [sys.executable, "-m", "sqlite_utils", "query", file, "SELECT * FROM doses_a_day"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert [row["doses"] for row in json.loads(run.stdout)] == [1]


def test_opening_a_journal_registers_no_other_sqlite_for_the_process() -> None:
    code = (
        "import sys; import edge.journal.database;"
        " print(sorted(n for n in sys.modules if n.startswith('pysqlite3')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.strip() == "[]"
