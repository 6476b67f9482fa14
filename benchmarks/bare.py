"""What bare SQLite does with the rows of a dose: this machine's own limit for a site.

The rows are those that a site has just written, into an empty file that is encrypted and synced as
a site's is; nothing is decided, signed, linked or answered.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.adapters.site_database import reading
from edge.journal import database

_KEY = bytes(32)
_LIMIT = 3000
_OF_A_DOSE = ("entry", "dose", "certificate", "credential", "queue")
_QUERIES = {
    "dose": "SELECT * FROM dose WHERE id = ?",
    "certificate": "SELECT * FROM certificate WHERE dose = ?",
    "credential": "SELECT credential.* FROM credential JOIN certificate"
    " ON certificate.id = credential.certificate WHERE certificate.dose = ?",
    "queue": "SELECT queue.* FROM queue JOIN dose ON dose.person = queue.person WHERE dose.id = ?",
    "entry": "SELECT * FROM entry WHERE cause = ? ORDER BY position",
}
Rows = Sequence[tuple[str, tuple[Any, ...]]]
"""What one commit writes: a table and a row of it each."""


@dataclass(frozen=True, slots=True)
class Written:
    """What doses left in a site: the rows of each, and how its tables and indexes are made."""

    doses: Sequence[Rows]
    columns: Mapping[str, int]
    schema: Sequence[str]


def written(site: Path) -> Written:
    """Read what the last doses of a site left in its tables."""
    with reading(site) as db:
        ids = [
            id_
            for (id_,) in db.execute(
                "SELECT id FROM dose WHERE reported = 0 ORDER BY position DESC LIMIT ?", (_LIMIT,)
            )
        ]
        doses = [
            [
                (table, tuple(row))
                for table in _OF_A_DOSE
                for row in db.execute(_QUERIES[table], (id_,))
            ]
            for id_ in reversed(ids)
        ]
        marks = ", ".join("?" for _ in _OF_A_DOSE)
        schema = db.execute(
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
            f" AND tbl_name IN ({marks}) ORDER BY type DESC",
            _OF_A_DOSE,
        ).fetchall()
        columns = {
            table: len(db.execute(f"PRAGMA table_info({table})").fetchall()) for table in _OF_A_DOSE
        }
    return Written(doses, columns, [sql for (sql,) in schema])


def commits(rows: Written, path: Path, clients: int = 1) -> float:
    """Give the commits a second of some processes, each with a connection, a dose a commit."""
    db = database.open_writer(path, _KEY)
    for sql in rows.schema:
        db.execute(sql)
    db.conn.close()
    shares = [rows.doses[client::clients] for client in range(clients)]
    if clients == 1:
        return len(rows.doses) / _write(path, rows.columns, shares[0])
    with multiprocessing.Pool(clients) as pool:
        spent = pool.starmap(_write, [(path, rows.columns, share) for share in shares])
    return len(rows.doses) / max(spent)


def one_row(rows: Written, path: Path) -> float:
    """Give the commits a second of one process that writes the row of a dose, without an index."""
    count = rows.columns["dose"]
    db = database.open_writer(path, _KEY)
    db.execute(f"CREATE TABLE dose ({', '.join(f'c{place}' for place in range(count))})")
    db.conn.close()
    alone = [[(table, row) for table, row in dose if table == "dose"] for dose in rows.doses]
    return len(alone) / _write(path, {"dose": count}, alone)


def _write(path: Path, columns: Mapping[str, int], doses: Sequence[Rows]) -> float:
    """Write doses, a commit each, and give the seconds it took."""
    db = database.open_writer(path, _KEY)
    execute = db.conn.execute
    execute("PRAGMA busy_timeout=60000")
    inserts = {
        table: f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * count)})"
        for table, count in columns.items()
    }
    start = time.perf_counter()
    for dose in doses:
        execute("BEGIN IMMEDIATE")
        for table, row in dose:
            execute(inserts[table], row)
        execute("COMMIT")
    spent = time.perf_counter() - start
    db.conn.close()
    return spent
