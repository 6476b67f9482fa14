"""A digital locker pulls certificates: who holds the key, of whom paper, name and birth all fit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from delivering_nodes import NOW, Place, dose, entry, person, uuid
from lockers import KEY, SETTINGS, locker_asking
from memory_journal import REGISTRY_KEY
from serving import Serving

from edge.cli.demo_locker import DemoLocker
from edge.peers.locker import DOCUMENT, URI, LockerAnswer, LockerMood
from sync.protocol.entries import Link, canonical, chain_hash, linked
from sync.protocol.errors import SyncError
from sync.registry.cli import main
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.locker.certificates import LockerCertificate, by_paper
from sync.registry.locker.papers import said_on_paper
from sync.registry.locker.questions import keyhash_of
from sync.registry.locker.settings import LockerSettings
from sync.registry.registry import Registry
from sync.registry.revocations import PUBLISHED, gathered, rule
from sync.registry.store.interface import Store
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.locker_api import Locker, locker_api

NUMBER, LATER = "7Q4WZK2M9XDEA0TB", "8Q4WZK2M9XDEA0TB"
CODE = "7QP4M2ZK9XDE"
NAME, BORN, DAY = "Amina Zara Bello", "1990-05-04", "04-05-1990"
CANARIES = {
    "phone": "+15550100001",
    "email": "canary@example.org",
    "identity": "did:passport:CANARY1",
    "address": {"district": "Canary district"},
}
SCHEMAS = Schemas(schemas_folder())


def certified(number: int, certificate: str = NUMBER, **more: Any) -> dict[str, Any]:
    signed = [{"format": "divoc-1", "credential": f"signed {certificate}"}]
    body = {"certificate": certificate, "dose": uuid(2), "person": uuid(1), **more}
    return entry(number, "CertificateIssued", {**body, "credentials": signed})


class World:
    """A registry with one person's dose and certificate, and a locker that asks for it."""

    def __init__(self, store: Store, settings: LockerSettings = SETTINGS) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.drawn: list[LockerCertificate] = []
        self.store = store
        registry = Registry(store, REGISTRY_KEY, now=lambda: self.now)
        self.app = create_app(registry, locker_api(Locker(registry, settings, self.draw)))
        self.client = self.app.test_client()
        self.locker = locker_asking(self.client)
        self.site = Place(store, "a")
        self.judging = Judging(store, SCHEMAS, lambda: "2026-11-24T12:00:00.000Z")
        told = {"code": CODE, "name": NAME, "birthYear": None, "birthDate": BORN, **CANARIES}
        self.deliver(person(1, **told), dose(2), certified(3))

    def draw(self, found: LockerCertificate) -> bytes:
        self.drawn.append(found)
        return b"%PDF-1.7"

    def deliver(self, *entries: dict[str, Any]) -> None:
        self.site.deliver(*entries)
        self.judging.run()

    def audit(self) -> list[str]:
        return [f"{line.what}: {line.whom}" for line in reversed(self.store.audits())]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = SqliteStore(tmp_path / "registry.db")
    yield World(store)
    store.close()


def status(answer: LockerAnswer) -> tuple[int, str]:
    return answer.status, answer.said


def test_a_locker_gets_the_certificate_of_who_knows_paper_name_and_birth(world: World) -> None:
    answer = world.locker.pull_uri("7q4w zk2m 9xde a0tb", "BELLO, Amina", DAY, format="both")
    assert status(answer) == (200, "1")
    assert answer.text("URI") == f"in.gov.demoland-VACER-{NUMBER}"
    found = answer.root.find(".//Person")
    assert found is not None
    assert dict(found.attrib) == {"name": NAME, "dob": DAY, "gender": "Female", "phone": ""}
    assert answer.opened("DocContent") == b"%PDF-1.7"
    data = answer.opened("DataContent").decode()
    assert f"signed {NUMBER}" in data
    assert 'vaccine="coviprotect"' in data
    assert 'on="2026-11-24"' in data
    response = answer.root.find("ResponseStatus")
    assert response is not None
    assert response.get("txn") == "txn-1"
    assert world.audit() == [f"PullURIRequest: {NUMBER} = {uuid(1)}"]


