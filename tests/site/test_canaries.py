"""A thousand people come in by every way, and none of their names is on the disk in clear."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner
from expected_people import letter_for, pieces_of
from site_factory import filled_site, vouch_for
from urllib3.filepost import encode_multipart_formdata

from edge.adapters.settings import PrinterSettings, Settings
from edge.adapters.settings_kinds import FollowerSettings
from edge.cli import main
from edge.domain.people import Person
from edge.journal import database, views
from edge.node import Node
from edge.services.registry.letter_handlers import RowErrors, enrolments
from edge.web.app import create_app
from sync.protocol.letters import Letter
from sync.resources import resource

MARK = "Qanarizmu"
"""Every planted name holds it, and nothing else of this machine does."""
_LETTERS = "abcdefghijklmnopqrst"


def name(number: int) -> str:
    """Give a name of letters alone, another for each number."""
    coded = "".join(_LETTERS[int(digit)] for digit in f"{number:04}")
    return f"{MARK}{coded} Wanjiru"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let everything that is put aside lie in a folder of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR", "TEMP"):
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def put_aside(temporary: Path) -> Iterator[list[str]]:
    """Name each temporary file that is opened: one that is removed at once is on the disk too."""
    made: list[str] = []
    watching = [True]

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and watching and str(temporary) in str(arguments[0]):
            made.append(str(arguments[0]))

    sys.addaudithook(watch)  # it cannot be taken away again, and is told to be quiet
    yield made
    watching.clear()


def table(first: int, count: int) -> str:
    head, example = (resource("config/demo/data") / "enrolments.csv").read_text().splitlines()[:2]
    columns = head.split(",")
    row = dict(zip(columns, next(csv.reader(io.StringIO(example))), strict=True))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    for number in range(first, first + count):
        born = date(1930, 1, 1) + timedelta(days=29 * number)
        own = {"name": name(number), "dob": born.isoformat(), "phone": ""}
        writer.writerow({**row, **own, "identity": f"did:in.gov.passport:A{number:07}"})
    return out.getvalue()


def found_in(*folders: Path) -> list[str]:
    """Give each file in which a planted name stands in its bytes, in UTF-8 or UTF-16."""
    marks = [MARK.encode(), MARK.upper().encode(), MARK.lower().encode(), MARK.encode("utf-16-le")]
    return [
        f"{path}: {mark!r}"
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
        for mark in marks
        if mark in path.read_bytes() or mark.decode("latin-1") in path.name
    ]


@pytest.mark.slow
def test_none_of_a_thousand_names_is_on_the_disk_in_clear(
    tmp_path: Path, temporary: Path, put_aside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, stick, backup = tmp_path / "site", tmp_path / "stick", tmp_path / "backup"
    stick.mkdir()
    backup.mkdir()
    identity = pyrage.x25519.Identity.generate()
    copy = {"folder": str(backup), "recipient": str(identity.to_public())}
    settings = Settings(
        facility="DEMO01",
        registry=f"file://{stick}",
        printers=(PrinterSettings("desk", "tcp://127.0.0.1:9", "virtual-80"),),
        followers=(FollowerSettings("backup", "copy", copy),),
    )
    node = filled_site(folder, settings)
    vouch_for(node, tmp_path / "authority")
    browser = create_app(node.backend()).test_client()
    assert browser.post("/sign-in", data={"code": "S1", "pin": "2468"}).status_code == 303

    # a table at a tablet, larger than what is kept in memory by itself
    content = (table(0, 600) + "\n" * 600_000).encode()
    form, kind = encode_multipart_formdata(
        {"kind": "enrolments", "programme": "covid-19", "file": ("people.csv", content)}
    )
    sent = browser.post("/imports", data=form, content_type=kind)
    assert sent.status_code in (200, 303, 409), sent.text[:500]
    others = ",".join(str(row) for row in range(2, 602))
    asked = f"programme=covid-19&name=people.csv&different={others}"
    sent = browser.post(f"/api/v1/imports/enrolments?{asked}", data=content)
    assert sent.get_json()["taken"] == 600, sent.text[:500]
    # by the nation's letter
    prepare = enrolments(node.importer, node.journal, node.site)
    body = {"programme": "covid-19", "name": "letter.csv", "text": table(600, 200)}
    with contextlib.suppress(RowErrors):  # of rows that look like others
        prepare(Letter("nation", 1, "id", "enrolments", body, "2026-11-30T08:00:00.000Z"))
    # by the nation's list, in pieces
    pieces = pieces_of(table(900, 100).splitlines()[1:])
    node.inbox.take([letter_for(pieces)])
    assert node.expected.take(pieces) == 1
    # registered, searched for, given a dose, certified and printed
    for number in range(800, 810):
        answer = browser.put(
            f"/api/v1/entries/{node.site.ids.new()}",
            json={"type": "RegisterPerson", "name": name(number), "gender": "Female",
                  "birthDate": "1990-05-05", "differentPerson": True},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
    assert MARK in browser.post("/", data={"q": name(800)}).text
    with node.journal.reading() as db:
        someone: Person = views.find_people(db, name(800))[0]
    dose = browser.put(
        f"/api/v1/entries/{node.site.ids.new()}",
        json={"type": "GiveDose", "person": someone.id, "programme": "covid-19",
              "vaccine": "coviprotect", "lot": "CP2611A"},
    )  # fmt: skip
    assert dose.status_code == 200, dose.text
    certificate = dose.get_json()["certificate"]["id"]
    assert browser.get(f"/slips/certificate.png?of={certificate}").status_code == 200
    for spooler in node.print_room.spoolers.values():
        spooler.run()  # its printer is away: the slip stays in the spool
    assert browser.get("/recall.csv").status_code == 200
    assert browser.get(f"/certificates/{certificate}/qr.png").status_code == 200
    # on to a stick, and on to the disk of the backup
    for runner in node.followers.runners:
        runner.run()
    node.close()
    done = CliRunner().invoke(
        main, ["import", "enrolments", "-", "--programme", "covid-19", "--data", str(folder)],
        input=table(810, 10),
    )  # fmt: skip
    reader, writer = os.pipe()
    os.write(writer, table(820, 180).encode()[:60_000])
    os.close(writer)
    piped = CliRunner().invoke(
        main,
        ["import", "enrolments", f"/dev/fd/{reader}", "--programme", "covid-19",
         "--data", str(folder)],
    )  # fmt: skip
    os.close(reader)
    assert "taken" in piped.output, (piped.output, done.output)

    assert found_in(folder, temporary, stick, backup, tmp_path) == []
    assert [path for path in put_aside if "fonts" not in path] == []
    # the names are there, for who has the key: the search would have found them
    node = Node(folder)
    with node.journal.reading() as db:
        planted = db.execute(
            "SELECT count(*) FROM person WHERE name LIKE ?", (f"{MARK}%",)
        ).fetchone()[0]
    node.close()
    assert planted >= 610  # some rows look like others, and wait for somebody to say so
    assert list(backup.iterdir())
    _without_the_key(folder)


def _without_the_key(folder: Path) -> None:
    """With the key taken away nothing opens; with it in the folder, still no byte is in clear."""
    from edge.adapters.keys import file_keys

    key = file_keys(folder).journal_key()
    (folder / "keys/journal.key").unlink()
    assert found_in(folder) == []
    for path in folder.rglob("*"):
        if path.is_file():
            assert key.hex().encode() not in path.read_bytes()
    with pytest.raises(Exception, match="cannot be opened"):
        database.open_reader(folder / "journal.db", bytes(32))


def test_the_search_for_names_finds_one_that_lies_in_clear(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/spool.bin").write_bytes(b"\0\1" + name(7).encode() + b"\2")
    assert len(found_in(tmp_path)) == 1
    assert re.fullmatch(rf"{MARK}[a-t]{{4}} Wanjiru", name(1999))
    assert len({name(number) for number in range(1000)}) == 1000
