"""Commands at a site that runs: through its node, with the tablets at work."""

from __future__ import annotations

import json
import os
import resource as resource_limits
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from command_line import run

from edge.adapters.control import Control, reached
from edge.domain.catalogue import Staff
from edge.domain.errors import EdgeError, Unavailable
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.tasks import do_task
from sync.resources import resource

DEMO = resource("config/demo")


def lot(node: Node, number: str) -> int:
    with node.journal.reading() as db:
        found = views.lot(db, "coviprotect", number)
    return found.quantity if found else 0


def test_every_import_works_while_the_node_runs(running: Node, tmp_path: Path) -> None:
    data = ("--data", running.folder)
    stock = tmp_path / "stock.csv"
    stock.write_text("vaccine,lot,expiry,quantity\ncoviprotect,NEW1,2028-01-31,100\n")
    seen = run("import", "stock", stock, "--document", "A1", "--dry-run", *data)
    assert "1 would be taken, 0 with mistakes." in seen.output
    assert lot(running, "NEW1") == 0
    assert "1 taken" in run("import", "stock", stock, "--document", "A1", *data).output
    assert (
        "0 taken, 1 known before"
        in run("import", "stock", stock, "--document", "a 1", *data).output
    )
    assert lot(running, "NEW1") == 100
    people = ("--programme", "covid-19", *data)
    assert (
        "0 taken, 36 known"
        in run("import", "enrolments", DEMO / "data/enrolments.csv", *people).output
    )
    told = run("import", "certificates", DEMO / "data/certificates.csv", *people)
    assert told.exit_code == 0, told.output
    bad = run("import", "stock", tmp_path / "none.csv", *data)
    assert (bad.exit_code, "There is no file none.csv." in bad.output) == (1, True)
    unknown = run("import", "enrolments", DEMO / "data/enrolments.csv", "--programme", "x", *data)
    assert (unknown.exit_code, "Choose one of: covid-19" in unknown.output) == (1, True)
    campaign = run("import", "campaign", DEMO / "campaign", *data)
    assert "was in force already" in campaign.output, campaign.output
    codes = tmp_path / "codes.json"
    codes.write_text(json.dumps([{"vaccineName": "CoviProtect", "icd11Code": "X1"}]))
    terms = tmp_path / "terms.json"
    terms.write_text("{}")
    assert run("import", "codes", codes, terms, "--dry-run", *data).exit_code == 0


def test_rows_that_are_asked_about_are_named_and_answered_by_command(
    running: Node, tmp_path: Path
) -> None:
    head, first = (DEMO / "data/enrolments.csv").read_text().splitlines()[:2]
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    file = tmp_path / "p.csv"
    file.write_text(head + "\n" + ",".join({**cells, "identity": "", "phone": ""}.values()) + "\n")
    command = ("import", "enrolments", file, "--programme", "covid-19", "--data", running.folder)
    asked = run(*command)
    assert asked.exit_code == 1
    assert "p.csv, line 2: Somebody here looks like the person of this row:" in asked.output
    assert "0 taken, 1 to be asked about, 0 with mistakes." in asked.output
    listed = json.loads(run(*command, "--json").output)["questions"]
    code = listed[0]["people"][0]
    assert "0 taken, 1 known before" in run(*command, "--same-person", f"2={code}").output
    rows = tmp_path / "rows.txt"
    rows.write_text("2\n")
    assert "1 taken" in run(*command, "--different-person", rows).output
    wrong = run(*command, "--different-person", "2-x")
    assert (wrong.exit_code, "is not a list of rows" in wrong.output) == (1, True)


