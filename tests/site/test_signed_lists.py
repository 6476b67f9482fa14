"""A site takes the lists that the ministry signed, and of each the newest; the last good one stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import run
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA512
from list_publishers import (
    DID,
    PASSPHRASE,
    Ministry,
    did_document,
    fingerprint,
    pem,
    pin,
    proven,
)

from edge.adapters.trust_store import TrustStore
from edge.credentials.list_signatures import PinnedKey
from edge.credentials.publishers import Publisher
from edge.credentials.trust import base58
from edge.domain.errors import BadInput
from edge.services.certificates.signed_intake import SignedIntake
from sync.protocol.signed_lists import SignedList, sealed

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WHO = ec.generate_private_key(ec.SECP256R1())
GDHCN = Publisher(
    id="who", name="WHO", form="gdhcn", keys=(PinnedKey(WHO.public_key()),), document=DID
)
Spoil = Callable[[bytes], bytes]


def signer() -> ec.EllipticCurvePublicKey:
    return ec.generate_private_key(ec.SECP256R1()).public_key()


def who_list(created: str = "2026-11-20T10:00:00Z") -> bytes:
    return proven(did_document(signer()), WHO, created)


def revoked(issued: datetime, key: str = "00" * 16) -> bytes:
    header = {
        "type": "divoc-edge revocations",
        "issuedAt": issued.isoformat(),
        "scopes": ["hcert:XD"],
        "count": 1,
    }
    return f"{json.dumps(header)}\n{key}\n".encode()


@pytest.fixture
def ministry(tmp_path: Path) -> Ministry:
    return Ministry(tmp_path / "lists", NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TrustStore]:
    made = TrustStore(tmp_path / "trust.db")
    yield made
    made.close()


class Site:
    """What takes lists at a site, with a clock that is moved."""

    def __init__(self, store: TrustStore, folder: Path, keys: frozenset[str]) -> None:
        self.store, self.now, self._folder = store, NOW, folder
        self._intake = SignedIntake(store, keys, lambda: self.now)

    def take(self, file: bytes) -> None:
        path = self._folder / "came.list"
        path.write_bytes(file)
        self._intake.take(path)

    def refuses(self, file: bytes, words: str) -> None:
        """A list that is refused leaves every key and what is known of them as they were."""
        before = (self.store.trust(), self.store.sources(), self.store.provenance("who"))
        with pytest.raises(BadInput, match=words):
            self.take(file)
        assert (self.store.trust(), self.store.sources(), self.store.provenance("who")) == before


@pytest.fixture
def site(store: TrustStore, tmp_path: Path, ministry: Ministry) -> Site:
    return Site(store, tmp_path, ministry.keys)


def test_a_list_that_its_publisher_and_the_ministry_signed_is_taken_and_says_whose_it_is(
    site: Site, ministry: Ministry
) -> None:
    site.take(ministry.desk.take(GDHCN, who_list()).file)
    found = site.store.provenance("who")
    assert found is not None
    assert (found.publisher, found.officer) == ("who", "")
    assert found.version == "2026-11-20T10:00:00+00:00"
    assert len(site.store.trust().all_keys()) == 1


def test_what_was_published_can_be_replaced_by_a_newer_edition(
    site: Site, ministry: Ministry
) -> None:
    for created in ("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"):
        edition = ministry.desk.take(GDHCN, who_list(created))
        site.take(edition.file)
        site.take(edition.file)  # the same one again changes nothing
        found = site.store.provenance("who")
        assert found is not None
        assert found.sequence == edition.stated.sequence
    assert len(site.store.trust().all_keys()) == 1


def test_a_list_that_is_withdrawn_says_nothing_any_more_and_its_older_edition_does_not_come_back(
    site: Site, ministry: Ministry
) -> None:
    edition = ministry.desk.take(GDHCN, who_list())
    site.take(edition.file)
    withdrawal = ministry.desk.withdraw("who", "Dr Osei", "The key was stolen").file
    site.take(withdrawal)
    assert not site.store.trust().all_keys()
    assert site.store.sources() == []
    found = site.store.provenance("who")
    assert found is not None
    assert found.officer == "Dr Osei"
    site.refuses(edition.file, "older edition")
    site.take(
        ministry.desk.take(GDHCN, who_list("2026-11-21T10:00:00Z")).file
    )  # its publisher's again
    assert len(site.store.trust().all_keys()) == 1
    site.refuses(withdrawal, "older edition")


def test_only_what_was_signed_can_be_withdrawn_and_a_withdrawal_that_grew_is_refused(
    site: Site, ministry: Ministry
) -> None:
    site.take(ministry.desk.take(GDHCN, who_list()).file)
    with pytest.raises(BadInput, match="No list called whom"):
        ministry.desk.withdraw("whom", "Dr Osei", "The key was stolen")
    site.refuses(ministry.desk.withdraw("who", "Dr Osei", "Stolen").file + b"x", "was changed")


def test_a_list_of_another_kind_leaves_nothing_of_the_one_before(
    site: Site, ministry: Ministry
) -> None:
    site.take(ministry.desk.vouch("mixed", who_list(), "Dr Osei", "Compared").file)
    assert len(site.store.trust().all_keys()) == 1
    names = b'{"valueSetValues": {"XM01": {"display": "Adenovax"}}}'
    site.take(ministry.desk.vouch("mixed", names, "Dr Osei", "Compared").file)
    assert not site.store.trust().all_keys()
    assert site.store.codes() == {"XM01": "Adenovax"}


def test_a_campaign_withdraws_the_lists_that_it_names_no_more_and_no_other(
    site: Site, ministry: Ministry, store: TrustStore
) -> None:
    site.take(ministry.desk.vouch("by-letter", revoked(NOW), "Dr Osei", "Ours").file)
    intake = SignedIntake(store, frozenset(), lambda: NOW)
    nation = ministry.desk.vouch("nation", who_list(), "Dr Osei", "Ours").file
    other = ministry.desk.vouch("other", revoked(NOW), "Dr Osei", "Ours").file
    intake.take_signed({"list.nation": nation, "list.other": other}, "did:x")
    assert {source.name for source in store.sources()} == {"by-letter", "nation", "other"}
    assert intake.take_signed({"list.other": other}, "did:x").withdrawn == ["nation"]
    assert {source.name for source in store.sources()} == {"by-letter", "other"}
    assert intake.take_signed({"list.other": other}, "did:x").withdrawn == []
    found = intake.take_signed({"list.nation": nation, "list.other": b"spoiled"}, "did:x")
    assert (list(found.taken), list(found.refused)) == (["list.nation"], ["list.other"])
    assert {source.name for source in store.sources()} == {"by-letter", "nation", "other"}


def flipped(file: bytes) -> bytes:
    """Change one bit of the list behind the line."""
    at = file.index(b"\n") + 30
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


SPOILED: dict[str, tuple[Spoil, str]] = {
    "cut in the middle": (lambda file: file[: len(file) // 2], "is cut"),
    "cut by a letter": (lambda file: file[:-1], "is cut"),
    "cut in its first line": (lambda file: file[:200], "no signature of the ministry"),
    "longer by a letter": (lambda file: file + b"x", "was changed"),
    "with another letter": (flipped, "was changed"),
    "with another publisher's name": (
        lambda file: file.replace(b'"publisher":"who"', b'"publisher":"vci"'),
        "not what was signed",
    ),
    "that counts longer": (
        lambda file: file.replace(b'"goodUntil":"2027', b'"goodUntil":"2029'),
        "not what was signed",
    ),
    "with a higher count": (
        lambda file: file.replace(b'"sequence":1', b'"sequence":9'),
        "not what was signed",
    ),
    "whose line is written in another way": (
        lambda file: file.replace(b'{"', b'{ "', 1),
        "not what was signed",
    ),
    "with a field more": (
        lambda file: file.replace(b'{"', b'{"also":1,"', 1),
        "first line",
    ),
    "without the line": (lambda file: file.partition(b"\n")[2], "no signature of the ministry"),
    "of nothing": (lambda file: b"", "no signature of the ministry"),
}


@pytest.mark.parametrize(("spoil", "words"), SPOILED.values(), ids=SPOILED)
def test_a_list_that_was_changed_on_its_way_is_refused_in_words(
    site: Site, ministry: Ministry, spoil: Spoil, words: str
) -> None:
    file = ministry.desk.take(GDHCN, who_list()).file
    site.take(file)
    newer = ministry.desk.take(GDHCN, who_list("2026-11-22T10:00:00Z")).file
    assert spoil(newer) != newer
    site.refuses(spoil(newer), words)


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        ("0001-01-01T00:00:00+14:00", "2027-01-01T00:00:00+00:00"),
        ("2026-11-20T00:00:00+00:00", "9999-12-31T23:00:00-14:00"),
    ],
)
def test_a_list_of_anybody_that_names_a_moment_outside_the_calendar_is_refused_in_words(
    site: Site, issued: str, until: str
) -> None:
    stated = SignedList(
        name="who",
        publisher="who",
        sequence=1,
        issued_at=datetime.fromisoformat(issued),
        good_until=datetime.fromisoformat(until),
    )
    site.refuses(sealed(stated, b"[]", Ed25519PrivateKey.generate()), "first line")


def test_a_list_of_another_ministrys_key_is_refused_with_the_key_to_compare(
    site: Site, ministry: Ministry, tmp_path: Path
) -> None:
    rogue = Ministry(tmp_path / "rogue", NOW)
    site.take(ministry.desk.take(GDHCN, who_list()).file)
    file = rogue.desk.take(GDHCN, who_list("2026-11-22T10:00:00Z")).file
    site.refuses(file, fingerprint(rogue.public))
    # and the rogue's list under the ministry's key, which it does not have
    site.refuses(file.replace(rogue.public.encode(), ministry.public.encode()), "not what was")


def test_an_older_edition_is_refused_though_the_ministry_signed_it_once(
    site: Site, ministry: Ministry
) -> None:
    old = ministry.desk.take(GDHCN, who_list("2026-11-20T10:00:00Z")).file
    new = ministry.desk.take(GDHCN, who_list("2026-11-22T10:00:00Z")).file
    site.take(new)
    site.refuses(old, "an older edition")


def test_an_edition_whose_time_is_over_is_taken_no_more_and_the_last_good_one_stays(
    site: Site, ministry: Ministry
) -> None:
    first = ministry.desk.take(GDHCN, who_list()).file
    second = ministry.desk.take(GDHCN, who_list("2026-11-22T10:00:00Z")).file
    site.take(first)
    site.now = NOW + timedelta(days=91)
    site.refuses(second, "counted until 2027-02-22")
    assert len(site.store.trust().all_keys()) == 1


def test_a_list_under_the_name_of_another_publishers_is_refused_until_that_one_is_dropped(
    site: Site, ministry: Ministry, tmp_path: Path
) -> None:
    site.take(ministry.desk.take(GDHCN, who_list()).file)
    (tmp_path / "lists/signed.json").unlink()  # else the desk itself says so
    other = ministry.vouched("who", json.dumps({"did:x": base58(bytes(range(32)))}))
    site.refuses(other, "of another publisher")
    assert site.store.forget("who")
    site.take(other)


def test_a_site_that_has_pinned_no_key_takes_no_list(
    store: TrustStore, tmp_path: Path, ministry: Ministry
) -> None:
    site = Site(store, tmp_path, frozenset())
    site.refuses(ministry.desk.take(GDHCN, who_list()).file, "knows no key of the ministry")


def test_the_ministry_signs_no_list_that_is_stale_of_the_future_undated_or_older(
    ministry: Ministry,
) -> None:
    desk = ministry.desk
    for created, words in (
        ("2026-10-20T10:00:00Z", "older than 30 days"),
        ("2026-11-26T10:00:00Z", "dated in the future"),
        ("yesterday", "says no date"),
    ):
        with pytest.raises(BadInput, match=words):
            desk.take(GDHCN, who_list(created))
    desk.take(GDHCN, who_list("2026-11-20T10:00:00Z"))
    with pytest.raises(BadInput, match="was signed already"):
        desk.take(GDHCN, who_list("2026-11-19T10:00:00Z"))
    desk.vouch("revoked", revoked(NOW), "Dr Osei", "The nation's own")
    with pytest.raises(BadInput, match="was signed already"):
        desk.vouch("revoked", revoked(NOW - timedelta(days=1)), "Dr Osei", "The nation's own")
    card = {"kid": "k", "method": "rid", "ctr": 7, "rids": ["abc"]}
    desk.vouch("cards", json.dumps(card).encode(), "Dr Osei", "By telephone")
    with pytest.raises(BadInput, match="was signed already"):
        desk.vouch("cards", json.dumps({**card, "ctr": 6}).encode(), "Dr Osei", "By telephone")


def test_the_ministry_signs_nothing_that_sites_could_not_read_nor_without_an_officer(
    ministry: Ministry,
) -> None:
    with pytest.raises(BadInput, match="holds no key"):
        ministry.desk.vouch("keys", b"hello", "Dr Osei", "By telephone")
    for name, officer, reason in (("", "x", "x"), ("x", " ", "x"), ("x", "x", "")):
        with pytest.raises(BadInput, match="an officer and a reason"):
            ministry.desk.vouch(name, revoked(NOW), officer, reason)


def test_a_lost_memory_of_the_ministry_goes_on_with_a_higher_count(
    site: Site, ministry: Ministry, tmp_path: Path
) -> None:
    site.take(ministry.desk.take(GDHCN, who_list()).file)
    (tmp_path / "lists/signed.json").unlink()
    ministry.now = NOW + timedelta(days=1)
    site.take(ministry.desk.take(GDHCN, who_list("2026-11-23T10:00:00Z")).file)


def test_the_desk_of_lists_signs_on_the_command_line_and_a_site_takes_it(
    site_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "words").write_bytes(PASSPHRASE)
    folder = ("--folder", tmp_path / "desk", "--passphrase-file", tmp_path / "words")
    made = json.loads(run("lists", "key", *folder, "--json").output)
    assert made["fingerprint"] == fingerprint(made["key"])
    assert run("lists", "key", *folder).exit_code == 1
    pin(site_folder, made["key"])
    vci = ec.generate_private_key(ec.SECP521R1())
    numbers = signer().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "kid": "k", "use": "sig"}
    from list_publishers import encoded

    keys = [{**jwk, "x": encoded(numbers.x.to_bytes(32)), "y": encoded(numbers.y.to_bytes(32))}]
    info = {"issuer": {"iss": "https://cards.example"}, "keys": keys}
    stated = {"time": datetime.now(UTC).isoformat(), "issuerInfo": [info]}
    (tmp_path / "vci.json").write_text(json.dumps(stated))
    (tmp_path / "vci.sig").write_bytes(
        vci.sign((tmp_path / "vci.json").read_bytes(), ec.ECDSA(SHA512()))
    )
    table = {
        "publishers": [
            {"id": "vci", "name": "V", "form": "detached", "digest": "sha512", "keys": [pem(vci)]}
        ]
    }
    (tmp_path / "desk/publishers.yaml").write_text(json.dumps(table))
    out = ("--out", tmp_path / "out")
    take = ("lists", "take", tmp_path / "vci.json", "--publisher", "vci", *out, *folder)
    assert "a file of its own" in run(*take).output
    told = json.loads(run(*take, "--signature", tmp_path / "vci.sig", "--json").output)
    assert told["counts"] == {"trust": 1}
    word = ("--by", "Dr Osei", "--reason", "By telephone", *out, *folder)
    (tmp_path / "mine.json").write_text(json.dumps({"did:x": base58(bytes(range(32)))}))
    vouch = ("lists", "vouch", tmp_path / "mine.json", *word)
    assert "whose signature is checked" in run(*vouch, "--name", "vci").output
    assert "Signed:" in run(*vouch, "--name", "mine", "--good-days", "30").output
    told = json.loads(run("lists", "show", tmp_path / "out/mine.list", "--json").output)
    assert (told["officer"], told["reason"], told["key"]) == (
        "Dr Osei",
        "By telephone",
        made["key"],
    )
    assert "On the word of Dr Osei" in run("lists", "show", tmp_path / "out/mine.list").output
    data = ("--data", site_folder)
    seen = run("trust", "import", tmp_path / "out/vci.list", "--dry-run", *data)
    assert seen.output == "vci.list: 1 trusted keys.\n"
    assert not run("trust", "list", "--json", *data).stdout
    for name in ("vci", "mine"):
        assert run("trust", "import", tmp_path / f"out/{name}.list", *data).exit_code == 0
    listed = run("trust", "list", *data).output
    assert "vci, of vci\n" in listed
    assert "mine, on the word of Dr Osei\n" in listed
    refused = run("trust", "import", tmp_path / "mine.json", "--unsigned", *data)
    assert (refused.exit_code, "only lists that the ministry has signed" in refused.output) == (
        1,
        True,
    )
    refused = run("trust", "import", tmp_path / "mine.json", *data)
    assert (refused.exit_code, "no signature of the ministry" in refused.output) == (1, True)
    wrong = tmp_path / "wrong"
    wrong.write_text("something else")
    again = (*take[:-2], "--passphrase-file", wrong, "--signature", tmp_path / "vci.sig")
    assert "is the passphrase right?" in run(*again).output


def test_a_key_in_the_settings_that_is_none_is_named(site_folder: Path) -> None:
    for text in ('ministry_keys = ["abc"]', 'ministry_keys = "abc"', "ministry_keys = [1]"):
        path = site_folder / "site.toml"
        lines = [one for one in path.read_text().splitlines() if "ministry_keys" not in one]
        path.write_text("\n".join([text, *lines]) + "\n")
        told = run("trust", "import", path, "--data", site_folder)
        assert (told.exit_code, "the setting ministry_keys" in told.output) == (1, True), text


def test_a_list_that_says_it_is_endless_is_read_no_further_than_it_says(
    site: Site, ministry: Ministry, tmp_path: Path
) -> None:
    file = ministry.desk.take(GDHCN, who_list()).file
    (tmp_path / "came.list").write_bytes(file)
    with (tmp_path / "came.list").open("ab") as out:
        out.truncate(2**40)  # a terabyte of nothing, of which no disk has a byte
    with pytest.raises(BadInput, match="was changed"):
        SignedIntake(site.store, ministry.keys, lambda: NOW).take(tmp_path / "came.list")
    (tmp_path / "came.list").write_bytes(b'{"type":"divoc-edge signed list"' + b" " * 9_000_000)
    with pytest.raises(BadInput, match="first line"):
        SignedIntake(site.store, ministry.keys, lambda: NOW).take(tmp_path / "came.list")