def test_the_demonstrations_locker_keeps_the_paper_as_a_file_or_says_that_it_got_none(
    store: Store, tmp_path: Path
) -> None:
    world = World(store, DemoLocker(tmp_path / "locker", "").settings)
    serving = Serving(world.app)
    try:
        locker = DemoLocker(tmp_path / "locker", serving.url)  # with the key of before
        locker.peer.at = world.now
        said = locker.pull(NUMBER.lower(), NAME.lower(), DAY)
        (paper,) = (tmp_path / "locker").glob("*.pdf")
        assert said == f"The locker has example.demoland-VACER-{NUMBER}: {paper}"
        assert paper.read_bytes() == b"%PDF-1.7"
        assert "gave the locker nothing (HTTP 200)" in locker.pull(NUMBER, "Somebody Else", DAY)
        moods: dict[LockerMood, int] = {"again": 409, "late": 400, "wrong key": 401}
        for mood, status in moods.items():
            locker.peer.mood = mood
            assert f"gave the locker nothing (HTTP {status})" in locker.pull(NUMBER, NAME, DAY)
    finally:
        serving.close()
    assert locker.pull(NUMBER, NAME, DAY).startswith("The locker had no answer: ")


def test_a_locker_finds_by_the_persons_code_the_certificate_that_was_issued_last(
    store: Store,
) -> None:
    world = World(store)
    world.deliver(
        dose(4, lot="CP2"), {**certified(5, LATER, dose=uuid(4)), "at": "2026-11-25T01:00:00.000Z"}
    )
    found = by_paper(store, SCHEMAS, f"{CODE[:4]} {CODE[4:]}", NAME, BORN)
    assert found is not None
    assert (found.number, found.dose["lot"], found.facility) == (LATER, "CP2", "DEMO01")


def test_the_paper_of_a_locker_names_things_as_the_sites_campaign_does(
    world: World,
) -> None:
    campaign = {
        "id": "c",
        "version": "1",
        "issuer": {"name": "Ministry of Health"},
        "vaccines": [{"code": "coviprotect", "name": "CoviProtect", "manufacturer": "Maker"}],
        "facilities": [{"code": "DEMO01", "name": "Lakeside"}, "odd"],
    }
    world.deliver(entry(4, "CampaignApplied", {"campaign": campaign}))
    found = by_paper(world.store, SCHEMAS, NUMBER, NAME, BORN)
    assert found is not None
    assert said_on_paper(found) == {
        "subtitle": "Ministry of Health",
        "name": NAME,
        "birth_date": BORN,
        "vaccine": "CoviProtect",
        "manufacturer": "Maker",
        "lot": "CP1",
        "dose": "1 / 2",
        "date": "2026-11-24",
        "facility": "Lakeside",
        "certificate": NUMBER,
    }


def test_the_paper_of_a_locker_is_in_the_language_that_the_person_asked_for_last(
    world: World,
) -> None:
    def language() -> str:
        found = by_paper(world.store, SCHEMAS, NUMBER, NAME, BORN)
        assert found is not None
        return said_on_paper(found).get("language", "")

    assert language() == ""
    world.deliver(entry(4, "CampaignApplied", {"campaign": {"id": "c", "language": "fr"}}))
    assert language() == "fr"
    said = {"person": uuid(1), "consent": "yes", "source": "person"}
    world.deliver(
        entry(5, "ContactPreferenceRecorded", {**said, "language": "sw"}),
        entry(6, "ContactPreferenceRecorded", {**said, "language": "ar"}),
    )
    assert language() == "ar"
    world.deliver(entry(7, "ContactPreferenceRecorded", said))  # as usual again
    assert language() == "fr"


def test_the_document_of_a_uri_is_given_as_it_was_asked_for(world: World) -> None:
    answer = world.locker.pull_document(f"in.gov.demoland-VACER-{NUMBER}", format="pdf")
    assert status(answer) == (200, "1")
    assert (answer.text("DataContent"), answer.text("URI")) == ("", "")
    assert answer.opened("DocContent") == b"%PDF-1.7"
    for uri in ("in.gov.elsewhere-VACER-" + NUMBER, f"in.gov.demoland-VACER-{LATER}", "", NUMBER):
        assert status(world.locker.pull_document(uri)) == (200, "0"), uri