def test_a_file_that_breaks_says_so_and_what_was_kept(running: Node, tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    rows = [f"coviprotect,N{number},2028-01-31,1\n" for number in range(451)]
    rows[7] = "coviprotect,N7,31-Dec-26,1\n"
    file.write_text(
        "vaccine,lot,expiry,quantity\n" + "".join(rows) + 'coviprotect,"N,2028-01-31,1\n'
    )
    result = run("import", "stock", file, "--document", "B", "--data", running.folder)
    assert result.exit_code == 1
    assert "s.csv, line 9, expiry: The year in expiry has two digits." in result.output
    assert (
        "s.csv, line 453: A quotation mark in the row that begins here is never closed."
        in result.output
    )
    assert "450 taken, 2 with mistakes." in result.output
    assert "The file breaks; what stands before the last line named was read." in result.output
    assert lot(running, "N450") == 1


def test_a_pin_set_by_command_ends_the_sessions_of_a_site_that_runs(running: Node) -> None:
    old = running.authenticator.sign_in("V1", "2468")
    other = running.authenticator.sign_in("S1", "2468")
    assert running.authenticator.who(old)
    done = run("staff", "set-pin", "V1", "--pin-file", "-", "--data", running.folder, given="97531")
    assert done.exit_code == 0, done.output
    assert running.authenticator.who(old) is None
    assert running.authenticator.who(other)
    assert running.authenticator.sign_in("V1", "97531")
    wrong = run(
        "staff", "set-pin", "nobody", "--pin-file", "-", "--data", running.folder, given="97531"
    )
    assert (wrong.exit_code, "There is no staff member nobody" in wrong.output) == (1, True)


@pytest.mark.slow
def test_doses_are_given_while_a_long_table_is_taken_in(
    running: Node,
    staff: Callable[[str], Staff],
    dose: Callable[..., commands.GiveDose],
    tmp_path: Path,
) -> None:
    file = tmp_path / "long.csv"
    lines = "".join(f"coviprotect,M{number},2028-01-31,1\n" for number in range(3000))
    file.write_text("vaccine,lot,expiry,quantity\n" + lines)
    seen: list[int] = []
    with reached(running.folder) as caller, file.open("rb") as stream:
        assert caller is not None
        given = threading.Event()

        def progress(rows: int) -> None:
            if not given.is_set():
                running.desk.take(running.site.ids.new(), dose(), staff("V1"))
                given.set()
            seen.append(rows)

        answer = caller.ask(
            "import", {"kind": "stock", "document": "L"}, [("long.csv", stream)], progress
        )
    assert given.is_set()
    assert answer["taken"] == 3000
    assert seen == sorted(seen)
    assert seen[-1] == 3000


def test_without_a_node_that_runs_a_command_does_it_itself(node: Node, tmp_path: Path) -> None:
    folder = node.folder
    node.close()
    (folder / "control").mkdir(exist_ok=True)
    (folder / "control/socket").touch()  # as a node that was killed may leave one
    done = run("staff", "set-pin", "V1", "--pin-file", "-", "--data", folder, given="97531")
    assert done.exit_code == 0, done.output


def test_nobody_else_reaches_the_socket_of_a_site(running: Node) -> None:
    inner = running.folder / "control"
    assert oct(inner.stat().st_mode)[-3:] == "700"
    assert inner.stat().st_uid == os.geteuid()


@pytest.mark.parametrize("question", [
    b"", b"\n", b"{}\n", b"[]\n", b"no json\n", b'{"task": "import", "arguments": {}, "files": []}\n',
    b'{"task": "fly", "arguments": {}, "files": []}\n', b'{"task": "import", "arguments": 7}\n',
    b'{"task": "set-pin", "arguments": {"staff": "V1"}, "files": ["x"]}\n', b"\xff\xfe\n",
])  # fmt: skip
def test_a_question_that_makes_no_sense_is_answered_and_the_next_one_too(
    running: Node, question: bytes
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(20)
        with _short(running.folder) as address:
            line.connect(address)
        line.sendall(question)
        line.shutdown(socket.SHUT_WR)
        text = line.makefile("rb").read()
    assert b"error" in text
    with reached(running.folder) as caller:
        assert caller is not None
        with pytest.raises(EdgeError) as refused:
            caller.ask("fly", {})
    assert refused.value.code == "control.task"


def test_a_node_that_had_no_descriptor_left_hears_the_next_command(tmp_path: Path) -> None:
    control = Control(tmp_path, lambda *_: {})
    soft, hard = resource_limits.getrlimit(resource_limits.RLIMIT_NOFILE)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(20)
            free = os.dup(line.fileno())
            os.close(free)
            resource_limits.setrlimit(resource_limits.RLIMIT_NOFILE, (free, hard))
            try:
                line.connect(str(tmp_path / "control/socket"))
                time.sleep(0.3)
            finally:
                resource_limits.setrlimit(resource_limits.RLIMIT_NOFILE, (soft, hard))
            line.sendall(b'{"task": "import", "arguments": {}, "files": []}\n')
            assert line.makefile("rb").readline() == b'{"done": {}}\n'
    finally:
        control.close()


def _short(folder: Path):  # type: ignore[no-untyped-def]
    from edge.adapters.control import _address

    return _address(folder / "control")


def test_a_node_that_stops_in_the_middle_is_told_of(tmp_path: Path) -> None:
    def cut(*_: object) -> dict[str, object]:
        os.close(os.dup(0))
        raise OSError

    control = Control(tmp_path, cut)
    try:
        with reached(tmp_path) as caller:
            assert caller is not None
            control.close()
            with pytest.raises(EdgeError) as refused:
                caller.ask("import", {})
        assert isinstance(refused.value, Unavailable) or refused.value.code == "edge.unexpected"
    finally:
        control.close()


def test_a_command_finds_the_node_of_a_folder_with_a_long_name(node: Node, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    control = Control(folder, partial(do_task, node))
    with reached(folder) as caller:
        assert caller is not None
        assert caller.ask("set-pin", {"staff": "V1", "pin": "97531"}) == {}
    control.close()
    with reached(folder) as caller:
        assert caller is None


@pytest.mark.slow
def test_the_program_that_serves_a_site_hears_commands(site_folder: Path) -> None:
    run("import", "campaign", DEMO / "campaign", "--data", site_folder)
    settings = (site_folder / "site.toml").read_text().replace("127.0.0.1:8080", "127.0.0.1:0")
    (site_folder / "site.toml").write_text(settings)
    program = [sys.executable, "-m", "edge", "run", "--data", str(site_folder)]
    site = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    try:
        assert site.stdout is not None
        assert "listens" in site.stdout.readline()
        done = run(
            "staff", "set-pin", "V1", "--pin-file", "-", "--data", site_folder, given="97531"
        )
        assert done.exit_code == 0, done.output
        stock = run("import", "stock", DEMO / "data/stock.csv", "--data", site_folder)
        assert "6 taken" in stock.output, stock.output
        busy = run("sync", "now", "--data", site_folder)
        assert "This site is already running" in busy.output
    finally:
        site.terminate()
        site.wait(30)
