"""A PostgreSQL server of its own, from Debian's package, for tests and benchmarks."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_USER = "postgres"


def programs() -> Path | None:
    """Find the folder of PostgreSQL's programs: Debian keeps them out of the path."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[4])
    )
    initdb = found[-1] if found else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


class Cluster:
    """A running server, reached over a socket in a folder that only its user can open."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self.folder, self._bin = folder, bin_
        self._numbers = itertools.count()

    def uri(self, database: str = "postgres") -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.uri(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def fresh(self, template: str = "template1") -> str:
        """Make a database; its name."""
        name = f"fresh_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def control(self, *words: str) -> None:
        as_user(
            self._bin / "pg_ctl",
            "-w",
            "-D",
            str(self.folder / "data"),
            "-l",
            str(self.folder / "log"),
            *words,
        )


def as_user(*command: str | Path) -> None:
    """Run a program as PostgreSQL's user: it refuses to run as root."""
    before = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    run = subprocess.run([*before, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", check=False)  # fmt: skip
    if run.returncode:
        raise RuntimeError(run.stdout.decode())


@contextmanager
def cluster(bin_: Path, *settings: str) -> Iterator[Cluster]:
    """Start a server with settings (``name=value``), and end it and all it held afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="divoc-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)
    server = Cluster(folder, bin_)
    try:
        as_user(
            bin_ / "initdb", "-D", folder / "data", "-U", _USER, "-A", "trust",
            "-E", "UTF8", "--locale=C", "-N",
        )  # fmt: skip
        words = " ".join(
            f"-c {one}"
            for one in ("listen_addresses=", f"unix_socket_directories={folder}", *settings)
        )
        server.control("-o", words, "start")
        try:
            yield server
        finally:
            server.control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
