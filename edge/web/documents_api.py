"""The API of documents: which kinds there are, which documents, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from edge.domain.catalogue import Staff
from edge.domain.document_types import DocumentType, in_language
from edge.journal import views
from edge.journal.entries import last_position
from edge.services.commands.base import Code, Text
from edge.services.documents import reading
from edge.services.documents.reading import document_file, readable_type, types_for
from edge.web import calls
from edge.web.calls import ApiInput
from edge.web.document_answers import DocumentAnswer, DocumentFieldAnswer, DocumentTypeAnswer
from edge.web.noting import showed
from edge.web.serializers import answer_of, certificate_answer


class DocumentSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Which documents: of a type, with every word of ``text`` or of that certificate's number.

    ``before`` is the position of the last one of the page before; 0: from the newest.
    """

    document_type: Code
    text: Text = ""
    before: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 0


_SEARCH = msgspec.json.Decoder(DocumentSearch)


def document_types(call: ApiInput) -> list[DocumentTypeAnswer]:
    """Give the types of documents that the caller may read or record."""
    staff = calls.signed_in(call.staff)
    with call.backend.journal.reading() as db:
        catalogue = call.backend.site.catalogues.current(db)
    return [
        _type_answer(type_, staff, call.language.code, active=type_.id in catalogue.documents)
        for type_ in types_for(catalogue, staff)
    ]


def search_documents(call: ApiInput) -> list[DocumentAnswer]:
    """Give documents of a type, newest first: all, or those with every word of a text."""
    asked = calls.decode(_SEARCH, call.body)
    with call.backend.journal.reading() as db:
        catalogue = call.backend.site.catalogues.current(db)
        type_ = readable_type(catalogue, asked.document_type, calls.signed_in(call.staff))
        found = reading.documents_found(db, type_, asked.text, asked.before)
        seen = last_position(db)
    showed(record.id for record in found)
    return [record_answer(record, seen) for record in found]


def document(call: ApiInput) -> DocumentAnswer:
    """Give a document with its certificates."""
    with call.backend.journal.reading() as db:
        catalogue = call.backend.site.catalogues.current(db)
        staff = calls.signed_in(call.staff)
        found, seen = document_file(db, catalogue, call.values["id"], staff), last_position(db)
    showed([found.record.id])
    return record_answer(found.record, seen, found.papers)


def record_answer(
    record: views.DocumentRecord, seen: int, papers: Sequence[views.IssuedCertificate] = ()
) -> DocumentAnswer:
    """Answer a document as it is at a position of the journal."""
    return answer_of(
        DocumentAnswer,
        record,
        document_type=record.type,
        seen=seen,
        certificates=[certificate_answer(paper) for paper in papers],
    )


def _type_answer(
    type_: DocumentType, staff: Staff, language: str, *, active: bool
) -> DocumentTypeAnswer:
    return DocumentTypeAnswer(
        id=type_.id,
        name=in_language(type_.name, language),
        active=active and type_.active,
        may=[deed for deed, roles in type_.roles.items() if roles & staff.roles],
        fields=[
            answer_of(
                DocumentFieldAnswer,
                item,
                label=in_language(item.label, language),
                help=in_language(item.help, language),
                choices={
                    value: in_language(item.choices.get(value, {"": value}), language)
                    for value in item.values
                },
            )
            for item in type_.fields
        ],
        columns=list(type_.columns),
        formats=list(type_.plan.formats),
    )
