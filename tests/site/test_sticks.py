"""A site that never had a line: real doses out on a stick, the registry's proof back."""

from __future__ import annotations

import json
import re
import shutil
import stat
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from memory_journal import Line
from stick_sites import Country, enrolled, give, last_entry, network

from edge.domain.errors import EdgeError
from edge.journal.unit import Unit
from edge.node import Node
from edge.services.registry.introduction import Introduction
from edge.services.registry.link import LinkEnvironment, RegistryLink
from sync.protocol.bundles import files
from sync.protocol.enrolment_codes import read_code, short_fingerprint
from sync.protocol.entries import canonical
from sync.protocol.keys import fingerprint, sign
from sync.registry.cli.recipients import announce
from sync.registry.keys import registry_key
from sync.registry.store.records import NATION
from sync.registry.web.app import create_app


@pytest.fixture
def country(tmp_path: Path) -> Country:
    return Country(tmp_path)


def _execute(statement: str, unit: Unit) -> object:
    return unit.db.execute(statement)


@pytest.mark.slow
def test_a_site_without_a_line_is_invited_delivers_and_proves_its_day(country: Country) -> None:
    site = enrolled(country)
    give(site)
    assert country.edge(site, "sync", "prove").exit_code != 0
    told = country.edge(site, "sync", "export", str(country.stick))
    assert re.match(r"\d+ entries are on the stick, in 1 files\.", told.output)
    told = country.registry("take", str(country.stick))
    assert told.exit_code == 0
    assert "DEMO01       (newly enrolled)" in told.output
    told = country.edge(site, "sync", "import", str(country.stick))
    assert ", by stick, as of 20" in told.output
    proof = country.edge(site, "sync", "prove")
    assert proof.exit_code == 0
    assert proof.output.startswith("All 1 doses of ")
    status = json.loads(country.edge(site, "status", "--json").output)
    assert status["delivered"] == status["entries"] == country.entries()
    assert status["byStick"]
    assert "By stick      as of 20" in country.edge(site, "status").output
    node = Node(site)
    state = node.registry.state()
    node.close()
    assert (state.state, state.by_stick) == ("synced", status["byStick"])


def test_taking_in_sticks_founds_no_registry_where_there_is_none(country: Country) -> None:
    told = country.registry("take", str(country.stick))
    assert told.exit_code == 1
    assert "There is no registry" in told.output
    assert not country.data.exists()


def test_nothing_on_the_stick_tells_of_a_person(country: Country) -> None:
    site = enrolled(country)
    give(site)
    country.export(site)
    country.take()
    for path in country.stick.iterdir():
        text = path.name.encode() + path.read_bytes()
        for personal in (b"Grace", b"Wanjiru", b"DoseGiven", b"CP2611A"):
            assert personal not in text
    assert stat.S_IMODE((country.data / "registry.age").stat().st_mode) == 0o600


@pytest.mark.slow
def test_the_same_stick_twice_an_old_one_and_a_lost_one_do_no_harm(
    country: Country, tmp_path: Path
) -> None:
    site = enrolled(country)
    country.export(site)
    first = country.take()[0]["taken"]
    assert country.take()[0]["taken"] == 0
    country.read(site)
    old = shutil.copytree(country.stick, tmp_path / "old")
    give(site)
    before = country.export(site)
    assert before["after"] == first
    shutil.rmtree(country.stick)  # lost on the way
    country.stick.mkdir()
    assert country.export(site)["entries"] >= before["entries"]
    country.take()
    told = country.read(site)
    assert told["moved"] == "on"
    assert told["delivered"] == told["recorded"] == country.entries()
    for _ in range(2):
        again = country.read(site, old)
        assert (again["moved"], again["letters"], again["delivered"]) == ("", 0, told["delivered"])
        country.take(old)


