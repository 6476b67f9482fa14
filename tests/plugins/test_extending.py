"""docs/extending.md, followed word for word: its package is installed, and a site uses it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from identity_contract import IdentityContract
from next_edition import put_in_force
from payers import PayerContract
from ruamel.yaml import YAML
from sign_in_contract import ODD, SignInContract, Types
from site_factory import demonstration, fill

from edge.adapters.settings import FILE, Settings
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.cli.site import make_site
from edge.domain.errors import BadInput, Refusal
from edge.domain.payments import PayerRule, PaymentRules
from edge.extensions import Extensions, extensions
from edge.journal import views
from edge.journal.entries import entries
from edge.node import Node
from edge.plugins.identity.contract import IdentityType
from edge.plugins.payment.contract import Payer
from edge.services import commands
from edge.services.campaigns import CheckedCampaign
from edge.services.commands.base import Override
from edge.services.guesses import PinAsker
from edge.services.proofs import Shown
from edge.services.sign_in_outcomes import Signature
from sync.resources import resource

pytestmark = pytest.mark.slow  # pip installs a package; test_plugins has each kind in this process

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/extending.md").read_text()
PACKAGE = ROOT / "tests/plugin_package"
BLOCKS = {
    name: f"# {name}\n{text}"
    for name, text in re.findall(r"```(?:toml|python)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
}
FILES = {name: text for name, text in BLOCKS.items() if name != "site.toml"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package of the page, as pip does, into a folder of its own."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("riverside", "library"))
    for name, text in FILES.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--no-build-isolation", "--target", target, source],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return target


@pytest.fixture
def more(library: Path, monkeypatch: pytest.MonkeyPatch) -> Extensions:
    monkeypatch.syspath_prepend(str(library))
    return extensions(lambda: distributions(path=[str(library)]))


@pytest.fixture
def node(tmp_path: Path, more: Extensions) -> Iterator[Node]:
    folder = tmp_path / "site"
    make_site(folder, Settings(facility="DEMO01"))
    for name in ("bands", "doses"):
        (tmp_path / name).mkdir()
    with (folder / FILE).open("a") as file:
        file.write(BLOCKS["site.toml"].replace("/srv", str(tmp_path)))
    node = Node(folder, more=more)
    fill(node)
    put_in_force(node, CheckedCampaign(campaign_of_the_page(more)))
    yield node
    node.close()


def campaign_of_the_page(more: Extensions) -> dict[str, Any]:
    """Give the demonstration's campaign with the format and the condition of the page."""
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    for one in body["programmes"]:
        if one["id"] == "covid-19":
            one["certificates"] = {"formats": ["divoc", "x-wristband"]}
    schedule = body["schedules"]["measles-rubella"]
    schedule["observations"]["had-measles"] = "Measles, seen by a doctor"
    (skip,) = re.findall(r"`skip: (\[.*\])`", PAGE)
    schedule["series"][0]["doses"][0]["skip"] = YAML(typ="safe").load(skip)
    return read_packed(
        {**body, "version": "of the page"}, resource("config/schemas"), more.conditions
    )


class TestThePayerOfThePage(PayerContract):
    right = pytest.fixture(lambda _: "10000009")
    rule = pytest.fixture(lambda _: PayerRule(payer="x-mutual", settings={"name": "riverside"}))

    @pytest.fixture
    def payer(self, more: Extensions) -> Payer:
        found: Payer = more.systems["payment"]["x-mutual"]()
        return found

    @pytest.fixture
    def rules(self, rule: PayerRule) -> PaymentRules:
        return PaymentRules(currency="KES", payers=(rule,))


def give(node: Node, name: str = "Grace Wanjiru") -> None:
    with node.journal.reading() as db:
        person = views.find_people(db, name)[0].id
        who = node.site.catalogues.current(db).staff["V1"]
    asked = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    node.desk.take(node.site.ids.new(), asked, who)


def test_the_page_shows_the_package_of_the_tests_file_for_file() -> None:
    there = {
        str(path.relative_to(PACKAGE)): path.read_text()
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".toml") and "build" not in path.parts
    }
    assert there == FILES