@pytest.mark.parametrize(
    ("paper", "name", "born"),
    [
        (LATER, NAME, DAY),
        (NUMBER, "Grace Bello", DAY),
        (NUMBER, "", DAY),
        (NUMBER, NAME, "05-05-1990"),
        (NUMBER, NAME, "1990-05-04"),
        (NUMBER, NAME, "31-02-1990"),
        (NUMBER, NAME, ""),
        ("", NAME, DAY),
        ("%", NAME, DAY),
        (CODE[:11], NAME, DAY),
    ],
)
def test_whatever_does_not_fit_gets_one_and_the_same_answer(
    world: World, paper: str, name: str, born: str
) -> None:
    answer = world.locker.pull_uri(paper, name, born, txn="same", format="both")
    assert status(answer) == (200, "0")
    assert [child.tag for child in answer.root.iter()] == ["PullURIResponse", "ResponseStatus"]
    assert world.drawn == []
    assert world.audit() == ["PullURIRequest: nothing"]


def test_of_a_replaced_certificate_the_one_that_counts_is_given_and_the_old_uri_gives_none(
    world: World,
) -> None:
    changes = {"person": uuid(1), "changes": {"name": "Amina Zara Okafor"}, "reason": "misspelt"}
    world.deliver(entry(4, "PersonCorrected", changes), certified(5, LATER, replaces=NUMBER))
    answer = world.locker.pull_uri(NUMBER, "Amina Okafor", DAY)
    assert (status(answer), answer.text("URI")) == ((200, "1"), SETTINGS.uri(LATER))
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER))) == (200, "0")
    assert status(world.locker.pull_uri(NUMBER, "Bello Okoro", DAY)) == (200, "0")


def test_a_certificate_of_a_dose_that_was_taken_back_is_given_no_more(world: World) -> None:
    withdrawn = {"dose": uuid(2), "kind": "not-given", "reason": "wrong person"}
    world.deliver(entry(4, "DoseWithdrawn", withdrawn))
    assert status(world.locker.pull_uri(NUMBER, NAME, DAY)) == (200, "0")
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER))) == (200, "0")


def revoked(number: int, certificate: str = NUMBER) -> dict[str, Any]:
    body = {"certificate": certificate, "reason": "fraud", "keys": ["0" * 32]}
    return entry(number, "CertificateRevoked", body)


def test_a_certificate_that_its_site_revoked_is_given_no_more(store: Store) -> None:
    world = World(store)
    world.deliver(dose(4), certified(5, LATER, dose=uuid(4)), revoked(6))
    assert status(world.locker.pull_uri(NUMBER, NAME, DAY)) == (200, "0")
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER))) == (200, "0")
    assert status(world.locker.pull_document(SETTINGS.uri(LATER))) == (200, "1")


def test_a_certificate_that_another_site_revoked_is_given_till_an_officer_approves_it(
    store: Store,
) -> None:
    world = World(store)
    Place(store, "b").deliver(revoked(6))
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER))) == (200, "1")
    (found,) = gathered(store, SCHEMAS)
    rule(store, found, PUBLISHED, "officer", NOW)
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER))) == (200, "0")
    assert status(world.locker.pull_uri(NUMBER, NAME, DAY)) == (200, "0")


def test_a_revocation_that_was_sent_ahead_counts_at_a_locker_at_once(world: World) -> None:
    link = Link("a", "e" * 16, 9, "0" * 64)
    content = canonical(linked(revoked(9), link))
    world.store.advance([(link, content, chain_hash(content))], NOW)
    assert status(world.locker.pull_uri(NUMBER, NAME, DAY)) == (200, "0")


def test_a_number_that_two_sites_say_they_issued_is_nobodys(world: World) -> None:
    other = Place(world.store, "b")
    other.deliver(person(7, name=NAME, birthYear=None, birthDate=BORN), dose(8, 7))
    other.deliver(certified(9, dose=uuid(8), person=uuid(7)))
    world.judging.run()
    assert status(world.locker.pull_uri(NUMBER, NAME, DAY)) == (200, "0")


def test_no_more_of_a_person_reaches_a_locker_than_its_contract_gives(world: World) -> None:
    answer = world.locker.pull_uri(NUMBER, NAME, DAY, format="both")
    seen = b"".join(
        [
            *(repr(one.attrib).encode() for one in answer.root.iter()),
            answer.opened("DataContent"),
            repr(world.drawn).encode(),
        ]
    )
    for canary in (b"+15550100001", b"canary@", b"CANARY1", b"Canary district", CODE.encode()):
        assert canary not in seen
    assert not any(NAME in line or DAY in line for line in world.audit())


