"""From the nation to the site and back: campaigns, lists, people and certificates as letters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from inviting import NEWCOMER, newcomer
from list_publishers import Ministry, pin
from memory_journal import REGISTRY_KEY, Line, sealing
from rebuilding import rebuilt_is_the_same
from site_factory import fill, vouch_for

from edge.adapters.settings import PrinterSettings, Settings
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.cli import main as edge_main
from edge.cli.keys import _digits
from edge.cli.site import make_site
from edge.domain.errors import NotAllowed, Unavailable
from edge.journal import people_pages
from edge.node import Node
from edge.services.guesses import HERE
from edge.services.pins import without_pins
from edge.services.registry import link as registry_link
from edge.services.registry.inbox import SiteInbox
from sync.protocol.entries import canonical
from sync.protocol.keys import fingerprint
from sync.registry.authority import Authority
from sync.registry.cli import main as registry_main
from sync.registry.cli.opening import opened
from sync.registry.codes import make_code
from sync.registry.feeds import LetterQuery, next_page
from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.resources import resource

CAMPAIGN = resource("config/demo/campaign")
SCHEMAS = resource("config/schemas")
CODES = json.dumps({"valueSetValues": {"1": {"display": "one"}}})
REVOKED = (
    json.dumps(
        {
            "type": "divoc-edge revocations",
            "issuedAt": "2026-11-24T12:00:00+00:00",
            "scopes": ["hcert:XX"],
            "count": 0,
        }
    )
    + "\n"
)


@dataclass
class Country:
    folder: Path
    store: SqliteStore
    node: Node

    def registry(self, *words: object, code: int = 0) -> str:
        """Run divoc-registry on the registry's folder."""
        arguments = [*map(str, words), "--data", str(self.folder)]
        done = CliRunner().invoke(registry_main, arguments)
        assert done.exit_code == code, done.output
        return done.output

    def expect(self, path: Path, programme: str) -> None:
        """Tell the site of people as registries did before lists came in pieces."""
        body = {"name": path.name, "programme": programme, "text": path.read_text()}
        (node,) = self.store.nodes()
        text = canonical(body).decode()
        self.store.post(node.node, "enrolments", str(uuid4()), text, "2026-11-30T08:00:00.000Z")

    def run(self) -> Any:
        return self.node.registry.run()

    def pin(self, public: str) -> None:
        """Start the site again with a key of the ministry in its settings."""
        folder = self.node.folder
        self.node.close()
        pin(folder, public)
        self.node = Node(folder)

    def rows(self, sql: str) -> list[Any]:
        with self.node.journal.reading() as db:
            return db.execute(sql).fetchall()


@pytest.fixture
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Country]:
    folder = tmp_path / "registry"
    folder.mkdir()
    store = opened(folder, None, make=True)  # as its commands open it
    assert isinstance(store, SqliteStore)
    registry = Registry(store, REGISTRY_KEY, **sealing())
    line = Line(create_app(registry, office(registry, "operator")).test_client())
    code = make_code(store, "DEMO01", 1, registry.now())
    printer = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    settings = Settings(
        facility="DEMO01",
        zone="UTC",
        registry="http://127.0.0.1:9",
        registry_fingerprint=fingerprint(REGISTRY_KEY.public_key()),
        enrolment_code=code,
        printers=(printer,),
    )
    make_site(tmp_path / "site", settings)
    original = registry_link.RegistryLink.__init__

    def connected(self: Any, *words: Any, **more: Any) -> None:
        original(self, *words, **{**more, "connect": lambda *_: line})

    monkeypatch.setattr(registry_link.RegistryLink, "__init__", connected)
    node = Node(tmp_path / "site")
    fill(node)
    made = Country(folder, store, node)
    yield made
    made.node.close()
    store.close()


@pytest.fixture
def packed(tmp_path: Path) -> Callable[..., Path]:
    """Pack the demonstration's campaign, with some fields changed."""

    def make(**changes: Any) -> Path:
        path = tmp_path / "campaign.json"
        done = CliRunner().invoke(
            edge_main, ["campaign", "pack", str(CAMPAIGN), "--out", str(path)]
        )
        assert done.exit_code == 0, done.output
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return path

    return make


