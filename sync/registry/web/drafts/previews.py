"""What a draft looks like on paper and on a site's screens, before any site has it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, make_response, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.drafts.tools import ScreenPage, SlipPicture
from sync.registry.web.drafts.opened import OpenedDraft, asked_number, in_words, opened
from sync.registry.web.screen import Screen

_AT_ONCE = 8
"""Slips of a page: each takes a processor for a second."""
_WITH_PICTURES = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
_WITHIN_A_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none';"
    " frame-ancestors 'self'; base-uri 'none'; sandbox"
)
"""Nothing of a screen is executed, sent or fetched; its own style alone is believed."""


@in_words
def preview(screen: Screen, draft: str) -> Response:
    """Show slips as pictures, and the screens of a site in frames."""
    one, start = opened(screen, draft), asked_number("start")
    found, language = one.checked(), screen.language().code
    slips: Sequence[SlipPicture] = ()
    screens: Sequence[ScreenPage] = ()
    wrong: SyncError | None = None
    if found.packed:
        with screen.campaigns.tools() as tools:
            slips = tools.slips(found.packed, language)
        try:
            screens = _screens(screen, one)
        except SyncError as error:  # the slips are there all the same
            wrong = error
    page = screen.shown(
        "draft_preview.html",
        draft=one.draft,
        sound=bool(found.packed),
        slips=slips[start : start + _AT_ONCE],
        count=len(slips),
        more=start + _AT_ONCE if len(slips) > start + _AT_ONCE else 0,
        screens=screens if not start else (),
        wrong=wrong,
        tab="preview",
    )
    page.headers["Content-Security-Policy"] = _WITH_PICTURES
    return page


@in_words
def slip(screen: Screen, draft: str) -> Response:
    """Give a slip as a picture."""
    packed = _packed(opened(screen, draft))
    with screen.campaigns.tools() as tools:
        answer = make_response(tools.slip(packed, request.args.get("name", "")))
    answer.headers["Content-Type"] = "image/png"
    return answer


@in_words
def screen(screen: Screen, draft: str) -> Response:
    """Give a screen of a site, for a frame in which nothing is executed."""
    name = request.args.get("name", "")
    found = (each for each in _screens(screen, opened(screen, draft)) if each.name == name)
    shown = next(found, None)
    if shown is None:
        raise ProtocolError("page.unknown", "There is no such page.")
    answer = make_response(shown.html)
    answer.headers["Content-Security-Policy"] = _WITHIN_A_FRAME
    return answer


def _screens(screen: Screen, one: OpenedDraft) -> Sequence[ScreenPage]:
    language = screen.language().code
    return screen.campaigns.screens(one.draft.id, one.draft.revision, _packed(one), language)


def _packed(one: OpenedDraft) -> bytes:
    packed = one.checked().packed
    if not packed:
        raise SyncError("draft.mistakes", "The draft has mistakes. Mend them first: see Check.")
    return packed
