"""Certificates a second, in every format, against PyLD and against DIVOC's own signer on Node."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from benchmarks import divoc_library
from edge.credentials import divoc
from edge.credentials.document_signer import document_signer
from edge.credentials.issuing import Signers
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer, RsaSigner
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.credentials.verifier import Verifier
from edge.domain.certificate import Claims
from edge.domain.people import Address
from edge.services.certificates.formats import load_formats
from sync.resources import resource

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
METHOD = "did:demo:moh:DEMO01#1"


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
        codes={
            "disease": "840539006",
            "prophylaxis": "1119349007",
            "product": "XD-COVIPROTECT",
            "manufacturer": "ORG-XD-DELTA",
            "icvp": "YellowFeverProductAmarilia",
            "cvx": "208",
        },
        issuer_name="Ministry of Health of Demoland",
        participant="XDM",
        card_issuer="https://moh.demo.example/cards",
    )


def rate(work: Callable[[int], Any], seconds: float = 1.5) -> float:
    """Do it again and again for a while; how often a second."""
    count, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        work(count)
        count += 1
    return count / passed


def measure(folder: Path) -> dict[str, float]:
    contexts, formats = resource("edge/credentials/contexts"), load_formats()
    pyld = ThroughPyld(contexts)
    ed25519, rsa_key = Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)
    signers = Signers(
        Ed25519Signer(ed25519, METHOD), RsaSigner(rsa_key, METHOD), _document_signer()
    )
    assert signers.document
    assert signers.ed25519
    assert signers.rsa
    both = [spki(ed25519.public_key()), spki(rsa_key.public_key())]
    trust = Trust.of([TrustedKey(key, (METHOD,)) for key in both])
    verifier = Verifier(formats.reading, trust.joined(signers.document.trust()))
    found: dict[str, float] = {}
    for name in ("dcc-1.3", "icvp-2025", "shc", "divoc", "divoc-rsa"):
        row = formats.issuing[name]
        payload = row.payload(row.issue(claims(1), signers))
        assert verifier.verify(payload, NOW).verdict == "valid", name
        found[f"{name}: issued a second"] = rate(lambda n, row=row: row.issue(claims(n), signers))
        found[f"{name}: verified a second"] = rate(lambda _, p=payload: verifier.verify(p, NOW))
        found[f"{name}: bytes in the QR code"] = float(len(payload))
    slow = {
        "divoc": rate(lambda n: divoc.issue(claims(n), signers.ed25519, pyld)),  # type: ignore[arg-type]
        "divoc-rsa": rate(lambda n: divoc.issue(claims(n), signers.rsa, pyld)),  # type: ignore[arg-type]
    }
    for name, figure in slow.items():
        found[f"{name}: issued a second through PyLD alone"] = figure
        found[f"{name}: ratio to PyLD"] = found[f"{name}: issued a second"] / figure
    modules = divoc_library.install(folder / "npm")
    if modules is None:
        return found
    for name, key in (("divoc", ed25519), ("divoc-rsa", rsa_key)):
        ours = json.loads(formats.issuing[name].issue(claims(1), signers))
        document = {field: value for field, value in ours.items() if field != "proof"}
        theirs = divoc_library.drive(modules, key, METHOD, document, verify=[ours], seconds=4)
        assert theirs["verified"] == [True], "DIVOC's own library refuses what we sign"
        back = json.dumps(theirs["signed"]).encode()
        assert verifier.verify(back, datetime.now(UTC) + timedelta(minutes=1)).checks["signature"]
        found[f"{name}: issued a second by DIVOC's signer on Node"] = theirs["rate"]
        found[f"{name}: ratio to DIVOC's signer"] = (
            found[f"{name}: issued a second"] / theirs["rate"]
        )
    return found


def _document_signer():  # type: ignore[no-untyped-def]
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XD")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=700))
        .sign(key, SHA256())
    )
    return document_signer(key, made)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for label, figure in measure(Path(place)).items():
            print(f"{label:60} {figure:12,.1f}")
