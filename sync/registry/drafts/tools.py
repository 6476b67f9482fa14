"""What a registry needs of whoever knows campaigns: a port, found among the installed packages.

The registry carries campaigns and does not know what is in them. The package of the sites does, and
adds itself under the entry point ``divoc_edge.campaign_tools``; so may another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import Distribution, distributions
from typing import Protocol

from sync.plugins import Kind, read_plugins
from sync.protocol.errors import SyncError

Files = Mapping[str, bytes]
"""A campaign's files by their paths in its folder."""
KIND = "campaign_tools"


@dataclass(frozen=True, slots=True)
class FileMistake:
    """A mistake, or a thing to look at, in a file: its line from 1, what it is, how to mend it."""

    file: str
    line: int
    sentence: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """What a check found; ``packed`` is what sites take, empty while there is a mistake."""

    mistakes: tuple[FileMistake, ...] = ()
    remarks: tuple[FileMistake, ...] = ()
    packed: bytes = b""
    id: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a new campaign needs to be told; ``choices`` by their value, where there are some."""

    name: str
    label: str
    example: str = ""
    needed: bool = True
    choices: tuple[tuple[str, str], ...] = ()


class WrongAnswers(Exception):
    """Answers from which no campaign can be made: sentences by the questions' names."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a list: its name, what it is called, and what a cell may be, by value and words.

    ``several``: a cell holds several values with blanks between them. No ``choices``: a free text.
    """

    name: str
    label: str
    several: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of a campaign as a table: its columns, the first of them the code, and its rows."""

    columns: tuple[ListColumn, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class EditedList:
    """A list's new text and the codes of what changed; where there are mistakes, no text."""

    content: bytes = b""
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    mistakes: tuple[FileMistake, ...] = ()


@dataclass(frozen=True, slots=True)
class SlipPicture:
    """A slip that can be drawn: its name in addresses, and what it is called."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class ScreenPage:
    """A screen of a site as a page that needs nothing beside it and executes nothing."""

    name: str
    title: str
    html: str


class CampaignTools(Protocol):
    """Checks, compares, makes and draws campaigns by their files; executes nothing of them.

    ``language`` is the code of the reader's: sentences are in it where they are translated. Files
    are at most :data:`~sync.registry.drafts.drafting.MOST_BYTES` together.
    """

    def run(self, command: str, words: Sequence[str]) -> None:
        """Run a command on campaigns with the words of its call: new, check or diff.

        Raises :class:`SyncError`, or what click does for a call that is none.
        """
        ...

    def check(self, files: Files, language: str) -> CheckedFiles:
        """Find every mistake in every file."""
        ...

    def describe(self, files: Files, language: str) -> Mapping[str, str]:
        """Say of each file in words what it holds."""
        ...

    def questions(self, language: str) -> Sequence[Question]:
        """Give what a new campaign needs to be told."""
        ...

    def begin(self, answers: Mapping[str, str], today: date, language: str) -> Mapping[str, bytes]:
        """Make the files of a new campaign; raises :class:`WrongAnswers`."""
        ...

    def differences(self, before: bytes, after: bytes, language: str) -> Sequence[str]:
        """Say in sentences what is otherwise in one packed campaign than in another."""
        ...

    def lists(self) -> Sequence[str]:
        """Name the files that are lists of rows."""
        ...

    def view(self, files: Files, name: str, language: str) -> ListPage | None:
        """Give a list's rows; None while its file cannot be read as one."""
        ...

    def with_rows(
        self, files: Files, name: str, rows: Sequence[Mapping[str, str]], language: str
    ) -> EditedList:
        """Change or add the rows that are named by their code, and leave all others."""
        ...

    def without_row(self, files: Files, name: str, code: str, language: str) -> EditedList:
        """Take the row with a code away."""
        ...

    def from_table(
        self, files: Files, name: str, table: tuple[str, bytes], whole: bool, language: str
    ) -> EditedList:
        """Bring a list up to a spreadsheet (its file's name, its bytes).

        ``whole``: what is not in it is taken away.
        """
        ...

    def to_table(self, files: Files, name: str, kind: str) -> bytes:
        """Write a list as a spreadsheet; ``kind`` is ``xlsx`` or ``csv``."""
        ...

    def slips(self, packed: bytes, language: str) -> Sequence[SlipPicture]:
        """Name the slips that a packed campaign prints: for each programme, format and width."""
        ...

    def slip(self, packed: bytes, name: str) -> bytes:
        """Draw a slip as PNG; raises :class:`SyncError` for one that there is not."""
        ...

    def screens(self, packed: bytes, language: str) -> Sequence[ScreenPage]:
        """Give the main screens that a site shows under a packed campaign."""
        ...


def no_tools() -> SyncError:
    """Say that nothing here knows campaigns."""
    return SyncError(
        "campaign.no-tools",
        "Nothing that is installed here can read campaigns. Install the package divoc-edge on this"
        " machine, and start the registry anew.",
    )


def campaign_tools(
    installed: Callable[[], Iterable[Distribution]] = distributions,
) -> CampaignTools:
    """Find what knows campaigns, the first by name; raises :class:`SyncError` if there is none."""
    kind = Kind(KIND, (), callable, "a function that gives the tools")
    found = read_plugins([kind], installed).added[KIND]
    if not found:
        raise no_tools()
    made: CampaignTools = found[min(found)]()
    return made
