"""The registry's office: who may do what is in one table, and everything they do is written down."""

from __future__ import annotations

import ast
import hashlib
import html
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from lockers import locker_of
from memory_journal import NODE, NODE_KEY, REGISTRY_KEY, Chain, Line, enrolment, follower
from openapi_spec_validator import validate
from ruamel.yaml import YAML
from second_factors import confirm

from sync.protocol import frames, keys
from sync.protocol.counted import Counted
from sync.protocol.enrolment_codes import read_code, short_fingerprint
from sync.protocol.proofs import CertificateProof, CodeProof, OwnProof, StatedProof
from sync.protocol.questions import sign_question
from sync.protocol.versions import NEWEST
from sync.registry import histories
from sync.registry.cli import main
from sync.registry.histories import told_kind
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits, Load, come_back, wait_after
from sync.registry.registry import Registry
from sync.registry.store.records import Operator, Verdict
from sync.registry.store.sql.database import Row
from sync.registry.store.sqlite import SqliteStore, migrate_sqlite
from sync.registry.store.sqlite.database import _SqliteSession
from sync.registry.store.sqlite.schema import MIGRATIONS
from sync.registry.web.app import create_app
from sync.registry.web.catalogues import messages
from sync.registry.web.office import office
from sync.registry.web.policy import DECIDING, POLICY, ROLES
from sync.registry.web.reading_api import SETTLED
from sync.registry.web.translations import load_languages

EPOCH = "00000000000000e1"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class World:
    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.store = SqliteStore(path)
        self.registry = Registry(
            self.store,
            REGISTRY_KEY,
            frozenset({"code"}),
            Limits(entries_a_day=5, passes_a_minute=10),
            self.clock,
        )
        self.app: Flask = create_app(
            self.registry, office(self.registry, "operator", page=2), locker_of(self.registry)
        )
        self.client: FlaskClient = self.app.test_client()
        for role in ROLES:
            digest = hashlib.sha256(f"{role}-token".encode()).hexdigest()
            self.store.add_operator(Operator(role, role, digest, ""))

    def signed_in(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        assert client.post("/", data={"token": f"{role}-token"}).status_code == 303
        if role in DECIDING:
            confirm(client, self.store, REGISTRY_KEY, role)
        return client

    def bearer(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {role}-token"}

    def site(self, number: int, facility: str = "") -> str:
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        asked = enrolment(by=key, facility=facility or f"FAC{number:02}")
        return str(self.client.post("/v1/enrol", json=asked).get_json()["node"])

    def judge(self) -> None:
        Judging(self.store, Schemas(schemas_folder()), self.registry.instant).run()

    def written(self) -> list[tuple[str, str, str]]:
        return [(one.who, one.what, one.whom) for one in self.store.audits()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "registry.db")
    yield made
    made.store.close()


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or ())
        if method not in ("HEAD", "OPTIONS")
    }


def form_of(client: FlaskClient, page: str = "/") -> str:
    return client.get(page).text.split('name="form" value="')[1].split('"')[0]


def test_every_route_of_the_app_is_in_the_policy_and_every_rule_has_its_route(world: World) -> None:
    assert routes(world.app) == set(POLICY)


