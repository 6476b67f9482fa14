"""Where SQL stands: whoever asks the journal something asks a function of ``edge/journal``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_ITS_OWN = {"edge/adapters/trust_store.py"}
"""Lists from others lie in a database of their own, which this file owns whole."""

CALLS = {
    *("execute", "executemany", "executescript"),
    *("table", "upsert", "upsert_all", "insert_all", "delete_where", "count_where"),
}
"""Methods of a database or of a table, of the driver and of sqlite-utils."""
SQL = re.compile(
    r"\s*(SELECT\s.*\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s+\w+\s+SET\s"
    r"|DELETE\s+FROM\s|PRAGMA\s|CREATE\s+(\w+\s+)?(TABLE|INDEX|VIEW|TRIGGER)\s|WITH\s.*\sSELECT\s)",
    re.DOTALL,
)


def statements(source: str) -> Iterator[str]:
    """Give where a module asks a database something."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in CALLS:
            yield f"{node.lineno}: .{node.attr}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield f"{node.lineno}: {node.value.strip()[:20]}"


@pytest.mark.slow
def test_sql_of_a_site_stands_in_the_journal_alone() -> None:
    asked = {
        str(path.relative_to(ROOT)): list(statements(path.read_text(encoding="utf-8")))
        for path in sorted((ROOT / "edge").rglob("*.py"))
    }
    outside = {
        name: found
        for name, found in asked.items()
        if found and not name.startswith("edge/journal/") and name not in OF_ITS_OWN
    }
    assert outside == {}
    assert all(asked[name] for name in OF_ITS_OWN)
    assert sum(map(len, asked.values())) > 50


def test_one_file_asks_for_the_settings_that_a_node_keeps() -> None:
    owners = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "edge").rglob("*.py"))
        if "migrations" not in path.parts
        and re.search(
            r"\b(FROM|INTO|UPDATE|JOIN)\s+setting\b|table\(\"setting\"\)|\[\"setting\"\]",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert owners == ["edge/journal/settings.py"]


@pytest.mark.parametrize(
    "source",
    [
        'db.execute("x")', "run = db.conn.executemany", 'db.query("SELECT id FROM dose")', 'db.table("dose").count',
        'wanted = """\n  SELECT id\n  FROM dose"""', 'f"UPDATE {x} SET a = 1"; "UPDATE dose SET a = 1"',
        '"INSERT OR IGNORE INTO dose VALUES (1)"', '"PRAGMA user_version"',
    ],
)  # fmt: skip
def test_a_statement_in_a_wrong_place_is_seen(source: str) -> None:
    assert list(statements(source))


def test_a_sentence_is_no_statement() -> None:
    assert not list(statements('"Update the campaign, and select a printer from the list."'))
