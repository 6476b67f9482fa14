"""The command ``divoc-registry`` as it is typed: every option once, with its effect seen."""

from __future__ import annotations

import io
import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from delivering_nodes import Place, person, uuid
from flask import Flask
from lockers import KEY, locker_asking
from signed_messages import Sender, state_question
from tls_sites import free_ports

from edge.peers.identity_provider import IdentityProvider
from sync.logs import LineFormat
from sync.protocol.enrolment_codes import read_code, short_fingerprint
from sync.protocol.histories import PersonQuery, make_question
from sync.protocol.instants import instant
from sync.protocol.proofs import StatedProof
from sync.protocol.signed_lists import SignedList, sealed
from sync.registry.cli import main, serving
from sync.registry.judging.schemas import schemas_folder
from sync.registry.keys import registry_key
from sync.registry.store.records import AuditLine
from sync.registry.store.stores import embedded, open_store
from sync.registry.trust_documents import kid

CODE = "let-me-in"


class Running:
    """The registry as ``run`` has made it, while it serves; ``given`` is what the server got."""

    def __init__(self, app: Flask, given: dict[str, Any], data: Path) -> None:
        self.client, self.given, self.data = app.test_client(), given, data

    def site(self, seed: int = 3) -> Sender:
        site = Sender(self, seed, code="")  # type: ignore[arg-type]
        assert "key" in site.enrol(code=CODE)
        return site

    def history(self, site: Sender) -> Any:
        return site.ask("history", make_question([PersonQuery(uuid(1))], "0123456789abcdef"))


