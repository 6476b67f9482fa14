"""Readers of lists that publishers and the ministry signed, before anything of them is believed."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from edge.credentials.contexts import load_contexts
from edge.credentials.list_signatures import PinnedKey
from edge.credentials.publishers import FORMS, Publisher, ReceivedList, check_published
from edge.domain.errors import EdgeError
from sync.protocol.errors import SyncError
from sync.protocol.signed_lists import SignedList, checked, sealed
from sync.resources import resource
from tests.fuzzing.target import Target

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def list_targets() -> tuple[Target, ...]:
    """Give them: what a publisher sent, in each form, and what the ministry made of it."""
    pinned = ec.generate_private_key(ec.SECP256R1())
    ministry = Ed25519PrivateKey.generate()
    load = load_contexts(resource("edge/credentials/contexts"))

    def published(data: bytes) -> None:
        for form in FORMS:
            publisher = Publisher(
                id="x", name="X", form=form, keys=(PinnedKey(pinned.public_key()),)
            )
            with contextlib.suppress(EdgeError):
                check_published(publisher, ReceivedList(data, data[:200], _NOW, load))

    def signed(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list"
            path.write_bytes(data)
            checked(path, (), io.BytesIO())

    body = json.dumps({"certificates": [{"kid": "YWFhYWFhYWE=", "rawData": "MIIB"}]}).encode()
    signature = base64.b64encode(pinned.sign(body, ec.ECDSA(SHA256())))
    header = base64.urlsafe_b64encode(b'{"alg":"ES256"}').rstrip(b"=")
    proof = {"type": "JsonWebSignature2020", "created": "2026-11-24T12:00:00Z", "verificationMethod": "did:web:x#k",
             "proofPurpose": "assertionMethod", "jws": "e30..QUJD"}  # fmt: skip
    did = {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": "did:web:x",
        "verificationMethod": [],
        "proof": proof,
    }
    stated = SignedList(name="a", sequence=1, issued_at=_NOW, good_until=_NOW.replace(year=2027),
                        officer="O", reason="R", version="1")  # fmt: skip
    return (
        Target(
            "published-list",
            ("edge/credentials/publishers.py", "edge/credentials/cms.py", "edge/credentials/did_proof.py",
             "edge/credentials/list_signatures.py"),
            published,
            (json.dumps(did).encode(), signature + b"\n" + body,
             header + b"." + base64.urlsafe_b64encode(body).rstrip(b"=") + b".QUJD",
             json.dumps([{"country": "XD", "kid": "a", "certificateType": "DSC", "signature": "YQ==", "rawData": "MIIB"}]).encode()),
        ),
        Target("signed-list", ("sync/protocol/signed_lists.py",), signed, (sealed(stated, body, ministry),), (SyncError,)),
    )  # fmt: skip
