"""Signs SMART Health Cards: the least FHIR bundle that says it, deflated, in a compact JWS."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from edge.credentials.evidence import facts_only
from edge.credentials.shc import HEALTH_CARD, base64url

IMMUNIZATION = "https://smarthealth.cards#immunization"


class JwsSigner(Protocol):
    """Signs with ES256 under a key's RFC 7638 thumbprint."""

    @property
    def thumbprint(self) -> str:
        """The key's name."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; R and S, 32 bytes each."""
        ...


def issue(facts: Mapping[str, Any], signer: JwsSigner, *, issuer: str, issued_at: datetime) -> str:
    """Sign immunizations and give the compact JWS; ``issuer`` is the URL that publishes keys.

    ``facts`` are those of every format; used are the name, birth date, vaccine code (CVX or
    another FHIR coding), date, lot, facility and the certificate's number as ``rid``, and of each
    of ``others`` the same. Immunizations stand in the order of their days.
    """
    doses = sorted([*facts.get("others", ()), facts], key=lambda dose: str(dose["date"]))
    payload = {
        "iss": issuer.rstrip("/"),
        "nbf": int(issued_at.timestamp()),
        "vc": {
            "type": [HEALTH_CARD, IMMUNIZATION],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": _bundle(facts, doses)},
            "rid": facts["rid"],
        },
    }
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    body = packer.compress(text.encode()) + packer.flush()
    named = {"zip": "DEF", "alg": "ES256", "kid": signer.thumbprint}
    header = json.dumps(named, separators=(",", ":"))
    signed = f"{base64url(header.encode())}.{base64url(body)}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def _bundle(facts: Mapping[str, Any], doses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write the least bundle that says it: no ids, no narrative, no displays but the facility's."""
    names = {"family": facts.get("familyName"), "given": [facts["givenName"]]}
    if not facts.get("givenName"):
        names.pop("given")
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "resource:0",
                "resource": facts_only(
                    {
                        "resourceType": "Patient",
                        "name": [facts_only(names)],
                        "birthDate": facts.get("birthDate"),
                    }
                ),
            },
            *(
                {"fullUrl": f"resource:{place}", "resource": _immunization(dose)}
                for place, dose in enumerate(doses, start=1)
            ),
        ],
    }


def _immunization(dose: Mapping[str, Any]) -> dict[str, Any]:
    return facts_only(
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": {"coding": [dose["coding"]]},
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": dose["date"],
            "lotNumber": dose.get("lot"),
            "performer": [{"actor": {"display": dose["facility"]}}],
        }
    )
