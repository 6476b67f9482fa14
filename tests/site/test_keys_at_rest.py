"""What a thief has with the disk alone: where the journal's key is, and whose the files are."""

from __future__ import annotations

import io
import os
import random
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from private import lay_open, not_the_owners_alone

from edge.adapters.journal_key import JournalKey
from edge.adapters.keys import FileKeys, file_keys
from edge.adapters.settings import Settings, read_settings
from edge.adapters.site_database import reading
from edge.cli import main
from edge.cli.key_place import move_key
from edge.cli.site import make_site
from edge.domain.errors import EdgeError, Unavailable
from edge.journal import database
from edge.journal.counts import count_people
from edge.node import Node
from sync import key_wrapping
from sync.key_places import PLACES
from sync.protocol.enrolment_codes import EnrolmentCode, write_code

WORDS = "correct horse battery staple"
FAKE_CREDS = """#!{python}
import sys
what, name, *places = sys.argv[1:]
turn = lambda data: bytes(one ^ 0x55 for one in data)
given = sys.stdin.buffer.read() if places[0] == "-" else open(places[0], "rb").read()
if what == "encrypt":
    open(places[1], "wb").write(turn(given))
else:
    sys.stdout.buffer.write(turn(given))
"""


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a passphrase cost little, and nothing that was opened stay at hand."""
    monkeypatch.setattr(key_wrapping, "_MEMORY", 1024)
    key_wrapping.opened.cache_clear()
    yield
    key_wrapping.opened.cache_clear()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    return folder


@pytest.fixture
def creds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a systemd-creds on the path that seals to nothing."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "systemd-creds"
    program.write_text(FAKE_CREDS.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return program


def opens(folder: Path, ask: Callable[[], str] | None = None) -> bool:
    """Say whether a site's journal opens, in a process that knows nothing yet."""
    key_wrapping.opened.cache_clear()
    key = JournalKey(folder / "keys", ask=ask).read()
    db = database.open_reader(folder / "journal.db", key)
    count_people(db)
    db.close()
    return True


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=typed)


def test_the_key_is_wrapped_under_a_passphrase_and_the_journal_is_not_touched(site: Path) -> None:
    before = (site / "journal.db").read_bytes()
    key = file_keys(site).journal_key()
    done = run("keys", "move", "--to", "passphrase", "--data", site, typed=f"{WORDS}\n{WORDS}\n")
    assert done.exit_code == 0, done.output
    assert PLACES["passphrase"].protects in done.output
    assert (site / "journal.db").read_bytes() == before
    assert not (site / "keys/journal.key").exists()
    assert opens(site, lambda: WORDS)
    with pytest.raises(EdgeError, match="wrong"):
        opens(site, lambda: "another passphrase")
    for path in site.rglob("*"):
        if path.is_file():
            assert key not in path.read_bytes()
            assert key.hex().encode() not in path.read_bytes()


def test_a_passphrase_is_asked_for_once_in_a_process(site: Path) -> None:
    move_key(site, "passphrase", WORDS)
    key_wrapping.opened.cache_clear()
    asked = []

    def ask() -> str:
        asked.append(1)
        return WORDS

    for _ in range(3):
        assert JournalKey(site / "keys", ask=ask).read()
    assert asked == [1]


@pytest.mark.parametrize("passphrase", ["", "short", "eleven char"])
def test_a_short_passphrase_is_refused_and_the_key_stays(site: Path, passphrase: str) -> None:
    with pytest.raises(EdgeError):
        file_keys(site).move("passphrase", passphrase=passphrase)
    assert file_keys(site).place.place() == "file"
    assert opens(site)


