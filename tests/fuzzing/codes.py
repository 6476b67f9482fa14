"""Readers of what anybody shows: codes, certificates of every kind, pictures."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from datetime import UTC, date, datetime

import base45
import cbor2
import paying
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from health_cards import card, immunization, patient
from keyring import signer
from seals import authority, seal_signer, sealed, tested, vaccinated
from version_2 import version_2_codes, version_2_trust

from edge.campaign.document_types import to_document_type
from edge.credentials import cose, divoc, hcert, shc_text, vouchers
from edge.credentials.compact_documents import CLAIM
from edge.credentials.document_formats import documents_read
from edge.credentials.documents import DocumentTrust
from edge.credentials.issuing import Signers
from edge.credentials.pictures import codes_in_picture
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer
from edge.credentials.trust import Trust, TrustedKey, kid_name, spki
from edge.credentials.verdict import UnreadableError
from edge.credentials.verifier import Verifier
from edge.domain.certificate import Claims
from edge.domain.documents import DocumentClaims
from edge.domain.errors import BadInput
from edge.domain.people import Address
from edge.peers.card_issuer import CardHolder, CardIssuer
from edge.plugins.identity.contract import ShownCard, TypedNumber
from edge.plugins.identity.mrz import TD1, TD2, TD3, ZonedPaper
from edge.services.certificates.formats import load_formats
from sync.resources import resource
from tests.fuzzing.target import Target

_AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
_SECONDS = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
_VERIFIER = (
    "edge/credentials/verifier.py", "edge/credentials/reading.py", "edge/credentials/kinds.py",
    "edge/credentials/packing.py", "edge/credentials/strict_json.py", "edge/credentials/window.py",
)  # fmt: skip
_COSE = ("edge/credentials/cbor.py", "edge/credentials/cose.py", "edge/credentials/hcert.py", "edge/credentials/health_links.py",
         "edge/credentials/claim169.py", "edge/credentials/aadhaar_qr.py", "edge/credentials/profiles.py", "edge/credentials/compact_documents.py")  # fmt: skip
_ZONE = (
    b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
)
_SEALS = ("edge/credentials/vdsnc.py", "edge/credentials/barcode_signers.py")
_VC2 = (
    "edge/credentials/version_2.py",
    "edge/credentials/data_integrity.py",
    "edge/credentials/pixelpass.py",
    "edge/credentials/multikey.py",
)
_SHC = (
    "edge/credentials/shc.py",
    "edge/credentials/shc_text.py",
    "edge/credentials/fhir.py",
    "edge/credentials/fhir_results.py",
)
_DIVOC = ("edge/credentials/divoc_check.py", "edge/credentials/divoc.py", "edge/credentials/rdf.py",
          "edge/credentials/divoc_form.py", "edge/credentials/divoc_fields.py", "edge/domain/counting.py", "edge/credentials/documents.py")  # fmt: skip


_PERMIT = {
    "name": "Permit",
    "schema": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "day": {"type": "string"}},
    },
    "credential": {
        "type": "PermitCredential",
        "context": "https://moh.example/permit/v1",
        "subject": {"type": "Holder", "claims": {"name": "name", "day": "day"}},
    },
}


def code_targets() -> tuple[Target, ...]:
    """Give them, with a key that the verifier believes, so that contents are read to the end."""
    document, cards = signer(datetime(2026, 11, 1, tzinfo=UTC)), CardIssuer()
    identity = Ed25519PrivateKey.generate()
    site = Ed25519PrivateKey.generate()
    method = Ed25519Signer(site, "did:demo:moh:DEMO01#k1")
    trust = document.trust().joined(
        Trust.of([
            TrustedKey(spki(identity.public_key()), (kid_name(b"key-1"),)),
            TrustedKey(spki(site.public_key()), (method.verification_method,)),
            *cards.trusted(),
        ])
    )  # fmt: skip
    state = authority(datetime(2026, 11, 1, tzinfo=UTC))
    seals = seal_signer(state, datetime(2026, 11, 1, tzinfo=UTC), types=("NV", "NT"))
    trust = trust.joined(state.trust()).joined(version_2_trust())
    formats, permit = load_formats(), to_document_type("permit", _PERMIT)
    assert permit.mapping is not None
    known = DocumentTrust({permit.mapping.context: permit}, "did:demo:moh", "XD")
    described = documents_read(lambda: known, formats.contexts)
    verifier = Verifier(formats.reading, trust, described=described)
    stated = DocumentClaims(
        "7Q4WZK2M9XDEA0TB", permit.mapping, {"name": "Almaz Tesfaye", "day": "2026-11-20"},
        "https://moh.example/", "did:demo:moh", "https://moh.example/c/", "XD", _AT,
    )  # fmt: skip
    signers = Signers(ed25519=method, document=document)
    permits = {name: row.issue(stated, signers) for name, row in formats.documents.items()}

    def shown(data: bytes) -> None:
        verdict = verifier.verify(data, _AT, codes_in_picture)
        assert json.dumps(verdict.document())

    def signed_health(payload: bytes) -> None:
        shown(_health(cose.sign(payload, document)))

    def signed_identity(payload: bytes) -> None:
        protected = cbor2.dumps({1: -8, 4: b"key-1"})
        message = cbor2.dumps(["Signature1", protected, b"", payload])
        parts = [protected, {}, payload, identity.sign(message)]
        shown(_health(cbor2.dumps(cbor2.CBORTag(61, cbor2.CBORTag(18, parts))), ""))

    def signed_voucher(payload: bytes) -> None:
        vouchers.read(hcert.encode(cose.sign(payload, paying.SIGNER)), {"fund": paying.KEY})

    def signed_seal(data: bytes) -> None:
        try:
            contents = json.loads(data)
        except (ValueError, RecursionError):
            return
        if isinstance(contents, dict):
            shown(json.dumps(sealed(contents, seals)).encode())

    def zone(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for kind in (ZonedPaper((TD3,)), ZonedPaper((TD1, TD2))):
            kind.scan(ShownCard(text, today=_AT.date()))
            kind.read(TypedNumber(text, "XD"))

    def signed_card(body: bytes) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(body) + packer.flush()
        head = {"alg": "ES256", "zip": "DEF", "kid": document.thumbprint}
        text = f"{_url64(json.dumps(head).encode())}.{_url64(packed)}"
        shown(shc_text.encode(f"{text}.{_url64(document.sign(text.encode()))}"))

    right_card = card(document, _AT, patient(), immunization())
    vaccination = {"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-1", "dn": 1, "sd": 2,
                   "dt": "2026-11-20", "co": "XD", "is": "Ministry", "ci": "URN:UVCI:01:XD:1"}  # fmt: skip
    dcc = {"ver": "1.3.0", "nam": {"fn": "Tesfaye", "fnt": "TESFAYE"}, "dob": "1996-02-29"}
    times = {1: "XD", 4: _SECONDS + 10**7, 6: _SECONDS}
    healths = [
        cbor2.dumps({**times, -260: {1: {**dcc, "v": [vaccination]}}}),
        cbor2.dumps({**times, -260: {1: {**dcc, "t": [{"tg": "840539006", "tt": "LP6464-4", "sc": "2026-11-20T10:00:00Z", "tr": "260415000"}]}}}),
        cbor2.dumps({**times, -260: {-6: {"n": "Almaz Tesfaye", "dob": "1996-02-29", "s": "F", "v": {"dn": 1, "vp": "yf", "dt": "2026-11-20"}}}}),
    ]  # fmt: skip
    healths.append(
        cbor2.dumps({**times, CLAIM: [permit.mapping.context, "7Q4W", ["2026-11-20", "Almaz"]]})
    )
    claim169 = cbor2.dumps(
        {**times, 169: {1: "3918592438", 4: "Janardhan BS", 8: "19840418", 9: 1, 13: "IN"}}
    )
    credential = divoc.issue(
        _claims(), method, Canonicaliser(resource("edge/credentials/contexts"))
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("certificate.json", credential)
    jws = shc_text.decode(right_card.decode())
    voucher = hcert.read(hcert.decode(paying.voucher())).message.payload
    codes = (
        _health(cose.sign(healths[0], document)), right_card, credential.encode(), archive.getvalue(),
        b"B64:" + base64.b64encode(archive.getvalue()), jws.encode(),
        json.dumps({"verifiableCredential": [jws]}).encode(), *(text.encode() for text in permits.values()),
        b"P<XDTESFAYE<<ALMAZ<<<<<<<<<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        cards.aadhaar(CardHolder("Tesfaye", "Almaz", date(1996, 2, 29), "F", "234123412346")).encode(),
        json.dumps(sealed(vaccinated(), seals)).encode(), *version_2_codes(),
    )  # fmt: skip
    return (
        Target("code", (*_VERIFIER, *_COSE, *_SHC, *_DIVOC, *_SEALS, *_VC2), shown, codes),
        Target("health-certificate", _COSE, signed_health, tuple(healths), largest=16_000),
        Target("seal", _SEALS, signed_seal, tuple(json.dumps(made).encode() for made in (vaccinated(), tested()))),
        Target("voucher", (*_COSE, "edge/credentials/vouchers.py"), signed_voucher, (voucher,), (BadInput,)),
        Target("identity", _COSE, signed_identity, (claim169,), largest=16_000),
        Target("identity-zone", ("edge/plugins/identity/mrz.py",), zone, (_ZONE,), (BadInput,)),
        Target("health-card", _SHC, signed_card, (_body_of(jws),)),
        Target(
            "picture", ("edge/credentials/pictures.py", "edge/credentials/picture_formats.py", "edge/credentials/phone_formats.py", "edge/credentials/document_pages.py", "edge/adapters/picture_worker.py"),
            codes_in_picture, (_picture("PNG"), _picture("JPEG"), _picture("AVIF")), (UnreadableError,), 200_000,
        ),
    )  # fmt: skip


def _health(message: bytes, prefix: str = "HC1:") -> bytes:
    return f"{prefix}{base45.b45encode(zlib.compress(message)).decode()}".encode()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _body_of(jws: str) -> bytes:
    packed = jws.split(".")[1]
    return zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15)


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    qrcode.make("HC1:6BFOXN", box_size=3).get_image().convert("L").save(made, kind)
    return made.getvalue()


def _claims() -> Claims:
    given = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    return Claims(
        certificate_id="7Q4WZK2M9XDEA0TB", subject_id="did:demo:moh:ABCDEF123456", ref_id="ABCDEF123456",
        name="አልማዝ ተስፋዬ", gender="Female", age=30, nationality="Demolander", birth_date=date(1996, 2, 29),
        address=Address(district="North"), vaccine="CoviProtect", manufacturer="Demo Pharma", icd11="XM0GQ8",
        prophylaxis="COVID-19 vaccine", lot="4121Z025", given_at=given, on=given.date(),
        effective_until=date(2026, 12, 22), dose=1, total_doses=2, vaccinator="Asha Rao",
        facility="Riverside Health Centre", facility_address=Address(addressLine1="1 River Road"), country="XD",
        issuer="https://moh.demo.example/", base_url="https://moh.demo.example/c/", issued_at=given,
    )  # fmt: skip