def test_a_wrong_hmac_is_refused_before_anything_is_read_and_waits_longer_each_time(
    world: World,
) -> None:
    body = world.locker.written("PullURIRequest", {"UDF1": NUMBER})
    stranger = locker_asking(world.client, b"another key of thirty-two bytes.")
    for header in ("", "é", "0" * 300, stranger.ask(URI, body).text("x")):
        answer = world.locker.ask(URI, body, header)
        assert status(answer)[1] == "0"
        assert answer.status in (401, 429)
    assert world.locker.ask(URI, body).status == 429
    world.now += timedelta(minutes=11)
    world.locker.at = world.now
    assert status(world.locker.pull_uri(NUMBER, NAME, DAY)) == (200, "1")
    assert world.audit().count("was refused: locker 127.0.0.1") == 3


def test_the_same_request_again_an_old_one_and_one_of_another_clock_are_refused(
    world: World,
) -> None:
    body = world.locker.written("PullDocRequest", {"URI": SETTINGS.uri(NUMBER)})
    assert status(world.locker.ask(DOCUMENT, body)) == (200, "1")
    assert status(world.locker.ask(DOCUMENT, body)) == (409, "0")
    world.now += timedelta(minutes=11)
    assert status(world.locker.ask(DOCUMENT, body)) == (400, "0")
    for ts in ("2026-11-24T12:11:00", "2026-11-24T11:50:00+00:00", "yesterday", ""):
        asked = world.locker.pull_document(SETTINGS.uri(NUMBER), ts=ts)
        assert status(asked) == (400, "0"), ts
    fresh = "2026-11-24T17:41:00+05:30"
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER), ts=fresh)) == (200, "1")
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER), ts=fresh, txn="")) == (409, "0")


def test_another_organisation_and_a_wrong_keyhash_are_refused(world: World) -> None:
    other = keyhash_of(b"another key of thirty-two bytes.", world.now.isoformat())
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER), keyhash=other)) == (401, "0")
    assert status(world.locker.pull_document(SETTINGS.uri(NUMBER), orgId="x")) == (401, "0")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<PullURIRequest",
        b"<PullDocRequest/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><PullURIRequest>&b;</PullURIRequest>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><PullURIRequest/>',
        b"<PullURIRequest>" + b"<a/>" * 300 + b"</PullURIRequest>",
        b"<PullURIRequest>" + b"<a>" * 30_000 + b"</a>" * 30_000 + b"</PullURIRequest>",
        b'<?xml version="1.0" encoding="utf-99"?><PullURIRequest/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_question_of_a_locker_is_refused_however_well_it_is_signed(
    world: World, body: bytes
) -> None:
    assert status(world.locker.ask(URI, body)) == (400, "0")


def test_a_request_with_a_photograph_is_read_whole_and_one_beyond_its_bound_is_not(
    world: World,
) -> None:
    fields = {"URI": SETTINGS.uri(NUMBER), "Photo": "A" * 200_000}
    whole = world.locker.written("PullDocRequest", fields)
    assert status(world.locker.ask(DOCUMENT, whole)) == (200, "1")
    beyond = world.client.post(DOCUMENT, data=b"<" * 300_000)
    assert beyond.status_code == 413


def test_the_options_of_a_locker_come_together_and_each_is_looked_at(tmp_path: Path) -> None:
    key = tmp_path / "locker.key"
    key.write_bytes(KEY)
    run = ["run", "--data", str(tmp_path / "data"), "--locker-issuer", "in.gov.demoland"]
    told = CliRunner().invoke(main, [*run, "--locker-document", "VACER", "--locker-org", "org"])
    assert told.exit_code == 2
    assert "--locker-key" in told.output
    key.write_bytes(b"short")
    short = [*run, "--locker-document", "VACER", "--locker-org", "org", "--locker-key", str(key)]
    told = CliRunner().invoke(main, short)
    assert (told.exit_code, "openssl rand" in told.output) == (1, True)
    with pytest.raises(SyncError, match="five capital letters"):
        LockerSettings("in.gov.demoland", "vac", "org", KEY)
    with pytest.raises(SyncError, match="small letters"):
        LockerSettings("in.gov.demoland-1", "VACER", "org", KEY)
    with pytest.raises(SyncError, match="portal"):
        LockerSettings("in.gov.demoland", "VACER", " ", KEY)
