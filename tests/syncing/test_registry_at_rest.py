"""What a thief has with the registry's disk alone: an encrypted database, and files of its owner."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from types import FrameType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from linked_batches import NOW, Epoch
from memory_journal import enrolment
from private import lay_open, not_the_owners_alone

from sync import key_wrapping, own_files
from sync.key_places import PLACES
from sync.key_wrapping import KeyPlaceError
from sync.protocol.errors import DatabaseError, SyncError
from sync.registry.cli import main
from sync.registry.keys import age_identities, operator_token, registry_key
from sync.registry.store.sqlite import SqliteStore, encryption
from sync.registry.store.sqlite.connections import connect
from sync.registry.store.sqlite.encryption import encrypt, is_encrypted
from sync.registry.store.sqlite.key import file_key, folder_key
from sync.registry.store.stores import embedded, open_store

MARK, PEOPLE = "Qanarizmu", 300
KEY = bytes(range(32))
WORDS = "correct horse battery staple"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a passphrase cost little, and nothing that was opened stay at hand."""
    monkeypatch.setattr(key_wrapping, "_MEMORY", 1024)
    key_wrapping.opened.cache_clear()
    yield
    key_wrapping.opened.cache_clear()


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=typed)


def people() -> Epoch:
    return Epoch("n1", "00000000000000e1").grow(PEOPLE, text=f"{MARK} Wanjiru")


def fill(store: Any) -> None:
    """Put 300 names into a store: in entries, in a letter, as a site's name."""
    store.enrol("n1", "key", "FAC01", f"{MARK} post", NOW)
    store.accept(people().links, NOW)
    store.post("n1", "enrolments", "l-1", json.dumps({"text": MARK * 20}), NOW)


def plain_file(path: Path) -> Path:
    """Make a database as every version before kept it, with a log that was not folded in."""
    path.parent.mkdir(exist_ok=True)
    with closing(SqliteStore(path)) as store:
        fill(store)
        held = path.with_name("held")
        shutil.copytree(path.parent, held, ignore=lambda *_: ["held"])
    for name in (path.name, f"{path.name}-wal"):  # as after a power cut
        shutil.copy(held / name, path.with_name(name))
    shutil.rmtree(held)
    return path


def with_mark(folder: Path) -> list[str]:
    marks = [MARK.encode(), MARK.encode("utf-16-le")]
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(mark in path.read_bytes() for mark in marks)
    ]


