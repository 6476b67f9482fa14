"""Signs the certificate of a document, and queues its paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from edge.domain.catalogue import Catalogue
from edge.domain.document_types import DocumentType
from edge.domain.documents import DocumentClaims, as_text, counts_until
from edge.domain.errors import Conflict, Unavailable
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.issue import certificate_number, revoked_by_correction
from edge.services.commands.documents import CertifyDocument
from edge.services.document_lookups import check_may, known_document, standing_document
from edge.services.doubtful_clock import clock_unsure
from edge.services.printing.queueing import queue_certificate
from edge.services.request import Request
from edge.services.site import Site

_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(9999, 12, 30)


def certify_document(unit: Unit, request: Request[CertifyDocument], site: Site) -> None:
    """Write ``DocumentCertified`` for a document that waits for its certificate."""
    record, type_ = known_document(
        unit.db, site.catalogues.current(unit.db), request.command.document
    )
    check_may(type_, "record", request.actor)
    standing_document(record)
    papers = views.certificates_of_document(unit.db, record.id)
    if papers and not (papers[-1].revoked_at and revoked_by_correction(unit.db, papers[-1].id)):
        raise Conflict(
            "document.certified",
            "This document has its certificate already.",
            hint="Print a copy instead.",
            field="document",
        )
    if not unit.stamp.believed:
        raise clock_unsure(site.clock, "The document is saved. Sign its certificate afterwards.")
    body = certified_body(unit, site, type_, record.id, record.contents)
    if body is None:
        raise Unavailable(
            "document.no-key",
            "This site cannot sign certificates of this kind at present.",
            hint="The document is saved. The technician installs a signing certificate first.",
        )
    if papers:
        body["replaces"] = papers[-1].id
    unit.append(
        "DocumentCertified",
        body,
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    queue_certificate(unit, site, body["certificate"], 1, request.command.printer)


def certify(unit: Unit, request: Request[Any], site: Site, body: dict[str, Any]) -> None:
    """Append what :func:`certified_body` gave as a part of a request, and queue its paper."""
    unit.append(
        "DocumentCertified",
        body,
        id_=site.ids.new(),
        by=request.actor.code,
        cause=request.id,
    )
    queue_certificate(unit, site, body["certificate"], 1, request.command.printer)


def certified_body(
    unit: Unit, site: Site, type_: DocumentType, document: str, contents: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Sign a document and give what its entry says; None: nothing can be signed now.

    Its number is of the place in the chain that comes next.
    """
    if type_.mapping is None or not unit.stamp.believed:
        return None
    catalogue = site.catalogues.current(unit.db)
    number = certificate_number(unit.tip.link())
    claims = claims_of(type_, number, contents, catalogue, unit.stamp.at, site.clock.today())
    if claims is None:
        return None
    credentials = site.certifier.certify_document(claims, type_.plan.formats)
    if not credentials:
        return None
    return {
        "certificate": number,
        "document": document,
        "documentType": type_.id,
        "credentials": [{"format": name, "credential": text} for name, text in credentials.items()],
    }


def claims_of(
    type_: DocumentType,
    number: str,
    contents: Mapping[str, Any],
    catalogue: Catalogue,
    now: datetime,
    today: date,
) -> DocumentClaims | None:
    """Give what a document's certificate states; None for a type that nothing certifies."""
    if type_.mapping is None:
        return None
    issuer, last = catalogue.issuer, counts_until(type_, contents, today)
    return DocumentClaims(
        number=number,
        mapping=type_.mapping,
        texts={name: as_text(contents.get(name)) for name in type_.mapping.certified},
        issuer=issuer.url,
        issuer_did=issuer.did,
        base_url=issuer.base_url,
        country=issuer.country,
        issued_at=now,
        expires_at=_end_of(last) if last else None,
    )


def _end_of(day: date) -> datetime:
    """Give the end of a day everywhere on earth: where it is over last, that is 12 hours later.

    Within what readers take for an instant (RFC 8392 counts from 1970): 9999-12-31 is how people
    write "for ever".
    """
    within = max(_FIRST_DAY, min(day, _LAST_DAY))
    return datetime.combine(within + timedelta(days=1), time(12), tzinfo=UTC)
