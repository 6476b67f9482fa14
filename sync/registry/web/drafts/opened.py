"""A draft as a page has it before it, and what a form says of a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec

from flask import Response, g, make_response, redirect, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.drafts.drafting import ChangeReason, check_path
from sync.registry.drafts.tools import CheckedFiles
from sync.registry.store.drafts import Draft, DraftFile
from sync.registry.web.screen import Screen

P = ParamSpec("P")
View = Callable[Concatenate[Screen, P], Response]


@dataclass(frozen=True)
class OpenedDraft:
    """A draft with its files at its newest revision."""

    screen: Screen
    draft: Draft

    @cached_property
    def stored(self) -> dict[str, DraftFile]:
        """Give the files with the revision that wrote each."""
        return self.screen.store.draft_files(self.draft.id, self.draft.revision)

    @property
    def files(self) -> dict[str, bytes]:
        """Give what is in the files."""
        return contents(self.stored)

    def checked(self) -> CheckedFiles:
        """Give what a check finds in the language of the request."""
        language = self.screen.language().code
        return self.screen.campaigns.check(self.draft.id, self.draft.revision, self.files, language)

    def seen(self, path: str) -> int:
        """Give the revision that wrote a file; 0 where there is none."""
        return self.stored[path].revision if path in self.stored else 0


def contents(files: dict[str, DraftFile]) -> dict[str, bytes]:
    """Give what is in files."""
    return {path: file.content or b"" for path, file in files.items()}


def in_words(view: View[P]) -> View[P]:
    """Have a page say in words what could not be done."""

    @wraps(view)
    def worded(screen: Screen, /, *arguments: P.args, **named: P.kwargs) -> Response:
        try:
            return view(screen, *arguments, **named)
        except SyncError as error:
            return screen.refused(error, 400)

    return worded


def opened(screen: Screen, id_: str) -> OpenedDraft:
    """Open a draft; raises :class:`ProtocolError` where there is none."""
    draft = screen.store.draft(id_)
    if draft is None:
        raise ProtocolError("page.unknown", "There is no such draft.")
    return OpenedDraft(screen, draft)


def writer(screen: Screen) -> ChangeReason:
    """Say who changes something now, and why, as the form says."""
    return ChangeReason(g.visitor.name, screen.registry.instant(), request.form.get("why", ""))


def asked_path() -> str:
    """Give the file that an address or a form names; raises :class:`SyncError`."""
    return check_path(request.values.get("path", ""))


def asked_number(name: str) -> int:
    """Give a number of an address or a form; 0 for none."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def to(address: str) -> Response:
    """Lead to another page."""
    return make_response(redirect(address, 303))