def count(path: Path, key: bytes | None) -> int:
    with closing(connect(path, key, "rw")) as db:
        return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def test_none_of_300_names_is_on_the_registrys_disk_in_clear(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    store = open_store(embedded(data))
    fill(store)
    assert (data / "registry.db-wal").stat().st_size > 100_000  # the log is on the disk, too
    assert with_mark(data) == []
    store.close()
    assert with_mark(data) == []
    with pytest.raises(sqlite3.DatabaseError), closing(sqlite3.connect(data / "registry.db")) as db:
        db.execute("SELECT count(*) FROM entry")
    again = open_store(embedded(data))
    assert len(again.entries("n1", people().epoch, 0, 1000)) == PEOPLE
    assert MARK in again.entries("n1", people().epoch, 0, 1)[0].content
    assert len(list(again.of_type("DoseGiven"))) == PEOPLE
    again.close()


def test_a_plain_database_is_encrypted_whole_with_what_stood_in_its_log(tmp_path: Path) -> None:
    path = plain_file(tmp_path / "data/registry.db")
    assert "registry.db-wal" in with_mark(path.parent)
    key = file_key(path)
    assert with_mark(path.parent) == []
    assert count(path, key) == PEOPLE
    assert sorted(one.name for one in path.parent.iterdir()) == ["keys", "registry.db"]
    assert encrypt(path, key) is False


def test_every_command_encrypts_a_plain_database_that_it_finds(tmp_path: Path) -> None:
    plain_file(tmp_path / "data/registry.db")
    done = run("nodes", "--data", tmp_path / "data", "--json")
    assert json.loads(done.output)[0]["entries"] == PEOPLE
    assert with_mark(tmp_path / "data") == []


def beside(work: Callable[[], object]) -> int:
    """Do something in another process, and give the code with which it ended."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(line: int, path: Path) -> bool:
    """Encrypt in a process that is killed before so many lines are done; true if it was.

    Of a line that is done again and again, the first three times count: nine in ten only read one
    table's count after the other.
    """
    left, times = line, Counter[tuple[str, int]]()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in (encryption.__file__, own_files.__file__):
            return None
        if event == "line":
            place = (frame.f_code.co_filename, frame.f_lineno)
            times[place] += 1
            left -= times[place] <= 3
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    def work() -> None:
        sys.settrace(trace)
        encrypt(path, KEY)

    code = beside(work)
    assert code in (0, -signal.SIGKILL)
    return code != 0


def lost_or_found(path: Path) -> str:
    """Say as what a database is found after a death: ``plain`` or ``encrypted``, whole."""
    sealed = is_encrypted(path)
    assert count(path, KEY if sealed else None) == PEOPLE
    return "encrypted" if sealed else "plain"


@pytest.mark.slow
def test_whoever_is_killed_while_encrypting_leaves_the_old_or_the_new_whole(
    tmp_path: Path,
) -> None:
    before = plain_file(tmp_path / "before/registry.db").parent
    found = []
    for line in range(1, 2000):
        path = tmp_path / f"{line}/registry.db"
        shutil.copytree(before, path.parent)
        died = killed_at(line, path)
        found.append(lost_or_found(path))
        encrypt(path, KEY)  # the next start
        assert lost_or_found(path) == "encrypted"
        assert with_mark(path.parent) == []
        assert [one.name for one in path.parent.iterdir()] == ["registry.db"]
        shutil.rmtree(path.parent)
        if not died:
            break
    assert not died
    turn = found.index("encrypted")
    assert turn > 25  # it was killed on both sides
    assert len(found) - turn > 3
    assert set(found[turn:]) == {"encrypted"}


def test_a_database_that_another_program_uses_is_not_encrypted_and_not_harmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain_file(tmp_path / "registry.db")
    monkeypatch.setattr(
        "sync.registry.store.sqlite.connections._PRAGMAS", ("busy_timeout=50", "synchronous=FULL")
    )
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            store = SqliteStore(path)
            os.write(ready[1], b"x")
            os.read(done[0], 1)
            store.enrol("n2", "key", "FAC02", "later", NOW)
        finally:
            os._exit(0)
    os.read(ready[0], 1)
    with pytest.raises(DatabaseError) as refused:
        file_key(path)
    assert refused.value.temporary
    os.write(done[1], b"x")
    os.waitpid(child, 0)
    with closing(SqliteStore(path, file_key(path))) as store:
        assert [node.node for node in store.nodes()] == ["n1", "n2"]
    assert count(path, file_key(path)) == PEOPLE


def test_two_that_encrypt_at_once_keep_what_the_first_has_written_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain_file(tmp_path / "registry.db")
    with closing(connect(path, None)) as db:
        db.execute("PRAGMA journal_mode=DELETE")  # as one that died at it has left it
    alone: Callable[[Any], None] = encryption._alone

    def faster() -> None:
        encrypt(path, KEY)
        store = SqliteStore(path, KEY)
        store.enrol("n2", "key", "FAC02", "since", NOW)
        store.close()

    def after_another(old: Any) -> None:
        monkeypatch.setattr(encryption, "_alone", alone)
        assert beside(faster) == 0
        alone(old)

    monkeypatch.setattr(encryption, "_alone", after_another)
    assert encrypt(path, KEY) is False
    with closing(SqliteStore(path, KEY)) as store:
        assert [node.node for node in store.nodes()] == ["n1", "n2"]


def test_an_encrypted_database_whose_key_is_gone_gets_no_other_key(tmp_path: Path) -> None:
    open_store(embedded(tmp_path)).close()
    shutil.move(tmp_path / "keys", tmp_path / "away")
    with pytest.raises(KeyPlaceError) as refused:
        open_store(embedded(tmp_path))
    assert refused.value.code == "keys.missing"
    assert not (tmp_path / "keys").exists()
    folder_key(tmp_path).create(os.urandom)
    with pytest.raises(SyncError) as refused_too:
        open_store(embedded(tmp_path))
    assert refused_too.value.code == "registry.cannot-open"
    shutil.rmtree(tmp_path / "keys")
    shutil.move(tmp_path / "away", tmp_path / "keys")
    open_store(embedded(tmp_path)).close()


def test_of_two_keys_made_at_once_the_first_counts(tmp_path: Path) -> None:
    one, two = folder_key(tmp_path), folder_key(tmp_path)
    place = two.place
    two.place = lambda: ""  # type: ignore[method-assign]  # it looked before the first was there
    one.create(lambda count: b"1" * count)
    two.create(lambda count: b"2" * count)
    two.place = place  # type: ignore[method-assign]
    assert one.read() == two.read() == b"1" * 32
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["registry.key"]


@pytest.mark.parametrize("secret", [registry_key, age_identities, operator_token])
def test_of_two_programs_that_make_a_secret_at_once_both_have_the_same(
    secret: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry starts while somebody makes a code: one of two keys would vouch for nothing."""
    before, together = Path.exists, Barrier(2, timeout=30)

    def exists(path: Path) -> bool:
        found = before(path)
        if path.parent == tmp_path:
            together.wait()
        return found

    monkeypatch.setattr(Path, "exists", exists)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(secret, [tmp_path, tmp_path])
    if isinstance(first, Ed25519PrivateKey):
        first, second = first.private_bytes_raw(), second.private_bytes_raw()
    assert first == second
    assert len(list(tmp_path.iterdir())) == 1


def test_the_registrys_key_is_moved_and_shown_as_a_sites_is(tmp_path: Path) -> None:
    data, stick = tmp_path / "data", tmp_path / "stick"
    stick.mkdir()
    assert run("keys", "place", "--data", data).exit_code == 1
    assert run("migrate", "--data", data).exit_code == 0
    assert json.loads(run("keys", "place", "--data", data, "--json").output)["place"] == "file"
    key = folder_key(data).read()
    sealed = (data / "registry.db").read_bytes()
    for to in (f"usb:{stick}", "passphrase", f"usb:{stick}", "file", "passphrase"):
        done = run("keys", "move", "--to", to, "--data", data, typed=f"{WORDS}\n{WORDS}\n")
        assert done.exit_code == 0, done.output
        kind = to.partition(":")[0]
        assert PLACES[kind].protects in done.output
        assert folder_key(data).place() == kind
        assert folder_key(data).read() == key
    assert (data / "registry.db").read_bytes() == sealed
    for path in data.rglob("*"):
        assert not path.is_file() or key.hex().encode() not in path.read_bytes()
    key_wrapping.opened.cache_clear()
    assert run("nodes", "--data", data).exit_code == 75  # nobody is here to type it
    assert run("keys", "move", "--to", "nowhere", "--data", data).exit_code in (1, 75)


def whole_life(data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve, enrol, invite, publish, sign and copy: everything that writes files."""
    folder.mkdir(mode=0o700)
    out, authority, stick = folder / "out", folder / "authority", folder / "stick"
    stick.mkdir(mode=0o700)

    class Once:
        """A server that answers one site and is stopped."""

        def __init__(self, app: Any, *_: object, **__: object) -> None:
            self.client, self.waiting = app.test_client(), lambda: 0

        def run(self) -> None:
            asked = enrolment(by=Ed25519PrivateKey.from_private_bytes(b"7" * 32), code="code")
            assert self.client.post("/v1/enrol", json=asked).status_code == 200
            (data / "seen-while-open").write_text(repr(not_the_owners_alone(data)))
            raise KeyboardInterrupt

        def close(self) -> None:
            """Let go of nothing."""

    monkeypatch.setattr("sync.registry.cli.serving.Server", Once)
    before = signal.getsignal(signal.SIGTERM)
    done = run("run", "--data", data, "--enrolment-code", "code")
    signal.signal(signal.SIGTERM, before)
    assert done.exit_code == 0, done.output
    secret = folder / "passphrase"
    secret.write_text("root passphrase")
    secret.chmod(0o600)
    root = ("--folder", authority, "--passphrase-file", secret)
    for words in (
        ("operator", "add", "Amina", "--role", "steward", "--data", data),
        ("code", "add", "FAC01", "--address", "https://r.example", "--data", data),
        ("stick", "invite", "FAC01", "--out", stick, "--data", data),
        ("stick", "take", stick, "--data", data),
        ("authority", "init", *root, "--country", "XD", "--name", "Ministry"),
        ("authority", "publish", "--folder", authority, "--out", out, "--did", "did:x",
         "--data", data),
        ("authority", "pending", "--data", data, "--out", folder / "requests"),
        ("keys", "move", "--to", "file", "--data", data),
        ("judge", "--data", data),
    ):  # fmt: skip
        done = run(*words)
        assert done.exit_code == 0, (words, done.output)
    assert (out / "revocations.txt").exists()
    assert (authority / "root.key.pem").exists()


def test_all_that_a_registry_writes_is_its_owners_alone_whatever_the_mask_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, folder = tmp_path / "data", tmp_path / "made"
    before = os.umask(0)
    try:
        whole_life(data, folder, monkeypatch)
    finally:
        os.umask(before)
    assert len([path for path in data.rglob("*") if path.is_file()]) >= 5
    assert (data / "seen-while-open").read_text() == "[]"  # with the log and its index
    assert not_the_owners_alone(data) == []
    assert not_the_owners_alone(folder) == []


def test_a_registry_that_lay_open_is_closed_at_the_next_command(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    run("migrate", "--data", data)
    lay_open(data, outside)
    assert run("nodes", "--data", data).exit_code == 0
    assert not_the_owners_alone(data) == []
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_folder_that_is_no_registrys_is_left_as_it_is(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("x")
    mine.chmod(0o644)
    assert run("nodes", "--data", tmp_path).exit_code == 1
    assert stat.S_IMODE(mine.stat().st_mode) == 0o644


def test_manual_pages_can_be_read_by_everybody(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert run("man", tmp_path / "man1").exit_code == 0
    finally:
        os.umask(before)
    page = tmp_path / "man1/divoc-registry.1"
    assert stat.S_IMODE(page.stat().st_mode) == 0o644
