"""Record a document, put it right, or say that it counts no longer."""

from __future__ import annotations

from typing import Any

from edge.domain.document_types import DocumentType
from edge.domain.documents import amended
from edge.domain.errors import BadInput
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.renewal import revoke
from edge.services.commands.documents import CorrectDocument, RecordDocument, RevokeDocument
from edge.services.document_lookups import (
    check_may,
    known_document,
    standing_document,
    type_in_force,
)
from edge.services.documents.certifying import certified_body, certify
from edge.services.documents.contents import checked
from edge.services.request import Request
from edge.services.seen import check_seen
from edge.services.site import Site


def record_document(unit: Unit, request: Request[RecordDocument], site: Site) -> None:
    """Write ``DocumentRecorded``, and ``DocumentCertified`` where it can be signed now.

    Where it cannot (no key, a clock nobody believes) the document is saved all the same.
    """
    command = request.command
    type_ = type_in_force(site.catalogues.current(unit.db), command.document_type)
    check_may(type_, "record", request.actor)
    contents = checked(type_, command.contents)
    unit.append(
        "DocumentRecorded",
        {"documentType": type_.id, "facility": site.facility, "contents": contents},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    body = certified_body(unit, site, type_, request.id, contents)
    if body is not None:
        certify(unit, request, site, body)


def correct_document(unit: Unit, request: Request[CorrectDocument], site: Site) -> None:
    """Write ``DocumentCorrected``; the certificate is revoked, and another signed in its place."""
    command = request.command
    record, type_ = known_document(unit.db, site.catalogues.current(unit.db), command.document)
    check_may(type_, "correct", request.actor)
    standing_document(record)
    changes = {
        name: value
        for name, value in command.changes.items()
        if amended({}, {name: value}) != amended({}, {name: record.contents.get(name)})
    }
    if not changes:
        raise BadInput(
            "document.nothing-changed",
            "Nothing is different from what is recorded.",
            hint="Change a field, or go back.",
            field="changes",
        )
    check_seen(unit, command.seen, "DocumentCorrected", {"document": record.id}, changes)
    contents = checked(type_, amended(record.contents, changes))
    unit.append(
        "DocumentCorrected",
        {"document": record.id, "changes": changes, "reason": command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    _replace_certificate(unit, request, site, type_, record.id, contents)


def _replace_certificate(
    unit: Unit,
    request: Request[CorrectDocument],
    site: Site,
    type_: DocumentType,
    document: str,
    contents: dict[str, Any],
) -> None:
    """Revoke the certificate that counted, and sign one in its place where that can be done."""
    old = _counting(unit, document)
    body = certified_body(unit, site, type_, document, contents)
    number: str = body["certificate"] if body else ""
    if old is not None:
        revoke(unit, request, site, old, request.command.reason, number)
    if body is not None:
        certify(unit, request, site, {**body, "replaces": old.id} if old else body)


def revoke_document(unit: Unit, request: Request[RevokeDocument], site: Site) -> None:
    """Write ``DocumentRevoked``, and ``CertificateRevoked`` for the certificate that counted."""
    record, type_ = known_document(
        unit.db, site.catalogues.current(unit.db), request.command.document
    )
    check_may(type_, "revoke", request.actor)
    standing_document(record)
    unit.append(
        "DocumentRevoked",
        {"document": record.id, "reason": request.command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    old = _counting(unit, record.id)
    if old is not None:
        revoke(unit, request, site, old, request.command.reason)


def _counting(unit: Unit, document: str) -> views.IssuedCertificate | None:
    papers = views.certificates_of_document(unit.db, document)
    return papers[-1] if papers and not papers[-1].revoked_at else None
