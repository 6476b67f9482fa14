"""What another issuer really signed, with any value in any place: judged, and never raised at."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from odd_documents import odd_documents
from verifying import StandingVerifier

from edge.credentials import divoc
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer, add_proof
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.domain.certificate import Claims
from edge.services.certificates.formats import Formats


@pytest.mark.slow
def test_whatever_was_really_signed_is_judged_and_never_said_to_be_changed(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats
) -> None:
    key = Ed25519PrivateKey.generate()
    signer = Ed25519Signer(key, "did:demo:abroad#1")
    trust = Trust.of([TrustedKey(spki(key.public_key()), ("did:demo:abroad#1",))])
    verifier = StandingVerifier(formats, trust)
    whole = json.loads(divoc.issue(claims, signer, canonicaliser, compact=True))
    del whole["proof"], whole["evidence"][0]["infoUrl"]
    found = Counter[str]()
    for place, odd, document in odd_documents(whole):
        try:
            signed = add_proof(document, signer, "2026-11-24T09:30:00Z", canonicaliser)
        except Exception:  # nobody can sign it, so nobody did
            found["not signed"] += 1
            continue
        verdict = verifier.verify(json.dumps(signed).encode())
        found[verdict.verdict] += 1
        assert verdict.checks.get("signature") != "no", (place, odd)
    assert found["valid"] > 100
    assert found["unreadable"] > 10
