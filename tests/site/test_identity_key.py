"""The key that hides identity numbers: made at the ministry, taken by each site, told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asking import campaign_with
from click.testing import CliRunner, Result
from next_edition import put_in_force
from site_factory import fill

from edge.adapters.keys import IDENTITY_KEY, FileKeys, file_keys
from edge.adapters.settings import Settings
from edge.cli import main
from edge.cli.site import make_site
from edge.domain.errors import BadInput
from edge.node import Node
from edge.web.app import create_app


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["keys", "identity", *map(str, words)])


def test_a_site_takes_the_key_of_the_campaign_and_another_key_is_told(tmp_path: Path) -> None:
    site = tmp_path / "site"
    make_site(site, Settings(facility="DEMO01"))
    made = [json.loads(run("make", tmp_path / name, "--json").output)["check"] for name in "ab"]
    rules = f"key: {made[0]}\ntypes: [{{type: in.gov.uidai.aadhaar, name: Aadhaar, kept: keyed}}]\n"
    node = Node(site)
    fill(node)
    put_in_force(node, campaign_with(tmp_path / "campaign", identities=rules))
    assert node.site.identities.lacks_key()
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    assert "the key under which the campaign keeps identity numbers" in client.get("/site").text
    node.close()
    told = json.loads(run("show", "--data", site, "--json").output)
    assert told == {"asked": made[0], "here": ""}
    assert "is here" in run("take", tmp_path / "b", "--data", site).output
    assert f"and here is {made[1]}" in run("show", "--data", site).output
    assert json.loads(run("take", tmp_path / "a", "--data", site, "--json").output) == {
        "check": made[0]
    }
    assert run("show", "--data", site).output == f"The key {made[0]} is here.\n"
    secret = (tmp_path / "a").read_text().strip()
    lying = [path.read_bytes() for path in site.rglob("*") if path.is_file()]
    assert not any(secret.encode() in found or bytes.fromhex(secret) in found for found in lying)
    node = Node(site)
    assert not node.site.identities.lacks_key()
    assert node.site.identities.kept("did:in.gov.uidai.aadhaar:2341 2341 2346").endswith(".2346")
    node.close()


def test_a_key_is_not_written_over_and_what_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert "In identities.yaml:" in run("make", path).output
    before = path.read_text()
    refused = run("make", path)
    assert refused.exit_code != 0
    assert "is there already" in refused.output
    assert path.read_text() == before
    path.write_text("1234\n")
    site = tmp_path / "site"
    make_site(site, Settings(facility="DEMO01"))
    assert "does not hold the key" in run("take", path, "--data", site).output


def test_systemd_hands_the_key_over_before_the_folder_is_looked_at(tmp_path: Path) -> None:
    site, handed = tmp_path / "site", tmp_path / "credentials"
    make_site(site, Settings(facility="DEMO01"))
    file_keys(site).keep_identity_key(bytes(32))
    handed.mkdir()
    (handed / IDENTITY_KEY).write_text(bytes(range(32)).hex())
    (handed / "journal.key").write_bytes((site / "keys" / "journal.key").read_bytes())
    keys = FileKeys(site / "keys", file_keys(site)._entropy, handed)
    assert keys.identity_key() == bytes(range(32))
    (handed / IDENTITY_KEY).write_text("")
    with pytest.raises(BadInput, match="does not hold the key"):
        keys.identity_key()
