"""A site learns its ministry's keys from its enrolment code, and never unlearns them by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run
from registry_server import Nation
from signing_office import Office, registry
from site_factory import fill, filled_site

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.cli.site import make_site
from edge.domain.errors import BadInput
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from sync.protocol.enrolment_codes import EnrolmentCode, read_code, short_fingerprint, write_code
from sync.protocol.errors import ProtocolError
from sync.registry.site_campaigns import root_remark, site_campaign

ROOT, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def enrol(folder: Path, code: str) -> str:
    done = run("enrol", "--data", folder, "--enrolment-code-file", "-", given=f"{code}\n")
    return "" if done.exit_code == 0 else done.output


def restarted(folder: Path, **changes: object) -> Node:
    if changes:
        write_settings(folder, replace(read_settings(folder), **changes))  # type: ignore[arg-type]
    return Node(folder)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = filled_site(tmp_path / "site", Settings("DEMO01"))
    yield node
    node.close()


def unsigned(node: Node) -> str:
    with pytest.raises(BadInput) as error:
        node.campaigns.apply(CheckedCampaign({**_body(node), "version": "2099"}))
    return error.value.code


def _body(node: Node) -> dict[str, object]:
    with node.journal.reading() as db:
        text = db.execute(
            "SELECT content FROM entry WHERE type = 'CampaignApplied' ORDER BY position DESC"
        ).fetchone()[0]
    body: dict[str, object] = json.loads(text)["body"]["campaign"]
    return body


def test_every_code_of_a_registry_whose_ministry_signs_names_its_root(office: Office) -> None:
    make = ("code", "add", "DEMO01", "--data", office.data, "--address", "https://r.example")
    assert read_code(registry(*make)).root == ""
    trust = ("campaign", "trust", office.signed, "--data", office.data)
    assert json.loads(registry(*trust, "--json")) == {"root": office.root}
    assert read_code(registry(*make)).root == office.root[:32]
    words = ("stick", "invite", "DEMO01", "--data", office.data, "--out", office.folder, "--json")
    assert read_code(json.loads(registry(*words))["code"]).root == office.root[:32]


def test_publishing_tells_the_root_and_another_one_only_when_that_is_meant(
    office: Office, tmp_path: Path
) -> None:
    office.add("nurse-1", "nurse-2", version="2027.1")
    office.publish()
    assert (office.data / "campaign_root").read_text().strip() == office.root
    other = ("campaign", "init", tmp_path / "other", *office.keys("nurse-1", "nurse-2")[1:])
    registry(*other, "--days", 900)
    words = ("campaign", "trust", tmp_path / "other", "--data", office.data)
    said = registry(*words, code=1)
    assert "would refuse everything" in said
    assert (office.data / "campaign_root").read_text().strip() == office.root
    registry(*words, "--other-root")
    office.add("nurse-1", "nurse-2", version="2027.2")
    again = ("campaign", "publish", office.signed, "--data", office.data)
    assert "would refuse everything" in registry(*again, code=1)
    registry(*again, "--other-root")
    registry(*words, "--other-root")
    assert (office.data / "campaign_root").read_text().strip() != office.root


def test_a_code_with_a_root_is_read_as_it_was_written_and_an_old_one_too() -> None:
    for root in ("", ROOT[:32]):
        code = EnrolmentCode("https://registry.example", "12" * 16, "ABCDEFGHJKMN", root)
        assert read_code(write_code(code)) == code
    whole = write_code(EnrolmentCode("stick", "12" * 16, "ABCDEFGHJKMN", ROOT[:32]))
    address, _, rest = whole.partition("#")
    groups = rest.split("-")
    assert len(groups) == 19
    with pytest.raises(ProtocolError) as short:
        read_code(f"{address}#{'-'.join(groups[:-1])}")
    assert short.value.code in ("enrolment.whole", "enrolment.short")
    with pytest.raises(ProtocolError) as short:
        read_code(write_code(EnrolmentCode("stick", "12" * 16, "", ROOT[:32])))
    assert short.value.code == "enrolment.short"


def test_a_site_that_enrols_takes_nothing_unsigned_from_then_on(
    nation: Nation, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    make_site(folder, Settings("DEMO01"))
    key = nation.registry.key.public_key()
    code = EnrolmentCode(nation.url, short_fingerprint(key), "code", ROOT[:32])
    assert enrol(folder, write_code(code)) == ""
    node = Node(folder)
    try:
        with pytest.raises(BadInput) as error:
            fill(node)
        assert error.value.code == "campaign.unsigned"
        assert node.registry.run().state == "synced"
    finally:
        node.close()


def test_taking_the_root_out_of_the_settings_does_not_lift_it(tmp_path: Path, node: Node) -> None:
    node.close()
    restarted(tmp_path / "site", campaign_root=ROOT[:32]).close()
    again = restarted(tmp_path / "site", campaign_root="")
    try:
        assert unsigned(again) == "campaign.unsigned"
    finally:
        again.close()


def test_a_code_with_another_root_moves_no_site_and_an_old_code_leaves_the_root_alone(
    tmp_path: Path, node: Node
) -> None:
    node.close()
    folder = tmp_path / "site"
    restarted(folder, campaign_root=ROOT).close()
    told = EnrolmentCode("https://registry.example", "12" * 16, "ABCDEFGHJKMN", OTHER[:32])
    for settings in (ROOT, ""):  # also where only the journal remembers it
        write_settings(folder, replace(read_settings(folder), campaign_root=settings))
        assert "and the code names the" in enrol(folder, write_code(told))
    assert enrol(folder, write_code(replace(told, root=""))) == ""
    assert read_settings(folder).campaign_root == ""
    assert enrol(folder, write_code(replace(told, root=ROOT[:32]))) == ""
    assert read_settings(folder).campaign_root == ROOT[:32]


def test_another_root_is_an_entry_and_the_office_sees_it(nation: Nation) -> None:
    node = nation.site("DEMO01", fill)
    nation.exchange(node)
    folder, id_ = node.folder, nation.store.nodes()[0].node
    node.close()
    for root in (ROOT, ROOT[:32], OTHER):  # the second says the same in fewer digits
        again = restarted(folder, campaign_root=root)
        nation.exchange(again)
        again.close()
    while nation.judge():
        pass
    found = site_campaign(nation.store, id_)
    assert found.root is not None
    assert (found.root.root, found.root.before) == (OTHER, ROOT)
    assert [root_remark(found, told) for told in (ROOT, OTHER, "")] == ["other", "", ""]


def test_the_office_names_a_site_that_takes_what_nobody_signed(nation: Nation) -> None:
    node = nation.site("DEMO01", fill)
    nation.exchange(node)
    found = site_campaign(nation.store, nation.store.nodes()[0].node)
    assert (found.root, root_remark(found, ROOT)) == (None, "unsigned")
