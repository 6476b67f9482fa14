"""What is shown and not read here, by the name it has: a table for whoever looks at a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind that is not read here: its ``name`` and the ``sentence`` that a reader is told.

    ``beginning`` is how a text of it begins, as a pattern without case, ``first`` how bytes of it
    do; empty where only its contents tell.
    """

    name: str
    sentence: str
    beginning: str = ""
    first: tuple[bytes, ...] = ()


KINDS: Mapping[str, OtherKind] = {
    kind.name: kind
    for kind in (
        OtherKind(
            "smart-health-link",
            "This is a link to a health record (SMART Health Link): what it leads to is not in the"
            " code.",
            r"shlink:/|https?://\S*#shlink:/",
        ),
        OtherKind(
            "vhl",
            "This is a link to a health record (WHO VHL): what it leads to is not in the code.",
            r"vhlink:/|https?://\S*#vhlink:/",
        ),
        OtherKind(
            "hcert-other-version",
            "This is a health certificate of a version that is not read here.",
            r"HC(?!1:)\d{1,2}:",
        ),
        OtherKind("lt1", "This is a light certificate (LT1), which is not read here.", r"LT1:"),
        OtherKind(
            "nzcp", "This is a pass of New Zealand (NZCP), which is not read here.", r"NZCP:/"
        ),
        OtherKind(
            "2d-doc",
            "This is a document of France (2D-Doc), which is not read here.",
            r"DC0[1-4][A-Z0-9]{8}[0-9A-F]{8}",
        ),
        OtherKind(
            "coronacheck",
            "This is a domestic pass of the Netherlands (NL), which is not read here.",
            r"NL\d:",
        ),
        OtherKind(
            "paper-credential",
            "This is a credential of PathCheck (CRED), which is not read here.",
            r"CRED:[A-Z]+:\d",
        ),
        OtherKind(
            "open-attestation",
            "This is a link to a certificate of Singapore (OpenAttestation): what it leads to is"
            " not in the code.",
            r"https?://(?:action\.openattestation\.com|(?:www\.)?verify\.gov\.sg"
            r"|(?:\w+\.)*notarise\.gov\.sg)\b",
        ),
        OtherKind(
            "mdoc",
            "This is a mobile document (ISO mdoc), which is not read here.",
            r"(?:mdoc|mdoc-openid4vp)[:/]",
        ),
        OtherKind(
            "wallet-offer",
            "This is an offer for a wallet (OpenID), and no certificate.",
            r"(?:openid[\w-]*|haip)://|https?://\S*[?&]credential_offer(?:_uri)?=",
        ),
        OtherKind(
            "vc-barcode",
            "This is a credential as a barcode (W3C VC Barcode), which is not read here.",
            r"VC1-",
        ),
        OtherKind(
            "sd-jwt",
            "This is a credential as SD-JWT, which is not read here.",
            r"[\w-]+\.[\w-]+\.[\w-]+~",
        ),
        OtherKind(
            "encrypted",
            "This is encrypted for somebody else, so nothing can be said of it.",
            r"eyJ[\w-]*\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+\Z",
        ),
        OtherKind(
            "driving-licence",
            "This is a driving licence or an identity card (AAMVA), which is not read here.",
            r"@[\s\x1c-\x1f]+ANSI ",
        ),
        OtherKind(
            "vds",
            "This is a visible digital seal (VDS) of ICAO, which is not read here.",
            first=(b"\xdc\x02", b"\xdc\x03", b"\xc3\x9c\x02", b"\xc3\x9c\x03"),
        ),
        OtherKind(
            "cbor-ld",
            "This is a W3C credential in CBOR (CBOR-LD), which is not read here.",
            first=(b"\xd9\x05\x00", b"\xd9\x05\x01", b"\xd9\xcb\x1d"),
        ),
        OtherKind(
            "open-attestation-file",
            "This is a certificate of Singapore (OpenAttestation), which is not read here.",
        ),
        OtherKind(
            "fhir",
            "This is FHIR without a signature: nobody can say who wrote it.",
        ),
        OtherKind("jwt", "This is a credential as JWT, which is not read here."),
        OtherKind("cwt", "This is a signed CBOR token (CWT) of a kind that is not read here."),
        OtherKind(
            "vc-2",
            "This is a W3C credential of version 2.0 with a proof of a kind that is not read here.",
        ),
        OtherKind("vc-other", "This is a W3C credential of a kind that is not read here."),
        OtherKind(
            "vc-presentation",
            "This is a presentation of W3C credentials, which is not read here.",
        ),
        OtherKind(
            "vc-other-proof",
            "This is a W3C credential with a proof of a kind that is not read here.",
        ),
        OtherKind(
            "vc-other-terms",
            "This is a W3C credential in terms (contexts) that are not known here.",
        ),
        OtherKind("divoc-test", "This is DIVOC's certificate of a test, which is not read here."),
        OtherKind(
            "contact",
            "This is a contact, an event or a network's password, and no certificate.",
            r"BEGIN:V(?:CARD|EVENT|CALENDAR)|MECARD:|WIFI:",
        ),
        OtherKind(
            "address",
            "This is an address on the web, and no certificate: nothing in it can be verified.",
            r"https?://|www\.",
        ),
    )
}
"""What is called by its name, in the order in which a beginning is looked for. Whoever teaches the
verifier to read one of them takes its row out."""


ON_THE_PAGE = (
    OtherKind(
        "w3c-2",
        "This is a W3C credential of version 2.0, which this page cannot check. Show it at the"
        " site.",
    ),
    OtherKind(
        "divoc",
        "This is a certificate of DIVOC, which this page cannot check. Show it at the site.",
    ),
    OtherKind(
        "vds-nc",
        "This is a health seal of ICAO (VDS-NC), which this page cannot check. Show it at the"
        " site.",
    ),
    OtherKind(
        "identity",
        "This is an identity (MOSIP), which this page cannot check. Show it at the site.",
    ),
    OtherKind(
        "aadhaar", "This is an Aadhaar code, which this page cannot check. Show it at the site."
    ),
)
"""What the site computer reads, and the page that verifies in a browser does not."""


def called(text: str) -> str:
    """Give the sentence of the kind whose beginning a text has; nothing for any other text."""
    return next((sentence for begins, sentence in _BY_BEGINNING if begins.match(text)), "")


def called_by_bytes(data: bytes) -> str:
    """Give the sentence of the kind whose first bytes these are; nothing for any other."""
    return next((kind.sentence for kind in KINDS.values() if data.startswith(kind.first)), "")


def sentence(name: str) -> str:
    """Give what a reader is told of a kind."""
    return KINDS[name].sentence


_BY_BEGINNING = tuple(
    (re.compile(kind.beginning, re.IGNORECASE | re.ASCII), kind.sentence)
    for kind in KINDS.values()
    if kind.beginning
)
