"""A site that others reach speaks TLS, or says why not; sites of before are told what to do."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from intruders import until
from tls_sites import asked, free_ports

from edge.adapters.settings import FILE, Settings, read_settings, write_settings
from edge.cli import main
from edge.cli.serving import check_bare
from edge.cli.site import make_site
from edge.cli.tls import machine_name
from edge.domain.errors import BadInput, NotAllowed

REASON = "nginx with TLS stands before it"
EXTERNAL = ["0.0.0.0:8080", "[::]:8080", "192.168.1.5:80", "clinic.example:8080", "fd00::2:80"]
LOOPBACK = ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "127.5.5.5:1"]


def run(*command: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(command))
    return done.exit_code, done.output


@pytest.mark.parametrize("listen", EXTERNAL)
def test_an_address_of_other_machines_without_tls_is_refused_in_words(listen: str) -> None:
    with pytest.raises(NotAllowed, match="without TLS") as refused:
        check_bare(Settings(facility="DEMO01", listen=listen))
    assert "divoc-edge tls on" in str(refused.value.hint)
    assert "plain_http_reason" in str(refused.value.hint)
    check_bare(Settings(facility="DEMO01", listen=listen, plain_http_reason=REASON))
    check_bare(Settings(facility="DEMO01", listen=listen, tls=True, name="a"))
    with pytest.raises(NotAllowed):
        check_bare(Settings(facility="DEMO01", listen=listen, plain_http_reason="  "))


@pytest.mark.parametrize("listen", LOOPBACK)
def test_an_address_of_this_machine_alone_needs_no_tls(listen: str) -> None:
    check_bare(Settings(facility="DEMO01", listen=listen))


@pytest.mark.slow
def test_a_site_of_before_is_refused_at_its_start_and_runs_once_it_says_why(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    (folder / FILE).write_text(f'facility = "DEMO01"\nlisten = "0.0.0.0:{port}"\n')
    command = [sys.executable, "-m", "edge", "run", "--data", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "without TLS" in done.stderr
    with pytest.raises(OSError):  # noqa: PT011  (nothing listens)
        socket.create_connection(("127.0.0.1", port))
    with (folder / FILE).open("a") as file:
        file.write(f'plain_http_reason = "{REASON}"\n')
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port), 60)
        assert asked(port, "/sign-in", host="127.0.0.1")[0] == 200  # nobody is asked for a pairing
    finally:
        running.terminate()
        running.wait(30)


def _answers(port: int) -> bool:
    try:
        return asked(port, "/api/v1/ping", host="127.0.0.1")[0] == 200
    except OSError:
        return False


def test_tls_is_switched_on_by_one_command_that_keeps_every_other_setting(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    before = Settings(facility="DEMO 01/b", listen="0.0.0.0:8080", zone="Asia/Kolkata", papers="p")
    make_site(folder, before)
    code, output = run("tls", "on", "--data", str(folder), "--json")
    assert code == 0, output
    told = json.loads(output)
    after = read_settings(folder)
    assert (told["host"], told["left"]) == ("demo-01-b.local", "0.0.0.0:8080")
    assert (after.listen, after.plain, after.name) == ("0.0.0.0:443", "0.0.0.0:80", "demo-01-b")
    assert (after.tls, after.pairing_demanded) == (True, True)
    assert (after.zone, after.papers, after.facility) == ("Asia/Kolkata", "p", "DEMO 01/b")
    code, output = run("tls", "show", "--data", str(folder), "--json")
    assert json.loads(output)["authority"] == told["authority"]
    code, output = run("tls", "on", "--no-pairing", "--data", str(folder))
    assert code == 0
    assert "Left" not in output
    code, output = run("tls", "on", "--listen", "0.0.0.0:8443", "--data", str(folder))
    assert "Left          0.0.0.0:443: nothing answers there any more" in output
    code, output = run("tls", "on", "--no-pairing", "--data", str(folder))
    assert not read_settings(folder).pairing_demanded


def test_what_does_not_fit_leaves_the_settings_as_they_were(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    before = (folder / FILE).read_bytes()
    for wrong in (["--name", "No Name"], ["--plain", "0.0.0.0:443"], ["--listen", "x"]):
        code, output = run("tls", "on", *wrong, "--data", str(folder))
        assert code == 1, output
        assert (folder / FILE).read_bytes() == before


def test_a_new_site_that_others_reach_has_tls_and_one_that_says_why_has_none(
    tmp_path: Path,
) -> None:
    common = ["--facility", "DEMO01", "--listen", "0.0.0.0:8443"]
    assert run("init", "--data", str(tmp_path / "a"), *common)[0] == 0
    made = read_settings(tmp_path / "a")
    assert (made.tls, made.name, made.plain) == (True, "demo01", "0.0.0.0:8080")
    why = ["--plain-http-reason", REASON]
    assert run("init", "--data", str(tmp_path / "b"), *common, *why)[0] == 0
    made = read_settings(tmp_path / "b")
    assert (made.tls, made.plain_http_reason) == (False, REASON)
    assert run("init", "--data", str(tmp_path / "c"), "--facility", "DEMO01")[0] == 0
    assert not read_settings(tmp_path / "c").tls


@pytest.mark.parametrize(
    ("facility", "name"),
    [("DEMO01", "demo01"), ("Clinic 12 / north", "clinic-12-north"), ("--", "divoc-edge"),
     ("Ünïcode", "n-code"), ("x" * 80, "x" * 63), ("पुणे", "divoc-edge")],
)  # fmt: skip
def test_a_facilitys_code_becomes_a_name_that_a_machine_may_have(
    facility: str, name: str, tmp_path: Path
) -> None:
    assert machine_name(facility) == name
    settings = Settings(facility=facility, tls=True, name=name, listen="127.0.0.1:1")
    write_settings(tmp_path, settings)
    assert read_settings(tmp_path) == settings


@pytest.mark.parametrize("name", ["", "Clinic", "a b", "-a", "a-", "a.b", "x" * 64, "ä", "a_b"])
def test_a_name_that_no_machine_may_have_is_refused(name: str, tmp_path: Path) -> None:
    write_settings(tmp_path, Settings(facility="DEMO01", tls=True, name=name))
    with pytest.raises(BadInput, match="name"):
        read_settings(tmp_path)


def test_a_new_authority_is_made_when_it_is_asked_for_and_not_beside_a_node_that_runs(
    tmp_path: Path,
) -> None:
    from edge.node import Node

    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01", listen="127.0.0.1:0", tls=True, name="a"))
    old = json.loads(run("tls", "show", "--data", str(folder), "--json")[1])["authority"]
    node = Node(folder)
    code, _ = run("tls", "renew-authority", "--yes", "--data", str(folder))
    assert code == 75
    node.close()
    code, output = run("tls", "renew-authority", "--yes", "--data", str(folder), "--json")
    assert code == 0
    assert json.loads(output)["authority"] != old


def test_doctor_and_status_say_the_days_the_name_and_the_tablets(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    port, plain = free_ports(2)
    settings = Settings(
        facility="DEMO01", listen=f"127.0.0.1:{port}", tls=True, name="clinic-12",
        plain=f"127.0.0.1:{plain}", announce=False,
    )  # fmt: skip
    make_site(folder, settings)
    told = json.loads(run("status", "--data", str(folder), "--json")[1])
    assert told["tablets"] == 0
    assert told["tls"] == {
        "host": "clinic-12.local", "days": 179, "authorityDays": 3651, "announced": False,
    }  # fmt: skip
    code, output = run("doctor", "--data", str(folder), "--json")
    checks = {check["code"]: check["good"] for check in json.loads(output)["checks"]}
    assert code == 1
    assert checks == {
        "clock": True, "tls.certificate": True, "tls.authority": True, "tls.addresses": True,
        "tls.answer": False, "tls.plain": False, "mdns": True, "tablets": False,
    }  # fmt: skip


def test_doctor_finds_nothing_wrong_with_a_site_that_speaks_to_its_own_machine(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    assert run("doctor", "--data", str(folder))[0] == 0
    (folder / FILE).write_text('facility = "DEMO01"\nlisten = "0.0.0.0:8080"\n')
    code, output = run("doctor", "--data", str(folder))
    assert code == 1
    assert "the site will not start" in output


def test_a_tablet_is_paired_listed_and_put_out_by_commands(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01", listen="0.0.0.0:443", tls=True, name="clinic-12",
                               plain="0.0.0.0:80"))  # fmt: skip
    picture = tmp_path / "code.png"
    code, output = run(
        "tablet", "pair", "Tablet 3", "--picture", str(picture), "--data", str(folder), "--json"
    )
    assert code == 0, output
    made = json.loads(output)
    assert made["link"] == f"https://clinic-12.local/pair#{made['secret']}"
    assert made["trust"] == "http://clinic-12.local/trust"
    assert picture.read_bytes().startswith(b"\x89PNG")
    from edge.node import Node

    node = Node(folder)
    key = node.devices.pair(made["secret"])
    node.close()
    (tablet,) = json.loads(run("tablet", "list", "--data", str(folder), "--json")[1])["tablets"]
    assert (tablet["name"], tablet["by"], tablet["revoked"]) == ("Tablet 3", "technician", None)
    assert run("tablet", "revoke", "Tablet 4", "--data", str(folder))[0] == 1
    assert run("tablet", "revoke", "Tablet 3", "--data", str(folder))[0] == 0
    node = Node(folder)
    assert node.devices.of(key) is None
    node.close()
    code, output = run("tablet", "pair", "Tablet 3", "--data", str(folder))
    assert code == 0
    assert "http://clinic-12.local/trust" in output


def test_a_site_whose_plain_address_is_taken_runs_without_it_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from edge.cli.serving import plain_server
    from edge.node import Node

    with socket.create_server(("127.0.0.1", 0)) as taken:
        plain = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = Settings(
            facility="DEMO01", listen="127.0.0.1:0", tls=True, name="a", plain=plain
        )
        make_site(tmp_path / "site", settings)
        node = Node(tmp_path / "site")
        assert plain_server(settings, node.backend()) is None
        node.close()
    assert f"{plain} cannot be used for plain HTTP" in caplog.text


def test_what_is_asked_of_the_certificates_of_a_site_without_tls_is_refused_for_good(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    for command in (["show"], ["renew-authority", "--yes"]):
        code, output = run("tls", *command, "--data", str(folder))
        assert code == 1, output
        assert "TLS is off at this site." in output
        assert "divoc-edge tls on" in output
