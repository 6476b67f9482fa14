"""Whether what a campaign puts on paper fits there: found out before it is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from edge.campaign.catalogue import to_catalogue
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.credentials.document_signer import document_signer
from edge.credentials.issuing import RSA, IssuedFormat, Signers
from edge.credentials.signing import Ed25519Signer, RsaSigner
from edge.credentials.verdict import CheckError
from edge.domain.catalogue import NARROW, WIDE, Catalogue, Vaccine
from edge.domain.certificate import Claims, OtherDose
from edge.domain.errors import Unavailable
from printers.qr import LEAST_DOTS, most_dots
from sync.protocol.counted import Counted

DOTS = {NARROW: 384, WIDE: 576}
"""Dots of a line by millimetres of paper."""
_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
_LONG_NAME = "Maximiliana Bartholomea Featherstonehaugh"
"""41 letters: few names are longer. Those lose the larger code on narrow paper."""


_OTHERS = 4
"""Doses beside the one that is certified, where all are told of."""


DOES_NOT_FIT = Counted(
    "On paper of {width} mm the format {format} of {programme} leaves {left} dot a module; {least}"
    " are the least that is read. Leave it to wider paper.",
    "On paper of {width} mm the format {format} of {programme} leaves {left} dots a module; {least}"
    " are the least that is read. Leave it to wider paper.",
    "left",
)
FindLine = Callable[[str], tuple[str, int]]
"""Gives the file and the line where the certificates of a programme are said."""


def check_paper(body: Mapping[str, Any], formats: Mapping[str, IssuedFormat]) -> None:
    """Refuse a campaign that puts a code on paper which no reader would read from it.

    Raises :class:`CampaignErrors` with what :func:`paper_mistakes` finds.
    """
    mistakes = list(paper_mistakes(body, formats))
    if mistakes:
        raise CampaignErrors(mistakes)


def paper_mistakes(
    body: Mapping[str, Any],
    formats: Mapping[str, IssuedFormat],
    find: FindLine = lambda _: ("programmes.yaml", 1),
) -> Iterator[Mistake]:
    """Find codes on paper that no reader would read: programme, format, paper and dots left.

    Certificates are signed with throw-away keys, with the longest names the campaign has.
    """
    catalogue = to_catalogue(body)
    wanted = {
        name
        for programme in catalogue.programmes.values()
        for name in programme.certificates.formats
    }
    missing = sorted(wanted - formats.keys())
    for name in missing:
        first = next(programme.id for programme in catalogue.programmes.values()
                     if name in programme.certificates.formats)  # fmt: skip
        yield Mistake(
            *find(first),
            "certificates.not-installed",
            "The format {format} is of a package that is not installed here.",
            {"format": name},
        )
    if missing:
        return
    payload = sample_payloads(catalogue, {name: formats[name] for name in wanted})
    for programme in catalogue.programmes.values():
        for width, dots in DOTS.items():
            for name in programme.certificates.on_paper(width):
                try:
                    left = min(most_dots(payload(name, code), dots) for code in programme.vaccines)
                except (CheckError, Unavailable) as error:  # a fault of a package's format
                    yield Mistake(
                        *find(programme.id),
                        "certificates.cannot-be-made",
                        "A certificate in the format {format} cannot be made: {reason}",
                        {"format": name, "reason": str(error)},
                    )
                    continue
                if left < LEAST_DOTS and width in programme.certificates.paper:
                    yield Mistake(
                        *find(programme.id),
                        "certificates.does-not-fit",
                        DOES_NOT_FIT,
                        {
                            "width": width,
                            "format": name,
                            "programme": programme.id,
                            "left": left,
                            "least": LEAST_DOTS,
                        },
                    )


def sample_payloads(
    catalogue: Catalogue, formats: Mapping[str, IssuedFormat]
) -> Callable[[str, str], bytes]:
    """Give what makes a sample's payload, by the format's name and the vaccine's code.

    It is signed with throw-away keys, of :func:`sample_claims`.
    """
    needs_rsa = any(form.key == RSA for form in formats.values())
    signers = throw_away_signers(catalogue, rsa_too=needs_rsa)
    longest = sample_claims(catalogue)

    @cache
    def payload(name: str, code: str) -> bytes:
        claims = _of_vaccine(longest, catalogue.vaccines[code])
        return formats[name].payload(formats[name].issue(claims, signers))

    return payload


def throw_away_signers(catalogue: Catalogue, *, rsa_too: bool) -> Signers:
    """Make keys of every kind for samples, under the longest name that a site can have."""
    method = f"{catalogue.issuer.did}:{max(catalogue.facilities, key=len)}#AAAAAAAAAAA"
    rsa_key = rsa.generate_private_key(65537, 2048) if rsa_too else None
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, catalogue.issuer.country)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_NOW)
        .not_valid_after(_NOW + timedelta(days=731))
        .sign(key, SHA256())
    )
    return Signers(
        ed25519=Ed25519Signer(Ed25519PrivateKey.generate(), method),
        rsa=RsaSigner(rsa_key, method) if rsa_key else None,
        document=document_signer(key, certificate),
    )


def sample_claims(catalogue: Catalogue) -> Claims:
    """Make claims with the longest names that a campaign has; of no vaccine yet."""
    issuer = catalogue.issuer
    facility = max(catalogue.facilities.values(), key=lambda one: len(one.name))
    return Claims(
        certificate_id="7Q4WZK2M9XDEA0TB",
        subject_id=f"{issuer.did}:7Q4WZK2M9XDE",
        ref_id="7Q4WZK2M9XDE",
        name=_LONG_NAME,
        gender="Female",
        age=30,
        nationality=issuer.country,
        birth_date=date(1996, 2, 29),
        address=facility.address,
        vaccine="",
        manufacturer="",
        icd11="",
        prophylaxis="",
        lot="LOT-2026-11-AB",
        given_at=_NOW,
        on=_NOW.date(),
        effective_until=_NOW.date() + timedelta(days=270),
        dose=1,
        total_doses=1,
        vaccinator=max((staff.name for staff in catalogue.staff.values()), key=len),
        facility=facility.name,
        facility_address=facility.address,
        country=issuer.country,
        issuer=issuer.url,
        base_url=issuer.base_url,
        issued_at=_NOW,
        issuer_name=issuer.name,
        participant=issuer.participant,
        card_issuer=issuer.card_issuer,
        others=tuple(_other_dose(number, facility.name) for number in range(_OTHERS)),
    )


def _other_dose(number: int, facility: str) -> OtherDose:
    return OtherDose(
        vaccine="",
        icd11="",
        codes={"cvx": f"{110 + number}"},
        lot=f"LOT-2025-{11 + number}-AC",
        on=_NOW.date() - timedelta(days=61 * (number + 1)),
        facility=facility,
    )


def _of_vaccine(claims: Claims, vaccine: Vaccine) -> Claims:
    return replace(
        claims,
        vaccine=vaccine.name,
        manufacturer=vaccine.manufacturer,
        icd11=vaccine.icd11,
        prophylaxis=vaccine.prophylaxis,
        total_doses=vaccine.total_doses,
        codes=vaccine.codes,
        valid_from=_NOW.date() if vaccine.valid_after else None,
    )
