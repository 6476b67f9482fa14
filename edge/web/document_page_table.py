"""The pages of documents, in a table of their own."""

from __future__ import annotations

from collections.abc import Callable

from edge.domain.modules import DOCUMENTS
from edge.web import document_pages
from edge.web.noting import LIST, TOLD
from edge.web.page import StaffPage
from edge.web.route import STAFF
from edge.web.visit import Answer

_POST, _BOTH = ("POST",), ("GET", "POST")


def _of_document(form: str, view: Callable[..., Answer]) -> StaffPage:
    """Make the route of a form on a document's page."""
    path, again = f"/document/<id_>/{form}", document_pages.document_page
    return StaffPage(path, DOCUMENTS, STAFF, view, _POST, again=again, sees=TOLD)


DOCUMENT_PAGES: tuple[StaffPage, ...] = (
    StaffPage("/documents", DOCUMENTS, STAFF, document_pages.documents),
    StaffPage(
        "/documents/<name>", DOCUMENTS, STAFF, document_pages.document_list, _BOTH, sees=LIST
    ),
    StaffPage("/documents/<name>/new", DOCUMENTS, STAFF, document_pages.new_document, _BOTH),
    StaffPage("/document/<id_>", DOCUMENTS, STAFF, document_pages.document_page, sees=TOLD),
    StaffPage(
        "/document/<id_>/correct",
        DOCUMENTS,
        STAFF,
        document_pages.correct_document,
        _BOTH,
        sees=TOLD,
    ),
    _of_document("revoke", document_pages.revoke_document),
    _of_document("sign", document_pages.sign_document),
)
"""Types of documents, the documents of each, and what is done with one."""
