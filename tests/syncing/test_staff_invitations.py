"""``divoc-registry staff``: who is invited where, what is told of it, and what became of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from delivering_nodes import Place, entry

from sync.protocol.invitations import open_invitation, plain_code
from sync.protocol.keys import node_id, public_text
from sync.registry.cli import main
from sync.registry.store.interface import Store
from sync.registry.store.stores import embedded, open_store

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
NODE = node_id(KEY.public_key())
AT = "2026-11-24T12:00:00.000Z"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = open_store(embedded(tmp_path))
    store.enrol(NODE, public_text(KEY.public_key()), "FAC1", "One", AT)
    yield store
    store.close()


def run(folder: Path, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["staff", *words, "--data", str(folder)])
    assert done.exit_code == code, done.output
    return done.output


def states(folder: Path, *words: str) -> list[tuple[str, str]]:
    told = run(folder, "list", *words, "--json").splitlines()
    return [(one["staff"], one["state"]) for one in map(json.loads, told)]


def test_an_invitation_is_sealed_to_its_node_and_its_code_is_printed_once_and_kept_nowhere(
    tmp_path: Path, store: Store
) -> None:
    words = ("invite", "N1", "--facility", "fac1", "--days", "3", "--by", "Dr Osei", "--json")
    made = json.loads(run(tmp_path, *words))
    (letter,) = store.letters(NODE, 0, 9)
    assert (letter.kind, letter.id) == ("invitation", made["id"])
    opened = open_invitation(json.loads(letter.body), KEY)
    assert (opened.staff, opened.node, opened.facility) == ("N1", NODE, "FAC1")
    assert PasswordHasher().verify(opened.verifier, plain_code(made["code"]))
    days = datetime.fromisoformat(made["expiresAt"]) - datetime.now(UTC)
    assert days.days == 2
    for secret in (made["code"], plain_code(made["code"]), opened.verifier):
        assert secret not in letter.body
    with pytest.raises(Exception, match="made for somebody else"):
        open_invitation(json.loads(letter.body), OTHER)
    (line,) = store.audits()
    assert (line.who, line.what, line.whom) == ("Dr Osei (command line)", "invited staff", "N1")
    assert made["code"] not in run(tmp_path, "list")


def test_what_became_of_each_invitation_is_listed_by_what_the_site_has_told(
    tmp_path: Path, store: Store
) -> None:
    ids = {}
    for staff in ("A", "B", "C", "D", "E", "E"):
        words = ("invite", staff, "--node", NODE, "--by", "Dr Osei", "--json")
        ids[staff] = json.loads(run(tmp_path, *words))["id"]
    place = Place(store, NODE)
    told = [
        entry(n, type_, {"invitation": ids[staff], **more})
        for n, (type_, staff, more) in enumerate(
            [
                ("StaffInvited", "B", {"staff": "B"}),
                ("StaffInvitationTaken", "C", {"staff": "C"}),
                ("PinSet", "D", {"staff": "D", "verifier": "sealed:x"}),
            ],
            start=1,
        )
    ]
    place.deliver(*told)
    CliRunner().invoke(main, ["judge", "--data", str(tmp_path)])
    found = [("E", "sent"), ("E", "replaced"), ("D", "taken"), ("C", "waiting")]
    assert states(tmp_path) == [*found, ("B", "delivered"), ("A", "sent")]
    for staff in ("A", "C"):
        run(tmp_path, "withdraw", staff, "--node", NODE, "--by", "Dr Osei", "--json")
    assert states(tmp_path, "--node", NODE) == [
        *found[:3],
        ("C", "withdrawn"),
        ("B", "delivered"),
        ("A", "withdrawn"),
    ]
    assert states(tmp_path, "--facility", "FAC1") == states(tmp_path)
    refused = run(tmp_path, "withdraw", "D", "--facility", "FAC1", "--by", "X", code=1)
    assert "No invitation of D is open" in refused


def test_an_invitation_goes_to_one_site_that_is_named_and_runs(
    tmp_path: Path, store: Store
) -> None:
    other = node_id(OTHER.public_key())
    store.enrol(other, public_text(OTHER.public_key()), "FAC1", "Two", AT)

    def invite(*words: str) -> str:
        return run(tmp_path, "invite", "N1", *words, "--by", "Dr Osei", code=1)

    assert "has 2 sites" in invite("--facility", "FAC1")
    assert "No site nowhere" in invite("--node", "nowhere")
    assert "one of them" in invite()
    assert "one of them" in invite("--node", NODE, "--facility", "FAC1")
    assert "1 to 30 days" in invite("--node", NODE, "--days", "31")
    assert "staff code" in run(tmp_path, "invite", " ", "--node", NODE, "--by", "Dr Osei", code=1)
    assert store.letters(NODE, 0, 9) == []


def test_the_office_is_told_of_a_code_that_the_sites_campaign_does_not_name(
    tmp_path: Path, store: Store
) -> None:
    words = ("invite", "N1", "--node", NODE, "--by", "Dr Osei")
    assert "does not name" not in run(tmp_path, *words)  # it has told nothing yet
    body = {"campaign": {"id": "c", "version": "1", "staff": [{"code": "V1"}]}}
    Place(store, NODE).deliver(entry(1, "CampaignApplied", body))
    CliRunner().invoke(main, ["judge", "--data", str(tmp_path)])
    assert "FAC1 does not name N1" in run(tmp_path, *words)
    assert "does not name" not in run(tmp_path, "invite", "V1", *words[2:])
