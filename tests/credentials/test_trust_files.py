"""Lists as the world publishes them: what is whole counts, what is broken is named."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from keyring import certificate

from edge.adapters.trust_store import TrustStore
from edge.credentials import shc
from edge.credentials.revocation import Lookup, dcc_keys
from edge.credentials.revocation_entries import RevocationKeys
from edge.credentials.revocation_files import OURS, read_revocations
from edge.credentials.trust import ANY_DID, ANY_NAME, Trust, base58, kid_name
from edge.credentials.trust_files import read_trust
from edge.credentials.x509 import certificate_kid
from edge.domain.errors import BadInput
from edge.services.certificates.trust_lists import take_list
from sync.protocol.list_keys import divoc_key, shc_key

NOW = datetime(2026, 11, 24, tzinfo=UTC)
START = datetime(2026, 11, 1, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
LEAF = certificate(KEY, START)
DER = LEAF.public_bytes(Encoding.DER)
KID = certificate_kid(DER)
B64 = base64.b64encode(DER).decode()
KID64 = base64.b64encode(KID).decode()
SPKI = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
ED = Ed25519PrivateKey.generate().public_key()


def jwk(**more: Any) -> dict[str, Any]:
    numbers = KEY.public_key().public_numbers()

    def coded(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()

    return {"kty": "EC", "crv": "P-256", "x": coded(numbers.x), "y": coded(numbers.y), **more}


def method(**more: Any) -> dict[str, Any]:
    name = f"did:web:x:trustlist:DCC:XD:DSC#{KID64}"
    return {"id": name, "type": "JsonWebKey2020", "publicKeyJwk": jwk(x5c=[B64]), **more}


PEM_KEY = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PEM = LEAF.public_bytes(Encoding.PEM).decode()
LONG_X = {**jwk(), "x": base64.b64encode(b"\0" + bytes(40)).decode()}
SHAPES: dict[str, tuple[str | bytes, str]] = {
    "a PEM certificate": (PEM, kid_name(KID)),
    "two PEM blocks": (PEM + PEM_KEY, kid_name(KID)),
    "a bare public key": (PEM_KEY, ANY_NAME),
    "a DER certificate": (DER, kid_name(KID)),
    "base64 without armour": (B64, kid_name(KID)),
    "a JWKS": (json.dumps({"keys": [jwk(kid="k1")]}), "k1"),
    "a single JWK": (json.dumps(jwk(kid="k1")), "k1"),
    "a DID document": (json.dumps({"verificationMethod": [method()]}), kid_name(KID)),
    "a DID document with coordinates of the wrong length": (
        json.dumps({"verificationMethod": [method(publicKeyJwk={**LONG_X, "x5c": [B64]})]}),
        kid_name(KID),
    ),
    "a DID document with base58": (
        json.dumps({"verificationMethod": [{"id": "did:x#1", "publicKeyBase58": base58(ED.public_bytes_raw())}]}),
        "did:x#1",
    ),
    "a DID document with PEM": (
        json.dumps({"verificationMethod": [{"id": "did:x#1", "publicKeyPem": PEM_KEY}]}),
        "did:x#1",
    ),
    "the German list, behind its signature": (
        "c2lnbmF0dXJl\n" + json.dumps({"certificates": [{"kid": KID64, "rawData": B64}]}),
        kid_name(KID),
    ),
    "the Dutch list": (
        json.dumps({"eu_keys": {KID64: [{"subjectPk": base64.b64encode(SPKI).decode(), "keyUsage": ["v"]}]}}),
        kid_name(KID),
    ),
    "the Swedish list, as a JWS": (
        "e30." + base64.urlsafe_b64encode(json.dumps({"dsc_trust_list": {"XD": {"keys": [jwk(kid=KID64)]}}}).encode()).rstrip(b"=").decode() + ".c2ln",
        kid_name(KID),
    ),
    "a VCI snapshot": (
        json.dumps({"issuerInfo": [{"issuer": {"iss": "https://x.example"}, "keys": [jwk(kid="k1")], "crls": []}]}),
        "k1",
    ),
    "DIVOC's configuration": (json.dumps({"did:india": base58(ED.public_bytes_raw())}), "did:india"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name"), SHAPES.values(), ids=SHAPES)
def test_a_list_in_any_known_shape_gives_its_key_under_its_name(
    tmp_path: Path, content: str | bytes, name: str
) -> None:
    file = tmp_path / "list"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_trust(file)
    assert found.left_out == ()
    assert found.trust.named[name]


def test_the_dutch_usages_and_the_snapshots_issuer_bound_the_key(tmp_path: Path) -> None:
    for shape, field, value in (
        ("the Dutch list", "usages", frozenset("v")),
        ("a VCI snapshot", "issuer", "https://x.example"),
    ):
        (tmp_path / "list").write_text(str(SHAPES[shape][0]))
        (key,) = read_trust(tmp_path / "list").keys
        assert getattr(key, field) == value


def test_a_broken_entry_is_named_and_the_others_count(tmp_path: Path) -> None:
    broken = [
        method(id="did:web:x#broken", publicKeyJwk={"kty": "EC", "crv": "UNKNOWN CURVE", "x": "", "y": ""}),
        method(id="did:web:x#cut", publicKeyJwk={"kty": "EC", "x5c": [B64[:40]]}),
        method(id="did:web:x#none", publicKeyJwk={"kty": "oct", "k": "AAAA"}),
        method(id="did:web:x:SCA#root"),
    ]  # fmt: skip
    (tmp_path / "did.json").write_text(json.dumps({"verificationMethod": [*broken, method()]}))
    found = read_trust(tmp_path / "did.json")
    assert [key.names[0] for key in found.keys] == [kid_name(KID)]
    assert len(found.left_out) == 3
    assert "did:web:x#broken" in found.left_out[0]


def test_an_authority_of_a_did_list_is_no_document_signer(tmp_path: Path) -> None:
    listed = [method(id=f"did:web:x:{usage}#1") for usage in ("SCA", "UP", "TLS", "DECA")]
    (tmp_path / "did.json").write_text(json.dumps({"verificationMethod": listed}))
    with pytest.raises(BadInput, match="holds no key"):
        read_trust(tmp_path / "did.json")


def test_a_key_named_by_a_list_counts_under_no_other_name(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(json.dumps({"did:x#1": PEM_KEY}))
    trust = read_trust(tmp_path / "keys").trust
    assert trust.keys("did:x#1")
    assert not trust.keys("did:y#1")
    assert ANY_NAME not in trust.named


def test_a_certificate_with_an_rsa_key_counts_for_divoc_under_every_name(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1).not_valid_before(START)
        .not_valid_after(START + timedelta(days=9))
        .sign(key, SHA256())
    )  # fmt: skip
    (tmp_path / "c.pem").write_bytes(made.public_bytes(Encoding.PEM))
    assert read_trust(tmp_path / "c.pem").trust.keys(ANY_DID)


WRONG_LISTS: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "holds no key"),
    "prose": ("hello", "holds no key"),
    "a private key": (
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "holds no key",
    ),
    "a broken PEM": (PEM.replace("MII", "XXX", 1), "cannot be read"),
    "broken JSON": ('{"keys": [', "is not valid JSON"),
    "a deep nest": ("[" * 100_000, "is not valid JSON"),
    "an empty list": ("[]", "holds no key"),
    "a picture": (b"\x89PNG\r\n\xff\xfe", "holds no key"),
    "a broken DER": (b"\x30\x82\xff\xff", "cannot be read"),
}


@pytest.mark.parametrize(("content", "sentence"), WRONG_LISTS.values(), ids=WRONG_LISTS)
def test_a_list_without_any_key_is_refused_in_words(
    tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    (tmp_path / "list").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput, match=sentence):
        read_trust(tmp_path / "list")


HASH = base64.b64encode(bytes(16)).decode()
BATCH = {
    "country": "xd",
    "kid": KID64,
    "hashType": "UCI",
    "expires": "",
    "entries": [{"hash": HASH}],
}
CARD_LIST = {"kid": "thumb", "method": "rid", "ctr": 1, "rids": ["abc", "def.1700000000"]}
ROW = {"previousCertificateId": "123", "dose": 1, "preEnrollmentCode": "98"}
KEYS = ["00" * 16, "ff" * 16]
OWN = "\n".join(
    [json.dumps({"type": OURS, "issuedAt": NOW.isoformat(), "scopes": ["hcert:XD"], "count": 2}), *KEYS]
)  # fmt: skip
REVOKED: dict[str, tuple[str, tuple[str, ...], int]] = {
    "a DCC batch": (json.dumps(BATCH), ("hcert:XD",), 1),
    "several DCC batches": (json.dumps([BATCH, {**BATCH, "kid": "UNKNOWN_KID"}]), ("hcert:XD",), 2),
    "a card list": (json.dumps(CARD_LIST), ("shc:thumb",), 2),
    "a VCI snapshot": (
        json.dumps({"issuerInfo": [{"issuer": {"iss": "https://x"}, "keys": [], "crls": [CARD_LIST]}]}),
        ("shc:thumb",),
        2,
    ),
    "DIVOC's rows": (json.dumps([ROW, {**ROW, "dose": 2}]), ("divoc:did:x",), 2),
    "DIVOC's table": ("previousCertificateId,dose,preEnrollmentCode\n123,1,98\n", ("divoc:did:x",), 1),
    "our own": (OWN + "\n", ("hcert:XD",), 2),
}  # fmt: skip


@pytest.mark.parametrize(("text", "scopes", "count"), REVOKED.values(), ids=REVOKED)
def test_a_revocation_list_in_any_known_shape_is_read(
    tmp_path: Path, text: str, scopes: tuple[str, ...], count: int
) -> None:
    (tmp_path / "list").write_text(text)
    found = read_revocations(tmp_path / "list", "did:x")
    assert (found.scopes, len(list(found.entries))) == (scopes, count)


def test_what_is_looked_up_is_what_the_lists_hold(tmp_path: Path) -> None:
    """The keys of an entry and of a certificate are made in two places and must agree."""
    import hashlib

    uci, signature = "URN:UVCI:01:XD:1", bytes(range(32))
    for kind, value in (
        ("UCI", uci.encode()),
        ("COUNTRYCODEUCI", f"XD{uci}".encode()),
        ("SIGNATURE", signature),
    ):
        hashed = base64.b64encode(hashlib.sha256(value).digest()[:16]).decode()
        for kid in (KID64, "UNKNOWN_KID"):
            batch = {**BATCH, "kid": kid, "hashType": kind, "entries": [{"hash": hashed}]}
            (tmp_path / "list").write_text(json.dumps(batch))
            (entry,) = read_revocations(tmp_path / "list").entries
            assert entry.key in dcc_keys(KID, "XD", uci, signature)
            assert entry.key not in dcc_keys(b"other---" if kid == KID64 else KID, "XD", "x", b"y")
    (tmp_path / "list").write_text(json.dumps(CARD_LIST))
    first, second = read_revocations(tmp_path / "list").entries
    assert first == RevocationKeys(shc_key("thumb", "abc"))
    assert second.before == datetime.fromtimestamp(1700000000, UTC)
    (tmp_path / "list").write_text(json.dumps(ROW))
    (entry,) = read_revocations(tmp_path / "list", "did:x").entries
    assert entry.key == divoc_key("123", "1", "98")


WRONG_REVOCATIONS: dict[str, tuple[str, str]] = {
    "a hash of another kind": (json.dumps({**BATCH, "hashType": "NAME"}), "cannot be read"),
    "a hash that is no base64": (
        json.dumps({**BATCH, "entries": [{"hash": "!"}]}),
        "cannot be read",
    ),
    "a batch of nobody": (json.dumps({**BATCH, "country": None}), "cannot be read"),
    "a card list of another method": (
        json.dumps({**CARD_LIST, "method": "bits"}),
        "cannot be read",
    ),
    "a row without its number": (json.dumps({**ROW, "previousCertificateId": ""}), "lacks one of"),
    "a table without its columns": ("a,b\n1,2\n", "lacks one of the columns"),
    "broken JSON": ("{", "is not valid JSON"),
    "a cut list of ours": (OWN.rpartition("\n")[0], "is cut: it has 1 of 2"),
    "a list of ours with half a key": (OWN + "ab\n", "cannot be read"),
    "a list of ours without its time": (json.dumps({"type": OURS}), "cannot be read"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG_REVOCATIONS.values(), ids=WRONG_REVOCATIONS)
def test_a_wrong_revocation_list_is_refused_and_the_old_one_stays(
    tmp_path: Path, store: TrustStore, text: str, sentence: str
) -> None:
    (tmp_path / "list").write_text(OWN)
    take_list(store, tmp_path / "list", NOW)
    (tmp_path / "list").write_text(text)
    with pytest.raises(BadInput, match=sentence):
        put(store, tmp_path / "list")
    assert store.standing(Lookup("hcert:XD", (bytes(16),))).revoked


def put(store: TrustStore, path: Path) -> None:
    found = read_revocations(path, "did:x")
    store.put_revocations("list", found.scopes, found.entries, NOW, NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TrustStore]:
    made = TrustStore(tmp_path / "trust.db")
    yield made
    made.close()


def test_what_was_taken_in_is_there_after_a_restart(tmp_path: Path, store: TrustStore) -> None:
    for name, (content, _) in SHAPES.items():
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        take_list(store, file, NOW)
    kept: Trust = store.trust()
    store.close()
    again = TrustStore(tmp_path / "trust.db")
    assert set(again.trust().named) == set(kept.named)
    assert set(again.trust().all_keys()) == set(kept.all_keys())
    again.close()


def test_a_newer_list_replaces_the_older_of_its_name_and_no_other(
    tmp_path: Path, store: TrustStore
) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"did:a": base58(ED.public_bytes_raw())}))
    (tmp_path / "b.json").write_text(json.dumps({"did:b": base58(ED.public_bytes_raw())}))
    for name in ("a.json", "b.json"):
        take_list(store, tmp_path / name, NOW)
    before = store.version()
    (tmp_path / "a.json").write_text(json.dumps({"did:c": base58(ED.public_bytes_raw())}))
    take_list(store, tmp_path / "a.json", NOW)
    assert store.version() != before
    named = store.trust().named
    assert ("did:a" in named, "did:b" in named, "did:c" in named) == (False, True, True)
    assert store.forget("b")
    assert not store.forget("b")
    assert "did:b" not in store.trust().named


def test_another_process_changing_the_lists_is_noticed(tmp_path: Path, store: TrustStore) -> None:
    before = store.version()
    other = TrustStore(tmp_path / "trust.db")
    other.put_codes("x", {"1": "one"}, NOW)
    other.close()
    assert store.version() != before
    assert store.codes() == {"1": "one"}


def test_the_age_of_the_oldest_list_that_counts_is_told(store: TrustStore) -> None:
    old, new = NOW - timedelta(days=12), NOW
    store.put_revocations("one", ["hcert:XD"], [], new, NOW)
    store.put_revocations("two", ["hcert:XD", "divoc:did:x"], [], old, NOW)
    store.put_revocations("three", ["hcert:AT"], [], NOW - timedelta(days=99), NOW)
    assert store.standing(Lookup("hcert:XD", ())).as_of == old
    assert store.standing(Lookup("divoc:did:x:DEMO01#k", ())).as_of == old
    assert store.standing(Lookup("hcert:CH", ())).as_of is None


def test_a_card_revoked_before_a_moment_counts_when_it_was_issued_later(
    store: TrustStore, tmp_path: Path
) -> None:
    (tmp_path / "crl.json").write_text(json.dumps(CARD_LIST))
    take_list(store, tmp_path / "crl.json", NOW)
    found = store.standing(Lookup("shc:thumb", (shc_key("thumb", "def"),)))
    assert found.revoked
    assert found.before == datetime.fromtimestamp(1700000000, UTC)
    always = store.standing(Lookup("shc:thumb", (shc_key("thumb", "abc"),)))
    assert (always.revoked, always.before) == (True, None)


def test_a_value_set_names_codes_and_a_wrong_one_is_refused(
    store: TrustStore, tmp_path: Path
) -> None:
    (tmp_path / "set.json").write_text(
        json.dumps({"valueSetValues": {"EU/1/20/1528": {"display": "Comirnaty"}}})
    )
    assert take_list(store, tmp_path / "set.json", NOW).counts == (("codes", 1),)
    assert store.codes() == {"EU/1/20/1528": "Comirnaty"}
    (tmp_path / "set.json").write_text(json.dumps({"valueSetValues": ["x"]}))
    with pytest.raises(BadInput, match="not a value set"):
        take_list(store, tmp_path / "set.json", NOW)


def test_the_lists_of_the_world_are_taken_in_whole(
    shared_data: Path, store: TrustStore, open_list: Callable[[str], Path]
) -> None:
    taken = take_list(store, shared_data / "icvp/gdhcn-dev-trustlist-did.json", NOW)
    assert taken.counts[0][1] > 350
    for name in ("vaccine-medicinal-product", "disease-agent-targeted", "vaccine-mah-manf"):
        take_list(store, shared_data / f"hcert/valuesets/{name}.json", NOW)
    assert store.codes()["EU/1/20/1528"] == "Comirnaty"
    assert open_list("spec-issuer-jwks.json").exists()
    keys = read_trust(open_list("spec-issuer-jwks.json")).keys
    thumbs = {
        shc.thumbprint(key.key) for key in keys if isinstance(key.key, ec.EllipticCurvePublicKey)
    }
    assert {name for key in keys for name in key.names} >= thumbs


@pytest.fixture
def open_list(shared_data: Path) -> Callable[[str], Path]:
    return lambda name: shared_data / "shc" / name
