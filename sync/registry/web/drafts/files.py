"""A file of a draft: as text with its mistakes beside their lines; saved, or in conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from sync.protocol.errors import SyncError
from sync.registry.drafts import drafting
from sync.registry.drafts.drafting import RevisionConflict, check_path, is_text
from sync.registry.drafts.tools import FileMistake
from sync.registry.web.drafts.opened import (
    OpenedDraft,
    asked_number,
    asked_path,
    in_words,
    opened,
    to,
    writer,
)
from sync.registry.web.drafts.pages import attached, line_changes
from sync.registry.web.screen import Screen

_AROUND = 3
"""Lines shown before and behind one with a mistake, in a file too long to be shown whole."""
_WHOLE = 600
"""Lines of a file that are shown whole with their numbers."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it is shown, with what is wrong with it."""

    number: int
    text: str
    mistakes: tuple[FileMistake, ...]


@in_words
def file(screen: Screen, draft: str) -> Response:
    """Show a file as text, with what is wrong with it."""
    return _shown(screen, opened(screen, draft), asked_path())


@in_words
def new_file(screen: Screen, draft: str) -> Response:
    """Save another file, uploaded or typed, under its path."""
    one = opened(screen, draft)
    path = check_path(request.form.get("path", "").strip())
    uploaded = request.files.get("content")
    content = uploaded.read() if uploaded else b""
    drafting.save(screen.store, one.draft, {path: content or b"# \n"}, {}, writer(screen))
    return to(f"/campaigns/{one.draft.id}/file?path={path}")


@in_words
def save_file(screen: Screen, draft: str) -> Response:
    """Save a file, or take it away; where somebody was first, show both."""
    one, path = opened(screen, draft), asked_path()
    text = request.form.get("text", "").replace("\r\n", "\n")
    gone = request.form.get("gone") == "yes"
    content = None if gone else text.encode()
    seen = {path: asked_number("seen")}
    try:
        drafting.save(screen.store, one.draft, {path: content}, seen, writer(screen))
    except RevisionConflict as error:
        return conflict(screen, one, path, text, error)
    except SyncError as error:
        return _shown(screen, one, path, error, text)
    where = "" if gone else f"/file?path={path}"
    return to(f"/campaigns/{one.draft.id}{where}")


@in_words
def raw_file(screen: Screen, draft: str) -> Response:
    """Give a file to be saved, a picture too."""
    one, path = opened(screen, draft), asked_path()
    name = path.rpartition("/")[2]
    return attached(one.files.get(path, b""), name, "application/octet-stream")


def conflict(screen: Screen, one: OpenedDraft, path: str, text: str, error: SyncError) -> Response:
    """Show what somebody else saved beside what was typed."""
    newest = opened(screen, one.draft.id)
    theirs = newest.files.get(path, b"")
    return screen.shown(
        "draft_conflict.html",
        409,
        draft=newest.draft,
        path=path,
        text=text,
        seen=newest.seen(path),
        last=screen.store.revisions(newest.draft.id, newest.seen(path) + 1, 1),
        lines=line_changes(theirs, text.encode()),
        error=error,
        why=request.form.get("why", ""),
        tab="files",
    )


def _shown(
    screen: Screen,
    one: OpenedDraft,
    path: str,
    error: SyncError | None = None,
    typed: str | None = None,
) -> Response:
    content = one.files.get(path, b"")
    mistakes = [
        mistake
        for mistake in (*one.checked().mistakes, *one.checked().remarks)
        if mistake.file == path
    ]
    text = content.decode(errors="replace")
    with screen.campaigns.tools() as tools:
        as_list = path in tools.lists()
    return screen.asked_again(
        "draft_file.html",
        error,
        draft=one.draft,
        path=path,
        is_text=is_text(path),
        as_list=as_list,
        there=path in one.stored,
        text=text if typed is None else typed,
        seen=asked_number("seen") or one.seen(path),
        mistakes=mistakes,
        lines=_lines(text, mistakes) if is_text(path) else [],
        why=request.form.get("why", ""),
        tab="files",
    )


def _lines(text: str, mistakes: Sequence[FileMistake]) -> list[_Line]:
    """Number the lines; of a long file those around mistakes."""
    lines = text.splitlines() or [""]
    wrong = {min(max(mistake.line, 1), len(lines)) for mistake in mistakes}
    shown = range(1, len(lines) + 1)
    if len(lines) > _WHOLE:
        near = {line + step for line in wrong for step in range(-_AROUND, _AROUND + 1)}
        kept = sorted(near & set(shown))[:_WHOLE]
    else:
        kept = list(shown)
    return [
        _Line(
            number,
            lines[number - 1],
            tuple(each for each in mistakes if min(max(each.line, 1), len(lines)) == number),
        )
        for number in kept
    ]