@pytest.mark.slow
def test_a_lost_stick_is_made_good_by_the_network_and_what_came_by_network_is_not_sent_by_stick(
    country: Country,
) -> None:
    site = enrolled(country)
    country.export(site)
    late = shutil.copytree(country.stick, country.folder / "late")
    node = Node(site)
    for link in network(node, country):  # with the invitation's code
        assert link.run().state == "synced"
    assert node.sticks.export(country.stick).entries == 0
    node.close()
    (taken,) = country.take(late)
    assert (taken["taken"], taken["refused"]) == (0, [])
    assert taken["had"] == country.entries() == last_entry(site)
    assert country.read(site, late)["moved"] == ""


def test_a_site_that_was_enrolled_before_gets_the_recipient_by_letter(country: Country) -> None:
    site = enrolled(country)
    node = Node(site)
    node.journal.run(
        lambda unit: unit.db.execute("DELETE FROM setting WHERE name = 'registry-recipient'")
    )
    with pytest.raises(EdgeError) as refused:
        node.sticks.export(country.stick)
    assert refused.value.code == "stick.no-recipient"
    registry = country.open_registry()
    for _ in range(2):
        announce(registry)
    assert len(registry.store.letters(NATION, 0, 9)) == 1
    registry.store.close()
    for link in network(node, country):
        assert link.run().letters == 1
    assert node.sticks.export(country.stick).parts == 1
    node.close()


def test_the_enrolment_over_a_network_brings_the_recipient(country: Country) -> None:
    site = country.site("site")
    country.data.mkdir()
    registry = replace(country.open_registry(), codes=frozenset({""}))
    told = short_fingerprint(registry.key.public_key())
    node = Node(site)
    link = RegistryLink(
        node.journal,
        "http://registry.example",
        node.sticks._key,
        Introduction("DEMO01", "", lambda: "Riverside", fingerprint=told),
        LinkEnvironment(lambda: 0.0, lambda: 0.5, lambda: "0123456789abcdef", node.clock.now),
        connect=lambda uri, line: Line(create_app(registry).test_client()),
    )
    assert link.run().state == "synced"
    assert node.sticks.export(country.stick).parts == 1
    node.close()
    registry.store.close()


@pytest.mark.slow
def test_a_courier_serves_all_sites_and_a_bundle_cut_in_half_holds_up_no_other(
    country: Country,
) -> None:
    facilities = ["DEMO01", "DEMO02"]
    sites = [enrolled(country, f"site-{one}", one) for one in facilities]
    for site in sites:
        country.export(site)
    cut = files.outward_parts(country.stick)[1].path
    whole = cut.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    report = country.take()
    assert sorted(len(one["refused"]) for one in report) == [0, 1]
    (bad,) = [one for one in report if one["refused"]]
    assert bad["refused"][0]["file"] == cut.name
    assert [one["taken"] > 0 for one in report].count(True) == 1
    cut.write_bytes(whole)
    country.take()
    for site, facility in zip(sites, facilities, strict=True):
        told = country.read(site)
        assert told["delivered"] == told["recorded"] == country.entries(facility)


@pytest.mark.slow
def test_a_strange_invitation_makes_a_site_believe_nobody(country: Country, tmp_path: Path) -> None:
    site = country.site("site")
    (tmp_path / "stranger").mkdir()
    stranger = Country(tmp_path / "stranger")
    ours = country.invite()
    stranger.stick = country.stick
    theirs = stranger.invite()  # in place of ours
    registry = fingerprint(registry_key(stranger.data).public_key())
    refused = country.edge(site, "sync", "import", str(country.stick))
    assert refused.exit_code != 0
    assert registry in refused.output
    assert country.enrol(site, ours).exit_code == 0
    refused = country.edge(site, "sync", "import", str(country.stick))
    assert refused.exit_code != 0
    assert country.edge(site, "sync", "export", str(country.stick)).exit_code != 0
    assert not files.outward_parts(country.stick)
    assert country.enrol(site, country.invite()).exit_code == 0
    assert country.read(site)["invited"]
    stranger.invite()
    refused = country.edge(site, "sync", "import", str(country.stick), "--registry", registry)
    assert "another key" in refused.output
    assert "another key" in country.enrol(site, theirs).output


