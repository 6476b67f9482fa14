"""What is not read here is called by its name, and never said to be forged."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import base45
import cbor2
import pytest
from keyring import signer
from verifying import LATER, StandingVerifier

from edge.credentials import cose, hcert
from edge.credentials.trust import Trust
from edge.services.certificates.formats import Formats

SIGNER = signer(datetime(2026, 11, 1, tzinfo=UTC))
TIMES = {1: "XD", 6: int(LATER.timestamp()) - 60}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def health(claims: dict[int, Any]) -> str:
    return hcert.encode(cose.sign(cbor2.dumps({**TIMES, **claims}), SIGNER))


def encrypted(tag: int) -> str:
    message = cbor2.CBORTag(tag, [cbor2.dumps({1: 3}), {5: b"0" * 12}, b"secret" * 9])
    return str(base45.b45encode(zlib.compress(cbor2.dumps(message))).decode())


TOKEN = f"{part({'alg': 'ES256', 'typ': 'vc+jwt'})}.{part({'vc': {'type': ['Dose']}})}.c2ln"
KINDS: dict[str, tuple[str, str]] = {
    "a health link": ("shlink:/eyJ1cmwiOiJodHRwczovL2EifQ", "SMART Health Link"),
    "a viewer's health link": ("https://viewer.example/ips#shlink:/eyJ1cmwiOiIifQ", "SMART Health Link"),
    "other contents": (health({-260: {9: {}}}), "of a kind that is not known here"),
    "a yellow card of another edition": (health({-260: {-6: {"n": "Almaz", "dose": {"vp": "X"}}}}), "of a kind that is not known here"),
    "no contents": (health({}), "of a kind that is not known here"),
    "HC2": ("HC2:6BFOXN", "of a version that is not read here"),
    "a light certificate": ("LT1:6BFOXN", "light certificate"),
    "New Zealand's": ("NZCP:/1/2KCEVIQEIVVWK6JNGEASNICZAEP2KALYDZSGSZB2O5SWEOTOPJRXALTD", "NZCP"),
    "mdoc": ("mdoc:owBjMS4wAY", "ISO mdoc"),
    "an offer": ("openid-credential-offer://?credential_offer=%7B%7D", "OpenID"),
    "a barcode": ("VC1-RSJRPWCR803A3P0098G3A3-B02-J743853U53KGK0XJ6MKJ1OI0M.FO053.33963DN04$RAQS+4SM", "VC Barcode"),
    "SD-JWT": (f"{TOKEN}~WyJzYWx0Il0~", "SD-JWT"),
    "JWT": (TOKEN, "as JWT"),
    "JWE": (f"{part({'alg': 'dir', 'enc': 'A256GCM'})}..aXY.Y2lwaGVy.dGFn", "encrypted"),
    "an encrypted identity": (encrypted(16), "encrypted"),
    "an encrypted message": (encrypted(96), "encrypted"),
    "a seal of another kind": (json.dumps({"data": {"hdr": {"t": "icao.dta", "v": 1, "is": "UTO"}, "msg": {}}, "sig": {}}), "of a kind that is not known here"),
    "W3C 2.0": (json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
                            "credentialSubject": {"id": "did:x"}}), "version 2.0"),
    "one of W3C in one word": (json.dumps({"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential",
                                           "credentialSubject": {}}), "version 2.0"),
    "WHO's link without a certificate": ("vhlink:/eyJ1cmwiOiJodHRwczovL2EifQ", "WHO VHL"),
    "a viewer's link of WHO": ("https://viewer.example/#vhlink:/eyJ1cmwiOiIifQ", "WHO VHL"),
    "2D-Doc": ("DC04FR03AV01125E125E071FR\u001dL0", "2D-Doc"),
    "the Netherlands'": (f"NL2:{base45.b45encode(b'z' * 60).decode()}", "domestic pass of the Netherlands"),
    "PathCheck's": ("CRED:STATUS:2:GBCAEIA:1A9.PCF.VITORPAMPLONA.COM:1/2", "PathCheck"),
    "Singapore's link": ("https://action.openattestation.com/?q=%7B%22type%22%3A%22DOCUMENT%22%7D", "Singapore"),
    "Singapore's other link": ("https://www.verify.gov.sg/verify?q=%7B%7D#k", "Singapore"),
    "Singapore's file": (json.dumps({"version": "https://schema.openattestation.com/2.0/schema.json", "data": {},
                                     "signature": {"type": "SHA3MerkleProof", "targetHash": "0"}}), "OpenAttestation"),
    "Singapore's new file": (json.dumps({"type": ["VerifiableCredential"], "credentialSubject": {},
                                         "proof": {"type": "OpenAttestationMerkleProofSignature2018"}}), "OpenAttestation"),
    "an offer on the web": ("https://wallet.example/?credential_offer_uri=https%3A%2F%2Fa", "OpenID"),
    "a licence": ("@\n\u001e\rANSI 636000100002DL00410278ZV", "AAMVA"),
    "a network": ("WIFI:T:WPA;S:clinic;P:secret;;", "network's password"),
    "an address": ("https://moh.example/certificates/77", "address on the web"),
    "encrypted JSON": (json.dumps({"protected": "eyJ", "recipients": [], "iv": "", "ciphertext": "x", "tag": ""}), "encrypted"),
    "signed JSON": (json.dumps({"payload": "eyJ", "signatures": [{"protected": "", "signature": ""}]}), "as JWT"),
    "a presentation": (json.dumps({"@context": [], "type": ["VerifiablePresentation"], "verifiableCredential": []}), "presentation"),
    "a bundle without a signature": (json.dumps({"resourceType": "Bundle", "entry": []}), "FHIR without a signature"),
    "a signed message": (base45.b45encode(zlib.compress(cose.sign(cbor2.dumps({**TIMES, 99: "x"}), SIGNER))).decode(), "(CWT)"),
    "a diploma": (json.dumps({"@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential", "Diploma"],
                              "credentialSubject": {}}), "of a kind that is not read here"),
}  # fmt: skip


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("around", ["{}", "  {}\r\n", "\ufeff{}"])
@pytest.mark.parametrize("name", KINDS)
def test_a_kind_not_read_here_is_unreadable_by_its_name(
    formats: Formats, name: str, around: str, trusted: bool
) -> None:
    text, sentence = KINDS[name]
    if text.startswith("HC1:"):
        around = "{}"
    trust = SIGNER.trust() if trusted else Trust()
    verdict = StandingVerifier(formats, trust).verify(around.format(text).encode())
    assert (verdict.verdict, verdict.claims) == ("unreadable", {})
    assert sentence in verdict.document()["reason"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xdc\x03\xd9\xc5\xd9\xca\xc8\xa7", "seal (VDS) of ICAO"),
        ("\u00dc\u0003\u00d9\u00c5".encode(), "seal (VDS) of ICAO"),
        (b"\xd9\xcb\x1d\x82\x18\xc8\xa5", "CBOR-LD"),
    ],
)
def test_a_kind_that_is_bytes_is_called_by_its_name(
    formats: Formats, data: bytes, sentence: str
) -> None:
    verdict = StandingVerifier(formats, Trust()).verify(data)
    assert (verdict.verdict, sentence in verdict.reason) == ("unreadable", True)
