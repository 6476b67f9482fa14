"""Revocation lists as they are: a wrong entry costs no other, and what has expired revokes no more."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from health_cards import card, immunization, patient
from health_certificates import contents, parts
from keyring import signer
from verifying import LATER, StandingVerifier

from edge.adapters.trust_store import TrustStore
from edge.credentials import hcert
from edge.credentials.revocation import Lookup, dcc_hashes
from edge.credentials.revocation_entries import RevocationKeys
from edge.credentials.revocation_files import read_revocations
from edge.domain.errors import BadInput
from edge.services.certificates.formats import Formats
from edge.services.certificates.trust_lists import take_list
from sync.protocol.list_keys import divoc_key, shc_key

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DOCUMENT = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
PAPER = parts(DOCUMENT, payload=cbor2.dumps(contents()))
UCI = "URN:UVCI:01:XD:1"
RAW = dcc_hashes("XD", UCI, b"")["UCI"]
WHOLE = hashlib.sha256(UCI.encode())
HASH, KID = base64.b64encode(RAW).decode(), base64.b64encode(DOCUMENT.kid).decode()
ENTRY = {"hash": HASH}
BATCH: dict[str, Any] = {
    "country": "XD", "kid": KID, "hashType": "UCI", "expires": "2030-01-01T00:00:00Z", "entries": [ENTRY],
}  # fmt: skip
CRL: dict[str, Any] = {"kid": DOCUMENT.thumbprint, "method": "rid", "ctr": 1, "rids": ["abc"]}
ROW = {"previousCertificateId": "1", "dose": 1, "preEnrollmentCode": "9"}
HEAD = "previousCertificateId,dose,preEnrollmentCode\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TrustStore]:
    made = TrustStore(tmp_path / "trust.db")
    yield made
    made.close()


def taken(
    store: TrustStore, folder: Path, document: Any
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "list").write_text(text, encoding="utf-8")
    found = take_list(store, folder / "list", NOW, issuer="did:x")
    return found.counts, found.left_out


def judged(
    formats: Formats, store: TrustStore, payload: bytes = PAPER, after: timedelta = timedelta()
) -> str:
    verifier = StandingVerifier(formats, DOCUMENT.trust(), revocations=store)
    return verifier.verify(payload, after).verdict


WRITTEN: dict[str, dict[str, Any]] = {
    "as the standard has it": {},
    "without padding": {"entries": [{"hash": HASH.rstrip("=")}]},
    "in base64url": {"entries": [{"hash": base64.urlsafe_b64encode(RAW).decode()}]},
    "in hex": {"entries": [{"hash": RAW.hex()}]},
    "in large hex": {"entries": [{"hash": RAW.hex().upper()}]},
    "the whole SHA-256": {"entries": [{"hash": base64.b64encode(WHOLE.digest()).decode()}]},
    "the whole SHA-256 in hex": {"entries": [{"hash": WHOLE.hexdigest()}]},
    "in blanks": {"entries": [{"hash": f" {HASH}\n"}]},
    "a text for an entry": {"entries": [HASH]},
    "the kid without padding": {"kid": KID.rstrip("=")},
    "the kid in hex": {"kid": DOCUMENT.kid.hex()},
    "the kid unknown": {"kid": "UNKNOWN_KID"},
    "the kid unknown in small letters": {"kid": "unknown_kid"},
    "no kid": {"kid": None},
    "the type in small letters": {"hashType": "uci"},
    "the country in small letters": {"country": " xd "},
    "no expiry": {"expires": None},
    "an expiry that nobody understands": {"expires": "next spring"},
    "among wrong ones": {"entries": [{"hash": "!"}, 7, None, ENTRY, {}, {"hash": "AAAA"}]},
}


@pytest.mark.parametrize("more", WRITTEN.values(), ids=WRITTEN)
def test_a_hash_revokes_however_it_is_written(
    formats: Formats, store: TrustStore, tmp_path: Path, more: dict[str, Any]
) -> None:
    assert judged(formats, store) == "valid"
    taken(store, tmp_path, [{**BATCH, **more}])
    assert judged(formats, store) == "revoked"


@pytest.mark.parametrize("kind", ["UCI", "COUNTRYCODEUCI", "SIGNATURE"])
def test_each_type_of_hash_revokes_the_paper_and_only_as_that_type(
    formats: Formats, store: TrustStore, tmp_path: Path, kind: str
) -> None:
    hashes = dcc_hashes(*hcert.hash_parts(hcert.shown_certificate(PAPER.decode())))
    assert len(hashes) == 3
    for other, raw in hashes.items():
        entries = [{"hash": base64.b64encode(raw).decode()}]
        taken(store, tmp_path, [{**BATCH, "hashType": kind, "entries": entries}])
        assert judged(formats, store) == ("revoked" if other == kind else "valid")


END = datetime(2026, 11, 28, tzinfo=UTC)
EXPIRIES = [
    "2026-11-28T00:00:00Z", "2026-11-28T02:00:00+02:00", "2026-11-28T00:00:00.123456789Z", "2026-11-27",
    "2026-11-28T01:00:00+01:00[Europe/Berlin]", " 2026-11-28T00:00:00+0000 ", int(END.timestamp()),
    int(END.timestamp()) * 1000,
]  # fmt: skip


@pytest.mark.parametrize("expires", EXPIRIES)
def test_a_batch_revokes_until_it_expires_and_no_longer(
    formats: Formats, store: TrustStore, tmp_path: Path, expires: Any
) -> None:
    taken(store, tmp_path, [{**BATCH, "expires": expires}])
    assert judged(formats, store, after=END - LATER - timedelta(seconds=1)) == "revoked"
    assert judged(formats, store, after=END - LATER + timedelta(seconds=1)) == "valid"


@pytest.mark.parametrize("order", [1, -1])
def test_of_an_entry_that_stands_there_twice_what_revokes_more_counts(
    formats: Formats, store: TrustStore, tmp_path: Path, order: int
) -> None:
    over = {**BATCH, "expires": "2020-01-01T00:00:00Z"}
    for more, word in (
        (BATCH, "revoked"),
        ({**BATCH, "expires": None}, "revoked"),
        (over, "valid"),
    ):
        taken(store, tmp_path, [over, more][::order])
        assert judged(formats, store) == word
    for rids, before in ((["abc.1000", "abc.9000"], 9000), (["abc.1000", "abc"], None)):
        taken(store, tmp_path, {**CRL, "rids": rids[::order]})
        found = store.standing(Lookup("shc:x", (shc_key(DOCUMENT.thumbprint, "abc"),)))
        assert found.before == (datetime.fromtimestamp(before, UTC) if before else None)


def test_a_card_is_revoked_when_it_was_issued_before_the_moment_beside_its_rid(
    formats: Formats, store: TrustStore, tmp_path: Path
) -> None:
    issued = LATER - timedelta(days=1)
    payload, at = card(DOCUMENT, issued, patient(), immunization(), rid="abc"), issued.timestamp()
    for seconds, word in ((int(at), "valid"), (int(at) + 1, "revoked")):
        taken(store, tmp_path, {**CRL, "rids": [f"abc.{seconds}"]})
        assert judged(formats, store, payload) == word
    taken(store, tmp_path, CRL)
    assert judged(formats, store, payload) == "revoked"


WRONG: dict[str, tuple[Any, str]] = {
    "hashes": ([{**BATCH, "entries": [ENTRY, {"hash": "!"}, {"hash": "AAAA"}, 5]}], "has 3 that cannot be read: a hash"),
    "a batch of nobody": ([BATCH, {**BATCH, "country": None}], "has 1 that cannot be read: a batch of no country"),
    "another type": ([{**BATCH, "hashType": "NAME"}, BATCH], "has 1 that cannot be read: a hash of a kind"),
    "no entries": ([{**BATCH, "entries": None}, BATCH], "has 1 that cannot be read: a batch without"),
    "a number among batches": ([5, BATCH, None], "has 2 that cannot be read: an entry that is no object"),
    "a batch that expires nobody knows when": ([{**BATCH, "expires": "next spring"}], "has 1 that cannot be read: an expiry (expires) that is no moment"),
    "rids": ({**CRL, "rids": ["abc", "", "x.soon", 7, "y.", ".5", "z.1.5", "w." + "9" * 30]}, "has 7 that cannot be read: a card"),
    "another method": ([CRL, {**CRL, "method": "bits"}], "has 1 that cannot be read: a card list of another"),
    "a card list of nobody": ([CRL, {**CRL, "kid": 7}], "has 1 that cannot be read: a card list of no key"),
    "rows": ([ROW, {**ROW, "dose": None}, {"previousCertificateId": "2"}], "has 2 that cannot be read: a row that lacks"),
    "rows of a table": (f"{HEAD}1,1,9\n2,,9\n3\n", "has 2 that cannot be read: a row"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_entry_is_told_with_how_many_and_why_and_the_others_are_taken_in(
    store: TrustStore, tmp_path: Path, document: Any, sentence: str
) -> None:
    counts, left_out = taken(store, tmp_path, document)
    assert counts == (("revocations", 1),)
    assert len(left_out) == 1
    assert left_out[0].startswith(sentence)


UNREADABLE = [
    [{**BATCH, "entries": [{"hash": "!"}]}],
    {**CRL, "rids": [7]},
    [{**ROW, "dose": ""}],
    [5, {"hashType": 7}],
]


@pytest.mark.parametrize("document", UNREADABLE)
def test_a_list_of_which_nothing_can_be_read_leaves_the_last_one_in_its_place(
    formats: Formats, store: TrustStore, tmp_path: Path, document: Any
) -> None:
    taken(store, tmp_path, BATCH)
    with pytest.raises(BadInput, match="cannot be read"):
        taken(store, tmp_path, document)
    assert judged(formats, store) == "revoked"


EMPTY: dict[str, tuple[Any, str]] = {
    "a batch": ({**BATCH, "entries": []}, "hcert:XD"),
    "a card list": ({**CRL, "rids": []}, f"shc:{DOCUMENT.thumbprint}"),
    "rows": ([], "divoc:did:x"),
    "a table": (HEAD, "divoc:did:x"),
}


@pytest.mark.parametrize(("document", "scope"), EMPTY.values(), ids=EMPTY)
def test_an_empty_list_says_that_nothing_is_revoked(
    store: TrustStore, tmp_path: Path, document: Any, scope: str
) -> None:
    assert taken(store, tmp_path, document) == ((("revocations", 0),), ())
    assert store.standing(Lookup(scope, ())).as_of == NOW


TABLES = [
    HEAD + "123,1,98\r\n",
    f"\ufeff{HEAD}123,1,98\n",
    "dose;preEnrollmentCode;previousCertificateId;name\n1;98;123;x\n",
    'preEnrollmentCode,"previousCertificateId",dose\n98,"123",1\n',
    "previousCertificateId\tdose\tpreEnrollmentCode\n 123\t1\t98 \n",
    "\ufeff" + json.dumps([{"previousCertificateId": 123, "dose": "1", "preEnrollmentCode": 98}]),
]


@pytest.mark.parametrize("text", TABLES)
def test_rows_are_read_from_whatever_program_wrote_the_table(
    store: TrustStore, tmp_path: Path, text: str
) -> None:
    assert taken(store, tmp_path, text) == ((("revocations", 1),), ())
    (entry,) = read_revocations(tmp_path / "list", "did:x").entries
    assert entry == RevocationKeys(divoc_key("123", "1", "98"))


def test_a_snapshot_keeps_its_keys_when_its_revocations_cannot_be_read(
    store: TrustStore, tmp_path: Path
) -> None:
    public = DOCUMENT.key.public_key().public_numbers()
    x, y = (
        base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()
        for number in (public.x, public.y)
    )
    key = {"kty": "EC", "crv": "P-256", "kid": DOCUMENT.thumbprint, "x": x, "y": y}
    info = {"issuer": {"iss": "https://x.example"}, "keys": [key]}
    bad = {**info, "crls": [{**CRL, "method": "bits"}]}
    counts, left_out = taken(store, tmp_path, {"issuerInfo": [bad]})
    assert counts == (("trust", 1),)
    assert "another method" in left_out[0]
    counts, left_out = taken(store, tmp_path, {"issuerInfo": [bad, {**info, "crls": [CRL]}, 7]})
    assert counts == (("revocations", 1), ("trust", 1))
    assert len(left_out) == 1


def test_a_file_of_before_batches_could_expire_is_opened_and_still_revokes(
    formats: Formats, tmp_path: Path
) -> None:
    store = TrustStore(tmp_path / "old.db")
    taken(store, tmp_path, BATCH)
    store.close()
    db = sqlite3.connect(tmp_path / "old.db")
    db.executescript(
        "CREATE TABLE kept AS SELECT key, source, before FROM revoked; DROP TABLE revoked;"
        "CREATE TABLE revoked (key BLOB NOT NULL, source INTEGER NOT NULL, before TEXT,"
        " PRIMARY KEY (key, source)) WITHOUT ROWID; INSERT INTO revoked SELECT * FROM kept"
    )
    db.close()
    for _ in range(2):
        store = TrustStore(tmp_path / "old.db")
        assert judged(formats, store) == "revoked"
        store.close()


@pytest.mark.parametrize("kind", ["UCI", "COUNTRYCODEUCI"])
def test_a_revoked_paper_is_found_though_it_is_written_carelessly(
    formats: Formats, store: TrustStore, tmp_path: Path, kind: str
) -> None:
    claims = contents()
    del claims[1]
    claims[-260][1]["v"][0]["ci"] = f" {UCI} "
    claims[-260][1]["v"].insert(0, None)
    payload = parts(DOCUMENT, payload=cbor2.dumps(claims), header={1: -7, 4: KID})
    entries = [{"hash": base64.b64encode(dcc_hashes("XD", UCI, b"")[kind]).decode()}]
    assert judged(formats, store, payload) == "valid"
    taken(store, tmp_path, [{**BATCH, "hashType": kind, "entries": entries}])
    assert judged(formats, store, payload) == "revoked"