@pytest.mark.slow
def test_an_invitation_holds_no_secret_and_does_for_every_site(country: Country) -> None:
    code = read_code(country.invite())
    (path,) = country.stick.iterdir()
    assert set(json.loads(path.read_text())) == {
        "bundle", "kind", "key", "recipient", "signature"
    }  # fmt: skip
    assert code.by_stick
    assert code.secret not in path.read_text()
    for name, facility in (("one", "DEMO01"), ("two", "DEMO02")):
        site = country.site(name, facility)
        told = country.registry("invite", facility, "--out", str(country.folder))
        assert country.enrol(site, told.output.splitlines()[-1]).exit_code == 0
        country.read(site)  # the stick with the invitation for the other
        country.export(site)
    assert [(one["enrolled"], one["answered"]) for one in country.take()] == [(True, True)] * 2


def test_an_invitation_of_an_older_registry_still_lets_its_facility_enrol(
    country: Country,
) -> None:
    """It holds a code of its own, and its fingerprint came in a letter."""
    site = country.site("site")
    secret = read_code(country.invite()).secret
    path = country.stick / files.INVITATION
    document = json.loads(path.read_text())
    key = registry_key(country.data)
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    older = {**unsigned, "facility": "DEMO01", "code": secret, "expires": "2027-01-01T00:00:00Z"}
    path.unlink()
    path = country.stick / "divoc-edge-demo01.invitation.json"
    path.write_bytes(canonical({**older, "signature": sign(key, older)}))
    assert country.edge(site, "sync", "import", str(country.stick)).exit_code != 0
    assert country.read(site, None, "--registry", fingerprint(key.public_key()))["invited"]
    country.export(site)
    assert [one["enrolled"] for one in country.take()] == [True]
    assert country.read(site)["invited"] is False  # it stayed on the stick


@pytest.mark.slow
def test_a_registry_that_forgot_the_site_is_met_again_with_a_new_code(country: Country) -> None:
    site = enrolled(country)
    country.export(site)
    country.take()
    country.read(site)
    (country.data / "registry.db").unlink()
    give(site)
    country.export(site)
    assert [one["code"] for one in country.take()[0]["refused"]] == ["node.unknown"]
    assert country.enrol(site, country.invite()).exit_code == 0
    country.export(site)
    assert [one["code"] for one in country.take()[0]["refused"]] == ["batch.parent"]
    assert country.read(site)["moved"] == "back"
    country.export(site)
    country.take()
    told = country.read(site)
    assert told["delivered"] == told["recorded"] == country.entries()


def test_another_history_at_the_registry_is_told_and_stays_on_the_screen(country: Country) -> None:
    site = enrolled(country)
    country.export(site)
    country.take()
    node = Node(site)
    for sql in (  # somebody tampered with the database, for the node itself never does this
        "DROP TRIGGER entry_is_never_changed",
        "UPDATE entry SET hash = 'other' WHERE position = (SELECT max(position) FROM entry)",
    ):
        node.journal.run(partial(_execute, sql))
    node.close()
    told = country.edge(site, "sync", "import", str(country.stick))
    assert told.exit_code == 1
    assert "The registry holds another entry" in told.output
    node = Node(site)
    state = node.registry.state()
    node.close()
    assert (state.state, state.delivered, "another entry" in state.trouble) == ("diverged", 0, True)


def test_an_answer_that_was_changed_is_refused_by_the_name_of_its_file(country: Country) -> None:
    site = enrolled(country)
    country.export(site)
    country.take()
    (answer,) = country.stick.glob("*.in.age")
    data = answer.read_bytes()
    answer.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    told = country.edge(site, "sync", "import", str(country.stick))
    assert told.exit_code == 1
    assert f"{answer.name}: It cannot be opened" in told.output
    status = json.loads(country.edge(site, "status", "--json").output)
    assert (status["delivered"], status["byStick"]) == (0, "")
