"""A certificate that says something untrue is revoked, and another one signed in its place."""

from __future__ import annotations

from typing import Any

from edge.domain.errors import Conflict
from edge.journal import print_jobs, views
from edge.journal.unit import Unit
from edge.services.certificates.issue import certificate_body
from edge.services.commands import RevokeCertificate
from edge.services.lookups import known_certificate
from edge.services.printing.queueing import queue_certificate
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.instants import instant


def renew(
    unit: Unit,
    request: Request[Any],
    site: Site,
    old: views.IssuedCertificate,
    reason: str,
    *,
    first: bool = False,
) -> str:
    """Revoke a certificate and sign the one that replaces it; give its number.

    ``request`` is what it belongs to; it is printed on that one's printer. Where nothing can be
    signed at present the old one is revoked all the same, and the number is empty. ``first``: the
    request's own entry is among these.
    """
    record = views.recorded(unit.db, old.dose)
    if record is None:
        return ""
    body = certificate_body(
        unit,
        site,
        unit.tip.link(),
        record.person,
        record.dose,
        record.effective_until,
        replaces=old.id,
    )
    number: str = body["certificate"] if body else ""
    revoke(unit, request, site, old, reason, number, first=first)
    if body:
        unit.append(
            "CertificateIssued",
            body,
            id_=site.ids.new(),
            by=request.actor.code,
            cause=request.id,
        )
        queue_certificate(unit, site, number, 1, getattr(request.command, "printer", ""))
    return number


def renew_histories(
    unit: Unit, request: Request[Any], site: Site, dose: str, person: str, reason: str
) -> list[str]:
    """Renew the certificates of a person's other doses that tell of one that is not so any more.

    Gives the new numbers.
    """
    papers = views.certificates_telling(unit.db, dose, person)
    return [number for old in papers if (number := renew(unit, request, site, old, reason))]


def revoke(
    unit: Unit,
    request: Request[Any],
    site: Site,
    old: views.IssuedCertificate,
    reason: str,
    replaced_by: str = "",
    *,
    first: bool = False,
) -> None:
    """Write ``CertificateRevoked`` as a part of a request; a paper that waits is not printed."""
    body = revocation_body(old, reason, site)
    unit.append(
        "CertificateRevoked",
        {**body, "replacedBy": replaced_by} if replaced_by else body,
        id_=request.id if first else site.ids.new(),
        by=request.actor.code,
        cause=request.id,
        command=request.digest if first else "",
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
    if certificate.document:
        raise Conflict(
            "certificate.of-document",
            "This certificate is of a document.",
            hint="Revoke the document, and its certificate is revoked with it.",
            field="certificate",
        )
    unit.append(
        "CertificateRevoked",
        revocation_body(certificate, request.command.reason, site),
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    print_jobs.call_off(unit.db, certificate.id, print_jobs.REVOKED, instant(unit.stamp.at))
