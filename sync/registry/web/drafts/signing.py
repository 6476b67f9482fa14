"""What the ministry's keys are to sign: handed out, taken back, and published by two officers."""

from __future__ import annotations

from flask import Response, g, request

from sync.protocol.errors import SyncError
from sync.registry.drafts import signing as signed
from sync.registry.web.drafts.opened import OpenedDraft, in_words, opened, to, writer
from sync.registry.web.drafts.pages import attached
from sync.registry.web.screen import Screen


@in_words
def sign(screen: Screen, draft: str) -> Response:
    """Show what waits for signatures, how many there are, and what is to be done next."""
    return _shown(screen, opened(screen, draft))


@in_words
def ask(screen: Screen, draft: str) -> Response:
    """Put the draft as it is into the folder, for the ministry's keys."""
    one = opened(screen, draft)
    found = one.checked()
    try:
        if not found.packed:
            raise SyncError("draft.mistakes", "The draft has mistakes. Mend them first: see Check.")
        now = screen.registry.now()
        signed.ask(screen.store, one.draft, found.packed, now, writer(screen))
    except SyncError as error:
        return _shown(screen, one, error)
    return _back(one)


@in_words
def signing_folder(screen: Screen, draft: str) -> Response:
    """Give the folder that is carried from key to key, as a ZIP."""
    opened(screen, draft)
    packed = screen.store.signing().folder
    return attached(packed, "to-sign.zip", "application/zip")


@in_words
def bring_signing_folder(screen: Screen, draft: str) -> Response:
    """Take the ministry's folder, the first time or anew."""
    one = opened(screen, draft)
    try:
        signed.bring_folder(screen.store, _uploaded(), screen.registry.campaign_root())
    except SyncError as error:
        return _shown(screen, one, error)
    return _back(one)


@in_words
def bring_signatures(screen: Screen, draft: str) -> Response:
    """Take signatures back, each proven against what lies here."""
    one = opened(screen, draft)
    try:
        taken = signed.take_signatures(screen.store, _uploaded())
    except SyncError as error:
        return _shown(screen, one, error)
    screen.access.write(g.visitor.name, "brought signatures", " ".join(key[:8] for key in taken))
    return _back(one)


@in_words
def propose(screen: Screen, draft: str) -> Response:
    """Ask another officer to publish it."""
    one = opened(screen, draft)
    try:
        signed.propose(screen.store, writer(screen))
    except SyncError as error:
        return _shown(screen, one, error)
    return _back(one)


@in_words
def publish(screen: Screen, draft: str) -> Response:
    """Publish what another officer asked for."""
    one = opened(screen, draft)
    registry = screen.registry
    try:
        signed.publish(
            screen.store,
            registry.key,
            registry.campaign_root(),
            g.visitor.name,
            registry.now(),
        )
    except SyncError as error:
        return _shown(screen, one, error)
    return _back(one)


def _shown(screen: Screen, one: OpenedDraft, error: SyncError | None = None) -> Response:
    state = screen.store.signing()
    asked = state.request
    return screen.asked_again(
        "draft_sign.html",
        error,
        draft=one.draft,
        state=state,
        asked=asked,
        other=screen.store.draft(asked.draft) if asked and asked.draft != one.draft.id else None,
        progress=signed.progress(state),
        sound=bool(one.checked().packed),
        root=screen.registry.campaign_root(),
        tab="sign",
    )


def _uploaded() -> bytes:
    found = request.files.get("folder")
    return found.read() if found else b""


def _back(one: OpenedDraft) -> Response:
    return to(f"/campaigns/{one.draft.id}/sign")
