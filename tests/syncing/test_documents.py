"""Documents of any kind at the registry: judged, found by number, read by those who may."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from delivering_nodes import NOW, Place, entry, uuid
from jsonschema import Draft202012Validator
from memory_journal import REGISTRY_KEY
from ruamel.yaml import YAML
from second_factors import confirm

from sync.registry.cli import main
from sync.registry.documents import all_documents, find_document
from sync.registry.judging.rules import NO_DOCUMENT, OTHERS
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.store.records import Operator
from sync.registry.store.sqlite import SqliteStore
from sync.registry.store.stores import embedded, open_store
from sync.registry.web.app import create_app
from sync.registry.web.office import office

SCHEMAS = Schemas(schemas_folder())
FIRST, SECOND = "7Q4WZK2M9XDEA0TB", "8Q4WZK2M9XDEA0TB"
LATER = "2099-01-01T00:00:00.000Z"


@pytest.fixture
def judging(store: Store) -> Judging:
    return Judging(store, SCHEMAS, lambda: NOW)


def recorded(number: int = 1, **more: Any) -> dict[str, Any]:
    contents = {"name": "Grace", "result": "Negative", "courses": ["a", "b"], **more}
    body = {"documentType": "permit", "facility": "F1", "contents": contents}
    return entry(number, "DocumentRecorded", body)


def certified(number: int, certificate: str) -> dict[str, Any]:
    signed = [{"format": "vc", "credential": "{}"}]
    body = {"certificate": certificate, "document": uuid(1), "documentType": "permit"}
    return entry(number, "DocumentCertified", {**body, "credentials": signed})


def corrected(number: int, **changes: Any) -> dict[str, Any]:
    body = {"document": uuid(1), "changes": changes, "reason": "Misheard"}
    return entry(number, "DocumentCorrected", body)


def told(store: Store, node: str) -> dict[str, tuple[str, str, str]]:
    return {one.id: (one.state, one.field, one.sentence) for one in store.verdicts(node)}


def test_a_document_is_found_by_every_number_it_had_and_by_its_id_as_it_is_now(
    store: Store, judging: Judging
) -> None:
    place = Place(store, "a")
    changed = corrected(3, result="Positive", courses=None)
    place.deliver(recorded(), certified(2, FIRST), changed, certified(4, SECOND))
    judging.run()
    assert place.states() == {}
    for number in (FIRST, f"{SECOND[:4]} {SECOND[4:].lower()}", uuid(1)):
        found = find_document(store, number)
        assert found is not None, number
        assert (found.type, found.certificate) == ("permit", SECOND)
        assert found.contents == {"name": "Grace", "result": "Positive"}
    revoked = entry(5, "DocumentRevoked", {"document": uuid(1), "reason": "Never held"})
    place.deliver(revoked)
    judging.run()
    found = find_document(store, FIRST)
    assert found is not None
    assert (found.certificate, found.reason) == ("", "Never held")
    assert [document.id for document in all_documents(store, LATER)] == [uuid(1)]
    assert [find_document(store, number) for number in ("", "X", "\0", "7" * 5000)] == [None] * 4


def test_what_another_site_says_of_a_document_is_rejected_and_counts_for_nothing(
    store: Store, judging: Judging
) -> None:
    Place(store, "a").deliver(recorded(), certified(2, FIRST))
    judging.run()
    thief = Place(store, "b")
    taken = entry(4, "DocumentRevoked", {"document": uuid(1), "reason": "Mine"})
    thief.deliver(corrected(3, result="Positive"), taken, certified(5, SECOND))
    judging.run()
    assert set(told(store, "b").values()) == {("rejected", "document", OTHERS)}
    found = find_document(store, FIRST)
    assert found is not None
    assert (found.contents["result"], found.certificate) == ("Negative", FIRST)
    assert find_document(store, SECOND) is None


def test_a_certificate_waits_for_its_document(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    place.deliver(certified(2, FIRST))
    judging.run()
    assert told(store, "a") == {uuid(2): ("held", "document", NO_DOCUMENT)}
    place.deliver(recorded())
    judging.run()
    assert place.states() == {uuid(2): ("stored", "")}
    assert find_document(store, FIRST) is not None


def test_a_document_that_is_no_document_is_rejected_by_its_field(
    store: Store, judging: Judging
) -> None:
    place = Place(store, "a")
    place.deliver(recorded(nested={"a": 1}))
    judging.run()
    assert set(place.states().values()) == {("rejected", "contents.nested")}
    assert find_document(store, uuid(1)) is None


def test_commands_find_and_list_documents(tmp_path: Path) -> None:
    store = open_store(embedded(tmp_path))
    Place(store, "a").deliver(recorded(), certified(2, FIRST))
    Judging(store, SCHEMAS, lambda: NOW).run()
    store.close()
    asked = ["--json", "--data", str(tmp_path)]
    found = json.loads(CliRunner().invoke(main, ["documents", "find", FIRST, *asked]).output)
    assert (found["documentType"], found["contents"]["name"]) == ("permit", "Grace")
    listed = json.loads(CliRunner().invoke(main, ["documents", "list", *asked]).output)
    assert listed["certificate"] == FIRST
    assert "contents" not in listed, "a list says of nobody what is recorded"
    other = CliRunner().invoke(main, ["documents", "list", "--type", "other", *asked])
    assert other.output == ""
    none = CliRunner().invoke(main, ["documents", "list", "--most", "0", *asked])
    assert (none.exit_code, json.loads(none.output)["error"]["field"]) == (2, "--most")
    plain = CliRunner().invoke(main, ["documents", "find", FIRST, "--data", str(tmp_path)])
    assert "courses            a, b" in plain.output
    missing = CliRunner().invoke(main, ["documents", "find", "X", "--data", str(tmp_path)])
    assert missing.exit_code != 0


def test_the_office_finds_documents_and_shows_what_they_say_to_those_who_read_records(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    Place(store, "a").deliver(recorded(), certified(2, FIRST), recorded(9, name="Amina"))
    Judging(store, SCHEMAS, lambda: NOW).run()
    registry = Registry(store, REGISTRY_KEY)
    app = create_app(registry, office(registry, "operator"))
    for role in ("reader", "steward", "admin"):
        digest = hashlib.sha256(f"{role}-token".encode()).hexdigest()
        store.add_operator(Operator(role, role, digest, ""))
    pages = {}
    for role in ("steward", "admin"):
        client = app.test_client()
        client.post("/", data={"token": f"{role}-token"})
        confirm(client, store, REGISTRY_KEY, role)
        pages[role] = client.get("/documents", query_string={"number": FIRST}).text
        listed = client.get("/documents").text
        assert (FIRST in listed, "Grace" in listed, "permit" in listed) == (True, False, True)
    assert ("DEMO01" in pages["steward"], "Grace" in pages["steward"]) == (True, False)
    assert "Grace" in pages["admin"]
    reader = {"Authorization": "Bearer reader-token"}
    found = app.test_client().get(f"/v1/documents/{FIRST}", headers=reader)
    assert (found.status_code, found.get_json()["contents"]["name"]) == (200, "Grace")
    missing = app.test_client().get("/v1/documents/X", headers=reader)
    assert (missing.status_code, missing.get_json()["code"]) == (404, "document.unknown")
    whole = YAML(typ="safe").load(Path(__file__).parents[2] / "docs/registry.openapi.yaml")
    Draft202012Validator(whole["components"]["schemas"]["Document"]).validate(found.get_json())
    assert any(line.what == "read a document" for line in store.audits())
    store.close()
