"""The tables are held against the journal: what was written past it is named, and repaired."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rebuilding import fill_every_table

from edge.adapters.keys import file_keys
from edge.cli import main
from edge.journal import database
from edge.journal.projections import TABLES
from edge.node import Node

ALL = tuple(TABLES)


@pytest.fixture
def folder(site_folder: Path, node: Node) -> Path:
    fill_every_table(node)
    node.close()
    return site_folder


@contextmanager
def past_the_journal(folder: Path) -> Iterator[Any]:
    db = database.open_writer(folder / "journal.db", file_keys(folder).journal_key())
    db.execute("PRAGMA foreign_keys=OFF")
    yield db
    db.close()


def verify(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["journal", "verify", *more, "--data", str(folder)])


def differences(folder: Path) -> list[dict[str, Any]]:
    found = json.loads(verify(folder, "--json").stdout)
    assert found["broken"] is None
    return list(found["differences"])


def test_the_tables_of_an_honest_site_are_what_its_journal_makes(folder: Path) -> None:
    told = verify(folder)
    assert told.exit_code == 0, told.output
    assert "entries hold together" in told.output
    assert differences(folder) == []


@pytest.mark.slow
def test_doses_of_another_lot_and_a_planted_pin_are_named_and_repaired(folder: Path) -> None:
    with past_the_journal(folder) as db:
        changed = db.execute("UPDATE dose SET lot = 'OTHER'").rowcount
        db.execute("UPDATE pin SET verifier = 'planted' WHERE staff = 'V1'")
    assert changed > 1
    found = differences(folder)
    assert [one["part"] for one in found] == ["dose"] * changed + ["pin"]
    assert {(one["fault"], *one["columns"]) for one in found} == {
        ("changed", "lot"),
        ("changed", "verifier"),
    }
    told = verify(folder)
    assert told.exit_code == 1
    assert "pin V1: says something else than the journal (verifier)." in told.output
    assert "OTHER" not in told.output
    assert "planted" not in told.output
    repaired = verify(folder, "--repair")
    assert repaired.exit_code == 0, repaired.output
    assert f"{changed + 1} differences are gone" in repaired.output
    assert differences(folder) == []


@pytest.mark.parametrize("table", ALL)
def test_a_row_that_is_changed_removed_or_added_is_named_in_every_table(
    folder: Path, table: str
) -> None:
    keys = [column.strip() for column in TABLES[table].split(",")]
    with past_the_journal(folder) as db:
        first = db.execute(f"SELECT * FROM {table} ORDER BY {TABLES[table]}").fetchone()
        columns = [column.name for column in db[table].columns]
        row = dict(zip(columns, first, strict=True))
        others = [name for name in columns if name not in keys]
        where = " AND ".join(f"{name} = ?" for name in keys)
        values = [row[name] for name in keys]
        changed = db[table].columns_dict
        text = next((name for name in others if changed[name] is str), None)
        if text is not None:
            db.execute(f"UPDATE {table} SET {text} = {text} || '~' WHERE {where}", values)
    if text is not None:
        (found,) = differences(folder)
        assert (found["part"], found["fault"], found["columns"]) == (table, "changed", [text])
    with past_the_journal(folder) as db:
        db.execute(f"DELETE FROM {table} WHERE {where}", values)
    (found,) = differences(folder)
    assert (found["part"], found["fault"]) == (table, "missing")
    another = {
        name: row[name] + 10**6 if isinstance(row[name], int) else f"{row[name]}~"
        for name in (*keys, *(name for name in others if name == "code"))
    }
    with past_the_journal(folder) as db:
        db[table].insert_all([row, row | another])
    (found,) = differences(folder)
    assert (found["part"], found["fault"]) == (table, "added")


def test_a_trigger_that_was_taken_away_is_named_and_not_called_repaired(folder: Path) -> None:
    with past_the_journal(folder) as db:
        db.execute("DROP TRIGGER entry_is_never_changed")
    assert differences(folder) == [
        {
            "part": "schema",
            "fault": "missing",
            "key": ["trigger entry_is_never_changed"],
            "columns": [],
        }
    ]
    told = verify(folder, "--repair")
    assert told.exit_code == 1
    assert "Nothing was repaired: the shape of the database was changed" in told.output


def test_nothing_is_made_again_beside_a_trigger_that_somebody_planted(folder: Path) -> None:
    with past_the_journal(folder) as db:
        db.execute("UPDATE pin SET verifier = 'planted' WHERE staff = 'V1'")
        db.execute("CREATE TRIGGER evil AFTER INSERT ON dose BEGIN UPDATE dose SET lot = 'X'; END")
    before = differences(folder)
    assert {one["part"] for one in before} == {"schema", "pin"}
    told = verify(folder, "--repair")
    assert told.exit_code == 1
    assert "Nothing was repaired" in told.output
    assert differences(folder) == before


def test_a_comparison_leaves_nothing_and_tells_no_name(folder: Path) -> None:
    before = {path.name for path in folder.iterdir()}
    (folder / "comparison.db").write_bytes(b"of a comparison that was ended")
    with past_the_journal(folder) as db:
        db.execute("DELETE FROM spelling")
        db.execute("UPDATE person SET name = 'Somebody Else'")
    told = verify(folder)
    assert told.exit_code == 1
    assert "wanjiru" not in told.output.casefold()
    assert "Somebody" not in told.output
    assert {path.name for path in folder.iterdir()} - before <= {"journal.db-wal", "journal.db-shm"}


def test_the_tables_are_compared_while_the_node_gives_doses(site_folder: Path, node: Node) -> None:
    fill_every_table(node)
    assert differences(site_folder) == []
    told = verify(site_folder, "--repair")
    assert told.exit_code == 0, told.output
    with node.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM dose").fetchone()[0] > 0


FILE_SOMEBODY = """
from edge.domain.people import Person
from edge.domain.search_keys import filed
identity = "did:in.gov.uidai.aadhaar:2342343334"
amina = Person(id="p", code="ABC123", name="Amina Hassan", gender="Female", identity=identity)
print(filed(amina))
"""


def test_a_person_is_filed_in_the_same_words_by_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", FILE_SOMEBODY],
            env={
                **os.environ,
                "PYTHONHASHSEED": str(seed),
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(told) == 1


@pytest.mark.parametrize("name", ["sqlite-x", "sqlitemaster", "SQLITE.x"])
def test_a_trigger_that_is_named_almost_as_sqlites_own_is_seen(folder: Path, name: str) -> None:
    with past_the_journal(folder) as db:
        db.execute(
            f'CREATE TRIGGER "{name}" AFTER INSERT ON dose BEGIN'
            " UPDATE dose SET lot = 'OTHER' WHERE id = new.id; END"
        )
    assert [(one["part"], one["fault"], *one["key"]) for one in differences(folder)] == [
        ("schema", "added", f"trigger {name}")
    ]


@pytest.mark.slow
def test_a_text_whose_bytes_are_no_utf_8_stops_no_comparison_and_no_repair(folder: Path) -> None:
    with past_the_journal(folder) as db:
        db.execute("UPDATE dose SET lot = CAST(x'ff41' AS TEXT)")
        db.execute("UPDATE pin SET staff = CAST(x'fe42' AS TEXT) WHERE staff = 'V1'")
    found = differences(folder)
    assert {one["part"] for one in found} == {"dose", "pin"}
    assert [one["key"] for one in found if one["fault"] == "added"] == [["\\udcfeB"]]
    assert verify(folder).exit_code == 1
    repaired = verify(folder, "--repair")
    assert repaired.exit_code == 0, repaired.output
    assert differences(folder) == []


@pytest.mark.parametrize("content", ["no JSON", "[]", "{}", "CAST(x'7bff' AS TEXT)"])
def test_tables_are_made_of_no_journal_that_is_broken_and_the_place_is_named_as_it_is_verified(
    folder: Path, content: str
) -> None:
    with past_the_journal(folder) as db:
        db.execute("DROP TRIGGER entry_is_never_changed")
        value = content if content.startswith("CAST") else f"'{content}'"
        db.execute(f"UPDATE entry SET content = {value} WHERE type = 'PinSet'")
    before = json.loads(verify(folder, "--json").stdout)["broken"]
    told = CliRunner().invoke(main, ["journal", "rebuild", "--data", str(folder)])
    assert told.exit_code == 1
    assert f"broken at position {before['position']}" in told.output
    assert before["reason"] in told.output
    with past_the_journal(folder) as db:
        assert db.execute("SELECT count(*) FROM dose").fetchone()[0], "the tables stay as they were"
