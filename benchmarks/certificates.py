"""Certificates a second: ours, and the same through PyLD alone."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.credentials import divoc
from edge.credentials.packing import pack
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.credentials.verification import Verifier
from edge.domain.certificate import Claims
from edge.domain.people import Address
from edge.resources import resource
from edge.services.toolkit import load_toolkit

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class ThroughPyld(Canonicaliser):
    """The same canonicaliser without what it has learnt."""

    def canonical(self, document):  # type: ignore[no-untyped-def]
        return self.slowly(document)


def claims(number: int) -> Claims:
    return Claims(
        certificate_id=f"{number:016d}",
        subject_id=f"did:demo:moh:{number}",
        ref_id=f"{number:012d}",
        name=f"Almaz Tesfaye {number}",
        gender="Female",
        age=30,
        nationality="Demolander",
        birth_date=date(1996, 2, 29),
        address=Address(district="North"),
        vaccine="CoviProtect",
        manufacturer="Delta Biologicals",
        icd11="XM0GQ8",
        prophylaxis="COVID-19 vaccine, RNA based",
        lot=f"L{number}",
        given_at=NOW,
        on=NOW.date(),
        effective_until=date(2026, 12, 22),
        dose=1,
        total_doses=2,
        vaccinator="Asha Verma",
        facility="Riverside Health Centre",
        facility_address=Address(addressLine1="1 River Road", state="Delta"),
        country="XD",
        issuer="https://moh.demo.example/",
        base_url="https://moh.demo.example/c/",
        issued_at=NOW,
    )


def rate(work, seconds: float = 2.0) -> float:  # type: ignore[no-untyped-def]
    """Do it again and again for a while; how often a second."""
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        work(count)
        count += 1
    return count / passed


def measure() -> dict[str, float]:
    contexts = resource("edge/credentials/contexts")
    ours, pyld = Canonicaliser(contexts), ThroughPyld(contexts)
    key = Ed25519PrivateKey.generate()
    signer = Ed25519Signer(key, "did:demo:moh:DEMO01#1")
    verifier = Verifier(
        load_toolkit().reading,
        Trust.of([TrustedKey(spki(key.public_key()), (signer.verification_method,))]),
    )
    packed = pack(divoc.issue(claims(1), signer, ours))
    assert verifier.verify(packed, NOW).verdict == "valid"
    fast = rate(lambda number: divoc.issue(claims(number), signer, ours))
    slow = rate(lambda number: divoc.issue(claims(number), signer, pyld))
    return {
        "signed a second (Ed25519Signature2018)": fast,
        "signed a second with PyLD's canonicalisation": slow,
        "ratio to PyLD": fast / slow,
        "verified a second, from the QR code's bytes": rate(lambda _: verifier.verify(packed, NOW)),
        "bytes in the QR code": float(len(packed)),
    }
