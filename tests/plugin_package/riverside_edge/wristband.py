# riverside_edge/wristband.py
"""A certificate short enough for a wristband: ``WB1:`` facts, a point, an Ed25519 signature."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.credentials.evidence import NO_ISSUER, WRONG_SIGNATURE, Evidence, ScannedInput, examined
from edge.credentials.issuing import ED25519, IssuedFormat, Signers
from edge.credentials.revocation import Lookup
from edge.credentials.trust import Trust
from edge.credentials.verdict import UNKNOWN_ISSUER, YES, CheckError
from edge.domain.certificate import Claims
from edge.services.certificates.formats import AddedFormat

PREFIX = "WB1:"


def issue(claims: Claims, signers: Signers) -> str:
    facts = {
        "key": signers.ed25519.verification_method,
        "id": claims.certificate_id,
        "name": claims.name,
        "date": claims.on.isoformat(),
        "vaccine": claims.vaccine,
        "lot": claims.lot,
        "issued": claims.issued_at.isoformat(),
    }
    body = json.dumps(facts).encode()
    signature = signers.ed25519.sign(body)
    return PREFIX + ".".join(urlsafe_b64encode(part).decode() for part in (body, signature))


class Wristbands:
    name = "x-wristband"

    def recognises(self, shown: ScannedInput) -> bool:
        return shown.text.startswith(PREFIX)

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        body, _, signature = shown.text.removeprefix(PREFIX).partition(".")
        return examined(self.name, lambda found: self._check(body, signature, trust, found))

    def _check(self, body: str, signature: str, trust: Trust, found: Evidence) -> None:
        try:
            signed, mark = urlsafe_b64decode(body), urlsafe_b64decode(signature)
            facts = json.loads(signed)
            found.issued_at = datetime.fromisoformat(facts["issued"])
        except (ValueError, TypeError, KeyError):
            raise CheckError("form", "This wristband is damaged.") from None
        found.checks["form"] = YES
        keys = trust.keys(str(facts.get("key")))
        if not keys:
            raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
        found.checks["issuer"] = YES
        for key in keys:
            if isinstance(key.key, Ed25519PublicKey):
                try:
                    key.key.verify(mark, signed)
                except InvalidSignature:
                    continue
                found.keys = (key,)
                found.checks["signature"] = YES
                told = {name: facts.get(name) for name in ("name", "date", "vaccine", "lot")}
                found.claims = {"kind": "vaccination", **told}
                found.lookup = lookup(shown_as(body, signature))
                return
        raise CheckError("signature", WRONG_SIGNATURE)


def shown_as(body: str, signature: str) -> str:
    return f"{PREFIX}{body}.{signature}"


def lookup(credential: str) -> Lookup:
    """Name it in lists of revoked certificates: a scope, and keys of 16 bytes."""
    facts = json.loads(urlsafe_b64decode(credential.removeprefix(PREFIX).partition(".")[0]))
    return Lookup(scope="x-wristband", keys=(facts["id"].encode().rjust(16, b"0")[-16:],))


FORMAT = AddedFormat(
    reading=Wristbands(),
    issuing=IssuedFormat("x-wristband", ED25519, issue, str.encode, lookup),
)
