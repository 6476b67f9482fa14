"""When a site asks for its next signing certificate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from edge.adapters.signers import Signers
from edge.credentials.shc import thumbprint
from edge.domain.catalogue import Issuer
from edge.domain.errors import EdgeError
from edge.services.certificates.certifier import SiteCertifier


def next_request(
    signers: Signers,
    certifier: SiteCertifier,
    issuer: Callable[[], Issuer],
    facility: str,
    now: datetime,
) -> tuple[str, str]:
    """Give the request for the next signing certificate when it is time for one.

    It is time, too, while the authority vouches for no key that the site signs its papers with.
    PKCS#10 as PEM, and a name for its key; both empty while none is wanted, or nobody knows in
    whose name.
    """
    if certifier.vouched() and not certifier.state(now).warning:
        return "", ""
    try:
        country = issuer()
    except EdgeError:  # no campaign yet
        return "", ""
    if any(signer.sign_from > now for signer in signers.all()):
        return "", ""  # the next one is there already
    made = signers.request(country.country, country.name, facility)
    key = made.public_key()
    name = thumbprint(key) if isinstance(key, EllipticCurvePublicKey) else ""
    return made.public_bytes(Encoding.PEM).decode(), name
