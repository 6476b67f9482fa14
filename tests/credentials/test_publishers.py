"""A list of others counts when its publisher's own signature holds, all of it, and not otherwise."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from list_publishers import DID, LOAD, Uploader, did_document, encoded, pem, proven
from requirements import missing
from ruamel.yaml import YAML

from edge.credentials.list_signatures import PinnedKey, PublishedList, fits
from edge.credentials.publishers import Publisher, ReceivedList, check_published
from edge.domain.errors import BadInput, NotFound
from edge.services.certificates.publisher_table import publisher_of, read_table
from sync.resources import resource

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WHO = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
SIGNER = ec.generate_private_key(ec.SECP256R1()).public_key()
GDHCN = Publisher(
    id="who", name="WHO", form="gdhcn", keys=(PinnedKey(WHO.public_key()),), document=DID
)
_REFERENCES = "did:web:worldhealthorganization.github.io:tng-cdn-dev:v2.0.0:"
_DEVELOPERS = ec.EllipticCurvePublicNumbers(
    0x981F53EA8279ED92A50B57F5E74FB7E0CDC9931376D8B77505054FA897E01FA9,
    0xBD6EC69829F978DCDB8DD8C8F0F616BDA9E8BD6208628AAFD1913F96FB83D9DF,
    ec.SECP256R1(),
).public_key()
"""The key of WHO's developers, who publish it nowhere: the one key that both of their signatures
below have in common, of the two that each could be of (SEC 1, section 4.1.6)."""
_WHO_LISTS = (
    (
        "L3hOTEltcis2bFU9",
        "ft941zU0jcl2YTUXCARSx3rMGBO5CsIa",
        "MEQCIGnLYhXUNHbAGyD-oP1TflHyArF7ZS0ky8eFuHYzpTYSAiBRkmedSYlXAzHiNQQ44RLTUQrc4XLO1Mq3Tp0RINkF8Q",
    ),
    (
        "MlNwYkdQQW93b2s9",
        "i39pSFd3vzlywwu173O5cABx0iJwU1aR",
        "MEYCIQCTUEdvtvVhEE_nvi6xxSXpVO2RD0YYUXImF79NkfbLhAIhAPbGNtPYIYJz0LOJEj3YZraAS8hdMpkMlzM3DFXWkLDh",
    ),
)


def check(
    publisher: Publisher, content: bytes, signature: bytes = b"", now: datetime = NOW
) -> PublishedList:
    return check_published(publisher, ReceivedList(content, signature, now, LOAD))


def who_list(name: str, nonce: str, signature: str) -> dict[str, Any]:
    """Give a list of references as tng-cdn-dev had it on 2024-08-09; there is no key in it."""
    own = f"{_REFERENCES}trustlist-ref:-:-:DSC:{name}"
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
        ],
        "id": own,
        "controller": own,
        "verificationMethod": [f"{_REFERENCES}trustlist:-:-:DSC:{name}#{name}"],
        "proof": {
            "type": "JsonWebSignature2020",
            "created": "2024-08-09T12:00:46Z",
            "nonce": nonce,
            "proofPurpose": "assertionMethod",
            "verificationMethod": "did:web:raw.githubusercontent.com:WorldHealthOrganization:"
            "tng-participants-dev:main:WHO:signing:DID",
            "jws": f"eyJiNjQiOmZhbHNlLCJjcml0IjpbImI2NCJdLCJhbGciOiJFUzI1NiJ9..{signature}",
        },
    }


@pytest.mark.parametrize("stated", _WHO_LISTS)
def test_a_proof_that_whos_own_software_made_holds_and_one_letter_more_breaks_it(
    stated: tuple[str, str, str],
) -> None:
    document = who_list(*stated)
    who = replace(GDHCN, keys=(PinnedKey(_DEVELOPERS),), document=str(document["id"]))
    assert check(who, json.dumps(document).encode()).version == "2024-08-09T12:00:46+00:00"
    document["verificationMethod"].append(f"{_REFERENCES}trustlist:another")
    with pytest.raises(BadInput, match="No key that is pinned"):
        check(who, json.dumps(document).encode())


@pytest.mark.parametrize("raw", [False, True])
def test_a_gdhcn_list_counts_with_a_signature_in_either_form(raw: bool) -> None:
    found = check(GDHCN, proven(did_document(SIGNER), WHO, raw=raw))
    assert found.version == "2026-11-20T10:00:00+00:00"
    assert found.key == PinnedKey(WHO.public_key()).fingerprint


def spoiled(**changes: Any) -> bytes:
    """Give a list that was signed as it must be, with something put into it afterwards."""
    return json.dumps({**json.loads(proven(did_document(SIGNER), WHO)), **changes}).encode()


EVIL = did_document(OTHER.public_key(), "XXX")["verificationMethod"][0]
SIGNED = json.loads(proven(did_document(SIGNER), WHO))
SPOILED: dict[str, tuple[bytes, str]] = {
    "a key more": (
        spoiled(verificationMethod=[*SIGNED["verificationMethod"], EVIL]),
        "No key that is pinned",
    ),
    "a key under a term that nobody defines": (spoiled(keys=[EVIL]), "does not cover"),
    "a key of a type whose key nobody signs": (
        spoiled(
            verificationMethod=[
                *SIGNED["verificationMethod"],
                {**EVIL, "type": "JsonWebKey2021"},
            ]
        ),
        "does not cover",
    ),
    "a key under a relative name": (
        spoiled(verificationMethod=[*SIGNED["verificationMethod"], {**EVIL, "id": "#1"}]),
        "does not cover",
    ),
    "a key in a field beside the key": (
        spoiled(
            verificationMethod=[{**SIGNED["verificationMethod"][0], "more": EVIL["publicKeyJwk"]}]
        ),
        "does not cover",
    ),
    "a context that means something else": (
        spoiled(**{"@context": [*SIGNED["@context"], {"keys": "@nest"}]}),
        "other contexts",
    ),
    "no proof": (json.dumps(did_document(SIGNER)).encode(), "carries no proof"),
    "the proof of an earlier day": (
        spoiled(proof={**SIGNED["proof"], "created": "2026-11-23T10:00:00Z"}),
        "No key that is pinned",
    ),
    "a signature of nobody": (
        spoiled(proof={**SIGNED["proof"], "jws": "e30..AAAA"}),
        "not known here",
    ),
    "a signature by no algorithm": (
        spoiled(
            proof={
                **SIGNED["proof"],
                "jws": encoded(b'{"b64":false,"crit":["b64"],"alg":"none"}') + "..",
            }
        ),
        "not known here",
    ),
    "the half of it": (proven(did_document(SIGNER), WHO)[:-200], "is not JSON"),
    "a field twice": (
        proven(did_document(SIGNER), WHO).replace(b'"id": "did', b'"id": "x", "id": "did', 1),
        "is not JSON",
    ),
    "another list of the same publisher": (
        proven({**did_document(SIGNER), "id": f"{DID}:-:XXX"}, WHO),
        "and not did:web:lists.example",
    ),
    "a list of another publisher": (
        proven(did_document(SIGNER), OTHER),
        "No key that is pinned",
    ),
}


@pytest.mark.parametrize(("content", "words"), SPOILED.values(), ids=SPOILED)
def test_a_gdhcn_list_with_anything_that_its_publisher_did_not_sign_is_refused(
    content: bytes, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        check(GDHCN, content)


def test_a_snapshot_of_vci_counts_with_the_signature_beside_it() -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    vci = Publisher(
        id="vci",
        name="VCI",
        form="detached",
        keys=(PinnedKey(key.public_key()),),
        digest="sha512",
    )
    content = json.dumps({"time": "2026-11-23T05:52:08Z", "issuerInfo": []}).encode()
    signature = key.sign(content, ec.ECDSA(SHA512()))
    assert check(vci, content, signature).version == "2026-11-23T05:52:08+00:00"
    for spoilt, beside in (
        (content + b" ", signature),
        (content[:-1], signature),
        (content, signature[:-1]),
        (content, key.sign(content, ec.ECDSA(SHA256()))),
        (content, b"\0" * 132),
    ):
        with pytest.raises(BadInput, match="No key that is pinned"):
            check(vci, spoilt, beside)
    with pytest.raises(BadInput, match="a file of its own"):
        check(vci, content)


BATCH = {
    "country": "XD",
    "expires": "2027-05-01T00:00:00Z",
    "kid": "AAAAAAAAAAA=",
    "hashType": "SIGNATURE",
    "entries": [{"hash": base64.b64encode(bytes(16)).decode()}],
}


def revoker(one: Uploader, **changes: Any) -> Publisher:
    key = one.key.public_key()
    pinned = PinnedKey(key, one.certificate().not_valid_after_utc)
    stated: dict[str, Any] = {"id": "xd", "name": "Demoland", "form": "cms", "country": "XD"}
    return Publisher(**{**stated, "keys": (pinned,), **changes})


def test_a_batch_of_the_gateway_counts_with_the_signature_of_its_country() -> None:
    own, other = Uploader("XD"), Uploader("XD")
    content = json.dumps(BATCH).encode()
    found = check(revoker(own), own.message(content))
    assert found.content == content
    assert datetime.fromisoformat(found.version) > NOW - timedelta(days=1)
    for written in (base64.b64decode(own.message(content)), own.message(content) + b"\n"):
        assert check(revoker(own), written).content == content
    with pytest.raises(BadInput, match="No key that is pinned"):
        check(revoker(own), other.message(content))  # its certificate is in the message
    changed = base64.b64decode(own.message(content)).replace(b"SIGNATURE", b"SIGNATURF", 1)
    with pytest.raises(BadInput, match="No key that is pinned"):
        check(revoker(own), changed)
    with pytest.raises(BadInput, match="not a message"):
        check(revoker(own), own.message(content)[:-40])
    with pytest.raises(BadInput, match="not a message"):
        check(revoker(own), content)
    with pytest.raises(BadInput, match="not a message"):
        check(revoker(own), own.message(content, detached=True))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"country": "FR"}, "revokes certificates of FR"),
        ({"country": None}, "revokes certificates of None"),
        ({"expires": "2026-11-01T00:00:00Z"}, "counted until 2026-11-01"),
    ],
)
def test_a_batch_of_another_country_or_of_a_time_that_is_over_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    own = Uploader("XD")
    message = own.message(json.dumps({**BATCH, **changes}).encode())
    with pytest.raises(BadInput, match=words):
        check(revoker(own), message)


def test_a_key_counts_no_longer_than_its_certificate() -> None:
    own = Uploader("XD")
    with pytest.raises(BadInput, match="ended on"):
        check(
            revoker(own),
            own.message(json.dumps(BATCH).encode()),
            now=NOW + timedelta(days=800),
        )


def test_a_message_that_openssl_signed_is_read(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        missing("openssl")
    own = Uploader("XD")
    secret = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(secret)
    (tmp_path / "signer.crt").write_bytes(own.certificate().public_bytes(Encoding.PEM))
    (tmp_path / "batch.json").write_text(json.dumps(BATCH))
    for form in ("DER", "PEM"):
        subprocess.run(
            ["openssl", "cms", "-sign", "-nodetach", "-binary", "-md", "sha384", "-in", "batch.json",
             "-signer", "signer.crt", "-inkey", "key.pem", "-outform", form, "-out", form],
            cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip
        found = check(revoker(own), (tmp_path / form).read_bytes())
        assert json.loads(found.content) == BATCH


def gateway(*items: dict[str, str]) -> bytes:
    return json.dumps(items).encode()


def test_the_gateways_list_counts_entry_by_entry_with_its_countrys_signature() -> None:
    anchor, upload, signer, stranger = (
        Uploader("EU"),
        Uploader("DE"),
        Uploader("DE"),
        Uploader("DE"),
    )
    eu = Publisher(id="eu", name="EU", form="gateway", keys=(PinnedKey(anchor.key.public_key()),))
    uploads = anchor.entry("UPLOAD", upload.certificate(), "DE")
    good = upload.entry("DSC", signer.certificate(), "DE")
    found = check(eu, gateway(uploads, good))
    assert json.loads(found.content) == [good]
    assert found.version == "2026-11-20T09:00:00+00:00"
    for evil in (
        stranger.entry("DSC", stranger.certificate(), "DE"),  # signed by itself
        upload.entry("DSC", stranger.certificate(), "FR"),  # by another country's uploader
        {**good, "rawData": stranger.entry("DSC", stranger.certificate(), "DE")["rawData"]},
        {**good, "signature": "!"},
    ):
        found = check(eu, gateway(uploads, good, evil))
        assert json.loads(found.content) == [good]
        assert len(found.left_out) == 1
    forged = stranger.entry("UPLOAD", stranger.certificate(), "DE")
    evil = stranger.entry("DSC", stranger.certificate(), "DE")
    with pytest.raises(BadInput, match="No key that is pinned"):
        check(eu, gateway(forged, evil))
    with pytest.raises(BadInput, match="not a list in the form"):
        check(eu, b'{"a": 1}')


def signed_jws(key: Any, alg: str, payload: dict[str, Any], **header: Any) -> bytes:
    head = encoded(json.dumps({"alg": alg, **header}).encode())
    text = f"{head}.{encoded(json.dumps(payload).encode())}".encode()
    if alg == "EdDSA":
        signature = key.sign(text)
    else:  # R and S of one length (RFC 7518, section 3.4), not DER, whose length changes
        numbers = decode_dss_signature(key.sign(text, ec.ECDSA(SHA256())))
        signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    return text + b"." + encoded(signature).encode()


def test_a_list_in_a_jws_counts_until_its_end_and_with_a_pinned_key_alone() -> None:
    ed = Ed25519PrivateKey.generate()
    se = Publisher(
        id="se",
        name="Sweden",
        form="jws",
        keys=(PinnedKey(WHO.public_key()), PinnedKey(ed.public_key())),
    )
    payload = {"iat": NOW.timestamp() - 60, "exp": NOW.timestamp() + 60, "dsc_trust_list": {}}
    for key, alg in ((WHO, "ES256"), (ed, "EdDSA")):
        found = check(se, signed_jws(key, alg, payload))
        assert json.loads(found.content) == payload
        assert found.version == "2026-11-24T08:59:00+00:00"
    over = {**payload, "exp": NOW.timestamp() - 1}
    jwk = {"kty": "EC"}
    for content, words in (
        (signed_jws(OTHER, "ES256", payload, jwk=jwk), "No key that is pinned"),
        (signed_jws(WHO, "ES256", over), "counted until 2026-11-24"),
        (signed_jws(WHO, "none", payload), "not a list in the form"),
        (signed_jws(WHO, "HS256", payload), "not a list in the form"),
        (signed_jws(WHO, "ES256", payload, crit=["x"]), "not a list in the form"),
        (signed_jws(WHO, "ES256", payload)[:-8], "No key that is pinned"),
        (signed_jws(WHO, "ES256", payload)[:-9], "not a list in the form"),  # no base64 has 4n + 1
        (b"{}", "not a list in the form"),
    ):
        with pytest.raises(BadInput, match=words):
            check(se, content)


def test_a_list_behind_a_line_with_its_signature_counts_whole() -> None:
    de = Publisher(id="de", name="Germany", form="first-line", keys=(PinnedKey(WHO.public_key()),))
    body = b'{"certificates": []}'
    line = base64.b64encode(WHO.sign(body, ec.ECDSA(SHA256())))
    assert check(de, line + b"\n" + body).content == body
    for content in (line + b"\n" + body + b" ", line + b"\n" + body[:-1], b"AAAA\n" + body):
        with pytest.raises(BadInput, match="No key that is pinned"):
            check(de, content)
    with pytest.raises(BadInput, match="not a list in the form"):
        check(de, body)


def test_the_example_of_a_table_pins_the_certificate_that_vci_signs_its_snapshot_with() -> None:
    table = read_table(resource("config/publishers.yaml"), resource("config/schemas"))
    vci = publisher_of(table, "vci")
    assert (vci.form, vci.digest) == ("detached", "sha512")
    assert vci.keys[0].not_after == datetime(2032, 3, 14, 18, 10, 42, tzinfo=UTC)
    text = next(iter(YAML().load(resource("config/publishers.yaml"))["publishers"]))["keys"][0]
    certificate = x509.load_pem_x509_certificate(text.encode())
    # It signed itself: the key fits, with the hash that it signs the snapshot with.
    signed = certificate.tbs_certificate_bytes
    assert fits(vci.keys[0].key, certificate.signature, signed, SHA512())
    assert not fits(vci.keys[0].key, certificate.signature, signed, SHA256())


TABLE = """publishers:
  - id: who
    name: WHO
    form: gdhcn
    document: did:web:lists.example
    keys:
      - |
{key}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: who", "id: WHO", "line 2"),
        ("    document: did:web:lists.example\n", "", "document"),
        ("form: gdhcn", "form: magic", "form"),
        ("name: WHO", "name: WHO\n    trusted: yes", "trusted"),
        ("BEGIN PUBLIC", "BEGIN PUBLICK", "no certificate and no public key"),
        ("publishers:", "publishers: [", "no ] closes it"),
    ],
)
def test_a_mistake_in_the_table_of_publishers_is_named(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = TABLE.format(key=indent(pem(WHO), "        "))
    (tmp_path / "publishers.yaml").write_text(text)
    schemas = resource("config/schemas")
    found = read_table(tmp_path / "publishers.yaml", schemas)
    assert found["who"].keys[0].fingerprint == PinnedKey(WHO.public_key()).fingerprint
    with pytest.raises(NotFound, match="names no publisher nobody"):
        publisher_of(found, "nobody")
    assert old in text
    (tmp_path / "publishers.yaml").write_text(text.replace(old, new))
    with pytest.raises(BadInput, match=words):
        read_table(tmp_path / "publishers.yaml", schemas)
