"""Verifiers of PINs leave the site nowhere: what leaves holds them sealed, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.entropy import SystemEntropy
from edge.adapters.journal_source import JournalSource
from edge.adapters.keys import FileKeys
from edge.campaign.loader import read_campaign
from edge.domain.errors import NotAllowed
from edge.journal import database, maintenance
from edge.node import Node
from edge.plugins.sign_in.verifiers import make_verifier
from edge.services.campaigns import CheckedCampaign, record_campaign
from edge.services.pins import PinSeal, sealed_campaign, without_pins
from sync.registry.cli import main as registry
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.resources import resource

CAMPAIGN = resource("config/demo/campaign")


def campaign(**changes: Any) -> dict[str, Any]:
    return {**read_campaign(CAMPAIGN, resource("config/schemas")), **changes}


def leaving(node: Node) -> list[str]:
    """Every entry as it is delivered."""
    source = JournalSource(node.journal)
    found, position = [], 0
    while some := source.after(position, 500):
        found += [one.content for one in some]
        position = some[-1].position
    return found


def signs_in(node: Node, code: str, pin: str) -> bool:
    try:
        node.authenticator.check_pin(code, pin)
    except NotAllowed:
        return False
    return True


def test_no_entry_that_leaves_a_site_holds_a_verifier_that_is_of_use_elsewhere(node: Node) -> None:
    node.authenticator.set_pin("V1", "135790", by="S1")
    entries = leaving(node)
    assert any('"type":"PinSet"' in one for one in entries)
    assert any('"type":"CampaignApplied"' in one for one in entries)
    assert not [one for one in entries if "argon2" in one]
    assert (signs_in(node, "V1", "135790"), signs_in(node, "V1", "2468")) == (True, False)
    assert (signs_in(node, "S1", "2468"), signs_in(node, "S1", "135790")) == (True, False)
    schemas = Schemas(schemas_folder())
    assert [one for one in map(json.loads, entries) if schemas.mistake(one)] == []


def test_what_another_node_sealed_lets_nobody_in(node: Node) -> None:
    """The whole journal of another site is of no use to who guesses PINs, not even at a node."""
    stranger = PinSeal(Ed25519PrivateKey.generate())
    verifier = make_verifier("135790")
    body = {"staff": "V1", "verifier": stranger.seal("V1", verifier)}
    node.journal.run(lambda unit: unit.append("PinSet", body, id_=node.site.ids.new(), by="x"))
    assert not signs_in(node, "V1", "135790")


def test_a_pin_is_there_again_after_the_journal_was_rebuilt(node: Node, site_folder: Path) -> None:
    node.authenticator.set_pin("V1", "135790", by="S1")
    node.close()
    key = FileKeys(site_folder / "keys", SystemEntropy()).journal_key()
    db = database.open_writer(site_folder / "journal.db", key)
    maintenance.rebuild(db)
    db.conn.close()
    opened = Node(site_folder)
    assert signs_in(opened, "V1", "135790")
    assert signs_in(opened, "S1", "2468")
    opened.close()


def test_bare_verifiers_of_older_entries_let_their_people_in_and_are_sealed_in_the_next(
    node: Node,
) -> None:
    old = campaign(version="2026.1")
    node.journal.run(
        lambda unit: unit.append(
            "CampaignApplied", {"campaign": old}, id_=node.site.ids.new(), by="x"
        )
    )
    pin = {"staff": "V1", "verifier": make_verifier("135790")}
    node.journal.run(lambda unit: unit.append("PinSet", pin, id_=node.site.ids.new(), by="x"))
    node.site.catalogues.forget()
    assert signs_in(node, "V1", "135790")
    assert signs_in(node, "S1", "2468")
    applied = node.campaigns.apply(CheckedCampaign(without_pins(campaign(version="2027")))).new
    assert applied
    assert "argon2" not in leaving(node)[-1]
    assert signs_in(node, "S1", "2468")


def test_a_campaign_of_the_nation_has_no_pins_and_leaves_those_that_the_site_has(
    node: Node,
) -> None:
    seal = node.use_cases.seal
    letter = without_pins(campaign())
    again = node.journal.run(
        lambda unit: record_campaign(
            unit, letter, node.site.ids.new(), by="nation", seal=seal, facility="DEMO01"
        )
    )
    assert not again  # it is the one in force
    letter["version"] = "next"
    assert node.journal.run(
        lambda unit: record_campaign(
            unit, letter, node.site.ids.new(), by="nation", seal=seal, facility="DEMO01"
        )
    )
    node.site.catalogues.forget()
    assert signs_in(node, "S1", "2468")
    assert not signs_in(node, "S1", "")


def test_a_campaign_with_new_pins_at_the_site_puts_them_in_place_of_its_old_ones(
    node: Node,
) -> None:
    body = campaign(version="next")
    body["staff"] = [{**one, "pin": make_verifier("975310")} for one in body["staff"]]
    assert node.campaigns.apply(CheckedCampaign(body)).new
    assert not node.campaigns.apply(CheckedCampaign(body)).new
    assert (signs_in(node, "S1", "975310"), signs_in(node, "S1", "2468")) == (True, False)


def test_a_campaign_with_verifiers_is_not_published(tmp_path: Path) -> None:
    path = tmp_path / "campaign.json"
    path.write_text(json.dumps(campaign()))
    words = ["publish", "campaign", str(path), "--data", str(tmp_path)]
    done = CliRunner().invoke(registry, words)
    assert done.exit_code == 1
    assert "holds the verifiers of PINs" in done.output
    path.write_text(json.dumps(without_pins(campaign())))
    assert "There is no registry" in CliRunner().invoke(registry, words).output


@given(st.text(min_size=1), st.text(min_size=1), st.binary(min_size=32, max_size=32))
def test_only_the_same_node_opens_what_it_sealed_for_the_same_person(
    staff: str, other: str, seed: bytes
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    sealed = PinSeal(key).seal(staff, "$argon2id$verifier")
    assert "argon2" not in sealed
    assert PinSeal(key).open(staff, sealed) == "$argon2id$verifier"
    assert PinSeal(key).seal(staff, sealed) == sealed
    assert PinSeal(Ed25519PrivateKey.generate()).open(staff, sealed) == ""
    if other != staff:
        assert PinSeal(key).open(other, sealed) == ""
    assert PinSeal(key).open(staff, sealed[:-4]) == ""


@pytest.mark.parametrize("kept", ["sealed:", "sealed:!!!", "sealed:AAAA", "sealed:é"])
def test_what_was_spoilt_opens_nothing(kept: str) -> None:
    seal = PinSeal(Ed25519PrivateKey.generate())
    assert seal.open("V1", kept) == ""


def test_who_is_new_in_a_campaign_without_pins_has_none() -> None:
    seal = PinSeal(Ed25519PrivateKey.generate())
    before = {"staff": [{"code": "A", "pin": "$argon2id$a"}, {"code": "B"}]}
    after = {"staff": [{"code": code} for code in ("A", "B", "C")]}
    found = {one["code"]: "pin" in one for one in sealed_campaign(after, before, seal)["staff"]}
    assert found == {"A": True, "B": False, "C": False}


@pytest.mark.parametrize("pin", ["135790", "١٣٥٧٩٠", "۱۳۵۷۹۰", "১৩৫৭৯০"])
def test_a_pin_is_the_same_in_the_digits_of_any_script_and_so_is_a_code_in_any_case(
    node: Node, pin: str
) -> None:
    node.authenticator.set_pin("V1", pin, by="S1")
    assert signs_in(node, "v١", pin)
    assert [signs_in(node, "v1", one) for one in ("135790", "١٣٥٧٩٠", "135791")] == [
        True,
        True,
        False,
    ]