@pytest.mark.slow
def test_the_command_of_the_page_says_what_the_page_says(library: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(library), str(ROOT)))}

    def ask(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "edge", *words],
            capture_output=True, text=True, timeout=120, check=True, env=environment,
        ).stdout  # fmt: skip

    told = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert told
    assert ask("plugins", "--added") == told[1]
    found = json.loads(ask("plugins", "--added", "--json"))
    assert {one["state"] for one in found} == {"loaded"}
    assert set(found[0]) == {"kind", "name", "package", "version", "state", "reason", "trouble"}


def test_a_dose_gets_the_packages_certificate_which_verifies_and_can_be_revoked(
    node: Node,
) -> None:
    give(node)
    with node.journal.reading() as db:
        (issued,) = [one for one in entries(db) if one.type == "CertificateIssued"]
    made = {one["format"]: one["credential"] for one in issued.body["credentials"]}
    assert set(made) == {"divoc", "x-wristband"}
    payload = node.certifier.payload("x-wristband", made["x-wristband"])
    verdict = node.verify(payload)
    assert (verdict.verdict, verdict.format) == ("valid", "x-wristband")
    assert verdict.claims["lot"] == "CP2611A"
    spoiled = made["x-wristband"].replace("A", "B", 40)
    assert not node.verify(spoiled.encode()).good
    assert node.verify(b"WB1:").verdict == "unknown-issuer"
    revoked = node.certifier.revocation(made)
    assert "x-wristband" in revoked["scopes"]


def test_a_slip_goes_through_the_packages_connection(node: Node, tmp_path: Path) -> None:
    give(node)
    node.print_room.spoolers["band"].run()
    (job,) = (tmp_path / "bands").glob("*.job")
    assert job.read_bytes().startswith(b"\x1b")
    assert not list((tmp_path / "bands").glob("*.new"))


def test_the_packages_follower_delivers_each_dose_once(node: Node, tmp_path: Path) -> None:
    give(node)
    (runner,) = node.followers.runners
    for _ in range(2):
        assert runner.run().trouble is None
    (file,) = (tmp_path / "doses").iterdir()
    assert json.loads(file.read_text())["lot"] == "CP2611A"
    assert "Grace" not in file.read_text()


CHILD = "ليلى حسن"  # born 2018


def give_measles(node: Node, override: Override | None = None) -> None:
    with node.journal.reading() as db:
        (person,) = views.find_people(db, CHILD)
        who = node.site.catalogues.current(db).staff["V1"]
    asked = commands.GiveDose(
        person=person.id, programme="measles-rubella", vaccine="duomorb", lot="DM2611A",
        expiry=node.clock.today() + timedelta(days=90), override=override,
    )  # fmt: skip
    node.desk.take(node.site.ids.new(), asked, who)


def observe_measles(node: Node, days_ago: int) -> None:
    with node.journal.reading() as db:
        (person,) = views.find_people(db, CHILD)
        who = node.site.catalogues.current(db).staff["V1"]
    on = node.clock.today() - timedelta(days=days_ago)
    asked = commands.RecordObservation(person=person.id, code="had-measles", on=on)
    node.desk.take(node.site.ids.new(), asked, who)


def test_the_packages_condition_says_whether_a_dose_is_needed(node: Node) -> None:
    observe_measles(node, days_ago=1000)
    with pytest.raises(Refusal) as raised:
        give_measles(node)
    assert raised.value.code == "dose.not-recommended"
    observe_measles(node, days_ago=1500)  # longer ago than the page's three years
    give_measles(node)