def no_room(*_: Any) -> None:
    raise Unavailable("disk.full", "There is no room on the disk.")


APPLIED = "SELECT json_extract(content, '$.body.campaign.version') FROM entry WHERE type = 'CampaignApplied' ORDER BY position"


def test_a_packed_campaign_is_what_the_import_would_apply(packed: Callable[..., Path]) -> None:
    body = json.loads(packed().read_text())
    assert body == without_pins(read_campaign(CAMPAIGN, SCHEMAS))
    assert "argon2" not in json.dumps(body)
    read_packed(body, SCHEMAS)


@pytest.mark.parametrize("spoil", [
    lambda body: body.pop("staff"),
    lambda body: body.update(programmes="none"),
    lambda body: body.update(surprise=1),
    lambda body: body["programmes"][0]["vaccines"].append("unknown"),
    lambda body: body.update(schedules={"../x": {}}),
    lambda body: body.update(templates={"poster": {}}),
    lambda body: body.update(templates=[]),
])  # fmt: skip
def test_a_packed_campaign_with_a_mistake_is_refused(spoil: Callable[[Any], Any]) -> None:
    body = read_campaign(CAMPAIGN, SCHEMAS)
    spoil(body)
    with pytest.raises(CampaignErrors):
        read_packed(body, SCHEMAS)


def test_a_published_campaign_comes_into_force_once_and_is_delivered_as_an_entry(
    country: Country, packed: Callable[..., Path]
) -> None:
    before = country.rows(APPLIED)
    told = country.registry("publish", "campaign", packed(version="2027-01"))
    assert "Letter 1 to all sites" in told
    assert country.run().letters == 1
    assert country.rows(APPLIED) == [*before, ("2027-01",)]
    with country.node.journal.reading() as db:
        assert country.node.site.catalogues.current(db).version == "2027-01"
    assert country.run().letters == 0
    delivered = [json.loads(one.content)["by"] for one in country.store.of_type("CampaignApplied")]
    assert delivered[-1] == "nation"


def test_campaigns_read_again_from_a_restored_feed_change_nothing(
    country: Country, packed: Callable[..., Path]
) -> None:
    for version in ("2027-01", "2027-02"):
        country.registry("publish", "campaign", packed(version=version))
    country.run()
    before = country.rows(APPLIED)
    country.node.journal.run(lambda unit: unit.db.execute("DELETE FROM mail"))
    assert country.run().letters == 2
    assert country.rows(APPLIED) == before


def test_of_campaigns_a_site_is_told_the_newest_alone_and_no_number_is_left_out(
    country: Country, packed: Callable[..., Path]
) -> None:
    for version in ("2027-01", "2027-03", "2027-02"):
        country.registry("publish", "campaign", packed(version=version))
    told = next_page(country.store, "n1", LetterQuery("x", {}), "now")["letters"]
    kinds = [(one["number"], one["kind"]) for one in told]
    # The third is older than the second, so that a site must see both: it refuses the third.
    assert kinds == [(1, "superseded"), (2, "campaign"), (3, "campaign")]
    assert told[0]["body"] == {"by": 3}
    before = len(country.rows(APPLIED))
    assert country.run().letters == 3
    assert country.rows(APPLIED)[before:] == [("2027-03",)]
    assert country.rows("SELECT kind FROM letter WHERE kind <> 'campaign'") == []