def test_nobody_who_could_type_the_passphrase_is_said_in_words(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_key(site, "passphrase", WORDS)
    key_wrapping.opened.cache_clear()
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(Unavailable, match="nobody is here to type it"):
        file_keys(site).journal_key()


def test_systemd_hands_a_passphrase_over(site: Path, tmp_path: Path) -> None:
    move_key(site, "passphrase", WORDS)
    key_wrapping.opened.cache_clear()
    (tmp_path / "journal.passphrase").write_text(WORDS + "\n")
    assert JournalKey(site / "keys", tmp_path).read()


def test_a_stick_and_the_computer_open_the_journal_together_and_neither_alone(
    site: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    key = file_keys(site).journal_key()
    move_key(site, f"usb:{stick}")
    assert opens(site)
    (file,) = stick.iterdir()
    secret = bytes.fromhex(file.read_text())
    assert secret != key
    with pytest.raises(EdgeError):
        database.open_reader(site / "journal.db", secret)
    away = file.rename(tmp_path / "away")
    with pytest.raises(Unavailable, match="is not there"):
        opens(site)
    away.with_name("other").write_text("00" * 32)
    away.with_name("other").rename(file)
    with pytest.raises(Unavailable, match="is another one"):
        opens(site)


def test_a_stick_may_be_pulled_out_once_the_site_has_started(site: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    move_key(site, f"usb:{stick}")
    key_wrapping.opened.cache_clear()
    node = Node(site)
    next(stick.iterdir()).unlink()
    assert node.authenticator
    assert file_keys(site).signing_key("node")
    node.close()


def test_a_credential_is_sealed_read_back_and_only_then_is_the_file_gone(
    site: Path, tmp_path: Path, creds: Path
) -> None:
    sealed = tmp_path / "journal.key.cred"
    done = run("keys", "move", "--to", f"credential:{sealed}", "--data", site)
    assert done.exit_code == 0, done.output
    assert f"LoadCredentialEncrypted=journal.key:{sealed}" in done.output
    assert not (site / "keys/journal.key").exists()
    assert opens(site)
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "journal.key").write_text(file_keys(site).journal_key().hex())
    creds.unlink()
    assert FileKeys(site / "keys", Any, handed).journal_key()  # type: ignore[arg-type]


def test_a_machine_without_systemd_creds_keeps_the_file(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("keys", "move", "--to", f"credential:{tmp_path}/c", "--data", site)
    assert done.exit_code == 75
    assert opens(site)
    assert file_keys(site).place.place() == "file"


def test_a_seal_that_does_not_open_again_keeps_the_file(
    site: Path, tmp_path: Path, creds: Path
) -> None:
    creds.write_text(f"#!{sys.executable}\nprint('00' * 32)\n")
    done = run("keys", "move", "--to", f"credential:{tmp_path}/c", "--data", site)
    assert done.exit_code == 75
    assert "could not be read back" in done.output
    assert opens(site)


@pytest.mark.parametrize(
    "to", ["nowhere", "usb:/no/such/folder", "usb:", "usb:site", "credential:", ""]
)
def test_a_place_that_is_none_keeps_the_key_where_it_is(site: Path, to: str) -> None:
    done = run("keys", "move", "--to", to.replace(":site", f":{site}/keys"), "--data", site)
    assert done.exit_code in (1, 75), done.output
    assert "Traceback" not in done.output
    assert file_keys(site).place.place() == "file"
    assert opens(site)


def test_every_place_can_be_reached_from_every_other_and_back(
    site: Path, tmp_path: Path, creds: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    ways = ["passphrase", f"usb:{stick}", f"credential:{tmp_path}/cred", "file"]
    order = random.Random(7)
    key = file_keys(site).journal_key()
    for _ in range(12):
        to = order.choice(ways)
        move_key(site, to, WORDS)
        assert file_keys(site).place.place() == to.partition(":")[0]
        assert JournalKey(site / "keys", ask=lambda: WORDS).read() == key
        left = [path.name for path in (site / "keys").glob("journal.key*")]
        assert len(left) == 1, left


def test_the_key_of_a_running_site_is_not_moved(site: Path) -> None:
    node = Node(site)
    assert run("keys", "move", "--to", "file", "--data", site).exit_code == 75
    node.close()


def test_the_place_of_the_key_is_said_at_set_up_and_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    done = run("init", "--facility", "DEMO01", "--data", folder)
    assert "in a file beside the database" in done.output
    assert "The last resort" in done.output
    assert "in a file beside" in run("keys", "place", "--data", folder).output
    other = tmp_path / "other"
    words = ("init", "--facility", "DEMO01", "--key-store", "passphrase", "--data", other)
    done = run(*words, typed=f"{WORDS}\n{WORDS}\n")
    assert "wrapped under a passphrase" in done.output
    assert file_keys(other).place.place() == "passphrase"


def test_the_page_tells_what_each_place_protects() -> None:
    page = (Path(__file__).parents[2] / "docs/keys.md").read_text()
    for place in PLACES.values():
        assert f"| `{place.kind}` |" in page
        assert place.protects in page


def test_a_site_is_its_owners_alone_whatever_the_mask_was(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "site"
        assert run("init", "--facility", "DEMO01", "--data", folder).exit_code == 0
        node = Node(folder)
        node.close()
    finally:
        os.umask(before)
    assert not_the_owners_alone(folder) == []


def test_a_site_that_lay_open_is_closed_at_its_next_start(site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    lay_open(site, outside)
    node = Node(site)
    node.close()
    assert not_the_owners_alone(site) == []
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_an_enrolment_code_is_in_no_process_list_and_in_no_file_once_the_site_was_started(
    tmp_path: Path,
) -> None:
    folder, secret = tmp_path / "site", "ONE-TIME-CODE-4711"
    code = write_code(EnrolmentCode("http://127.0.0.1:9", "0" * 32, secret))
    words = ("init", "--facility", "DEMO01", "--data", folder)
    refused = run(*words, "--enrolment-code", code)
    assert refused.exit_code == 2
    done = run(*words, "--enrolment-code-file", "-", typed=f"{code}\n")
    assert done.exit_code == 0, done.output
    assert secret not in done.output
    held = [
        path
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert held == []
    node = Node(folder)
    assert node.settings.enrolment_code == secret
    node.close()


def test_a_code_that_a_technician_writes_into_the_settings_is_taken_out_and_the_rest_stays(
    site: Path,
) -> None:
    for written in ('enrolment_code = "NEW-1"', "enrolment_code = '''NEW-1\n'''  # mine"):
        path = site / "site.toml"
        text = path.read_text()
        assert 'enrolment_code = ""' in text
        path.write_text("# my own words\n" + text.replace('enrolment_code = ""', written))
        node = Node(site)
        assert node.settings.enrolment_code.strip() == "NEW-1"
        node.close()
        assert "NEW-1" not in path.read_text()
        assert read_settings(site).enrolment_code == ""
        if "'''" not in written:
            assert path.read_text().startswith("# my own words\n")


def test_the_passphrase_of_a_site_starts_it_from_a_terminal(site: Path) -> None:
    """The command itself, at a terminal of its own: what is typed is not shown."""
    import pty

    move_key(site, "passphrase", WORDS)
    leader, follower = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-m", "edge", "status", "--data", str(site)],
        stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while b"Passphrase of this site:" not in shown:
        shown += os.read(leader, 1024)
    os.write(leader, WORDS.encode() + b"\n")
    try:
        while more := os.read(leader, 1024):
            shown += more
    except OSError:
        pass  # the terminal's other end is closed
    assert started.wait(60) == 0, shown
    assert b"Facility" in shown
    assert WORDS.encode() not in shown
    os.close(leader)


def test_what_sqlite_puts_aside_stays_in_memory(site: Path) -> None:
    with reading(site) as db:
        assert db.execute("PRAGMA temp_store").fetchone()[0] == 2
    assert tempfile.gettempdir()


def test_a_set_up_broken_off_at_the_passphrase_has_made_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    words = ("init", "--facility", "DEMO01", "--key-store", "passphrase", "--data", folder)
    assert run(*words, typed="").exit_code == 1
    assert not folder.exists()


def test_a_set_up_that_is_killed_at_any_step_never_had_the_key_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        raise KilledError

    folder = tmp_path / "site"
    words = ("init", "--facility", "DEMO01", "--key-store", "passphrase", "--data", folder)
    typed = f"{WORDS}\n{WORDS}\n"
    for step in ("edge.cli.site.write_settings", "edge.node.Node.__init__"):
        with monkeypatch.context() as power:
            power.setattr("sync.key_places.write_once", killed)  # how the key comes into a file
            power.setattr(step, killed)
            with pytest.raises(KilledError):
                CliRunner().invoke(main, [*map(str, words)], input=typed)
        assert [path.name for path in (folder / "keys").glob("journal.key*")] == [
            "journal.key.passphrase"
        ]
        (folder / "site.toml").unlink(missing_ok=True)
        key = file_keys(folder).journal_key()
    assert run(*words, typed=typed).exit_code == 0
    assert file_keys(folder).journal_key() == key
