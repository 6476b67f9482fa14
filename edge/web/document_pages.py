"""Pages of documents of the kinds that the campaign describes: one list, one form, one page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect

from edge.domain.catalogue import Catalogue
from edge.domain.document_types import DocumentType, in_language
from edge.domain.errors import EdgeError
from edge.domain.numbers import typed_number
from edge.journal import print_jobs
from edge.journal.entries import last_position
from edge.services.document_lookups import check_may, type_in_force
from edge.services.documents.reading import (
    PAGE,
    DocumentFile,
    document_file,
    documents_found,
    readable_type,
    types_for,
)
from edge.slips.documents import in_words
from edge.web import serializers
from edge.web.answers import ProblemAnswer
from edge.web.document_forms import (
    as_shown,
    both_changed,
    changes_typed,
    contents_typed,
    form_fields,
    in_words_of,
    without_fields,
)
from edge.web.noting import showed
from edge.web.seen_forms import FieldChoice, chose_theirs, first_seen, first_shown, seen_field
from edge.web.visit import Answer, Visit, page_or_refusal
from printers.jobs import PENDING


def documents(visit: Visit) -> Answer:
    """List the kinds of documents that somebody may read or record."""
    catalogue = _catalogue(visit)
    return visit.page(
        "documents.html",
        types=[
            (
                type_,
                _called(visit, type_),
                _may(visit, type_, "read"),
                _records(visit, catalogue, type_),
            )
            for type_ in types_for(catalogue, visit.staff)
        ],
    )


def document_list(visit: Visit, name: str) -> Answer:
    """List the documents of a kind, newest first, or those with every word that was typed."""
    text = visit.form.get("text", "")
    before = typed_number(visit.form.get("before", "0"), 16) or 0
    catalogue = _catalogue(visit)
    type_ = readable_type(catalogue, name, visit.staff)
    with visit.backend.journal.reading() as db:
        found = documents_found(db, type_, text, before)
    showed(record.id for record in found)
    columns = [item for column in type_.columns if (item := type_.field(column)) is not None]
    code, day = visit.language.code, visit.language.day
    return visit.page(
        "document_list.html",
        type=type_,
        title=_called(visit, type_),
        text=text,
        labels=[in_language(item.label, code) for item in columns],
        rows=[
            (
                record,
                [in_words(item, record.contents.get(item.name), code, day) for item in columns],
            )
            for record in found
        ],
        records=_records(visit, catalogue, type_),
        older=found[-1].position if len(found) == PAGE and not text.strip() else 0,
    )


def new_document(visit: Visit, name: str) -> Answer:
    """Ask for what a document of a kind says, and record it."""
    type_ = type_in_force(_catalogue(visit), name)
    check_may(type_, "record", visit.staff)
    problem = None
    if visit.form and not visit.unsaved:
        try:
            contents = contents_typed(type_, visit.form)
            document = {"type": "RecordDocument", "documentType": name, "contents": contents}
            return redirect(f"/document/{visit.take_print(document)}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = _problem(visit, type_, error)
    return _form(visit, type_, {}, problem, "document_new.html")


def document_page(visit: Visit, id_: str, problem: ProblemAnswer | None = None) -> Answer:
    """Show a document: what it says, its certificates, what became of its paper."""
    found = _file(visit, id_)
    counting, code, day = found.counting, visit.language.code, visit.language.day
    with visit.backend.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, counting.id) if counting else []
    job = jobs[-1] if jobs else None
    certified = found.type.mapping.certified if found.type.mapping else ()
    return page_or_refusal(
        problem,
        visit.page(
            "document.html",
            record=found.record,
            type=found.type,
            title=_called(visit, found.type),
            lines=[
                (in_language(item.label, code), said, item.name in certified)
                for item in found.type.fields
                if (said := in_words(item, found.record.contents.get(item.name), code, day))
            ],
            papers=found.papers,
            counting=counting,
            waits=found.type.mapping is not None and counting is None,
            may={deed: _may(visit, found.type, deed) for deed in found.type.roles},
            job=job,
            earlier=print_jobs.unsettled(jobs),
            moving=job is not None and job.state in PENDING,
            problem=problem,
        ),
    )


def correct_document(visit: Visit, id_: str) -> Answer:
    """Put right what a document says; its certificate is replaced."""
    found, seen = _seen_file(visit, id_)
    check_may(found.type, "correct", visit.staff)
    problem, both, contents = None, list[FieldChoice](), found.record.contents
    if visit.form and not visit.unsaved:
        changes = changes_typed(found.type, visit.form)
        try:
            if changes or not chose_theirs(visit.form):
                visit.take_print(_correction(visit, id_, changes))
            return redirect(f"/document/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = _problem(visit, found.type, error)
            found, seen = _seen_file(visit, id_)
            contents = found.record.contents
            both = both_changed(error, found.type, contents, changes, visit.language)
    shown = as_shown(found.type, contents)
    if both:  # what nobody touched here shows what is recorded now
        visit, contents = replace(visit, form=without_fields(visit.form)), {**contents, **changes}
    return _form(
        visit,
        found.type,
        contents,
        problem,
        "document_correct.html",
        record=found.record,
        seen=first_seen(visit.form, seen, both),
        was=first_shown(visit.form, shown, both),
        both=both,
    )


def _correction(visit: Visit, id_: str, changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "CorrectDocument",
        "document": id_,
        "changes": changes,
        "reason": visit.form.get("reason", "").strip(),
        **seen_field(visit.form),
    }


def revoke_document(visit: Visit, id_: str) -> Answer:
    """Say that a document counts no longer."""
    reason = visit.form.get("reason", "").strip()
    visit.take({"type": "RevokeDocument", "document": id_, "reason": reason})
    return redirect(f"/document/{id_}", 303)  # type: ignore[return-value]


def sign_document(visit: Visit, id_: str) -> Answer:
    """Sign the certificate of a document that waits for one."""
    visit.take_print({"type": "CertifyDocument", "document": id_})
    return redirect(f"/document/{id_}", 303)  # type: ignore[return-value]


def _form(
    visit: Visit,
    type_: DocumentType,
    contents: Any,
    problem: ProblemAnswer | None,
    template: str,
    **values: Any,
) -> Answer:
    drawn = visit.page(
        template,
        type=type_,
        title=_called(visit, type_),
        fields=form_fields(type_, visit.language.code, contents, visit.form),
        problem=problem,
        **values,
    )
    return page_or_refusal(problem, drawn)


def _problem(visit: Visit, type_: DocumentType, error: EdgeError) -> ProblemAnswer:
    code = visit.language.code
    return serializers.problem(in_words_of(type_, error, code), visit.language)


def _file(visit: Visit, id_: str) -> DocumentFile:
    return _seen_file(visit, id_)[0]


def _seen_file(visit: Visit, id_: str) -> tuple[DocumentFile, int]:
    """Give a document with its papers, and the position of the journal that it is of."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        found, seen = document_file(db, catalogue, id_, visit.staff), last_position(db)
    showed([id_])
    return found, seen


def _catalogue(visit: Visit) -> Catalogue:
    with visit.backend.journal.reading() as db:
        return visit.backend.site.catalogues.current(db)


def _called(visit: Visit, type_: DocumentType) -> str:
    return in_language(type_.name, visit.language.code)


def _may(visit: Visit, type_: DocumentType, deed: str) -> bool:
    return bool(type_.roles[deed] & visit.staff.roles)


def _records(visit: Visit, catalogue: Catalogue, type_: DocumentType) -> bool:
    """Say whether somebody may record another document of a type now."""
    return type_.id in catalogue.documents and type_.active and _may(visit, type_, "record")
