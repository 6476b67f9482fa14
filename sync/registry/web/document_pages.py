"""The operators' page of documents of the kinds that campaigns describe."""

from __future__ import annotations

from flask import Response, request

from sync.protocol.errors import ProtocolError
from sync.registry.documents import as_document, documents_received, find_document
from sync.registry.web.reading_api import cursor_text, read_cursor
from sync.registry.web.screen import Screen


def documents(screen: Screen) -> Response:
    """List documents as they arrived, or show the one whose certificate's number was typed.

    What it says is shown to those who may read records.
    """
    number = request.args.get("number", "").strip()[:100]
    try:
        after = read_cursor(request.args.get("after", ""))
    except ProtocolError as error:
        return screen.refused(error)
    store, page = screen.store, screen.page
    entries = [] if number else documents_received(store, after, screen.registry.instant(), page)
    found = [as_document(store, entry) for entry in entries]
    return screen.shown(
        "documents.html",
        number=number,
        one=find_document(store, number) if number else None,
        found=[document for document in found if document is not None],
        more=cursor_text(entries[-1].cursor) if len(entries) == page else "",
    )
