"""The registry answers national systems as docs/registry.openapi.yaml says, whoever asks for whatever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from delivering_nodes import Place, entry, uuid
from described import KINDS, Described
from memory_journal import NODE, REGISTRY_KEY, Chain, Line, enrolment, follower
from ruamel.yaml import YAML
from shares import DESCRIBED_REQUESTS

from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.registry import Registry
from sync.registry.store.records import Operator
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.registry.web.policy import ROLES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/registry.openapi.yaml"
EPOCH = "00000000000000e1"
OPERATIONS = [
    "GET /v1/documents/{number}", "GET /v1/entries", "GET /v1/nodes", "GET /v1/nodes/{node}/entries",
]  # fmt: skip


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """Give a registry that has a site's entries, older than what it still holds back."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    times = [now]
    store = SqliteStore(tmp_path_factory.mktemp("described") / "registry.db")
    made = Registry(store, REGISTRY_KEY, frozenset({"code"}), now=lambda: times[-1])
    app = create_app(made, office(made, "operator"))
    for role in ROLES:
        store.add_operator(
            Operator(role, role, hashlib.sha256(f"{role}-token".encode()).hexdigest(), "")
        )
    client, chain = app.test_client(), Chain()
    chain.open(EPOCH)
    chain.append(12)
    client.post("/v1/enrol", json=enrolment())
    follower(chain, Line(client)).run()
    contents = {"documentType": "permit", "facility": "F1", "contents": {"name": "Grace"}}
    Place(store, "documents").deliver(entry(1, "DocumentRecorded", contents))
    Judging(store, Schemas(schemas_folder()), made.instant).run()
    times.append(now + timedelta(hours=1))
    bearer = {"Authorization": "Bearer reader-token"}
    page = client.get("/v1/entries?type=DoseGiven&limit=2", headers=bearer).get_json()
    known = {
        "documents/{number}": [uuid(1)], "nodes/{node}": [NODE], "node": [NODE], "type": ["DoseGiven"], "epoch": [EPOCH],
        "after": [page["next"], NODE, "3"],
    }  # fmt: skip
    yield Described(YAML(typ="safe").load(DOCUMENT.read_text()), app, known)
    store.close()


@pytest.mark.slow
def test_every_operation_of_the_document_is_played(registry: Described) -> None:
    assert sorted(registry.names) == OPERATIONS


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("role", [*ROLES, "nobody", ""])
def test_the_registry_answers_what_its_document_promises(
    registry: Described, role: str, name: str
) -> None:
    for kind in KINDS:
        registry.play(name, kind, DESCRIBED_REQUESTS, lambda: f"{role}-token" if role else "")


@pytest.mark.slow
def test_right_requests_are_answered_and_not_only_refused(registry: Described) -> None:
    for name in OPERATIONS:
        answered = registry.play(name, "positive", 40, lambda: "reader-token")
        assert answered[200], name
