"""What use cases of documents look up before they write: found, allowed, or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.document_types import DocumentType
from edge.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from edge.journal import views

if TYPE_CHECKING:
    from sqlite_utils import Database


def type_in_force(catalogue: Catalogue, id_: str) -> DocumentType:
    """Find a type of which documents are recorded now; raises :class:`BadInput`."""
    active = {name: type_ for name, type_ in catalogue.documents.items() if type_.active}
    if id_ not in active:
        raise BadInput(
            "document.type-unknown",
            "The campaign in force has no documents of the type {type}.",
            hint="Choose one of: {known}.",
            field="documentType",
            type=id_,
            known=", ".join(active) or "-",
        )
    return active[id_]


def known_document(
    db: Database, catalogue: Catalogue, id_: str
) -> tuple[views.DocumentRecord, DocumentType]:
    """Find a document with its type, also one that no campaign has any more; or refuse."""
    record = views.document(db, id_)
    type_ = catalogue.find_document(record.type) if record else None
    if record is None or type_ is None:
        raise NotFound(
            "document.unknown",
            "There is no such document here.",
            hint="Look in the list of its kind.",
            field="document",
        )
    return record, type_


def standing_document(record: views.DocumentRecord) -> None:
    """Refuse a document that is revoked; raises :class:`Conflict`."""
    if record.revoked_at:
        raise Conflict(
            "document.revoked",
            "This document is revoked.",
            hint="Record another one where it is needed.",
            field="document",
        )


def check_may(type_: DocumentType, deed: str, staff: Staff) -> None:
    """Refuse what a type does not allow somebody: ``record``, ``read``, ``correct``, ``revoke``."""
    allowed = type_.roles[deed]
    if not allowed & staff.roles:
        raise NotAllowed(
            "staff.not-allowed",
            "Your role does not allow this.",
            hint="Ask a colleague with the role: {roles}.",
            roles=", ".join(sorted(allowed)),
        )
