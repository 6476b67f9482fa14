"""DIVOC's vaccination credential: a W3C verifiable credential in JSON-LD.

Written as DIVOC's ``W3C_TEMPLATE`` (v1) and ``DDCC_TEMPLATE`` (v2, when the date of birth is
known) have it. DIVOC's contexts give several fields the same predicate, so its signature cannot
tell them apart: doses could be swapped with the total, a lot with a vaccine. Our certificates
therefore carry a digest of these fields, in order, in ``infoUrl``, which the signature does bind.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Signer, add_proof
from edge.domain.certificate import Claims
from edge.domain.counting import day_of
from edge.domain.people import Address

FORMAT = "divoc"
CREDENTIALS = "https://www.w3.org/2018/credentials/v1"
VACCINATION_V1 = "https://divoc.dev/credentials/vaccination/v1"
VACCINATION_V2 = "https://divoc.dev/credentials/vaccination/v2"
_BOUND = (
    "certificateId",
    "batch",
    "vaccine",
    "manufacturer",
    "icd11Code",
    "prophylaxis",
    "date",
    "effectiveStart",
    "effectiveUntil",
    "dose",
    "totalDoses",
)
_BINDING = "?b="
_CARRIED = re.compile(r"\?b=([\w-]{16})\Z", re.ASCII)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def issue(
    claims: Claims, signer: Signer, canonicaliser: Canonicaliser, *, compact: bool = False
) -> str:
    """Sign what a certificate says; the credential as compact JSON text.

    ``compact`` leaves out what DIVOC's template has empty or twice: for narrow paper.
    """
    created = _in_utc(claims.issued_at, "seconds")
    document = _pruned(_document(claims)) if compact else _document(claims)
    signed = add_proof(document, signer, created, canonicaliser)
    return _COMPACT.encode(signed)


def binding(subject: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    """Digest the fields that DIVOC's contexts do not keep apart: 96 bits in base64url."""
    fields = [evidence.get(name) for name in _BOUND]
    fields += [subject.get("refId"), subject.get("name"), subject.get("dob")]
    text = _COMPACT.encode(fields)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()


def carried_binding(evidence: Mapping[str, Any]) -> str | None:
    """Find the digest a certificate carries; none on paper that is not ours."""
    for name in ("infoUrl", "feedbackUrl"):
        url = evidence.get(name)
        found = _CARRIED.search(url) if isinstance(url, str) else None
        if found:
            return found[1]
    return None


def _document(claims: Claims) -> dict[str, Any]:
    second = claims.birth_date is not None
    subject: dict[str, Any] = {
        "type": "Person",
        "id": claims.subject_id,
        "refId": claims.ref_id,
        "name": claims.name,
        "gender": claims.gender,
        "age": str(claims.age),
        "nationality": claims.nationality,
        "address": _address(claims.address, claims.country),
    }
    evidence: dict[str, Any] = {
        "id": claims.base_url + claims.certificate_id,
        "certificateId": claims.certificate_id,
        "type": ["Vaccination"],
        "batch": claims.lot,
        "vaccine": claims.vaccine,
        "manufacturer": claims.manufacturer,
        "date": _in_utc(claims.given_at, "milliseconds"),
        "effectiveStart": claims.on.isoformat(),
        "effectiveUntil": claims.effective_until.isoformat() if claims.effective_until else "",
        "dose": max(claims.dose, 1),  # DIVOC begins with one: a dose zero is among them
        "totalDoses": claims.total_doses,
        "verifier": {"name": claims.vaccinator},
        "facility": {
            "name": claims.facility,
            "address": _address(claims.facility_address, claims.country),
        },
    }
    if claims.birth_date is not None:
        subject["dob"] = claims.birth_date.isoformat()
        evidence["icd11Code"] = claims.icd11
        evidence["prophylaxis"] = claims.prophylaxis
    bound = binding(subject, evidence)
    evidence["infoUrl"] = f"{claims.base_url}{claims.certificate_id}{_BINDING}{bound}"
    evidence["feedbackUrl"] = f"{claims.base_url}?{claims.certificate_id}"
    return {
        "@context": [CREDENTIALS, VACCINATION_V2 if second else VACCINATION_V1],
        "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
        "credentialSubject": subject,
        "issuer": claims.issuer,
        "issuanceDate": _in_utc(claims.issued_at, "milliseconds"),
        "evidence": [evidence],
        "nonTransferable": "true",
    }


def protects_until(evidence: Mapping[str, Any]) -> date | None:
    """Give until when the last dose of a course is said to protect.

    Of an earlier dose ``effectiveUntil`` is the day of the next one.
    """
    last = evidence.get("dose") == evidence.get("totalDoses")
    return day_of(evidence.get("effectiveUntil")) if last else None


def _pruned(document: dict[str, Any]) -> dict[str, Any]:
    """Drop empty fields, addresses but the facility's country, and the link for feedback."""
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    del subject["address"], evidence["feedbackUrl"]
    country = evidence["facility"]["address"]["addressCountry"]
    evidence["facility"]["address"] = {"addressCountry": country}
    for place in (subject, evidence):
        for name in [name for name, value in place.items() if value == ""]:
            del place[name]
    # the digest covers what is left: absent and empty are different to a reader
    url = f"{evidence['id']}{_BINDING}"
    evidence["infoUrl"] = url + binding(subject, evidence)
    return document


def _in_utc(moment: datetime, precision: str) -> str:
    """Write an instant (in UTC) with a Z, as DIVOC does."""
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _address(address: Address, country: str) -> dict[str, str]:
    return {
        "streetAddress": address.addressLine1,
        "streetAddress2": address.addressLine2,
        "district": address.district,
        "city": "",
        "addressRegion": address.state,
        "addressCountry": address.country or country,
        "postalCode": address.pincode,
    }