def test_a_letter_that_was_withdrawn_is_not_told_and_one_that_was_kept_aside_is_let_go(
    country: Country, packed: Callable[..., Path]
) -> None:
    before = country.rows(APPLIED)
    country.registry("publish", "campaign", packed(version="2027-01", facilities=[]))
    country.run()
    assert len(country.node.registry.state().letters) == 1
    told = country.registry("publish", "withdraw", 1)
    assert "Letter 2 withdraws letter 1." in told
    assert "Letter 2 withdraws letter 1." in country.registry("publish", "withdraw", 1)  # once
    country.run()
    assert country.node.registry.state().letters == ()
    assert country.rows("SELECT * FROM letter") == []
    assert country.rows(APPLIED) == before
    listed = country.registry("publish", "letters")
    assert "withdrawn" in listed.splitlines()[0]
    newest = json.loads(country.registry("publish", "letters", "--most", 1, "--json"))
    assert (newest["number"], newest["kind"], newest["withdrawn"]) == (2, "withdrawn", False)
    again = json.loads(country.registry("publish", "withdraw", 1, "--json"))
    assert again["withdraws"] == 1
    page = next_page(country.store, "n1", LetterQuery("x", {}), "now")["letters"]
    assert [one["kind"] for one in page] == ["superseded", "withdrawn"]
    country.registry("publish", "campaign", packed(version="2027-02"))
    country.registry("publish", "withdraw", 3)
    country.run()
    assert country.rows(APPLIED) == before  # it was never told
    for wrong, words in ((4, "of the kind withdrawn"), (9, "no letter 9")):
        assert words in country.registry("publish", "withdraw", wrong, code=1)
    assert "has enrolled" in country.registry("publish", "withdraw", 1, "--node", "x", code=1)


def refusals(country: Country) -> list[dict[str, Any]]:
    return [json.loads(one.content)["body"] for one in country.store.of_type("CampaignRefused")]


@pytest.mark.slow
def test_a_campaign_that_would_shut_the_site_is_told_at_both_ends_once_and_not_applied(
    country: Country, packed: Callable[..., Path]
) -> None:
    before = country.rows(APPLIED)
    facilities = json.loads(packed().read_text())["facilities"]
    closed = [{**one, "active": one["code"] != "DEMO01"} for one in facilities]
    country.registry("publish", "campaign", packed(version="2027-01", facilities=closed))
    country.run()
    for _ in range(2):
        country.node.inbox.again()
        country.run()
    assert country.rows(APPLIED) == before
    (trouble,) = country.node.registry.state().letters
    assert "nobody could work here" in trouble.sentence
    (told,) = refusals(country)
    assert (told["version"], told["code"]) == ("2027-01", "campaign.facility")
    country.registry("judge")
    listed = json.loads(country.registry("campaign", "sites", "--json"))
    assert (listed["facility"], listed["version"]) == ("DEMO01", before[-1][0])
    assert [one["version"] for one in listed["refused"]] == ["2027-01"]
    assert "nobody could work here" in country.registry("campaign", "sites")
    country.registry("publish", "campaign", packed(version="2027-02"))
    country.run()
    assert country.rows(APPLIED)[-1] == ("2027-02",)
    assert country.node.registry.state().letters == ()
    country.run()
    country.registry("judge")
    listed = json.loads(country.registry("campaign", "sites", "--json"))
    assert (listed["version"], listed["refused"]) == ("2027-02", [])


def test_an_older_edition_that_is_published_is_refused_and_the_newer_one_stays_in_force(
    country: Country, packed: Callable[..., Path]
) -> None:
    for version in ("2027-02", "2027-01"):
        country.registry("publish", "campaign", packed(version=version))
    country.run()
    country.run()
    assert country.rows(APPLIED)[-1] == ("2027-02",)
    (told,) = refusals(country)
    assert (told["version"], told["code"]) == ("2027-01", "campaign.older")
    assert "2027-02" in told["sentence"]


def test_what_is_wrong_with_a_published_campaign_is_told_to_the_nation(
    country: Country, packed: Callable[..., Path]
) -> None:
    country.registry("publish", "campaign", packed(version="2027-01", facilities=[]))
    country.run()
    country.run()
    (told,) = refusals(country)
    assert any("facilities.yaml" in mistake for mistake in told["mistakes"])


def test_a_bad_campaign_is_kept_aside_and_told_and_the_next_good_one_clears_it(
    country: Country, packed: Callable[..., Path]
) -> None:
    before = country.rows(APPLIED)
    country.registry("publish", "campaign", packed(version="2027-01", facilities=[]))
    assert country.run().letters == 1
    assert country.rows(APPLIED) == before
    assert country.rows("SELECT kind FROM letter") == [("campaign",)]
    (trouble,) = country.node.registry.state().letters
    assert "Nothing was applied" in trouble.sentence
    assert trouble.detail.startswith("facilities.yaml")
    country.registry("publish", "campaign", packed(version="2027-02"))
    country.run()
    assert country.node.registry.state().letters == ()
    assert country.rows(APPLIED)[-1] == ("2027-02",)


