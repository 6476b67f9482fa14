"""A certificate that says something untrue is revoked, and another one signed in its place."""

from __future__ import annotations

from typing import Any

from edge.domain.errors import Conflict
from edge.journal import print_jobs, views
from edge.journal.unit import Unit
from edge.services.certificates.issue import certificate_number, sign_certificate
from edge.services.commands import RevokeCertificate
from edge.services.lookups import known_certificate
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.instants import instant


def renew(
    unit: Unit,
    request: Request[Any],
    site: Site,
    old: views.IssuedCertificate,
    reason: str,
) -> str:
    """Revoke a certificate and sign the one that replaces it; give its number.

    ``request`` is what it belongs to; it is printed on that one's printer.
    """
    record = views.recorded(unit.db, old.dose)
    if record is None:
        return ""
    place = unit.tip.link()
    number = certificate_number(place)
    revoke(unit, request, site, old, reason, number)
    sign_certificate(
        unit,
        site,
        place=place,
        person=record.person,
        dose=record.dose,
        effective_until=record.effective_until,
        by=request.actor.code,
        id_=site.ids.new(),
        cause=request.id,
        printer=getattr(request.command, "printer", ""),
        replaces=old.id,
    )
    return number


def revoke(
    unit: Unit,
    request: Request[Any],
    site: Site,
    old: views.IssuedCertificate,
    reason: str,
    replaced_by: str = "",
) -> None:
    """Write ``CertificateRevoked`` as a part of a request; a paper that waits is not printed."""
    body = revocation_body(old, reason, site)
    unit.append(
        "CertificateRevoked",
        {**body, "replacedBy": replaced_by} if replaced_by else body,
        id_=site.ids.new(),
        by=request.actor.code,
        cause=request.id,
    )
    print_jobs.call_off(unit.db, old.id, print_jobs.REVOKED, instant(unit.stamp.at))


def revocation_body(
    certificate: views.IssuedCertificate, reason: str, site: Site
) -> dict[str, Any]:
    """Give what revokes a certificate, and what it is known by to others."""
    names = site.certifier.revocation(certificate.credentials)
    return {"certificate": certificate.id, "reason": reason, **names}


def revoke_certificate(unit: Unit, request: Request[RevokeCertificate], site: Site) -> None:
    """Write ``CertificateRevoked`` without a new one: what was certified did not happen so."""
    certificate = known_certificate(unit, request.command.certificate)
    if certificate.revoked_at:
        raise Conflict(
            "certificate.revoked", "This certificate is revoked already.", field="certificate"
        )
    unit.append(
        "CertificateRevoked",
        revocation_body(certificate, request.command.reason, site),
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    print_jobs.call_off(unit.db, certificate.id, print_jobs.REVOKED, instant(unit.stamp.at))
