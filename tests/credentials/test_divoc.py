"""DIVOC's credential: what we sign is what its world reads, and what it reads we check strictly."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import qrcode
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from odd_documents import odd_documents
from verifying import StandingVerifier

from edge.credentials import divoc
from edge.credentials.evidence import ScannedInput
from edge.credentials.packing import in_archive, pack
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer, add_proof
from edge.credentials.trust import ANY_NAME, Trust, TrustedKey, spki
from edge.credentials.trust_files import read_trust
from edge.domain.certificate import Claims
from edge.services.certificates.formats import Formats

DIVOC_ED25519 = "DaipNW4xaH2bh1XGNNdqjnSYyru3hLnUgTBSfSvmZ2hi"
Document = dict[str, Any]


@pytest.fixture
def divoc_verifier(shared_data: Path, tmp_path: Path, formats: Formats) -> StandingVerifier:
    named = tmp_path / "trust.json"
    named.write_text(json.dumps({"did:india": DIVOC_ED25519}))
    rsa = read_trust(shared_data / "divoc/vectors/rsa-public.pem").trust
    return StandingVerifier(formats, rsa.joined(read_trust(named).trust))


@pytest.mark.parametrize("name", ["rsa-valid", "ed25519-valid"])
def test_certificates_signed_by_divoc_itself_are_valid(
    shared_data: Path, divoc_verifier: StandingVerifier, name: str
) -> None:
    verdict = divoc_verifier.verify((shared_data / f"divoc/vectors/{name}.json").read_bytes())
    assert verdict.verdict == "valid"
    assert verdict.claims["name"] == "Bhaya Mitra"
    assert verdict.checks["fields"] == "not bound by this kind of signature"


def test_the_certificate_divoc_tampered_with_is_invalid(
    shared_data: Path, divoc_verifier: StandingVerifier
) -> None:
    verdict = divoc_verifier.verify((shared_data / "divoc/vectors/rsa-tampered.json").read_bytes())
    assert (verdict.verdict, verdict.checks["signature"]) == ("invalid", "no")
    assert verdict.claims == {}


@pytest.mark.parametrize("name", ["vaccination-v1", "vaccination-v2"])
def test_our_contexts_give_the_same_quads_as_the_ones_divoc_uses(
    shared_data: Path, canonicaliser: Canonicaliser, issued: Document, name: str
) -> None:
    from pyld import jsonld

    contexts = shared_data / "divoc/contexts"
    theirs = {
        divoc.CREDENTIALS: json.loads((contexts / "credentials-v1.jsonld").read_text()),
        f"https://divoc.dev/credentials/vaccination/{name[-2:]}": json.loads(
            (contexts / f"{name}.jsonld").read_text()
        ),
    }
    document = {key: value for key, value in issued.items() if key != "proof"}
    document["@context"] = [
        divoc.CREDENTIALS,
        f"https://divoc.dev/credentials/vaccination/{name[-2:]}",
    ]
    if name.endswith("v1"):
        for key in ("icd11Code", "prophylaxis"):
            document["evidence"][0].pop(key)
        document["credentialSubject"].pop("dob")

    def load(url: str, _: object) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": theirs[url]}

    wanted = jsonld.normalize(
        document,
        {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load},
    )
    assert canonicaliser.canonical(document).decode() == wanted
    assert len(wanted.splitlines()) > 30


def test_what_we_issue_is_valid_here_and_has_divocs_own_fields(
    verifier: StandingVerifier, issued: Document
) -> None:
    verdict = verifier.verify(json.dumps(issued).encode())
    assert (verdict.verdict, dict(verdict.checks)) == (
        "valid",
        {
            "form": "yes",
            "issuer": "yes",
            "signature": "yes",
            "fields": "yes",
            "usage": "yes",
            "revocation": "no list is kept here",
            "time": "yes",
            "key": "yes",
        },
    )
    evidence = issued["evidence"][0]
    assert (evidence["dose"], evidence["totalDoses"]) == (1, 2)
    assert evidence["date"] == "2026-11-24T09:30:00.123Z"
    assert issued["proof"]["jws"].startswith("eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2Us")


def test_without_a_birth_date_the_first_version_of_the_context_is_used(
    verifier: StandingVerifier, claims: Claims, canonicaliser: Canonicaliser, signer: Ed25519Signer
) -> None:
    text = divoc.issue(replace(claims, birth_date=None), signer, canonicaliser)
    assert json.loads(text)["@context"][1] == divoc.VACCINATION_V1
    assert verifier.verify(text.encode()).verdict == "valid"


def swap(first: str, second: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        evidence = document["evidence"][0]
        evidence[first], evidence[second] = evidence[second], evidence[first]

    return change


SWAPS = [
    ("dose", "totalDoses"),
    ("vaccine", "batch"),
    ("vaccine", "manufacturer"),
    ("certificateId", "batch"),
    ("icd11Code", "batch"),
    ("effectiveStart", "effectiveUntil"),
    ("infoUrl", "feedbackUrl"),
]


@pytest.mark.parametrize(("first", "second"), SWAPS[:-1])
def test_a_swap_that_leaves_divocs_signature_valid_is_detected_on_our_paper(
    verifier: StandingVerifier,
    canonicaliser: Canonicaliser,
    issued: Document,
    first: str,
    second: str,
) -> None:
    unsigned = {key: value for key, value in issued.items() if key != "proof"}
    before = canonicaliser.canonical(unsigned)
    swap(first, second)(issued)
    assert canonicaliser.canonical(unsigned) == before  # the signature does not see it
    verdict = verifier.verify(json.dumps(issued).encode())
    assert (verdict.verdict, verdict.checks["signature"]) == ("invalid", "yes")
    assert "swapped" in verdict.reason


def test_removing_the_total_where_it_equals_the_dose_is_detected(
    verifier: StandingVerifier, claims: Claims, canonicaliser: Canonicaliser, signer: Ed25519Signer
) -> None:
    document = json.loads(divoc.issue(replace(claims, dose=2), signer, canonicaliser))
    del document["evidence"][0]["totalDoses"]
    assert verifier.verify(json.dumps(document).encode()).verdict == "invalid"


@pytest.mark.parametrize("as_text", [False, True], ids=["raw as Go writes", "UTF-8 as Node writes"])
def test_both_of_divocs_qr_encodings_are_read_back_from_a_picture(
    verifier: StandingVerifier, issued: Document, as_text: bool
) -> None:
    payload = pack(json.dumps(issued, ensure_ascii=False, separators=(",", ":")))
    if as_text:
        payload = payload.decode("latin-1").encode()
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, box_size=4)
    code.add_data(payload, optimize=0)
    buffer = io.BytesIO()
    code.make_image().save(buffer, format="PNG")
    assert verifier.verify(buffer.getvalue()).verdict == "valid"


def test_the_qr_code_holds_a_zip_that_another_reader_finds_the_same_text_in(
    issued: Document,
) -> None:
    text = json.dumps(issued, ensure_ascii=False)
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, box_size=3)
    code.add_data(pack(text), optimize=0)
    picture = code.make_image().get_image().convert("L")
    (found,) = zxingcpp.read_barcodes(picture)
    assert in_archive(ScannedInput(bytes(found.bytes), "")) == text


def test_a_credential_packs_to_the_same_bytes_every_time(issued: Document) -> None:
    assert pack(json.dumps(issued)) == pack(json.dumps(issued))


def test_a_key_counts_only_for_its_own_name(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats
) -> None:
    key = Ed25519PrivateKey.generate()
    signed = divoc.issue(claims, Ed25519Signer(key, "did:demo:other#1"), canonicaliser)
    public = spki(key.public_key())
    named = StandingVerifier(formats, Trust.of([TrustedKey(public, ("did:demo:moh#1",))]))
    assert named.verify(signed.encode()).verdict == "unknown-issuer"
    for_all = StandingVerifier(formats, Trust.of([TrustedKey(public, (ANY_NAME,))]))
    assert for_all.verify(signed.encode()).verdict == "valid"


def put(path: str, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        *parents, last = path.split(".")
        place: Any = document
        for name in parents:
            place = place[int(name)] if name.isdigit() else place[name]
        if value is ...:
            del place[last]
        else:
            place[last] = value

    return change


EVIDENCE = "evidence.0"
WRONG_DOCUMENTS: list[tuple[str, Callable[[Document], None], str]] = [
    ("another name", put("credentialSubject.name", "Someone Else"), "the certificate was changed"),
    ("another lot", put(f"{EVIDENCE}.batch", "XX1"), "the certificate was changed"),
    ("another dose", put(f"{EVIDENCE}.dose", 3), "the certificate was changed"),
    (
        "another date of birth",
        put("credentialSubject.dob", "1990-01-01"),
        "the certificate was changed",
    ),
    ("another issuer", put("issuer", "https://other.example/"), "the certificate was changed"),
    (
        "another time of signing",
        put("proof.created", "2020-01-01T00:00:00Z"),
        "the certificate was changed",
    ),
    (
        "an unknown field",
        put("credentialSubject.blood", "0"),
        "not part of it: credentialSubject.blood",
    ),
    ("an unknown field on top", put("note", "x"), "not part of it: note"),
    ("an unknown field in the proof", put("proof.nonce", "x"), "not part of it: proof.nonce"),
    (
        "a list for a text",
        put(f"{EVIDENCE}.vaccine", ["CoviProtect"]),
        "evidence.vaccine is of the wrong kind",
    ),
    (
        "an object for a text",
        put("issuer", {"id": "https://moh.demo.example/"}),
        "issuer is of the wrong kind",
    ),
    ("a text for a dose", put(f"{EVIDENCE}.dose", "one"), "evidence.dose is of the wrong kind"),
    ("the same number as a text", put(f"{EVIDENCE}.dose", "1"), "the certificate was changed"),
    ("a truth for a dose", put(f"{EVIDENCE}.dose", True), "evidence.dose is of the wrong kind"),
    ("a fraction for a dose", put(f"{EVIDENCE}.dose", 1.0), "evidence.dose is of the wrong kind"),
    (
        "nothing for a name",
        put("credentialSubject.name", None),
        "the certificate was changed",
    ),
    ("two doses", lambda d: d["evidence"].append(d["evidence"][0]), "exactly one dose"),
    ("no dose", put("evidence", []), "exactly one dose"),
    ("no subject id", put("credentialSubject.id", ...), "credentialSubject.id is missing"),
    ("no issuer", put("issuer", ...), "issuer is missing"),
    ("no signature", put("proof.jws", ...), "proof.jws is missing"),
    ("no proof", put("proof", ...), "proof is missing"),
    ("another purpose", put("proof.proofPurpose", "authentication"), "kind of signature"),
    (
        "a suite that is not the key's",
        put("proof.type", "RsaSignature2018"),
        "the certificate was changed",
    ),
    ("a signature that is no base64", put("proof.jws", "eyJ!..???"), "the certificate was changed"),
    ("an empty signature", put("proof.jws", ".."), "the certificate was changed"),
    ("an unsigned JWS", put("proof.jws", "eyJhbGciOiJub25lIn0.."), "the certificate was changed"),
]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [pytest.param(change, sentence, id=name) for name, change, sentence in WRONG_DOCUMENTS],
)
def test_a_certificate_that_was_touched_is_invalid_and_the_reason_says_how(
    verifier: StandingVerifier, issued: Document, change: Callable[[Document], None], sentence: str
) -> None:
    change(issued)
    verdict = verifier.verify(json.dumps(issued).encode())
    assert verdict.verdict == "invalid"
    assert sentence in verdict.document()["reason"]
    assert verdict.claims == {}


@pytest.mark.parametrize(
    "change",
    [put("credentialSubject.blood", "0"), put(f"{EVIDENCE}.dose", "one"), put("issuer", ...)],
)
def test_of_an_issuer_who_is_not_known_nobody_says_that_it_was_written_wrongly(
    formats: Formats, issued: Document, change: Callable[[Document], None]
) -> None:
    change(issued)
    verdict = StandingVerifier(formats, Trust()).verify(json.dumps(issued).encode())
    assert (verdict.verdict, verdict.claims) == ("unknown-issuer", {})


def in_terms(*contexts: str) -> Callable[[Document], None]:
    return put("@context", list(contexts))


COWIN = "https://cowin.gov.in/credentials/vaccination/v1"
OTHER_KINDS: list[tuple[str, Callable[[Document], None], str]] = [
    (
        "another context",
        in_terms(divoc.CREDENTIALS, "https://abroad.example/v1"),
        "terms (contexts)",
    ),
    ("one context more", in_terms(divoc.CREDENTIALS, COWIN, "https://abroad.example/v1"), "terms"),
    ("the contexts turned round", lambda d: d["@context"].reverse(), "terms (contexts)"),
    ("one context only", in_terms(divoc.CREDENTIALS), "terms (contexts)"),
    ("a context as a text", put("@context", divoc.CREDENTIALS), "terms (contexts)"),
    (
        "terms within the certificate",
        put("@context", [divoc.CREDENTIALS, {"name": "https://abroad.example#name"}]),
        "terms (contexts)",
    ),
    (
        "a status that is kept elsewhere",
        put("credentialStatus", {"id": "urn:x"}),
        "kind that is not read",
    ),
    ("several proofs", lambda d: d.update(proof=[d["proof"], d["proof"]]), "proof of a kind"),
    (
        "without what a dose has",
        lambda d: (d.update(type=["VerifiableCredential", "Diploma"]), d.pop("evidence"))[0],
        "kind that is not read",
    ),
    ("version 2.0", in_terms("https://www.w3.org/ns/credentials/v2", COWIN), "version 2.0"),
    ("another type", put("type", ["VerifiableCredential"]), "kind that is not read"),
    ("a diploma", put("type", ["VerifiableCredential", "Diploma"]), "kind that is not read"),
    ("a test certificate", put(f"{EVIDENCE}.type", ["TestDetails"]), "certificate of a test"),
    (
        "a test certificate of DIVOC's",
        put("type", ["VerifiableCredential", "ProofOfTestCertificateCredential"]),
        "certificate of a test",
    ),
    ("another suite", put("proof.type", "EcdsaSecp256k1Signature2019"), "proof of a kind"),
    ("a data integrity proof", put("proof.type", "DataIntegrityProof"), "proof of a kind"),
]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [pytest.param(change, sentence, id=name) for name, change, sentence in OTHER_KINDS],
)
def test_a_credential_of_a_kind_not_read_here_is_called_by_its_name_and_not_a_forgery(
    verifier: StandingVerifier, issued: Document, change: Callable[[Document], None], sentence: str
) -> None:
    change(issued)
    verdict = verifier.verify(json.dumps(issued).encode())
    assert (verdict.verdict, verdict.claims) == ("unreadable", {})
    assert sentence in verdict.reason


@pytest.mark.slow
def test_an_odd_value_anywhere_in_a_signed_document_is_judged_and_never_valid(
    verifier: StandingVerifier, issued: Document
) -> None:
    count = 0
    for place, odd, changed in odd_documents(issued):
        assert not verifier.verify(json.dumps(changed).encode()).good, (place, odd)
        count += 1
    assert count > 700


@pytest.mark.parametrize("ends", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_an_expiration_date_of_the_credential_is_kept(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats, ends: str
) -> None:
    key = Ed25519PrivateKey.generate()
    signer = Ed25519Signer(key, "did:demo:other#1")
    document = json.loads(divoc.issue(claims, signer, canonicaliser))
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    signed = add_proof(
        {**unsigned, "expirationDate": ends}, signer, "2026-11-24T09:30:00Z", canonicaliser
    )
    trust = Trust.of([TrustedKey(spki(key.public_key()), ("did:demo:other#1",))])
    verdict = StandingVerifier(formats, trust).verify(json.dumps(signed).encode())
    assert verdict.verdict == ("expired" if ends < "2026" else "valid")