def test_a_route_that_is_not_in_the_policy_lets_nobody_through(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    registry = Registry(store, REGISTRY_KEY)
    app = create_app(registry, office(registry, "operator"))
    app.add_url_rule("/v1/forgotten", "forgotten", lambda: "a secret")
    answer = app.test_client().get("/v1/forgotten", headers={"Authorization": "Bearer operator"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "operator.role")
    store.close()


@pytest.mark.parametrize("role", ["", *ROLES])
def test_a_role_is_let_through_where_the_policy_says_so_and_nowhere_else(
    world: World, role: str
) -> None:
    node = world.site(1)
    for (method, path), rule in POLICY.items():
        if rule.open:
            continue
        client = world.signed_in(role) if role else world.app.test_client()
        url = path.replace("<node>", node)
        data = {"state": "active", "facility": "FAC01", "days": "3"}
        if role and method == "POST":
            pages = {"viewer": "/", "steward": "/", "admin": "/"}
            if role in pages:
                data["form"] = form_of(client, pages[role])
        answer = client.open(url, method=method, data=data if method == "POST" else None)
        refused = answer.status_code in (401, 403)
        reader_form = role == "reader" and method == "POST"
        assert refused == (role not in rule.roles or reader_form), (
            method,
            path,
            answer.status_code,
        )
        assert (answer.status_code == 401) == (not role)


@pytest.mark.slow
def test_every_answer_of_every_route_is_kept_by_nobody_and_taken_for_what_it_says(
    world: World,
) -> None:
    """As it is, refused, of a page that is not there, and when something breaks."""
    node, seen = world.site(1), set()
    for role in ("", *ROLES):
        client = world.signed_in(role) if role in ("viewer", "steward", "admin") else world.client
        headers = world.bearer(role) if role == "reader" else {}
        for method, path in [
            *sorted(routes(world.app)),
            ("GET", "/nothing"),
            ("GET", "/v1/no/thing"),
        ]:
            url = path.replace("<node>", node).replace("<code>", "fr")
            url = url.replace("<path:filename>", "registry.css" if role else "no.css")
            for body in ({}, {"form": "wrong"}) if method == "POST" else ({},):
                if path == "/sign-out" and not body:
                    continue
                answer = client.open(url, method=method, headers=headers, data=body or None)
                seen.add(answer.status_code)
                assert answer.headers["X-Content-Type-Options"] == "nosniff", (method, url)
                kept = answer.headers["Cache-Control"]
                public = path.startswith("/pages/") and answer.status_code == 200
                assert kept == ("no-cache" if public else "no-store"), (method, url)
    assert seen >= {200, 303, 400, 401, 403, 404}

    def breaks(*_: object) -> None:
        raise RuntimeError("nobody has thought of this")

    world.store.nodes = breaks  # type: ignore[method-assign,assignment]
    broken = world.client.get("/v1/nodes", headers=world.bearer("reader"))
    large = world.client.post("/", data={"token": "x" * 70_000})
    for answer, status in ((broken, 500), (large, 413)):
        assert answer.status_code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_everything_an_operator_looks_at_or_does_is_a_line_of_the_audit(world: World) -> None:
    node = world.site(1)
    steward = world.signed_in("steward")
    steward.get(f"/nodes/{node}")
    steward.get("/?facility=FAC")
    steward.get("/audit")
    data = {"state": "stopped", "form": form_of(steward)}
    assert steward.post(f"/nodes/{node}/state", data=data).status_code == 303
    world.client.get("/v1/entries?type=DoseGiven", headers=world.bearer("reader"))
    written = world.written()
    for line in (
        ("steward", "signed in", ""),
        ("steward", "looked at a site", node),
        ("steward", "looked at the sites", "facility=FAC"),
        ("steward", "was refused", "looked at the audit"),
        ("steward", "stopped a site", node),
        ("reader", "read entries", "type=DoseGiven"),
    ):
        assert line in written


def test_the_audit_shows_every_line_once_page_by_page(world: World) -> None:
    world.client.get("/v1/entries?type=DoseGiven", headers=world.bearer("reader"))
    for _ in range(4):
        world.signed_in("viewer")
    admin, url, found = world.signed_in("admin"), "/audit", []
    written = len(world.store.audits()) + 1
    for _ in range(written):
        text = admin.get(url).text
        found += [one.partition("</td>")[0] for one in text.split('data-label="What">')[1:]]
        if 'rel="next"' not in text:
            break
        url = text.partition('" rel="next"')[0].rpartition('href="')[2].replace("&amp;", "&")
        world.clock.pass_(seconds=1)
    assert len(found) == written
    assert "read entries" in found


def test_a_form_of_another_page_changes_nothing(world: World) -> None:
    node = world.site(1)
    steward = world.signed_in("steward")
    own = form_of(steward)
    other = form_of(world.signed_in("steward"))
    for form, headers in (
        ("", {}),
        (other, {}),
        (own, {"Origin": "https://evil.example"}),
        (own, {"Sec-Fetch-Site": "cross-site"}),
    ):
        data = {"state": "stopped", "form": form}
        answer = steward.post(f"/nodes/{node}/state", data=data, headers=headers)
        assert answer.status_code == 403
    found = world.store.node(node)
    assert found
    assert found.state == "active"


def test_a_stopped_site_is_refused_until_it_is_let_in_again(world: World) -> None:
    chain = Chain()
    chain.open(EPOCH)
    chain.append(2)
    world.client.post("/v1/enrol", json=enrolment())
    steward = world.signed_in("steward")
    for state, wanted in (("stopped", "node.stopped"), ("active", "")):
        data = {"state": state, "form": form_of(steward)}
        steward.post(f"/nodes/{NODE}/state", data=data)
        assert follower(chain, Line(world.client)).run().code == wanted


def test_a_sign_in_ends_by_itself_by_signing_out_and_with_the_operator(world: World) -> None:
    first, second, third = (world.signed_in("viewer") for _ in range(3))
    first.post("/sign-out", data={"form": form_of(first)})
    assert first.get("/").status_code == 401
    assert second.get("/").status_code == 200
    world.clock.pass_(hours=12, seconds=1)
    assert second.get("/").status_code == 401
    fresh = world.signed_in("viewer")
    world.store.remove_operator("viewer")
    assert fresh.get("/").status_code == 401
    assert third.post("/", data={"token": "viewer-token"}).status_code == 401


def test_the_cookie_is_not_the_token_and_scripts_do_not_see_it(world: World) -> None:
    answer = world.client.post("/", data={"token": "admin-token"})
    cookie = answer.headers["Set-Cookie"]
    assert "admin-token" not in cookie
    for word in ("HttpOnly", "SameSite=Strict", "Max-Age=43200"):
        assert word in cookie


def test_wrong_tokens_are_slowed_and_written_down(world: World) -> None:
    for _ in range(3):
        assert world.client.post("/", data={"token": "wrong"}).status_code == 401
    answer = world.client.post("/", data={"token": "wrong"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    bearer = {"Authorization": "Bearer wrong"}
    assert world.client.get("/v1/nodes", headers=bearer).status_code == 429
    assert world.written().count(("?", "a wrong token", "127.0.0.1")) == 3
    # Behind the same address are those who know theirs: they wait for nobody.
    assert world.client.get("/v1/nodes", headers=world.bearer("reader")).status_code == 200
    assert world.client.post("/", data={"token": "admin-token"}).status_code == 303
    assert wait_after(2) == 0
    assert wait_after(40) == 300


def secret_of(page: str) -> str:
    """The secret of the code that a page of the office shows."""
    whole = page.split('class="whole" dir="ltr">')[1].partition("<")[0]
    code = read_code(html.unescape(whole))
    assert code.fingerprint == short_fingerprint(REGISTRY_KEY.public_key())
    return code.secret


def test_wrong_codes_are_slowed_and_counted_and_a_code_is_its_facilitys(world: World) -> None:
    steward = world.signed_in("steward")
    data = {"facility": "CLINIC7", "days": "14", "form": form_of(steward, "/codes")}
    code = secret_of(steward.post("/codes", data=data).text)
    assert code not in "".join(str(one) for one in world.store.codes())
    assert "not used yet" in steward.get("/codes").text
    for facility in ("OTHER", "OTHER", "OTHER"):
        answer = world.client.post("/v1/enrol", json=enrolment(code="x" + code, facility=facility))
        assert answer.get_json()["code"] == "enrol.code"
    asked = enrolment(code=code, facility="CLINIC7")
    guessed = enrolment(code="AAAA-BBBB-CCCC", facility="CLINIC7")
    slow = world.client.post("/v1/enrol", json=guessed)
    assert (slow.status_code, slow.get_json()["code"]) == (429, "enrol.slow")
    assert slow.get_json()["temporary"] is True
    assert world.written().count(("?", "a wrong code", "127.0.0.1 OTHER")) == 3
    assert world.client.post("/v1/enrol", json=asked).status_code == 200  # it is no guess
    assert "✓ used" in steward.get("/codes").text
    stranger = Ed25519PrivateKey.generate()
    late = {"facility": "CLINIC8", "days": "1", "form": form_of(steward, "/codes")}
    over = secret_of(steward.post("/codes", data=late).text)
    world.clock.pass_(days=1)
    assert (
        world.client.post(
            "/v1/enrol", json=enrolment(code=over, facility="CLINIC8", by=stranger)
        ).status_code
        == 403
    )


def test_the_commands_add_list_and_remove_operators_and_codes(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])
        assert done.exit_code == 0, done.output
        return done.output.strip()

    token = run("operator", "add", "Amina", "--role", "steward")
    assert json.loads(run("operator", "list", "--json"))[0]["role"] == "steward"
    assert token.encode() not in (tmp_path / "registry.db").read_bytes()
    code = run("code", "add", "CLINIC7", "--address", "https://r.example", "--days", "3")
    assert "unused" in run("code", "list")
    assert code.encode() not in b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )
    run("operator", "remove", "Amina")
    assert run("operator", "list") == "No operator has been added yet."
    taken = ["operator", "add", "operator", "--role", "viewer", "--data", str(tmp_path)]
    assert CliRunner().invoke(main, taken).exit_code == 2


def test_the_longest_silent_come_first_and_pages_go_on_behind_a_site(world: World) -> None:
    nodes = [world.site(number) for number in range(1, 6)]
    for days, node in enumerate(nodes[:4]):
        at = (world.clock.now - timedelta(days=days, hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        world.store.note(node, 7, "0.1.0", at)
    viewer = world.signed_in("viewer")

    def pages(query: str) -> list[str]:
        found: list[str] = []
        url = f"/?{query}"
        for _ in range(9):
            text = viewer.get(url).text.partition("<h2>Latest")[0]
            found += [part[:24] for part in text.split('row"><a href="/nodes/')[1:]]
            if 'rel="next"' not in text:
                return found
            url = text.partition("Next page")[0].rpartition('href="')[2].partition('"')[0]
            url = url.replace("&amp;", "&")
        raise AssertionError("the pages do not end")

    silent = pages("")
    assert silent[0] == nodes[4]  # never heard
    assert silent[1:] == [nodes[3], nodes[2], nodes[1], nodes[0]]
    assert pages("order=newest") == silent[::-1]
    assert pages("facility=FAC0") == nodes
    first = viewer.get("/").text
    for words in ("not heard from yet", "3 days ago", "silent for more than three days"):
        assert words in first
    assert "No facility begins with XX." in viewer.get("/?facility=XX").text


@pytest.mark.parametrize("sql", [
    "SELECT node FROM node WHERE (heard_hour, node) > (?, ?) ORDER BY heard_hour, node LIMIT 50",
    "SELECT node FROM node WHERE (heard_hour, node) < (?, ?) ORDER BY heard_hour DESC, node DESC LIMIT 50",
    "SELECT node FROM node WHERE facility >= ? AND facility < ? ORDER BY facility, node LIMIT 50",
    "SELECT hash FROM entry WHERE type = ? AND received_at < ? ORDER BY received_at, node, epoch, number LIMIT 50",
    "SELECT hash FROM entry WHERE node = ? AND received_at < ? ORDER BY received_at, node, epoch, number LIMIT 50",
    "SELECT digest FROM code WHERE (made_at, digest) < (?, ?) ORDER BY made_at DESC, digest DESC LIMIT 50",
    "SELECT at FROM audit WHERE (at, who) < (?, ?) ORDER BY at DESC, who DESC, place DESC LIMIT 50",
])  # fmt: skip
def test_a_page_is_read_from_an_index_and_not_sorted(world: World, sql: str) -> None:
    plan = world.store._rows("EXPLAIN QUERY PLAN " + sql, "a", "b")
    told = " ".join(str(row[3]) for row in plan)
    assert "USING" in told
    assert "INDEX" in told
    assert "TEMP B-TREE" not in told


def test_a_sites_page_explains_alarms_shows_the_proof_and_what_needs_attention(
    world: World,
) -> None:
    chain = Chain()
    chain.open(EPOCH)
    chain.append(3)
    world.client.post("/v1/enrol", json=enrolment())
    assert follower(chain, Line(world.client)).run().state == "synced"
    twin = Chain()
    twin.open(EPOCH)
    twin.append(3, text="other")
    follower(twin, Line(world.client)).run()
    world.store.post(NODE, "verdict", "v1", "{}", world.registry.instant())
    (stretch,) = world.store.to_judge(1)
    verdict = Verdict(NODE, EPOCH, 2, "rejected", "i", "lot", "No such lot.")
    world.store.settle(stretch, [verdict], [], [], world.registry.instant())
    assert "applied no campaign yet" in world.signed_in("viewer").get(f"/nodes/{NODE}").text
    page = world.signed_in("viewer").get(f"/nodes/{NODE}").text
    assert chain.receipt
    assert chain.receipt.line() in page
    for words in ("No such lot.", "verdict", "Number"):
        assert words in page
    assert "There is no letter" not in page
    assert "Stop this site" not in page
    assert world.signed_in("viewer").get("/nodes/nobody").status_code == 404


def test_reading_goes_on_behind_a_cursor_and_misses_nothing_that_comes_later(world: World) -> None:
    chain = Chain()
    chain.open(EPOCH)
    chain.append(3)
    world.client.post("/v1/enrol", json=enrolment())
    line = Line(world.client)
    follower(chain, line).run()
    world.judge()
    read = world.bearer("reader")
    url = "/v1/entries?type=DoseGiven&limit=2&after="
    assert world.client.get(url, headers=read).get_json()["entries"] == []  # not settled yet
    world.clock.pass_(seconds=SETTLED.total_seconds() + 1)
    first = world.client.get(url, headers=read).get_json()
    assert [one["entry"]["number"] for one in first["entries"]] == [1, 2]
    assert first["more"]
    rest = world.client.get(url + first["next"], headers=read).get_json()
    assert [one["entry"]["number"] for one in rest["entries"]] == [3]
    assert not rest["more"]
    chain.open("0000000000000001")  # an epoch that sorts before
    chain.append(1)
    follower(chain, line).run()
    world.clock.pass_(minutes=2)
    assert world.client.get(url + rest["next"], headers=read).get_json()["entries"] == []
    world.judge()
    again = world.client.get(url + rest["next"], headers=read).get_json()
    assert [one["entry"]["epoch"] for one in again["entries"]] == ["0000000000000001"]
    lines = world.client.get(
        f"/v1/entries?node={NODE}", headers={**read, "Accept": "application/x-ndjson"}
    )
    assert [json.loads(one)["entry"]["number"] for one in lines.text.splitlines()] == [1, 2, 3, 1]
    behind = json.loads(lines.text.splitlines()[1])["cursor"]
    found = world.client.get(f"/v1/entries?node={NODE}&after={behind}", headers=read).get_json()
    assert len(found["entries"]) == 2


def test_a_reader_is_told_what_waits_and_why_of_a_facility_or_a_day_or_over_all_sites(
    world: World,
) -> None:
    chain = Chain()
    chain.open(EPOCH)
    for day in ("2026-11-20", "2026-11-21", "2026-11-21"):
        chain.append(1, body={"on": day})
    world.client.post("/v1/enrol", json=enrolment(facility="FAC07"))
    follower(chain, Line(world.client)).run()
    world.judge()  # these bodies are no doses: each is rejected
    world.clock.pass_(minutes=2)
    read = world.bearer("reader")

    def asked(query: str) -> dict[str, Any]:
        found: dict[str, Any] = world.client.get(f"/v1/entries?{query}", headers=read).get_json()
        return found

    for query, numbers in (
        ("state=rejected", [1, 2, 3]),
        ("state=held&state=superseded", []),
        ("state=rejected&facility=FAC07&day=2026-11-21", [2, 3]),
        ("type=DoseGiven&state=stored", []),
        (f"node={NODE}&type=DoseGiven&day=2026-11-20&limit=1", [1]),
    ):
        found = asked(query)
        assert [one["entry"]["number"] for one in found["entries"]] == numbers, query
        assert all(one["sentence"] and one["state"] == "rejected" for one in found["entries"])
    page = asked("type=DoseGiven&day=2026-11-21&limit=1")
    assert (page["entries"][0]["entry"]["number"], page["more"]) == (2, True)
    assert asked(f"type=DoseGiven&day=2026-11-21&limit=1&after={page['next']}")["entries"]
    epoch = world.client.get(
        f"/v1/nodes/{NODE}/entries?epoch={EPOCH}&after=1&limit=1", headers=read
    ).get_json()
    assert [one["number"] for one in epoch["verdicts"]] == [2]
    assert (epoch["verdicts"][0]["state"], epoch["judged"], epoch["next"]) == ("rejected", 3, 2)


def test_the_epochs_of_a_page_of_sites_are_one_question_to_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain()
    chain.open(EPOCH)
    chain.append(2)
    world.client.post("/v1/enrol", json=enrolment())
    follower(chain, Line(world.client)).run()
    world.site(9)
    asked: list[str] = []
    rows = _SqliteSession.rows

    def counted(session: _SqliteSession, sql: str, *parameters: object) -> list[Row]:
        asked.append(sql)
        return rows(session, sql, *parameters)

    monkeypatch.setattr(_SqliteSession, "rows", counted)
    found = world.client.get("/v1/nodes", headers=world.bearer("reader")).get_json()["nodes"]
    assert sorted([head["number"] for head in one["heads"]] for one in found) == [[], [2]]
    assert len([sql for sql in asked if "FROM head" in sql]) == 1


@pytest.mark.parametrize("query", [
    "", "node=a&facility=b", "state=stored", "state=lost", "day=1", "type=b&day=2026-02-30",
    "facility=NONE", "&".join(f"type={letter}" for letter in "abcdefghi"), "type=b&after=x", "type=b&after=bnVsbA", "type=b&limit=0", "type=b&limit=²",
])  # fmt: skip
def test_a_wrong_question_of_a_reader_is_refused(world: World, query: str) -> None:
    answer = world.client.get(f"/v1/entries?{query}", headers=world.bearer("reader"))
    assert answer.status_code == 400
    assert answer.get_json()["code"].startswith("query.")


DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_openapi_file_is_valid_and_has_every_path_a_reader_may_use(world: World) -> None:
    document = YAML(typ="safe").load((DOCS / "registry.openapi.yaml").read_text())
    validate(document)
    readers = {
        path.replace("<", "{").replace(">", "}")
        for (method, path), rule in POLICY.items()
        if method == "GET" and "reader" in rule.roles
    }
    assert set(document["paths"]) == readers
    world.site(1)
    chain = Chain()
    chain.open(EPOCH)
    chain.append(1)
    world.client.post("/v1/enrol", json=enrolment())
    follower(chain, Line(world.client)).run()
    world.judge()
    world.clock.pass_(minutes=2)
    for url, part, name in (
        ("/v1/entries?type=DoseGiven", "entries", "Received"),
        ("/v1/nodes", "nodes", "Node"),
    ):
        answer = world.client.get(url, headers=world.bearer("reader")).get_json()
        described = document["components"]["schemas"][name]
        validator = Draft202012Validator({**described, "components": document["components"]})
        for one in answer[part]:
            validator.validate(one)
            assert set(described["required"]) <= set(one) <= set(described["properties"])


def test_the_page_of_the_office_names_every_command_page_and_option() -> None:
    text = (DOCS / "registry.md").read_text()
    pages = [text, *((DOCS / name).read_text() for name in ("ceremony.md", "campaign.md"))]
    for name, group in main.commands.items():
        for command in getattr(group, "commands", {"": group}):
            told = f"divoc-registry {name} {command}".strip()
            assert any(told in page for page in pages), told
    for method, path in POLICY:
        if method == "GET" and not path.startswith("/v1") and path not in LITTLE:
            named = path.replace("<node>", "NODE").replace("<draft>", "DRAFT")
            assert f"`{named}`" in text
    for one in main.commands["run"].params:
        option = one.opts[0]
        assert option in text or option in ("--data", "--database", "--listen"), option


LITTLE = ("/pages/<path:filename>", "/language/<code>")


def test_the_list_of_sites_is_read_page_by_page(world: World) -> None:
    nodes = sorted(world.site(number) for number in range(1, 6))
    found, after = [], ""
    for _ in range(5):
        url = f"/v1/nodes?limit=2&after={after}"
        page = world.client.get(url, headers=world.bearer("viewer")).get_json()
        found += [one["node"] for one in page["nodes"]]
        after = page["next"]
        if not page["more"]:
            break
    assert found == nodes


def ask(world: World, node: str = NODE, key: Ed25519PrivateKey = NODE_KEY) -> Any:
    return asked_at_last(world.client, node, key)


def asked_at_last(client: FlaskClient, node: str = NODE, key: Ed25519PrivateKey = NODE_KEY) -> Any:
    """Ask, and once more with the instant that the registry names."""
    answer = client.post(f"/v1/nodes/{node}", data=question(node, key))
    if answer.status_code == 409:
        latest = answer.get_json()["values"]["at"]
        answer = client.post(f"/v1/nodes/{node}", data=question(node, key, latest))
    return answer


def question(node: str = NODE, key: Ed25519PrivateKey = NODE_KEY, after: str = "") -> bytes:
    asked = {
        "protocol": NEWEST, "nonce": "12345678", "tips": [], "waiting": 0, "software": "", "after": after,
    }  # fmt: skip
    return frames.pack(sign_question(asked, "state", node, key), frames.FLOOR)


def test_a_site_that_asks_too_often_is_told_when_to_come_again(world: World) -> None:
    world.client.post("/v1/enrol", json=enrolment())
    other = world.site(9)
    world.clock.pass_(seconds=20)
    assert {ask(world).status_code for _ in range(10)} == {200}
    refused = ask(world)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "node.pace")
    assert refused.get_json()["temporary"] is True
    assert refused.headers["Retry-After"] == "41"
    key = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    assert ask(world, other, key).status_code == 200
    world.clock.pass_(seconds=41)
    assert ask(world).status_code == 200


def test_a_site_that_sent_enough_today_may_go_on_tomorrow(world: World) -> None:
    chain = Chain()
    chain.open(EPOCH)
    chain.append(5)
    world.client.post("/v1/enrol", json=enrolment())
    follow = follower(chain, Line(world.client))
    assert follow.run().state == "synced"
    chain.append(1)
    done = follow.run()
    assert (done.state, done.code) == ("unreachable", "node.quota")
    world.clock.pass_(hours=12)
    assert follow.run().state == "synced"


def test_under_load_sites_are_spread_and_above_it_refused(world: World) -> None:
    world.client.post("/v1/enrol", json=enrolment())
    load: Load = world.registry.load
    waiting = 0
    load.watch(lambda: waiting)
    assert frames.unpack(ask(world).data)["comeBack"] == 0
    waiting = 16
    assert frames.unpack(ask(world).data)["comeBack"] >= 60
    waiting = 80
    refused = ask(world)
    assert (refused.status_code, refused.get_json()["code"]) == (503, "registry.load")
    assert int(refused.headers["Retry-After"]) >= 300
    waiting = 0
    assert ask(world).status_code == 200


def test_a_registry_with_a_morning_window_spreads_its_sites_at_any_load(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    limits = Limits(morning_window=600)
    client = create_app(Registry(store, REGISTRY_KEY, frozenset({"code"}), limits)).test_client()
    client.post("/v1/enrol", json=enrolment())
    answer = asked_at_last(client)
    assert 300 <= frames.unpack(answer.data)["comeBack"] <= 900
    store.close()


def test_a_morning_is_spread_evenly_and_each_site_keeps_its_place() -> None:
    places = [come_back(str(number), 600, 0.1) for number in range(1000)]
    assert min(places) >= 300
    assert max(places) <= 900
    for low in range(300, 900, 100):
        assert 120 < sum(low <= place < low + 100 for place in places) < 220
    assert come_back("1", 600, 0.5) == places[1]
    assert come_back("1", 0, 0.9) == 0


def test_a_request_is_kept_only_if_the_site_signed_its_enrolment(world: World) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    asked = enrolment(csr=csr.public_bytes(Encoding.PEM).decode())
    stranger = Ed25519PrivateKey.generate()
    for signature in ("", keys.sign(stranger, asked)):
        answer = world.client.post("/v1/enrol", json={**asked, "signature": signature})
        assert answer.get_json()["code"] == "question.signature"
    assert world.store.asked_certificates() == []
    assert world.client.post("/v1/enrol", json=asked).status_code == 200
    (kept,) = world.store.asked_certificates()
    assert (kept.node, kept.pem) == (NODE, asked["csr"])
    assert "A request waits" in world.signed_in("viewer").get(f"/nodes/{NODE}").text


@pytest.mark.parametrize("code", ["ar", "fr"])
def test_every_text_of_the_office_is_translated(code: str) -> None:
    language = load_languages()[code]
    same = {"admin", "Audit", "Kind", "Node", "Alarms", "Pages", "active", "Sites", "Documents"}
    found = [text if isinstance(text, str) else Counted(*text) for text in messages()]
    missing = [text for text in found if language.say(text) == text and text not in same]
    assert missing == []


def written_as(call: ast.Call) -> list[ast.expr]:
    """Give what a call writes into the audit as the words of what was done."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place = {"AuditLine": 2, "write": 1}.get(name)
    told = [one.value for one in call.keywords if one.arg == "what" and name == "AuditLine"]
    return told if place is None else [*call.args[place : place + 1], *told]


@pytest.mark.slow
def test_every_word_of_the_audit_is_among_those_that_are_translated() -> None:
    """Found where it is written, by a command too: the page shows what anybody wrote."""
    kinds = (CodeProof("x"), CertificateProof("x", "x"), OwnProof(), StatedProof("x", "x", "x"))
    found = {f"history {told_kind(proof)}" for proof in kinds}
    for path in Path(histories.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            words = written_as(node) if isinstance(node, ast.Call) else []
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "what":
                words = [node.value]
            for word in words:
                either = [word.body, word.orelse] if isinstance(word, ast.IfExp) else [word]
                texts = [one.value for one in either if isinstance(one, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str)}
    assert {"moved a site", "refused a merge", "history refused", "let in again"} <= found
    assert found - {""} <= set(messages())


def test_the_pages_are_in_the_language_and_direction_of_the_operator(world: World) -> None:
    page = world.client.get("/", headers={"Accept-Language": "ar"}).text
    assert '<html lang="ar" dir="rtl">' in page
    world.client.get("/language/fr")
    assert '<html lang="fr" dir="ltr">' in world.client.get("/").text


@pytest.mark.parametrize(("hours", "words"), [
    (0.01, "36 seconds ago"), (5, "5 hours ago"), (47, "1 day ago"), (71.9, "2 days ago"),
    (72, "3 days ago"), (9 * 24, "9 days ago"), (24 * 100, "3 months ago"),
])  # fmt: skip
def test_ages_are_said_in_whole_days(hours: float, words: str) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    at = (now - timedelta(hours=hours)).isoformat()
    assert load_languages()["en"].ago(at, now) == words


def test_a_database_from_before_the_office_is_brought_up_to_date_with_its_sites(
    tmp_path: Path,
) -> None:
    path = tmp_path / "registry.db"
    migrate_sqlite(path, "", MIGRATIONS[:2])
    with sqlite3.connect(path) as db:
        for node, at in (("b", "2026-11-20T10:00:00.000Z"), ("a", "2026-11-24T10:00:00.000Z")):
            db.execute(
                "INSERT INTO node (node, key, facility, name, enrolled_at, heard_at)"
                " VALUES (?, '', '', '', '', ?)",
                (node, at),
            )
    db.close()
    store = SqliteStore(path)
    assert [one.node for one in store.silent(None, 9)] == ["b", "a"]
    store.close()


def test_no_reader_gets_the_verifier_of_a_pin_wherever_it_stands_in_an_entry(world: World) -> None:
    """Entries of before hold them bare, and a site may write them anywhere."""
    verifier = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
    chain = Chain()
    chain.open(EPOCH)
    chain.append(1, type_="PinSet", body={"staff": "V1", "verifier": verifier})
    staff = [{"code": "V1", "name": "Asha", "pin": verifier}]
    chain.append(1, type_="CampaignApplied", body={"campaign": {"staff": staff}})
    chain.append(
        1, type_="Newer", body={"a": [[verifier, f" {verifier}"]], verifier: 1}, by=verifier
    )
    world.client.post("/v1/enrol", json=enrolment())
    assert follower(chain, Line(world.client)).run().state == "synced"
    world.judge()
    world.clock.pass_(minutes=2)
    read = world.bearer("reader")
    lines = {**read, "Accept": "application/x-ndjson"}
    for url, headers in (
        (f"/v1/entries?node={NODE}", read),
        (f"/v1/entries?node={NODE}", lines),
        ("/v1/entries?type=PinSet", read),
        (f"/v1/nodes/{NODE}/entries?epoch={EPOCH}", read),
    ):
        answer = world.client.get(url, headers=headers)
        assert answer.status_code == 200
        assert "PinSet" in answer.text
        assert "argon2" not in answer.text
    told = world.client.get(f"/v1/entries?node={NODE}", headers=read).get_json()["entries"]
    assert told[1]["entry"]["body"]["campaign"]["staff"] == [{**staff[0], "pin": ""}]
    admin = world.signed_in("admin")
    for page in ("/", f"/nodes/{NODE}", "/alarms", "/codes", "/revocations", "/audit"):
        assert "argon2" not in admin.get(page).text
