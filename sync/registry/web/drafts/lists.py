"""The lists of a draft row by row, and as spreadsheets that go out and come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, request

from sync.protocol.errors import SyncError
from sync.registry.drafts import drafting
from sync.registry.drafts.drafting import RevisionConflict
from sync.registry.drafts.tools import EditedList, FileMistake, ListColumn, ListPage
from sync.registry.web.drafts.files import conflict
from sync.registry.web.drafts.opened import (
    OpenedDraft,
    asked_number,
    asked_path,
    in_words,
    opened,
    to,
    writer,
)
from sync.registry.web.drafts.pages import attached
from sync.registry.web.screen import Screen

_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_NAMED = 200
"""Codes of changed rows that a page names."""


@in_words
def list_(screen: Screen, draft: str) -> Response:
    """Show a list's rows, a page at a time."""
    one, path = opened(screen, draft), asked_path()
    found, start = _page(screen, one, path), asked_number("start")
    code = request.args.get("code", "").strip()
    rows = [row for row in found.rows if row[0].startswith(code)] if code else found.rows
    return screen.shown(
        "draft_list.html",
        draft=one.draft,
        path=path,
        found=found,
        code=code,
        rows=rows[start : start + screen.page],
        count=len(rows),
        more=start + screen.page if len(rows) > start + screen.page else 0,
        kinds=list(_KINDS),
        tab="files",
    )


@in_words
def row(screen: Screen, draft: str) -> Response:
    """Show the form of a row, or of a new one."""
    one, path = opened(screen, draft), asked_path()
    found, code = _page(screen, one, path), request.args.get("code", "")
    cells = next((row for row in found.rows if row[0] == code), None)
    if code and cells is None:
        raise _no_row(code)
    values = {column.name: cells[at] if cells else "" for at, column in enumerate(found.columns)}
    return _row_form(screen, one, path, found, values, code)


@in_words
def save_row(screen: Screen, draft: str) -> Response:
    """Save a row, or take it away."""
    one, path = opened(screen, draft), asked_path()
    found, code = _page(screen, one, path), request.form.get("row", "")
    values = {column.name: _said(column) for column in found.columns}
    if code:
        values[found.columns[0].name] = code
    language = screen.language().code
    try:
        if not code and any(row[0] == values[found.columns[0].name] for row in found.rows):
            raise SyncError("draft.code-there", "There is a row with this code already.")
        with screen.campaigns.tools() as tools:
            edited = (
                tools.without_row(one.files, path, code, language)
                if request.form.get("gone") == "yes"
                else tools.with_rows(one.files, path, [values], language)
            )
        if edited.mistakes:
            return _row_form(screen, one, path, found, values, code, edited.mistakes)
        seen = {path: asked_number("seen")}
        drafting.save(screen.store, one.draft, {path: edited.content}, seen, writer(screen))
    except RevisionConflict as error:
        return conflict(screen, one, path, edited.content.decode(), error)
    except SyncError as error:
        return _row_form(screen, one, path, found, values, code, (), error)
    return to(f"/campaigns/{one.draft.id}/list?path={path}")


@in_words
def table(screen: Screen, draft: str) -> Response:
    """Give a list as a spreadsheet."""
    one, path, kind = opened(screen, draft), asked_path(), request.args.get("kind", "")
    _check_list(screen, path)
    if kind not in _KINDS:
        raise SyncError("draft.table-kind", "A spreadsheet is .xlsx or .csv.")
    with screen.campaigns.tools() as tools:
        content = tools.to_table(one.files, path, kind)
    return attached(content, f"{path.removesuffix('.yaml')}.{kind}", _KINDS[kind])


@in_words
def read_table(screen: Screen, draft: str) -> Response:
    """Show what a spreadsheet would change, and change nothing."""
    one, path = opened(screen, draft), asked_path()
    _check_list(screen, path)
    uploaded = request.files.get("table")
    source = (uploaded.filename or "table.csv", uploaded.read()) if uploaded else ("table.csv", b"")
    whole = request.form.get("whole") == "yes"
    with screen.campaigns.tools() as tools:
        edited = tools.from_table(one.files, path, source, whole, screen.language().code)
    return screen.shown(
        "draft_table.html",
        400 if edited.mistakes else 200,
        draft=one.draft,
        path=path,
        edited=edited,
        same=edited.content == one.files.get(path),
        changes=_changes(edited),
        text=edited.content.decode(),
        seen=one.seen(path),
        tab="files",
    )


def _changes(edited: EditedList) -> Mapping[str, tuple[int, Sequence[str]]]:
    parts = {"new": edited.new, "changed": edited.changed, "removed": edited.removed}
    return {name: (len(codes), codes[:_NAMED]) for name, codes in parts.items()}


def _row_form(
    screen: Screen,
    one: OpenedDraft,
    path: str,
    found: ListPage,
    values: Mapping[str, str],
    code: str,
    mistakes: Sequence[FileMistake] = (),
    error: SyncError | None = None,
) -> Response:
    page = screen.asked_again(
        "draft_row.html",
        error,
        draft=one.draft,
        path=path,
        columns=found.columns,
        values=values,
        code=code,
        mistakes=mistakes,
        seen=asked_number("seen") or one.seen(path),
        why=request.form.get("why", ""),
        tab="files",
    )
    page.status_code = 400 if mistakes else page.status_code
    return page


def _said(column: ListColumn) -> str:
    """Give what a form says in a column; several values have blanks between them."""
    return " ".join(value.strip() for value in request.form.getlist(f"cell-{column.name}"))


def _check_list(screen: Screen, path: str) -> None:
    with screen.campaigns.tools() as tools:
        if path not in tools.lists():
            raise SyncError("draft.no-list", "{file} is no list of rows.", file=path)


def _page(screen: Screen, one: OpenedDraft, path: str) -> ListPage:
    _check_list(screen, path)
    with screen.campaigns.tools() as tools:
        found = tools.view(one.files, path, screen.language().code)
    if found is None:
        raise SyncError(
            "draft.list-mistakes",
            "{file} has mistakes, and cannot be shown row by row. Mend it as text first.",
            file=path,
        )
    return found


def _no_row(code: str) -> SyncError:
    return SyncError("draft.no-row", "There is no row {code}.", code=code)