def test_a_site_whose_package_is_gone_asks_a_supervisor_where_the_condition_decides(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    folder = node.folder
    node.close()
    bare = Node(folder, more=extensions(lambda: []))
    try:
        with pytest.raises(Refusal) as raised:
            give_measles(bare)
        assert raised.value.code == "dose.not-judged"
        assert "x-observed" in str(raised.value)
        give(bare)  # no other dose hangs on it
        give_measles(bare, Override(reason="seen by a doctor", supervisor="S1"))
        bare.start()
        assert "no installed package adds x-observed" in caplog.text
    finally:
        bare.close()


def test_a_campaign_whose_condition_is_not_installed_is_refused_before_it_is_applied(
    node: Node, more: Extensions
) -> None:
    campaign = campaign_of_the_page(more)
    assert node.campaigns.reader.packed(campaign).body == campaign
    folder = node.folder
    node.close()
    bare = Node(folder, more=extensions(lambda: []))
    try:
        with pytest.raises(CampaignErrors) as raised:
            bare.campaigns.reader.packed(campaign)
    finally:
        bare.close()
    (mistake,) = raised.value.mistakes
    assert (mistake.file, mistake.code) == ("schedules/measles-rubella.yaml", "schedule.condition")
    assert mistake.column == "series.doses.skip.x-observed"
    assert "Install it here and at every site" in str(mistake)


def test_a_site_whose_package_is_gone_gives_doses_and_says_what_is_missing(
    node: Node, tmp_path: Path
) -> None:
    give(node)
    folder = node.folder
    node.close()
    bare = Node(folder, more=extensions(lambda: []))
    try:
        give(bare, "Tendai Moyo")
        with bare.journal.reading() as db:
            issued = [one for one in entries(db) if one.type == "CertificateIssued"][-1]
        assert [one["format"] for one in issued.body["credentials"]] == ["divoc"]
        bare.print_room.spoolers["band"].run()
        assert "spool" in bare.print_room.spoolers["band"].health.sentence
        assert set(bare.followers.troubles) == {"dose-files"}
    finally:
        bare.close()


class TestClinicCard(IdentityContract):
    @pytest.fixture
    def kind(self, more: Extensions) -> IdentityType:
        made: IdentityType = more.systems["identity"]["x-clinic-card"]()
        return made

    @pytest.fixture
    def typed(self) -> str:
        return "r 123456-4"


def test_the_packages_identity_type_reads_the_numbers_of_a_campaign(
    node: Node, more: Extensions
) -> None:
    body = campaign_of_the_page(more)
    kind = {"type": "riverside.card", "name": "Clinic card", "read_by": "x-clinic-card"}
    put_in_force(node, CheckedCampaign({**body, "identities": {"types": [kind]}}))
    assert (
        node.site.identities.kept("did:riverside.card:r 123456-4") == "did:riverside.card:R1234564"
    )
    with pytest.raises(BadInput, match="does not fit the others"):
        node.site.identities.kept("did:riverside.card:R1234565")
    folder = node.folder
    node.close()
    bare = Node(folder, more=extensions(lambda: []))
    try:  # without its package a number is taken as it is, and nobody waits
        assert (
            bare.site.identities.kept("did:riverside.card:r 123456-4")
            == "did:riverside.card:R1234564"
        )
    finally:
        bare.close()


def test_the_card_of_the_page_keeps_the_contract_and_lets_its_holder_in(
    library: Path, more: Extensions, tmp_path: Path
) -> None:
    make = more.systems["sign_in"]["x-card"]

    class Suite(SignInContract):
        def holder(self) -> Any:
            number = str(next(numbers))
            return Types("shown", number, number[::-1] + "0")

    numbers = iter(range(1_000_000_001, 2_000_000_000))
    Suite.make = staticmethod(make)
    suite = Suite()
    for name in (name for name in dir(Suite) if name.startswith("test_")):
        test = getattr(suite, name)
        for odd in ODD if "whatever" in name else (None,):
            test(odd) if odd is not None else test()

    make_site(tmp_path / "site", Settings(facility="DEMO01"))
    site = Node(tmp_path / "site", more=more)
    fill(site)
    rules = {
        "roles": [{"role": "registrar", "methods": ["x-card", "pin"], "then": ["pin", "x-card"]}]
    }
    put_in_force(site, CheckedCampaign({**demonstration().body, "sign_in": rules}))
    with site.journal.reading() as db:
        staff = site.site.catalogues.current(db).staff["R1"]
    asker, place = PinAsker("10.0.0.7"), site.authenticator.nowhere()
    shown = {"shown": "1234567890"}
    site.use_cases.registrations.add("x-card", staff, shown, "S1", Signature("2468"), asker, place)
    first = site.authenticator.give([Shown("x-card", shown)], asker, place)
    assert (first.token, first.missing, first.staff) == ("", ("pin",), "R1")
    pin = site.authenticator.typed("", "2468")
    assert site.authenticator.give([pin], asker, place, first.step).token
    site.close()
