"""The list of the campaigns that are written here, a new one, and one's files and history."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import Response, make_response, request

from sync.protocol.errors import SyncError
from sync.registry.drafts import drafting
from sync.registry.drafts.archives import packed_archive, read_archive
from sync.registry.drafts.drafting import LONGEST_NAME, is_path
from sync.registry.drafts.published import published_campaign
from sync.registry.drafts.tools import WrongAnswers
from sync.registry.site_campaigns import site_campaign
from sync.registry.store.drafts import Revision
from sync.registry.web.drafts.opened import (
    asked_number,
    contents,
    in_words,
    opened,
    to,
    writer,
)
from sync.registry.web.places import after_node, behind
from sync.registry.web.screen import Screen

_SHOWN_LINES = 400
"""Lines of what a revision changed that are shown."""


@in_words
def drafts(screen: Screen, error: SyncError | None = None) -> Response:
    """List the drafts, and those that were put away."""
    away = "away" in request.args
    found = screen.store.drafts(put_away=away)
    return screen.asked_again("drafts.html", error, drafts=found, away=away, most=LONGEST_NAME)


@in_words
def new_draft(screen: Screen) -> Response:
    """Ask what a new campaign needs to be told."""
    return _asking(screen, {}, None)


@in_words
def begin_draft(screen: Screen) -> Response:
    """Make a campaign from the answers."""
    language = screen.language().code
    answers = {name: text for name, text in request.form.items() if name != "form"}
    try:
        with screen.campaigns.tools() as tools:
            files = tools.begin(answers, screen.registry.now().date(), language)
        name = answers.get("title", "")
        draft = drafting.begin(screen.store, uuid4().hex, name, files, writer(screen))
    except WrongAnswers as error:
        return _asking(screen, error.sentences, None)
    except SyncError as error:
        return _asking(screen, {}, error)
    return to(f"/campaigns/{draft.id}")


def _asking(screen: Screen, wrong: dict[str, str] | object, error: SyncError | None) -> Response:
    with screen.campaigns.tools() as tools:
        questions = tools.questions(screen.language().code)
    page = screen.asked_again(
        "draft_new.html", error, questions=questions, wrong=wrong, answers=request.form
    )
    page.status_code = 400 if wrong else page.status_code
    return page


@in_words
def bring_draft(screen: Screen) -> Response:
    """Make a draft of a folder that was packed as a ZIP."""
    uploaded = request.files.get("folder")
    try:
        files = read_archive(uploaded.read() if uploaded else b"", is_path)
        name = request.form.get("name", "")
        draft = drafting.begin(screen.store, uuid4().hex, name, files, writer(screen))
    except SyncError as error:
        return drafts(screen, error)
    return to(f"/campaigns/{draft.id}")


@in_words
def draft(screen: Screen, draft: str) -> Response:
    """Show a draft's files with what they hold in words."""
    one = opened(screen, draft)
    with screen.campaigns.tools() as tools:
        told = tools.describe(one.files, screen.language().code)
        lists = set(tools.lists())
    return screen.shown(
        "draft.html", draft=one.draft, files=one.stored, told=told, lists=lists, tab="files"
    )


@in_words
def put_away(screen: Screen, draft: str) -> Response:
    """Put a draft away, or have it again."""
    one = opened(screen, draft).draft
    at = screen.registry.instant() if request.form.get("away") == "yes" else ""
    screen.store.put_draft_away(one.id, at)
    return to("/campaigns")


@in_words
def folder(screen: Screen, draft: str) -> Response:
    """Give a draft's files as a ZIP."""
    one = opened(screen, draft)
    return attached(packed_archive(one.files), "campaign.zip", "application/zip")


@in_words
def check(screen: Screen, draft: str) -> Response:
    """Show every mistake, and what is to be looked at."""
    one = opened(screen, draft)
    return screen.shown("draft_check.html", draft=one.draft, found=one.checked(), tab="check")


@in_words
def differences(screen: Screen, draft: str) -> Response:
    """Say in words what is otherwise than in the campaign that sites are told to run."""
    one = opened(screen, draft)
    found, published = one.checked(), published_campaign(screen.store)
    changes: Sequence[str] = ()
    if published is not None and found.packed:
        with screen.campaigns.tools() as tools:
            language = screen.language().code
            changes = tools.differences(published.packed, found.packed, language)
    return screen.shown(
        "draft_differences.html",
        draft=one.draft,
        found=found,
        published=published,
        changes=changes,
        tab="differences",
    )


@in_words
def campaign_sites(screen: Screen) -> Response:
    """List which campaign each site runs, and what it refused since."""
    store, page = screen.store, screen.page
    nodes = store.silent(behind(request.args.get("after", "")), page + 1)
    more, nodes = len(nodes) > page, nodes[:page]
    return screen.shown(
        "campaign_sites.html",
        published=published_campaign(store),
        sites=[(record, site_campaign(store, record.node)) for record in nodes],
        more=after_node(nodes[-1], "") if more else "",
    )


@in_words
def history(screen: Screen, draft: str) -> Response:
    """List the revisions: who changed what, when and why; and one of them, line by line."""
    one = opened(screen, draft)
    before = asked_number("before") or one.draft.revision + 1
    found = screen.store.revisions(one.draft.id, before, screen.page + 1)
    more = found[screen.page - 1].number if len(found) > screen.page else 0
    chosen = None
    if "number" in request.args:
        number = drafting.check_revision(one.draft, asked_number("number"))
        (chosen,) = screen.store.revisions(one.draft.id, number + 1, 1)
    return screen.shown(
        "draft_history.html",
        draft=one.draft,
        revisions=found[: screen.page],
        more=more,
        chosen=chosen,
        changes=list(_changes(screen, one.draft.id, chosen)) if chosen else [],
        tab="history",
    )


@in_words
def back(screen: Screen, draft: str) -> Response:
    """Make the files what they were at a revision, as a new revision."""
    one = opened(screen, draft).draft
    drafting.back_to(screen.store, one, asked_number("number"), writer(screen))
    return to(f"/campaigns/{one.id}/history")


def attached(content: bytes, name: str, kind: str) -> Response:
    """Give a file to be saved."""
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a revision did with a file: lines, each with its mark (+, - or a blank)."""

    path: str
    lines: list[str]


def _changes(screen: Screen, id_: str, revision: Revision) -> Iterator[_Changed]:
    before, after = (
        contents(screen.store.draft_files(id_, number))
        for number in (revision.number - 1, revision.number)
    )
    left = _SHOWN_LINES
    for path in revision.paths:
        lines = line_changes(before.get(path, b""), after.get(path, b""))[:left]
        left -= len(lines)
        yield _Changed(path, lines)


def line_changes(before: bytes, after: bytes) -> list[str]:
    """Compare two texts line by line; of what is no text nothing is told."""
    if b"\0" in before + after:
        return []
    old, new = (text.decode(errors="replace").splitlines() for text in (before, after))
    return [
        line
        for line in difflib.unified_diff(old, new, lineterm="", n=2)
        if line[:3] not in ("---", "+++")
    ]
