"""A site that knows the ministry's keys takes the campaigns they signed, by each way, and no other."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import run
from ministry import Ministry
from signing_office import DEMO, Office, in_force, registry
from site_factory import filled_site

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.cli.site import make_site
from edge.domain.errors import BadInput
from edge.node import Node
from edge.services.campaigns import CheckedCampaign


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def node(tmp_path: Path, office: Office) -> Iterator[Node]:
    folder = tmp_path / "site"
    filled_site(folder, Settings("DEMO01")).close()
    write_settings(folder, replace(read_settings(folder), campaign_root=office.root))
    node = Node(folder)
    yield node
    node.close()


BOTH = ("nurse-1", "nurse-2")


def test_a_campaign_that_two_signed_reaches_the_site_through_the_registry(
    office: Office, node: Node
) -> None:
    office.add("nurse-1", version="2027.1")
    assert "too few" in office.publish(code=1)
    assert office.letters() == []
    office.sign("nurse-2")
    assert "the signed campaign demoland-2026 2027.1" in office.publish()
    node.inbox.take(office.letters())
    assert in_force(node) == "2027.1"
    assert node.registry.state().letters == ()


def test_letters_read_again_from_a_restored_feed_change_nothing_and_trouble_nobody(
    office: Office, node: Node
) -> None:
    for version in ("2027.1", "2027.2"):
        office.add(*BOTH, version=version)
        office.publish()
        node.inbox.take(office.letters()[-1:])
    node.inbox.take(office.letters())
    assert in_force(node) == "2027.2"
    assert node.registry.state().letters == ()


def test_a_new_site_whose_first_letter_is_refused_goes_on_to_the_next(
    office: Office, tmp_path: Path
) -> None:
    make_site(tmp_path / "new", Settings("DEMO01", campaign_root=office.root))
    new = Node(tmp_path / "new")
    registry("publish", "campaign", office.packed(version="2027"), "--data", office.data)
    new.inbox.take(office.letters())
    (trouble,) = new.registry.state().letters
    assert "not signed" in trouble.sentence
    office.add(*BOTH, version="2027.1")
    office.publish()
    new.inbox.take(office.letters()[1:])
    assert (in_force(new), new.registry.state().letters) == ("2027.1", ())
    new.close()


def test_what_the_registry_alone_says_is_a_campaign_does_not_replace_the_staff(
    office: Office, node: Node
) -> None:
    registry("publish", "campaign", office.packed(version="2028"), "--data", office.data)
    node.inbox.take(office.letters())
    assert in_force(node) == "2026.11"
    (trouble,) = node.registry.state().letters
    assert "not signed" in trouble.sentence
    assert "CampaignRefused" in [entry for (entry,) in types(node)]


def types(node: Node) -> list[tuple[str]]:
    with node.journal.reading() as db:
        return list(db.execute("SELECT type FROM entry").fetchall())


def test_nobody_at_the_site_brings_an_unsigned_campaign_into_force(
    office: Office, node: Node, tmp_path: Path
) -> None:
    body = json.loads(office.packed(version="2028").read_text())
    with pytest.raises(BadInput) as error:
        node.campaigns.apply(CheckedCampaign(body))
    assert error.value.code == "campaign.unsigned"
    node.close()
    for more in ((), ("--dry-run",)):
        said = run("import", "campaign", DEMO, "--data", tmp_path / "site", *more)
        assert (said.exit_code, "was in force already" in said.output) == (0, True)


@pytest.mark.slow
def test_the_signed_folder_is_taken_in_from_a_stick_by_command(
    office: Office, node: Node, tmp_path: Path
) -> None:
    office.add(*BOTH, version="2027.1")
    office.publish()
    node.close()
    words = ("import", "campaign", office.signed, "--data", tmp_path / "site")
    assert "would come into force" in run(*words, "--dry-run").output
    told = run(*words, "--json")
    assert json.loads(told.stdout)["version"] == "2027.1"
    assert "was in force already" in run(*words).output
    for path in office.signed.rglob("*.campaign.json"):
        path.write_bytes(path.read_bytes().replace(b"Demoland", b"Edenland"))
    said = run(*words)
    assert said.exit_code == 1
    assert "not what the ministry has signed" in said.output


@pytest.mark.slow
def test_a_signed_campaign_that_would_shut_the_site_is_refused_as_any_other(
    office: Office, node: Node
) -> None:
    facilities = json.loads(office.packed().read_text())["facilities"]
    closed = [{**one, "active": one["code"] != "DEMO01"} for one in facilities]
    office.add(*BOTH, version="2027.1", facilities=closed)
    office.publish()
    node.inbox.take(office.letters())
    assert in_force(node) == "2026.11"
    (trouble,) = node.registry.state().letters
    assert "nobody could work here" in trouble.sentence
    office.add(*BOTH, version="2027.2")
    office.publish()
    node.inbox.take(office.letters()[1:])
    assert in_force(node) == "2027.2"
    assert node.registry.state().letters == ()


def test_a_site_that_was_told_of_no_keys_goes_on_taking_the_registrys_word(
    office: Office, tmp_path: Path
) -> None:
    bare = filled_site(tmp_path / "bare", Settings("DEMO01"))
    registry("publish", "campaign", office.packed(version="2028"), "--data", office.data)
    bare.inbox.take(office.letters())
    assert in_force(bare) == "2028"
    bare.close()


def test_a_wrong_passphrase_and_a_file_that_is_no_key_are_said_so(office: Office) -> None:
    office.secret.write_text("another")
    words = ("campaign", "sign", office.signed, "--passphrase-file", office.secret, "--key")
    assert "the passphrase is wrong" in registry(*words, office.folder / "root-1", code=1)
    assert "the passphrase is wrong" in registry(*words, office.secret, code=1)


def test_a_folder_that_is_none_of_a_signed_campaign_is_said_so_by_each_command(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    for folder in (tmp_path / "other", tmp_path / "nowhere"):
        for words in (("status", folder), ("publish", folder, "--data", office.data),
                      ("trust", folder, "--data", office.data), ("add", folder, office.packed())):  # fmt: skip
            assert "holds no campaign" in registry("campaign", *words, code=1), words


def test_a_passphrase_that_is_too_short_makes_no_key(office: Office) -> None:
    office.secret.write_text("short")
    said = registry(
        *("campaign", "key", office.folder / "k", "--passphrase-file", office.secret), code=1
    )
    assert "12 characters" in said
    assert not (office.folder / "k").exists()


def test_a_key_is_never_written_over(office: Office) -> None:
    before = (office.folder / "root-1").read_bytes()
    said = registry(
        *("campaign", "key", office.folder / "root-1", "--passphrase-file", office.secret), code=1
    )
    assert "is there already" in said
    assert (office.folder / "root-1").read_bytes() == before


def test_status_names_who_has_signed_and_who_is_missing(office: Office) -> None:
    office.add("nurse-1", version="2027.1")
    told = json.loads(registry("campaign", "status", office.signed, "--json"))
    assert told["root"] == office.root
    root, targets = told["roles"]
    assert (root["role"], root["enough"]) == ("root", True)
    assert (targets["enough"], len(targets["signed"]), len(targets["missing"])) == (False, 1, 1)


def test_status_says_which_campaign_is_to_be_signed_and_that_its_file_is_the_one(
    office: Office,
) -> None:
    office.add("nurse-1", version="2027.1")
    told = json.loads(registry("campaign", "status", office.signed, "--json"))["campaign"]
    (file,) = (office.signed / "targets").iterdir()
    digits = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (told["id"], told["version"], told["sha256"]) == ("demoland-2026", "2027.1", digits)
    assert f"demoland-2026 2027.1; its file has the SHA-256 {digits}." in registry(
        "campaign", "status", office.signed
    )
    file.write_bytes(file.read_bytes().replace(b"2027.1", b"2027.9"))
    assert "cannot be read" in registry("campaign", "status", office.signed, code=1)


@pytest.mark.slow
def test_after_a_key_was_stolen_the_next_root_takes_it_out_and_sites_follow(
    office: Office, node: Node
) -> None:
    office.add(*BOTH, version="2027.1")
    office.publish()
    node.inbox.take(office.letters())
    key = ("--passphrase-file", office.secret, "--json")
    made = json.loads(registry("campaign", "key", office.folder / "nurse-3", *key))
    told = json.loads(office.renew("nurse-1", "nurse-3"))
    assert told["roles"][0]["version"] == 2
    assert made["key"] not in told["roles"][0]["missing"]
    office.sign("root-1", "root-2")
    office.add(*BOTH, version="2027.2")
    assert "too few" in office.publish(code=1)
    words = ("campaign", "sign", office.signed, "--key", office.folder / "nurse-3", *key)
    assert json.loads(registry(*words))["signed"] == ["targets"]
    office.publish()
    node.inbox.take(office.letters()[1:])
    assert in_force(node) == "2027.2"


def test_every_step_of_a_signed_campaign_answers_a_script(office: Office) -> None:
    public = office.folder / "again.pub"
    assert json.loads(registry("campaign", "online", public, "--data", office.data, "--json"))
    words = (office.signed, office.packed(version="2027.1"), "--days", 30, "--json")
    assert json.loads(registry("campaign", "add", *words))["version"] == "2027.1"
    office.sign(*BOTH)
    sent = (office.signed, "--days", 14, "--data", office.data, "--json")
    assert json.loads(registry("campaign", "publish", *sent))["letter"] == 1
    other = office.folder / "other"
    begun = ["campaign", "init", other, *office.keys("nurse-1", "nurse-2")[1:], "--json"]
    assert len(json.loads(registry(*begun))["root"]) == 64


def believed(folder: Path) -> dict[str, bytes]:
    kept = folder / "campaign"
    return {str(path): path.read_bytes() for path in sorted(kept.rglob("*")) if path.is_file()}


@pytest.mark.slow
def test_a_signed_folder_is_tried_as_the_site_would_prove_it_and_nothing_changes_there(
    office: Office, node: Node, tmp_path: Path
) -> None:
    words = ("campaign", "try", office.signed, "--data", tmp_path / "site")
    office.add(*BOTH, version="2027.1")
    office.publish()
    before = believed(tmp_path / "site")
    told = run(*words)
    assert told.exit_code == 0, told.output
    assert "The campaign demoland-2026 2027.1 would come into force at DEMO01." in told.stdout
    assert (in_force(node), believed(tmp_path / "site")) == ("2026.11", before)
    said = run("campaign", "diff", "in-force", office.signed, "--data", tmp_path / "site")
    assert "Version 2027.1 follows 2026.11." in said.stdout
    nowhere = run("campaign", "diff", DEMO, office.signed)
    assert "Add --data and the site's folder." in nowhere.output
    unsigned = run("campaign", "try", office.packed(version="2028"), "--data", tmp_path / "site")
    assert "Signed it would come into force there." in unsigned.stdout
    assert unsigned.exit_code == 0
    for path in office.signed.rglob("*.campaign.json"):
        path.write_bytes(path.read_bytes().replace(b"Demoland", b"Edenland"))
    changed = run(*words)
    assert changed.exit_code == 1
    assert "It would be refused. A part of this campaign is not what" in changed.stderr
    as_json = json.loads(run(*words, "--json").stdout)
    assert as_json["refused"]["code"] == "campaign.changed"


@pytest.mark.slow
def test_an_older_signed_folder_and_one_of_others_would_be_refused(
    office: Office, node: Node, tmp_path: Path
) -> None:
    office.add(*BOTH, version="2027.1")
    office.publish()
    older = shutil.copytree(office.signed, tmp_path / "older")
    office.add(*BOTH, version="2027.2")
    office.publish()
    words = ("--data", tmp_path / "site")
    assert run("campaign", "try", older, *words).exit_code == 0
    node.inbox.take(office.letters())
    rolled_back = run("campaign", "try", older, *words)
    assert rolled_back.exit_code == 1
    assert "This campaign is older than what was here before it." in rolled_back.stderr
    other = Ministry(tmp_path / "other", now=datetime.now(UTC))
    other.campaign(json.loads(office.packed(version="2030").read_text()))
    for name, content in other.files().items():
        (tmp_path / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / name).write_bytes(content)
    strange = run("campaign", "try", tmp_path / "other", *words)
    assert strange.exit_code == 1
    assert "Too few of the ministry's keys have signed this campaign." in strange.stderr