def test_a_campaign_that_was_kept_aside_does_not_come_back_over_a_later_one(
    country: Country, packed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("edge.services.campaigns.read_packed", no_room)
        country.registry("publish", "campaign", packed(version="2027-01"))
        country.run()
        kept = country.node.inbox._kept()
        country.node.inbox.again()
        assert [letter.kind for letter in country.node.inbox._kept()] == ["campaign"]
        assert "no room" in country.node.registry.state().letters[0].sentence
    country.registry("publish", "campaign", packed(version="2027-02"))
    country.run()
    before = country.rows(APPLIED)
    country.node.inbox.again()
    with monkeypatch.context() as late:  # read just before the later one was taken
        late.setattr(SiteInbox, "_kept", lambda _: kept)
        country.node.inbox.again()
    assert country.rows(APPLIED) == before
    assert before[-1] == ("2027-02",)
    assert country.node.registry.state().letters == ()


def test_a_campaign_that_was_kept_aside_is_taken_once_nothing_is_wrong_any_more(
    country: Country, packed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("edge.services.campaigns.read_packed", no_room)
        country.registry("publish", "campaign", packed(version="2027-01"))
        country.run()
    for _ in range(2):
        country.node.inbox.again()
        assert country.rows(APPLIED)[-1] == ("2027-01",)
    assert len(country.rows(APPLIED)) == 2
    assert country.node.registry.state().letters == ()
    assert country.rows("SELECT * FROM letter") == []


@pytest.mark.slow
def test_people_expected_for_a_programme_that_comes_later_are_expected_then(
    country: Country, packed: Callable[..., Path], tmp_path: Path
) -> None:
    campaign = json.loads(packed().read_text())
    programmes = json.loads(json.dumps(campaign["programmes"]).replace("covid-19", "measles-2027"))
    header, first = ENROLMENTS.read_text().splitlines()[:2]
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    cells |= {"name": "Zora Newcomer", "identity": "did:web:id.demoland.example:9999999"}
    path = tmp_path / "people.csv"
    path.write_text(f"{header}\n{','.join(cells.values())}\n")
    country.run()
    country.expect(path, "measles-2027")
    country.run()
    (trouble,) = country.node.registry.state().letters
    assert trouble.values is not None
    assert trouble.values["programme"] == "measles-2027"
    people = "SELECT count(*) FROM person"
    before = country.rows(people)[0][0]
    country.registry("publish", "campaign", packed(version="2027-01", programmes=programmes))
    country.run()
    country.node.inbox.again()  # its job is woken by the campaign
    assert country.node.registry.state().letters == ()
    assert country.rows("SELECT * FROM letter") == []
    assert country.rows(people) == [(before + 1,)]


def test_a_file_that_is_no_packed_campaign_is_not_published(
    country: Country, tmp_path: Path
) -> None:
    path = tmp_path / "other.json"
    for text in ("{}", "[", "[]"):
        path.write_text(text)
        assert "not a packed campaign" in country.registry("publish", "campaign", path, code=1)
    path.write_text(json.dumps({"id": "x", "version": "1", "programmes": "x" * 5_000_000}))
    assert "at most 1020 kB" in country.registry("publish", "campaign", path, code=1)
    path.write_text("x" * 5_000_000)
    assert "no signature of the ministry" in country.registry("publish", "list", path, code=1)
    path.write_bytes(Ministry(tmp_path / "lists").vouched("codes", CODES + " " * 5_000_000))
    assert "at most 4 MB" in country.registry("publish", "list", path, code=1)
    assert country.store.last_letter("*") is None


def test_a_letter_at_which_the_software_fails_is_kept_aside_and_those_behind_it_are_taken(
    country: Country,
    packed: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "revoked.txt"
    path.write_bytes(Ministry(tmp_path / "lists").vouched("Amina Bello", REVOKED))

    def failing(*_: Any) -> Any:
        raise MemoryError("Amina Bello")

    with monkeypatch.context() as ill:
        ill.setattr("edge.services.certificates.signed_intake.read_line", failing)
        country.registry("publish", "list", path)
        country.registry("publish", "campaign", packed(version="2027-01"))
        assert country.run().letters == 2
    assert country.rows(APPLIED)[-1] == ("2027-01",)
    (trouble,) = country.node.registry.state().letters
    assert (trouble.kind, trouble.values) == ("list", {"reason": "MemoryError"})
    assert "MemoryError" in caplog.text
    assert "Amina" not in caplog.text
    assert country.rows("SELECT kind FROM letter") == [("list",)]


def test_a_list_whose_name_is_longer_than_a_disk_allows_is_taken(
    country: Country, tmp_path: Path
) -> None:
    path, ministry = tmp_path / "revoked.txt", Ministry(tmp_path / "lists")
    country.pin(ministry.public)
    path.write_bytes(ministry.vouched("የተሰረዙ" * 20, REVOKED))
    country.registry("publish", "list", path)
    country.run()
    assert country.node.registry.state().letters == ()
    assert [one.name for one in country.node.lists.sources()] == ["የተሰረዙ" * 20]


@pytest.mark.slow
def test_a_list_of_the_registrys_own_making_is_kept_aside_and_the_last_good_one_stays(
    country: Country, tmp_path: Path
) -> None:
    ministry, path = Ministry(tmp_path / "lists"), tmp_path / "revoked.txt"
    path.write_bytes(ministry.vouched("revoked", REVOKED))
    country.registry("publish", "list", path)
    country.run()
    (trouble,) = country.node.registry.state().letters
    assert "knows no key of the ministry" in trouble.sentence
    country.pin(ministry.public)
    country.node.inbox.again()
    assert country.node.registry.state().letters == ()
    good = country.node.lists.provenance("revoked")
    assert good is not None
    rogue = Ministry(tmp_path / "rogue")
    evil = rogue.vouched("revoked", REVOKED.replace('"count": 0', '"count": 1') + "00" * 16)
    spoilt = (evil.decode(), REVOKED, path.read_text()[:-1], path.read_text() + "00" * 16)
    for number, text in enumerate(spoilt):
        body = canonical({"name": "revoked", "text": text}).decode()
        country.store.post("*", "list", f"evil {number}", body, "2026-11-24T12:00:00.000Z")
        country.run()
        (trouble,) = country.node.registry.state().letters
        assert trouble.kind == "list"
        assert country.node.lists.provenance("revoked") == good
    path.write_bytes(ministry.vouched("revoked", REVOKED))
    country.registry("publish", "list", path)
    country.run()
    assert country.node.registry.state().letters == ()
    newer = country.node.lists.provenance("revoked")
    assert newer is not None
    assert newer.sequence > good.sequence


def test_a_published_revocation_list_replaces_the_one_before(
    country: Country, tmp_path: Path
) -> None:
    path, ministry = tmp_path / "revoked.list", Ministry(tmp_path / "lists")
    country.pin(ministry.public)
    for count in (3, 2):
        keys = [f"{number:032x}\n" for number in range(count)]
        text = REVOKED.replace('"count": 0', f'"count": {count}') + "".join(keys)
        path.write_bytes(ministry.vouched("revoked", text))
        country.registry("publish", "list", path)
    country.run()
    assert [(one.name, one.count) for one in country.node.lists.sources()] == [("revoked", 2)]
    path.write_text("neither")
    country.registry("publish", "list", path, code=1)
    body = canonical({"name": "revoked", "text": "neither"}).decode()
    country.store.post("*", "list", "neither", body, "2026-11-24T12:00:00.000Z")
    country.run()
    (trouble,) = country.node.registry.state().letters
    assert trouble.kind == "list"
    assert country.node.lists.sources()[0].count == 2


ENROLMENTS = resource("config/demo/data") / "enrolments.csv"


def test_people_of_an_older_registrys_letter_are_expected_and_told_of_by_row(
    country: Country, tmp_path: Path
) -> None:
    people = country.rows("SELECT count(*) FROM person")[0][0]
    header, first = ENROLMENTS.read_text().splitlines()[:2]
    table = tmp_path / "new.csv"
    cells = first.split(",")
    names = header.split(",")
    cells[names.index("name")] = "Zora Newcomer"
    cells[names.index("identity")] = "did:web:id.demoland.example:9999999"
    table.write_text(f"{header}\n{','.join(cells)}\n")
    country.run()
    for _ in range(2):
        country.expect(table, "covid-19")
        country.run()
    assert country.rows("SELECT count(*) FROM person")[0][0] == people + 1
    cells[names.index("gender")] = "?"
    table.write_text(f"{header}\n{','.join(cells)}\n")
    country.expect(table, "covid-19")
    country.run()
    (trouble,) = country.node.registry.state().letters
    assert trouble.detail.startswith("new.csv, line 2, gender")


def test_people_whose_enrolment_is_withdrawn_are_expected_no_longer_and_again_when_it_comes_again(
    country: Country, tmp_path: Path
) -> None:
    header, first = ENROLMENTS.read_text().splitlines()[:2]
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    cells |= {"name": "Zora Newcomer", "identity": "did:web:id.demoland.example:9999999"}
    table = tmp_path / "new.csv"
    table.write_text(f"{header}\n{','.join(cells.values())}\n")
    country.run()
    (record,) = country.store.of_facility("DEMO01", ("", ""))
    country.expect(table, "covid-19")
    country.run()
    ((person,),) = country.rows("SELECT id FROM person WHERE name = 'Zora Newcomer'")
    last = country.store.last_letter(record.node)
    assert last is not None

    def expected() -> tuple[str, str]:
        with country.node.journal.reading() as db:
            return people_pages.expected_for(db, person)

    assert expected() == ("", "covid-19")
    own = json.loads(country.registry("publish", "letters", "--node", record.node, "--json"))
    assert (own["number"], own["kind"], own["withdrawn"]) == (last.number, "enrolments", False)
    told = country.registry("publish", "withdraw", last.number, "--node", record.node)
    assert "no longer expected" in told
    country.run()
    assert expected() == ("", "")
    country.node.journal.run(lambda unit: unit.db.execute("DELETE FROM mail"))
    country.run()  # read again from the beginning: the letter itself is told no more
    assert expected() == ("", "")
    assert len(country.rows("SELECT 1 FROM entry WHERE type = 'EnrolmentChanged'")) == 1
    country.expect(table, "covid-19")
    country.run()
    assert expected() == ("", "covid-19")
    assert rebuilt_is_the_same(country.node, country.node.folder)


def test_a_certificate_is_asked_for_signed_offline_and_installed_by_letter(
    country: Country, tmp_path: Path
) -> None:
    country.run()
    issuer = country.node.issuer()
    secret = tmp_path / "passphrase"
    secret.write_text("two halves")
    folder = tmp_path / "authority"
    words = ["--folder", str(folder), "--passphrase-file", str(secret)]
    made = ["authority", "init", "--country", issuer.country, "--name", issuer.name, *words]
    assert CliRunner().invoke(registry_main, made).exit_code == 0
    (waiting,) = country.store.asked_certificates()
    told = country.registry("authority", "pending", "--out", tmp_path / "requests")
    assert waiting.node in told
    assert "DEMO01" in told
    assert not country.node.certifier.state(country.node.clock.now()).can_sign
    asked = country.node.signers.request(issuer.country, issuer.name, "DEMO01")
    assert f"key {_digits(asked)}" in told  # as divoc-edge keys request shows it
    country.registry("authority", "sign", "--node", waiting.node, *words)
    country.run()
    assert country.node.certifier.state(country.node.clock.now()).can_sign
    assert country.store.asked_certificates() == []
    assert "No request waits." in country.registry("authority", "pending")
    country.node.journal.run(lambda unit: unit.db.execute("DELETE FROM mail"))
    assert country.run().letters == 1  # a letter that comes twice
    assert country.node.registry.state().letters == ()
    assert len(country.node.signers.all()) == 1
    assert country.store.asked_certificates() == []  # it does not ask again


def test_a_request_that_the_registry_has_lost_is_sent_again_the_next_day_and_resets_nothing(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    link = country.node.registry
    monkeypatch.setattr(link, "_world", replace(link._world, now=lambda: now))
    country.run()
    (first,) = country.store.asked_certificates()
    country.store.answered_certificate(first.node, "2026-11-24T13:00:00.000Z")
    now += timedelta(days=1)
    country.run()
    assert country.store.asked_certificates() == []  # the same key: it is signed
    country.store._run("DELETE FROM csr")
    country.run()
    assert country.store.asked_certificates() == []
    now += timedelta(days=1)
    country.run()
    assert [one.node for one in country.store.asked_certificates()] == [first.node]


def test_something_else_that_answers_a_request_is_not_taken_for_the_registry(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = country.node.registry
    connect = link._connect
    asked: list[str] = []

    class Portal:
        def ask(self, path: str, _body: bytes) -> Any:
            asked.append(path)
            return {}

    country.run()
    country.store._run("DELETE FROM csr")
    country.node.journal.run(registry_link._forget_asked)
    monkeypatch.setattr(link, "_connect", lambda *_: Portal())
    country.run()
    assert asked == ["enrol"]
    monkeypatch.setattr(link, "_connect", connect)
    country.run()
    assert len(country.store.asked_certificates()) == 1


def test_a_pass_on_a_full_disk_says_so_and_waits(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    country.run()
    monkeypatch.setattr(country.node.inbox, "take", no_room)
    country.store.post("*", "campaign", "x", "{}", "2026-11-24T12:00:00.000Z")
    done = country.run()
    assert (done.state, done.code) == ("unreachable", "disk.full")
    assert country.node.registry.state().trouble == "There is no room on the disk."
    assert country.node.registry.run_when_due() is None


def test_a_certificate_signed_elsewhere_is_delivered_only_to_the_site_of_its_key(
    country: Country, tmp_path: Path
) -> None:
    country.run()
    (waiting,) = country.store.asked_certificates()
    vouch_for(country.node, tmp_path / "authority")
    own = next((tmp_path / "authority" / "issued").glob("*.crt"))
    root = tmp_path / "authority" / "root.crt"
    other = country.registry("authority", "deliver", root, "--node", waiting.node, code=1)
    assert "not for the key" in other
    assert "next pass" in country.registry("authority", "deliver", own, "--node", waiting.node)
    country.run()
    assert country.node.certifier.state(country.node.clock.now()).can_sign


def test_a_certificate_for_another_key_is_told_and_changes_nothing(
    country: Country, tmp_path: Path
) -> None:
    country.run()
    node = country.store.nodes()[0].node
    root = Authority(tmp_path / "other").create("XX", "Other", b"x", country.node.clock.now())
    body = canonical({"pem": root.public_bytes(Encoding.PEM).decode()}).decode()
    country.store.post(node, "certificate", "c1", body, "2026-11-24T12:00:00.000Z")
    country.run()
    (trouble,) = country.node.registry.state().letters
    assert trouble.sentence == "This certificate is not for a key of this site."
    assert not country.node.certifier.state(country.node.clock.now()).can_sign


@pytest.mark.slow
def test_an_invited_person_is_let_in_by_line_and_the_office_sees_what_became_of_it(
    country: Country,
) -> None:
    def states() -> list[str]:
        told = country.registry("staff", "list", "--json").splitlines()
        return [json.loads(line)["state"] for line in told]

    newcomer(country.node)
    country.run()
    words = ("staff", "invite", NEWCOMER, "--facility", "DEMO01", "--by", "Dr Osei", "--json")
    first = json.loads(country.registry(*words))
    withdraw = ("staff", "withdraw", NEWCOMER, "--facility", "DEMO01", "--by", "Dr Osei")
    country.registry(*withdraw)
    second = json.loads(country.registry(*words))
    country.run()
    invitations = country.node.use_cases.invitations
    assert [one.id for _, one in invitations.here()] == [second["id"]]
    with pytest.raises(NotAllowed):
        invitations.take(NEWCOMER, first["code"], "8642", HERE)
    invitations.take(NEWCOMER, second["code"], "8642", HERE)
    with country.node.journal.reading() as db:
        supervisor = country.node.site.catalogues.current(db).staff["S1"]
    country.run()
    country.registry("judge")
    assert states() == ["waiting", "withdrawn"]
    invitations.confirm(second["id"], supervisor)
    assert country.node.authenticator.sign_in(NEWCOMER, "8642")
    country.run()
    country.registry("judge")
    assert states() == ["taken", "withdrawn"]
