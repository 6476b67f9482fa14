"""What the registry's store keeps of campaigns that are being written: files, and each revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign that is being written; ``revision`` is its newest, ``put_away_at`` mostly empty.

    Instants are ISO 8601, UTC; ``made_by`` names an operator.
    """

    id: str
    name: str
    made_at: str
    made_by: str
    revision: int = 1
    put_away_at: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """A saved change: its number in the draft from 1, when, by whom, why, and of which files."""

    number: int
    at: str
    who: str
    why: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft, and the revision that wrote it so; ``content`` None: taken away."""

    content: bytes | None
    revision: int


class Drafts(Protocol):
    """Keeps drafts of campaigns; nothing that was saved is ever written over."""

    def begin_draft(self, draft: Draft, why: str, files: Mapping[str, bytes]) -> None:
        """Keep a new draft; its files are revision 1."""
        ...

    def drafts(self, *, put_away: bool = False, limit: int = 200) -> list[Draft]:
        """Give the drafts that are written on, or those put away; the newest first."""
        ...

    def draft(self, id_: str) -> Draft | None:
        """Find a draft."""
        ...

    def put_draft_away(self, id_: str, at: str) -> None:
        """Have a draft in the list no more, from an instant on; an empty one: have it again."""
        ...

    def draft_files(self, id_: str, revision: int) -> dict[str, DraftFile]:
        """Give every file of a draft as a revision has it, by path."""
        ...

    def save_revision(
        self,
        id_: str,
        revision: Revision,
        changes: Mapping[str, bytes | None],
        seen: Mapping[str, int],
    ) -> int:
        """Save changes (None takes a file away), and give the revision's number, whatever it said.

        ``seen`` is for each path the revision of the file that the writer saw (0: none). 0, and
        nothing done, where one of them is another by now, or there is no such draft.
        """
        ...

    def revisions(self, id_: str, before: int, limit: int) -> list[Revision]:
        """Give the revisions below a number, the newest first."""
        ...
