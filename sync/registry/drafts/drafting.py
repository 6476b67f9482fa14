"""Writing a campaign in the office: what may be saved, and what happens when two save at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sync.bounded_files import MB
from sync.protocol.counted import Counted
from sync.protocol.errors import SyncError
from sync.registry.store.drafts import Draft, DraftFile, Drafts, Revision

LARGEST_FILE = 2 * MB
MOST_BYTES = 8 * MB
"""Of all files of a draft together."""
MOST_FILES = 300
MOST_DRAFTS = 100
"""Drafts that are not put away."""
LONGEST_NAME = LONGEST_REASON = 200
_SHORTEST_REASON = 3
_PATH = re.compile(
    r"(?:[a-z][a-z0-9_-]{0,39}/)?[A-Za-z0-9][\w.-]{0,99}\.(?:yaml|po|png|jpe?g)", re.ASCII
)
"""Of other letters a name may be too long for a file system, and none stands in a header."""
_VERIFIER = b"$argon2"
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Embeddings, overrides and isolates (UAX 9): with them a name shows other letters than it has."""
_LEFT_OUT = {0: " ", **dict.fromkeys(_TURNING, "")}
"""PostgreSQL keeps no NUL in a text."""


@dataclass(frozen=True, slots=True)
class ChangeReason:
    """Who changes something, when (ISO 8601, UTC), and why."""

    who: str
    at: str
    why: str


class RevisionConflict(SyncError):
    """Somebody else saved the same file since it was opened; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "draft.other-revision",
            "Somebody else has saved this file since you opened it. Nothing of either was lost:"
            " look at both and choose.",
        )


def begin(
    store: Drafts, id_: str, name: str, files: Mapping[str, bytes], writer: ChangeReason
) -> Draft:
    """Keep a new draft; raises :class:`SyncError` for what may not be kept."""
    name = _written(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise SyncError(
            "draft.name",
            Counted(
                "Say what the draft is called, in at most {most} letter.",
                "Say what the draft is called, in at most {most} letters.",
            ),
            most=LONGEST_NAME,
        )
    if len(store.drafts(limit=MOST_DRAFTS)) >= MOST_DRAFTS:
        raise SyncError(
            "draft.too-many",
            Counted(
                "There is {most} draft. Put it away if nobody needs it.",
                "There are {most} drafts. Put one away that nobody needs.",
            ),
            most=MOST_DRAFTS,
        )
    why = check_reason(writer.why)
    if not any(map(is_text, files)):
        check_path("")  # another folder than a campaign's: say what its files are called
    _check_all(files)
    draft = Draft(id_, name, writer.at, writer.who)
    store.begin_draft(draft, why, files)
    return draft


def save(
    store: Drafts,
    draft: Draft,
    changes: Mapping[str, bytes | None],
    seen: Mapping[str, int],
    writer: ChangeReason,
) -> int:
    """Save changes of files (None takes one away) as one revision; gives its number.

    What is there already is not saved again: 0 where nothing changes. Raises
    :class:`RevisionConflict` where somebody was first, :class:`SyncError` for what may not be kept.
    """
    now = store.draft_files(draft.id, draft.revision)
    real = {
        path: content
        for path, content in changes.items()
        if content != (now[path].content if path in now else None)
    }
    if not real:
        return 0
    why = check_reason(writer.why)
    whole = {path: file.content or b"" for path, file in now.items()} | real
    _check_all({path: content for path, content in whole.items() if content is not None})
    number = store.save_revision(
        draft.id,
        Revision(0, writer.at, writer.who, why),
        real,
        dict.fromkeys(real, 0) | dict(seen),
    )
    if not number:
        raise RevisionConflict
    return number


def back_to(store: Drafts, draft: Draft, revision: int, writer: ChangeReason) -> int:
    """Make the files what they were at a revision, as a revision of its own; 0: they are."""
    check_revision(draft, revision)
    then, now = (store.draft_files(draft.id, number) for number in (revision, draft.revision))
    changes = {path: _content(then.get(path)) for path in {*then, *now}}
    return save(store, draft, changes, {path: file.revision for path, file in now.items()}, writer)


def check_revision(draft: Draft, number: int) -> int:
    """Give a revision's number; raises :class:`SyncError` for one that the draft does not have."""
    if not 0 < number <= draft.revision:
        raise SyncError("draft.revision", "There is no revision {number}.", number=number)
    return number


def is_path(path: str) -> bool:
    """Say whether a file of a campaign may be called so."""
    return bool(_PATH.fullmatch(path)) and ".." not in path


def is_text(path: str) -> bool:
    """Say whether a file is written as text, and is no picture."""
    return path.endswith((".yaml", ".po"))


def check_path(path: str) -> str:
    """Give a file's path in a campaign; raises :class:`SyncError` for what is none."""
    if not is_path(path):
        raise SyncError(
            "draft.path",
            "A file of a campaign is called like staff.yaml, schedules/measles.yaml, words/sw.po or"
            " pictures/logo.png.",
        )
    return path


def _content(file: DraftFile | None) -> bytes | None:
    return file.content if file else None


def _written(text: str) -> str:
    """Give a text on one line, without what turns letters around and without NUL."""
    return " ".join(text.translate(_LEFT_OUT).split())


def check_reason(why: str) -> str:
    """Give a reason as it is kept; raises :class:`SyncError` for one that says nothing."""
    why = _written(why)
    if not _SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise SyncError(
            "draft.why",
            Counted(
                "Say why, in {least} to {most} letter: others read it in the history.",
                "Say why, in {least} to {most} letters: others read it in the history.",
                "most",
            ),
            least=_SHORTEST_REASON,
            most=LONGEST_REASON,
        )
    return why


def _check_all(files: Mapping[str, bytes]) -> None:
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise SyncError(
            "draft.too-large",
            Counted(
                "A draft has at most {files} file and {most} MB. Leave regions to the regions"
                " (divoc-registry campaign region).",
                "A draft has at most {files} files and {most} MB. Leave regions to the regions"
                " (divoc-registry campaign region).",
                "files",
            ),
            files=MOST_FILES,
            most=MOST_BYTES // MB,
        )
    for path, content in files.items():
        check_path(path)
        if len(content) > LARGEST_FILE:
            raise SyncError(
                "draft.large-file",
                "{file} is larger than {most} MB.",
                file=path,
                most=LARGEST_FILE // MB,
            )
        if _VERIFIER in content:
            raise SyncError(
                "draft.verifiers",
                "{file} holds the verifiers of PINs, which are for nobody but a site. Take the"
                " lines with pin away: each site gives its own PINs.",
                file=path,
            )
