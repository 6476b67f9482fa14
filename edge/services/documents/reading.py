"""What somebody of the staff may see of documents: types, lists, one document with its papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.document_types import DocumentType
from edge.domain.documents import key_words
from edge.domain.errors import BadInput, NotFound
from edge.journal import views
from edge.services.document_lookups import check_may, known_document
from sync.protocol.counted import Counted

if TYPE_CHECKING:
    from sqlite_utils import Database

PAGE = 50
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """One document with its type, and its certificates, oldest first."""

    record: views.DocumentRecord
    type: DocumentType
    papers: tuple[views.IssuedCertificate, ...]

    @property
    def counting(self) -> views.IssuedCertificate | None:
        """Give the certificate that counts, if there is one."""
        return next((paper for paper in reversed(self.papers) if not paper.revoked_at), None)


def types_for(catalogue: Catalogue, staff: Staff) -> list[DocumentType]:
    """Give the types that somebody may read or record: those in force, then those that were."""
    known = {
        **catalogue.documents,
        **{
            name: type_
            for name, type_ in catalogue.ever.documents.items()
            if name not in catalogue.documents
        },
    }
    return [
        type_
        for type_ in known.values()
        if (type_.roles["read"] | type_.roles["record"]) & staff.roles
    ]


def readable_type(catalogue: Catalogue, id_: str, staff: Staff) -> DocumentType:
    """Find a type whose documents somebody may read; raises what it is refused for."""
    type_ = catalogue.find_document(id_)
    if type_ is None:
        raise NotFound(
            "document.no-type",
            "There are no documents of this kind here.",
            hint="Look under Documents which kinds there are.",
            field="documentType",
        )
    check_may(type_, "read", staff)
    return type_


def documents_found(
    db: Database, type_: DocumentType, text: str, before: int
) -> list[views.DocumentRecord]:
    """Give a page of a type's documents: the newest, or those with every word of a text.

    A text may be the number of a certificate. ``before`` is the position of the last one shown.
    """
    if len(text) > _LONGEST:
        raise BadInput(
            "text.too-long",
            Counted(
                "{name} is longer than {longest} character.",
                "{name} is longer than {longest} characters.",
            ),
            field="text",
            name="text",
            longest=_LONGEST,
        )
    if not text.strip():
        return views.documents_of(db, type_.id, before, PAGE)
    issued = views.certificate(db, "".join(text.split()).upper())
    record = views.document(db, issued.document) if issued and issued.document else None
    if record is not None and record.type == type_.id:
        return [record]
    words = key_words(text)
    return views.find_documents(db, type_.id, words, PAGE) if words else []


def document_file(db: Database, catalogue: Catalogue, id_: str, staff: Staff) -> DocumentFile:
    """Find a document that somebody may read; raises what it is refused for."""
    record, type_ = known_document(db, catalogue, id_)
    check_may(type_, "read", staff)
    return DocumentFile(record, type_, tuple(views.certificates_of_document(db, id_)))
