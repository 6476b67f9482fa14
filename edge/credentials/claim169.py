"""MOSIP's identity in a QR code: a CWT with claim 169, deflated and in base45, without a prefix.

IANA CWT claim 169; read only. It says who somebody is, nothing about vaccinations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from edge.credentials import hcert
from edge.credentials.code_text import is_bare_code
from edge.credentials.cose import Sign1
from edge.credentials.evidence import Evidence, ScannedInput, examined, facts_only
from edge.credentials.trust import Trust
from edge.credentials.verdict import YES, CheckError, UnreadableError

FORMAT = "claim169"
CLAIM = 169
_FIELDS: Mapping[int, str] = {
    1: "identity",
    4: "name",
    5: "givenName",
    6: "middleName",
    7: "familyName",
    8: "birthDate",
    9: "gender",
    13: "nationality",
}
_NUMBERS = (1, 8, 9, 13)
"""Fields that issuers write as numbers too; a name is a text."""
_GENDERS: Mapping[Any, str] = {1: "male", 2: "female", 3: "other"}


class Identities:
    """Verifies claim 169 (a :class:`Format`)."""

    name = FORMAT

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for base45 without a prefix that unpacks."""
        if not is_bare_code(shown.text):
            return False
        try:
            presented = hcert.shown_certificate(shown.text)
        except UnreadableError:
            return False
        return CLAIM in presented.claims

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        presented = hcert.shown_certificate(shown.text)
        return examined(
            FORMAT,
            lambda found: self._examine(presented, trust, found),
            lambda: bool(hcert.keys_named(presented.message, _named_by(presented.message, trust))),
        )

    def _examine(
        self, presented: hcert.ParsedCertificate, trust: Trust, evidence: Evidence
    ) -> None:
        claims = presented.claims
        evidence.window, evidence.issued_at = hcert.stated_time(claims)
        found = _identity(claims)
        evidence.checks["form"] = YES
        evidence.keys = hcert.signed_by(
            presented.message, _named_by(presented.message, trust), evidence.checks
        )
        evidence.claims = found


def _named_by(message: Sign1, trust: Trust) -> Trust:
    """Where the paper names no key, any trusted one may have signed."""
    return trust if message.kid else Trust({"*": trust.all_keys()})


def _identity(claims: Mapping[Any, Any]) -> dict[str, Any]:
    identity = claims.get(CLAIM)
    if not isinstance(identity, Mapping):
        raise CheckError("form", "The field {field} is of the wrong kind.", field="169")
    found: dict[str, Any] = {"kind": "identity"}
    for number, name in _FIELDS.items():
        value = identity.get(number)
        kinds = str | int if number in _NUMBERS else str
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            name = f"169.{number}"
            raise CheckError("form", "The field {field} is of the wrong kind.", field=name)
        found[name] = value
    found["gender"] = _GENDERS.get(found["gender"], found["gender"])
    born = str(found["birthDate"] or "")
    if re.fullmatch(r"\d{8}", born):
        found["birthDate"] = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    issuer = claims.get(hcert.ISSUER)
    found["issuer"] = issuer if isinstance(issuer, str) else None
    return facts_only(found)