Check = Callable[[Running], object]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Type ``divoc-registry run`` with some words; check it while it serves; give the result."""
    before = signal.getsignal(signal.SIGTERM)
    checked: list[object] = []

    def begin(words: list[str], check: Check, data: Path | None = None) -> Any:
        folder = data or tmp_path / "data"

        class Server:
            def __init__(self, app: Flask, host: str, port: int, **given: Any) -> None:
                self.running = Running(app, {"host": host, "port": port, **given}, folder)

            def waiting(self) -> int:
                return 0

            def run(self) -> None:
                check(self.running)
                checked.append(check)

            def close(self) -> None:
                """Nothing was opened."""

        monkeypatch.setattr(serving, "Server", Server)
        full = ["run", "--data", str(folder), "--enrolment-code", CODE, *words]
        done = CliRunner().invoke(main, full, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert checked.pop() is check
        return done

    yield begin
    signal.signal(signal.SIGTERM, before)


def listens(running: Running) -> None:
    assert (running.given["host"], running.given["port"]) == ("127.0.0.9", 8123)


def enrols(running: Running) -> None:
    assert "key" in Sender(running, 3, code="").enrol(code="second")  # type: ignore[arg-type]
    assert "key" in running.site(4).enrol()  # both codes count


def entries_a_day(running: Running) -> None:
    site = running.site()
    assert "receipt" in site.deliver(person(1))
    assert site.deliver(person(2))["code"] == "node.quota"


def passes_a_minute(running: Running) -> None:
    site = running.site()
    codes = [site.ask("", state_question()).get("code") for _ in range(4)]
    assert codes.count(None) in (2, 3)  # a minute may have ended between them
    assert "node.pace" in codes


def histories_a_day(running: Running) -> None:
    site = running.site()
    codes = [running.history(site).get("code") for _ in range(5)]
    assert codes[:2] == [None, None]
    assert "history.quota" in codes


def morning_window(running: Running) -> None:
    site = running.site()
    assert 300 <= site.ask("", state_question())["comeBack"] <= 900
    assert running.history(site).get("code") is None  # it is no other limit


def without_paper_a_day(running: Running) -> None:
    site = running.site()
    proofs = [StatedProof(f"{n:064d}", "Noor Saleh", "1990") for n in range(2)]
    asked = [PersonQuery(uuid(n), proof) for n, proof in enumerate(proofs)]
    answer = site.ask("history", make_question(asked, "0123456789abcdef"))
    assert [one["refused"] for one in answer["people"]] == ["wrong", "limit"]


def address(running: Running) -> None:
    assert (running.data / "address").read_text() == "https://registry.example\n"


def behind(running: Running) -> None:
    assert running.given["trusted"] == "10.0.0.1"


def leaves_judging(running: Running) -> None:
    assert "receipt" in running.site().deliver(person(1))
    assert "judging" not in {thread.name for thread in threading.enumerate()}


def logs_as_json(running: Running) -> None:
    stream = io.StringIO()
    (handler,) = (
        one for one in logging.getLogger().handlers if isinstance(one.formatter, LineFormat)
    )
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    running.client.get("/v1/ping")
    assert json.loads(stream.getvalue())["message"] == "GET /v1/ping"


def in_its_folder(running: Running) -> None:
    assert (running.data / "registry.db").exists()
    assert (running.data / "operator.token").exists()


RUN: dict[str, tuple[list[str], Check]] = {
    "--data": ([], in_its_folder),
    "--listen": (["--listen", "127.0.0.9:8123"], listens),
    "--enrolment-code": (["--enrolment-code", "second", "--enrolment-code", "code"], enrols),
    "--entries-a-day": (["--entries-a-day", "1"], entries_a_day),
    "--passes-a-minute": (["--passes-a-minute", "2"], passes_a_minute),
    "--histories-a-day": (["--histories-a-day", "2"], histories_a_day),
    "--morning-window": (["--morning-window", "600"], morning_window),
    "--behind": (["--behind", "10.0.0.1"], behind),
    "--without-paper-a-day": (["--without-paper-a-day", "1"], without_paper_a_day),
    "--address": (["--address", "https://Registry.example/"], address),
    "--no-judging": (["--no-judging"], leaves_judging),
    "--log": (["--log", "json", "--log-level", "info"], logs_as_json),
}
"""Options of ``run`` whose effect is seen while it serves."""
ALONE = {"--audit-days", "--database", "--metrics", "--schemas"}
LOCKER = {"--locker-issuer", "--locker-document", "--locker-org", "--locker-key"}
PROVIDER = {"--oidc-issuer", "--oidc-client", "--oidc-secret", "--oidc-ca", "--oidc-role"}
"""Those that have a test of their own below."""


@pytest.mark.parametrize("option", RUN)
def test_an_option_of_run_does_what_it_says(start: Callable[..., Any], option: str) -> None:
    words, check = RUN[option]
    start(words, check)


def test_without_options_every_site_may_ask_for_histories_and_come_when_it_likes(
    start: Callable[..., Any],
) -> None:
    def check(running: Running) -> None:
        site = running.site()
        assert running.history(site)["people"] == [
            {"id": uuid(1), "entries": [], "refused": "wrong"}
        ]
        assert site.ask("", state_question())["comeBack"] == 0
        assert "receipt" in site.deliver(*(person(number) for number in range(1, 50)))
        assert running.given["trusted"] == ""

    start([], check)


def test_run_answers_prometheus_at_the_address_it_is_given(start: Callable[..., Any]) -> None:
    def check(running: Running) -> None:
        running.client.get("/v1/ping")
        told = requests.get(f"http://{address}/metrics", timeout=30).text
        line = 'divoc_registry_requests_total{method="GET",route="/v1/ping",status="200"} 1.0'
        assert line in told

    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    start(["--metrics", address], check)


def test_run_uses_the_database_that_it_is_given(start: Callable[..., Any], tmp_path: Path) -> None:
    uri = (tmp_path / "other.db").as_uri().replace("file:", "sqlite:")
    nodes: list[str] = []
    start(["--database", uri], lambda running: nodes.append(running.site().node))
    store = open_store(uri)
    assert [one.node for one in store.nodes()] == nodes
    store.close()
    assert not (tmp_path / "data/registry.db").exists()


def test_run_forgets_what_the_audit_holds_longer_than_it_is_told(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    data, now = tmp_path / "data", datetime.now(UTC)
    data.mkdir()
    store = open_store(embedded(data))
    for days in (91, 89, 1):
        store.audit(AuditLine(instant(now - timedelta(days=days)), "Amina", f"{days}", ""))
    store.close()

    def check(running: Running) -> None:
        seen = open_store(embedded(data))
        end = time.monotonic() + 60
        while seen.audits()[0].who == "Amina" and time.monotonic() < end:
            time.sleep(0.02)
        told = [(line.who, line.what) for line in seen.audits()]
        assert told == [
            ("divoc-registry", "trimmed the audit"), ("Amina", "1"), ("Amina", "89"),
        ]  # fmt: skip
        assert seen.audits()[0].whom.startswith("1 < ")
        seen.close()

    start(["--audit-days", "90"], check)


def test_run_judges_by_the_schemas_that_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    words = ["run", "--data", str(tmp_path / "data"), "--schemas", str(tmp_path / "none")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "The schemas cannot be read" in done.output


@pytest.mark.parametrize(
    "listen", ["8900", ":8900", "host:", "host:x", "host:²", "host:٣", "host:-1", "127.0.0.1:65536"]
)
def test_an_address_that_is_none_is_refused(
    tmp_path: Path, listen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.registry.cli.serving.serve", lambda *_: None)
    done = CliRunner().invoke(main, ["run", "--data", str(tmp_path), "--listen", listen])
    assert done.exit_code == 2
    assert "host:port" in done.output


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--behind", "nonsense"),
        ("--behind", "localhost"),
        ("--behind", "127.0.0.1:80"),
        ("--behind", ""),
        ("--entries-a-day", "0"),
        ("--passes-a-minute", "-1"),
        ("--histories-a-day", "-3"),
    ],
)
def test_an_option_of_run_that_could_only_turn_sites_away_is_refused(
    tmp_path: Path, option: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.registry.cli.serving.serve", lambda *_: None)
    done = CliRunner().invoke(main, ["run", "--data", str(tmp_path), option, value])
    assert done.exit_code == 2
    assert option in done.output


def test_a_locker_is_served_where_its_four_options_are_given(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    key = tmp_path / "locker.key"
    key.write_bytes(KEY + b"\n")

    def served(running: Running) -> None:
        locker = locker_asking(running.client)
        locker.at = datetime.now(UTC)
        answer = locker.pull_document(f"in.gov.demoland-VACER-{'A' * 16}")
        assert (answer.status, answer.said) == (200, "0")

    words = ["--locker-issuer", "in.gov.demoland", "--locker-document", "VACER"]
    start([*words, "--locker-org", "in.gov.locker", "--locker-key", str(key)], served)


def test_without_these_options_there_is_no_locker(start: Callable[..., Any]) -> None:
    def unserved(running: Running) -> None:
        assert running.client.post("/cert/api/pullDocRequest").status_code == 404

    start([], unserved)


def test_an_identity_provider_is_asked_as_its_options_say(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    secret, authority = tmp_path / "secret", tmp_path / "ca.pem"
    secret.write_text("kept\n")
    authority.write_text("")
    provider = IdentityProvider(client_id="registry", secret="kept")
    provider.start()

    def served(running: Running) -> None:
        there = running.client.get("/provider")
        assert there.headers["Location"].startswith(provider.issuer)
        assert "client_id=registry" in there.headers["Location"]

    words = ["--oidc-issuer", provider.issuer, "--oidc-client", "registry"]
    more = ["--oidc-secret", str(secret), "--oidc-ca", str(authority)]
    start([*words, *more, "--oidc-role", "steward=divoc-steward"], served)
    provider.close()


@pytest.mark.parametrize(
    "words",
    [
        ["--oidc-issuer", "https://id.example"],
        ["--oidc-role", "steward=x"],
        ["--oidc-issuer", "http://id.example", "--oidc-client", "registry"],
        ["--oidc-issuer", "https://id.example", "--oidc-client", "r", "--oidc-role", "boss=x"],
    ],
)
def test_half_of_an_identity_provider_is_refused(tmp_path: Path, words: list[str]) -> None:
    done = CliRunner().invoke(main, ["run", "--data", str(tmp_path), *words])
    assert done.exit_code == 2
    assert "oidc" in done.output


def test_the_proxy_is_known_however_its_address_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[Any, ...]] = []
    monkeypatch.setattr("sync.registry.cli.serving.serve", lambda *told: served.append(told))
    words = ["run", "--data", str(tmp_path), "--behind", "0:0:0:0:0:0:0:1"]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert served[0][0].behind == "::1"


@pytest.mark.parametrize(
    ("country", "name", "passphrase"),
    [
        ("KEN", "M", "x"),
        ("ke", "M", "x"),
        ("", "M", "x"),
        ("ÄÖ", "M", "x"),
        ("KE", " ", "x"),
        ("KE", "M", ""),
    ],
)
def test_an_authority_that_no_certificate_can_name_is_refused_in_words(
    tmp_path: Path, country: str, name: str, passphrase: str
) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "root"
    secret.write_text(passphrase)
    words = ["authority", "init", "--country", country, "--name", name]
    done = CliRunner().invoke(
        main, [*words, "--folder", str(folder), "--passphrase-file", str(secret), "--json"]
    )
    assert json.loads(done.stdout)["error"]["code"] == "authority.wrong"
    assert not folder.exists()


def commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from commands(one, *before, name)
        else:
            yield (*before, name), one


def typed(tmp_path: Path, *words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def strict(tmp_path: Path) -> Path:
    """The schemas with one more field that a person must have."""
    folder = tmp_path / "strict"
    folder.mkdir()
    for path in schemas_folder().glob("*.json"):
        document = json.loads(path.read_text())
        if path.name.startswith("PersonRegistered"):
            document["required"] = [*document["required"], "shoeSize"]
        (folder / path.name).write_text(json.dumps(document))
    return folder


def test_judge_goes_by_the_schemas_that_it_is_given(tmp_path: Path) -> None:
    store = open_store(embedded(tmp_path))
    place = Place(store, "n1")
    place.deliver(person(1))
    out = typed(tmp_path, "judge", "--schemas", str(strict(tmp_path)))
    assert "Judged 1 entries" in out
    assert [one.state for one in store.verdicts("n1")] == ["rejected"]
    store.close()


@pytest.mark.parametrize("days", [1, 30])
def test_a_code_counts_for_the_days_that_were_typed(tmp_path: Path, days: int) -> None:
    typed(tmp_path, "code", "add", "DEMO01", "--address", "r.example", "--days", str(days))
    told = json.loads(typed(tmp_path, "code", "list", "--json"))
    until = datetime.fromisoformat(told["expiresAt"])
    assert days - 1 < (until - datetime.now(UTC)).total_seconds() / 86400 <= days
    assert told["facility"] == "DEMO01"


@pytest.mark.parametrize("role", ["viewer", "reader", "steward", "admin"])
def test_an_operator_has_the_role_that_was_typed(tmp_path: Path, role: str) -> None:
    typed(tmp_path, "operator", "add", "Amina", "--role", role)
    told = json.loads(typed(tmp_path, "operator", "list", "--json"))
    assert [(one["name"], one["role"]) for one in told] == [("Amina", role)]


def sign_list(path: Path, name: str) -> None:
    """Sign a list as the ministry does, which divoc-edge lists is for."""
    stated = SignedList(
        name=name,
        officer="Dr Osei",
        reason="Compared by telephone",
        sequence=1,
        issued_at=datetime.now(UTC),
        good_until=datetime.now(UTC),
    )
    path.write_bytes(sealed(stated, b"keys", Ed25519PrivateKey.generate()))


def test_letters_go_where_and_under_the_name_that_was_typed(tmp_path: Path) -> None:
    store = open_store(embedded(tmp_path))
    for node, facility in (("n1", "FAC1"), ("n2", "FAC2")):
        store.enrol(node, "key", facility, "Name", "2026-11-24T12:00:00.000Z")
    (tmp_path / "list.txt").write_text("keys")
    sign_list(tmp_path / "signed.list", "ours")
    typed(tmp_path, "publish", "list", str(tmp_path / "signed.list"))
    (tmp_path / "people.csv").write_text("name,enrollmentScopeId\nZora Newcomer,fac2\n")
    words = ["--list", "spring", "--programme", "covid-19", "--by", "Amina"]
    typed(tmp_path, "enrolments", "publish", str(tmp_path / "people.csv"), *words)
    (nation,) = store.letters("*", 0, 9)
    assert json.loads(nation.body)["name"] == "ours"
    assert store.letters("n1", 0, 9) == []
    (own,) = store.letters("n2", 0, 9)
    assert json.loads(own.body)["programme"] == "covid-19"
    assert "Zora" not in own.body
    told = [one["node"] for one in json.loads(typed(tmp_path, "nodes", "--json"))]
    assert told == ["n1", "n2"]
    store.close()


def test_only_an_officer_moves_a_site_and_the_audit_says_who(tmp_path: Path) -> None:
    store = open_store(embedded(tmp_path))
    store.enrol("n1", "key", "FAC1", "Name", "2026-11-24T12:00:00.000Z")
    assert "FAC2" in typed(tmp_path, "move", "n1", "FAC2", "--by", "Dr Osei")
    moved = store.node("n1")
    assert moved is not None
    assert (moved.facility, moved.name, moved.key) == ("FAC2", "Name", "key")
    (line,) = store.audits()
    assert (line.who, line.whom) == ("Dr Osei (command line)", "n1 from FAC1 to FAC2")
    store.close()
    for words in (["n2", "FAC2", "--by", "X"], ["n1", "a\nb", "--by", "X"], ["n1", "F"]):
        done = CliRunner().invoke(main, ["move", *words, "--data", str(tmp_path)])
        assert done.exit_code != 0


def test_who_decides_has_a_name_that_can_stand_in_the_audit(tmp_path: Path) -> None:
    """With ``--by`` a command asks for it: each of them, and of none a name that is a line more."""
    open_store(embedded(tmp_path)).close()
    seen = 0
    for words, command in commands(main):
        if not any("--by" in one.opts for one in command.params):
            continue
        given = ["x" for one in command.params if isinstance(one, click.Argument) and one.required]
        for name in ("", "a\nb", "\x1b[2J", "x" * 101):
            typed = [*words, *given, "--by", name, "--data", str(tmp_path)]
            done = CliRunner().invoke(main, typed)
            assert (done.exit_code, "'--by': this name cannot be used" in done.output) == (2, True)
        seen += 1
    assert seen >= 6


def test_every_command_looks_into_the_folder_that_was_typed(tmp_path: Path) -> None:
    """Of those that read a registry: where there is none, they say so and name the folder."""
    seen = 0
    for words, command in commands(main):
        options = {one.opts[0] for one in command.params if isinstance(one, click.Option)}
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        needed = [one for one in command.params if one.required]
        if not {"--data", "--database"} <= options or arguments or needed or words[0] == "run":
            continue
        folder = tmp_path / "-".join(words)
        done = CliRunner().invoke(main, [*words, "--data", str(folder)])
        there = (folder / "registry.db").exists()
        assert there or f"There is no registry in {folder}" in done.output, words
        uri = (tmp_path / f"{'-'.join(words)}.db").as_uri().replace("file:", "sqlite:")
        done = CliRunner().invoke(main, [*words, "--database", uri])
        assert done.exit_code == 0, (words, done.output)
        assert (tmp_path / f"{'-'.join(words)}.db").exists(), words
        seen += 1
    assert seen >= 6


def test_a_certificate_counts_and_signs_for_the_days_that_were_typed_until_it_is_withdrawn(
    tmp_path: Path,
) -> None:
    folder, secret, out = tmp_path / "nation", tmp_path / "secret", tmp_path / "out.crt"
    secret.write_text("a passphrase")
    root = ["--folder", str(folder), "--passphrase-file", str(secret)]

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["authority", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    run("init", *root, "--country", "XD", "--name", "Ministry")
    key = ec.generate_private_key(ec.SECP256R1())
    names = ((NameOID.COUNTRY_NAME, "XD"), (NameOID.COMMON_NAME, "FAC1 main"))
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    (tmp_path / "site.csr").write_bytes(asked.public_bytes(Encoding.PEM))
    times = ["--days", "20", "--use-days", "5"]
    run("sign", str(tmp_path / "site.csr"), *root, "--out", str(out), *times)
    signed = x509.load_pem_x509_certificate(out.read_bytes())
    used = signed.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    assert used.not_before is not None
    assert used.not_after is not None
    assert (signed.not_valid_after_utc - signed.not_valid_before_utc).days == 20
    assert (used.not_after - used.not_before).days == 5
    assert kid(signed).hex() in run("list", "--folder", str(folder))
    run("withdraw", kid(signed).hex(), "--folder", str(folder))
    assert kid(signed).hex() not in run("list", "--folder", str(folder))


def test_a_site_steers_no_terminal_by_the_name_that_it_has_signed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "nation", tmp_path / "secret"
    secret.write_text("a passphrase")
    root = ["--folder", str(folder), "--passphrase-file", str(secret)]

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["authority", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    run("init", *root, "--country", "XD", "--name", "Ministry")
    names = ((NameOID.COUNTRY_NAME, "XD"), (NameOID.COMMON_NAME, "FAC1 \x1b[2J\n\x9b1Anew"))
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
    key = ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    (tmp_path / "site.csr").write_bytes(asked.public_bytes(Encoding.PEM))
    told = run("sign", str(tmp_path / "site.csr"), *root, "--out", str(tmp_path / "out.crt"))
    told += run("list", "--folder", str(folder))
    assert told.count("FAC1") == 2
    assert all(line.isprintable() for line in told.splitlines())


def test_every_answer_is_json_for_a_script(tmp_path: Path) -> None:
    registry, folder, secret = tmp_path / "r", tmp_path / "nation", tmp_path / "secret"
    secret.write_text("a passphrase")
    root = ["--folder", str(folder), "--passphrase-file", str(secret)]
    (tmp_path / "list.txt").write_text("keys")
    body = {"id": "x", "version": "1", "programmes": []}
    (tmp_path / "campaign.json").write_text(json.dumps(body))

    def told(*words: str) -> list[Any]:
        done = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def one(*words: str) -> Any:
        (answer,) = told(*words, "--data", str(registry))
        return answer

    assert one("migrate")["applied"]
    assert one("judge") == {"judged": 0, "released": 0}
    assert one("operator", "add", "Amina", "--role", "reader")["token"]
    assert one("code", "add", "FAC1", "--address", "https://r.example")["facility"] == "FAC1"
    assert one("publish", "campaign", str(tmp_path / "campaign.json"))["campaign"] == "x"
    sign_list(tmp_path / "signed.list", "list")
    assert one("publish", "list", str(tmp_path / "signed.list"))["list"] == "list"
    store = open_store((registry / "registry.db").as_uri().replace("file:", "sqlite:"))
    store.enrol("n1", "key", "FAC1", "Name", "2026-11-24T12:00:00.000Z")
    store.close()
    (tmp_path / "people.csv").write_text("name,enrollmentScopeId\nZora Newcomer,FAC1\n")
    words = ("--list", "spring", "--programme", "covid-19", "--by", "Amina")
    assert one("enrolments", "publish", str(tmp_path / "people.csv"), *words)["nodes"] == ["n1"]
    assert one("enrolments", "status")["people"] == 1
    assert one("enrolments", "withdraw", "spring", "--by", "Amina")["nodes"] == ["n1"]
    assert one("stick", "invite", "FAC1", "--out", str(tmp_path))["code"].startswith("stick#")
    assert told("authority", "pending", "--data", str(registry)) == []
    assert told("authority", "init", *root, "--country", "XD", "--name", "Ministry")
    key = ec.generate_private_key(ec.SECP256R1())
    names = ((NameOID.COUNTRY_NAME, "XD"), (NameOID.COMMON_NAME, "FAC1 main"))
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in names])
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    (tmp_path / "site.csr").write_bytes(asked.public_bytes(Encoding.PEM))
    out = ("--out", str(tmp_path / "site.crt"))
    (signed,) = told("authority", "sign", str(tmp_path / "site.csr"), *root, *out)
    (listed,) = told("authority", "list", "--folder", str(folder))
    assert signed["kid"] == listed["kid"]
    place = ("--folder", str(folder), "--out", str(tmp_path / "published"), "--did", "did:web:x")
    (published,) = told("authority", "publish", *place)
    assert published == {"keys": 1, "revokedNames": None, "remarks": []}


def test_an_error_of_the_registry_is_json_for_a_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.registry.store.postgres.database._PATIENCE", 0.1)
    done = CliRunner().invoke(main, ["nodes", "--json", "--data", str(tmp_path)])
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["code"], error["temporary"]) == (1, "registry.none", False)
    uri = "postgresql://nobody@127.0.0.1:9/none"
    done = CliRunner().invoke(main, ["nodes", "--json", "--database", uri])
    error = json.loads(done.stdout)["error"]
    assert (done.exit_code, error["temporary"]) == (75, True)


EVERYWHERE = {"--data", "--database"}


def test_histories_that_nobody_asked_for_are_a_list_of_none(tmp_path: Path) -> None:
    typed(tmp_path, "migrate")
    words = ("histories", "--node", "n1", "--without-paper", "--most", "5", "--json")
    assert typed(tmp_path, *words) == ""


KEYS = {"--root-key", "--root-threshold", "--campaign-key", "--campaign-threshold", "--registry-key", "--days", "--json"}  # fmt: skip
OPTIONS: dict[str, set[str]] = {
    "run": RUN.keys() | {"--log-level"} | ALONE | LOCKER | PROVIDER,
    "nodes": {"--json"},
    "move": {"--by"},
    "judge": {"--schemas", "--keep-on", "--log", "--log-level", "--json"},
    "migrate": {"--json"},
    "operator add": {"--role", "--json"},
    "operator remove": set(),
    "man": set(),
    "operator list": {"--json"},
    "operator second-factor": set(),
    "operator reset-second-factor": {"--by"},
    "audit trim": {"--days", "--by", "--json"},
    "keys place": {"--json"},
    "keys move": {"--to"},
    "campaign key": {"--token", "--passphrase-file", "--json"},
    "campaign online": {"--json"},
    "campaign init": KEYS,
    "campaign renew": KEYS,
    "campaign add": {"--days", "--json"},
    "campaign sign": {"--key", "--request", "--out", "--passphrase-file", "--json"},
    "campaign request": {"--out", "--json"},
    "campaign add-signatures": {"--json"},
    "campaign status": {"--json"},
    "campaign publish": {"--days", "--other-root", "--json"},
    "campaign trust": {"--other-root", "--json"},
    "campaign region add": {"--key", "--threshold", "--facility", "--facilities", "--json"},
    "campaign region put": {"--days", "--json"},
    "campaign new": {"--json"},
    "campaign check": {"--json"},
    "campaign diff": {"--json"},
    "campaign region withdraw": {"--back-to", "--days", "--json"},
    "campaign withdraw": {"--back-to", "--stop", "--version", "--days", "--json"},
    "campaign region drop": {"--json"},
    "campaign region list": {"--json"},
    "campaign lists": {"--days", "--json"},
    "campaign lists-keys": {"--key", "--threshold", "--json"},
    "campaign sites": {"--json"},
    "code add": {"--address", "--days", "--json"},
    "code list": {"--json"},
    "publish campaign": {"--json"},
    "publish list": {"--json"},
    "publish letters": {"--node", "--most", "--json"},
    "publish withdraw": {"--node", "--json"},
    "enrolments publish": {"--by", "--list", "--programme", "--json"},
    "enrolments status": {"--json"},
    "enrolments withdraw": {"--by", "--json"},
    "authority init": {"--folder", "--country", "--name", "--passphrase-file", "--json"},
    "authority sign": {
        *("--node", "--folder", "--out", "--days", "--use-days", "--passphrase-file", "--json"),
    },
    "authority pending": {"--out", "--json"},
    "authority deliver": {"--node"},
    "authority list": {"--folder", "--json"},
    "authority withdraw": {"--folder"},
    "authority publish": {"--folder", "--out", "--did", "--json"},
    "documents find": {"--json"},
    "documents list": {"--type", "--most", "--json"},
    "histories": {"--json", "--most", "--node", "--without-paper"},
    "merges pending": {"--json"},
    "merges approve": {"--by"},
    "merges refuse": {"--by"},
    "revocations pending": {"--json"},
    "revocations approve": {"--by"},
    "revocations refuse": {"--by"},
    "staff invite": {"--node", "--facility", "--days", "--by", "--json"},
    "staff withdraw": {"--node", "--facility", "--by", "--json"},
    "staff list": {"--node", "--facility", "--json"},
    "stick take": {"--out", "--schemas", "--json"},
    "stick invite": {"--out", "--days", "--json"},
}
"""What each command may be given beside ``--data`` and ``--database``."""


def test_every_option_of_every_command_is_typed_by_a_test() -> None:
    """A new one needs a row here, and a test that types it together with its command."""
    told = {
        " ".join(words): {one.opts[0] for one in command.params if isinstance(one, click.Option)}
        for words, command in commands(main)
    }
    assert {name: options - EVERYWHERE for name, options in told.items()} == {
        name: options - EVERYWHERE for name, options in OPTIONS.items()
    }
    table = Path(__file__).read_text().index("OPTIONS: dict")
    texts = [
        path.read_text()[: table if path == Path(__file__) else None]
        for path in Path(__file__).parents[1].rglob("*.py")
    ]
    for name, options in OPTIONS.items():
        words = [f'"{word}"' for word in name.split()]
        for option in options:
            assert any(all(one in text for one in (*words, f'"{option}"')) for text in texts), (
                f"{name} {option}"
            )


def test_a_code_holds_the_address_that_was_told_once_the_fingerprint_and_one_secret(
    tmp_path: Path,
) -> None:
    words = ["code", "add", "DEMO01", "--data", str(tmp_path)]
    refused = CliRunner().invoke(main, words)
    assert "holds the address of the registry" in refused.output
    assert list(tmp_path.iterdir()) == [], "not even the database"
    assert (
        "not the address of a registry"
        in CliRunner().invoke(main, [*words, "--address", "ftp://registry.example"]).output
    )
    assert list(tmp_path.iterdir()) == []
    first = CliRunner().invoke(main, [*words, "--address", "registry.example/"])
    told = [read_code(first.output)]
    again = CliRunner().invoke(main, [*words, "--json"])
    told.append(read_code(json.loads(again.output)["code"]))
    key = registry_key(tmp_path).public_key()
    assert {one.address for one in told} == {"https://registry.example"}
    assert {one.fingerprint for one in told} == {short_fingerprint(key)}
    assert len({one.secret for one in told}) == 2
    store = open_store(embedded(tmp_path))
    assert {code.facility for code in store.codes()} == {"DEMO01"}
    store.close()
    stick = CliRunner().invoke(main, [*words, "--address", "stick"])
    assert read_code(stick.output).by_stick
    assert (tmp_path / "address").read_text() == "https://registry.example\n"


def test_an_officer_reads_who_was_told_of_whom_without_paper(tmp_path: Path) -> None:
    store = open_store(embedded(tmp_path))
    store.enrol("n1", "key", "FAC1", "Name", "2026-11-24T12:00:00.000Z")
    for minute, what in enumerate(("history", "history by code", "history without paper")):
        at = f"2026-11-24T12:0{minute}:00.000Z"
        store.audit(AuditLine(at, "n1", what, f"p{minute} = q"))
    store.close()

    def listed(*words: str) -> str:
        told = CliRunner().invoke(main, ["histories", "--data", str(tmp_path), *words])
        assert told.exit_code == 0, told.output
        return told.output

    assert [line[30:].split("  ")[0].strip() for line in listed().splitlines()] == [
        "without paper",
        "by code",
    ]
    assert listed("--without-paper").split() == [
        "2026-11-24T12:02", "FAC1", "without", "paper", "p2", "=", "q"
    ]  # fmt: skip
    (line,) = listed("--without-paper", "--json").splitlines()
    assert json.loads(line)["node"] == "n1"
    assert listed("--node", "n2") == "No site has been told of anybody.\n"
    assert len(listed("--most", "1").splitlines()) == 1
