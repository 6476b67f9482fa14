"""The tools that a registry's office writes campaigns with: the sites' own, behind its port."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property

from edge.campaign.campaign_diff import campaign_changes
from edge.campaign.mistakes import CampaignErrors
from edge.domain.errors import EdgeError
from edge.office import beginning, contents, lists
from edge.office.folders import as_folder
from edge.office.slips import SlipPictures
from edge.office.wording import OfficeText
from edge.services.campaigns import CampaignReader, CheckedCampaign
from edge.services.pins import packed_campaign
from edge.wiring.campaigns import campaign_reader
from printers.errors import PrinterError
from sync.protocol.errors import SyncError
from sync.registry.drafts.tools import (
    CheckedFiles,
    EditedList,
    Files,
    ListPage,
    Question,
    ScreenPage,
    SlipPicture,
)


class Tools:
    """Checks, compares, makes and draws campaigns as a site would, from files in memory."""

    def __init__(self, reader: CampaignReader, wording: OfficeText) -> None:
        self._reader = reader
        self._wording = wording

    def run(self, command: str, words: Sequence[str]) -> None:
        """Run one of the sites' own commands, imported when it is asked for."""
        from edge.cli.campaign import check
        from edge.cli.campaign_new import new
        from edge.cli.campaign_try import diff

        found = {"new": new, "check": check, "diff": diff}[command]
        with _in_words():
            found.main(
                list(words), prog_name=f"divoc-registry campaign {command}", standalone_mode=False
            )

    def check(self, files: Files, language: str) -> CheckedFiles:
        """Find every mistake in every file, as ``divoc-edge campaign check`` does."""
        try:
            with as_folder(files) as folder:
                checked = self._reader.folder(folder)
        except CampaignErrors as error:
            return CheckedFiles(self._wording.mistakes(language, error.mistakes))
        remarks = self._reader.remarks(checked, date.today())  # noqa: DTZ011  (the clerk's day)
        body = checked.body
        return CheckedFiles(
            remarks=self._wording.mistakes(language, remarks),
            packed=packed_campaign(body).encode(),
            id=str(body["id"]),
            version=str(body["version"]),
        )

    def describe(self, files: Files, language: str) -> Mapping[str, str]:
        """Say of each file in words what it holds."""
        return contents.described(files, self._wording.language(language))

    def questions(self, language: str) -> Sequence[Question]:
        """Give what a new campaign needs to be told."""
        return beginning.questions(self._wording.language(language))

    def begin(self, answers: Mapping[str, str], today: date, language: str) -> Mapping[str, bytes]:
        """Make the files of a new campaign; raises :class:`WrongAnswers`."""
        return beginning.begun(answers, today, self._wording.language(language))

    def differences(self, before: bytes, after: bytes, language: str) -> Sequence[str]:
        """Say in sentences what is otherwise in one packed campaign than in another."""
        old, new = (json.loads(packed) for packed in (before, after))
        return [
            self._wording.say(language, change.sentence, change.values)
            for change in campaign_changes(old, new)
        ]

    def lists(self) -> Sequence[str]:
        """Name the files that are lists of rows."""
        return [table.file for table in lists.TABLES.values()]

    def view(self, files: Files, name: str, language: str) -> ListPage | None:
        """Give a list's rows; None while its file cannot be read as one."""
        return lists.view(files, name, self._wording.language(language))

    def with_rows(
        self, files: Files, name: str, rows: Sequence[Mapping[str, str]], language: str
    ) -> EditedList:
        """Change or add the rows that are named by their code, and leave all others."""
        return lists.edited(files, name, lists.table_of(rows), False, self._wording, language)

    def without_row(self, files: Files, name: str, code: str, language: str) -> EditedList:
        """Take the row with a code away."""
        return lists.without(files, name, code, self._wording, language)

    def from_table(
        self, files: Files, name: str, table: tuple[str, bytes], whole: bool, language: str
    ) -> EditedList:
        """Bring a list up to a spreadsheet."""
        return lists.edited(files, name, table, whole, self._wording, language)

    def to_table(self, files: Files, name: str, kind: str) -> bytes:
        """Write a list as a spreadsheet."""
        return lists.as_table(files, name, kind)

    def slips(self, packed: bytes, language: str) -> Sequence[SlipPicture]:
        """Name the slips that a packed campaign prints."""
        return self._drawer.named(json.loads(packed), self._wording.language(language))

    def slip(self, packed: bytes, name: str) -> bytes:
        """Draw a slip as PNG; raises :class:`SyncError` for one that there is not."""
        with _in_words():
            return self._drawer.drawn(json.loads(packed), name)

    def screens(self, packed: bytes, language: str) -> Sequence[ScreenPage]:
        """Give the main screens that a site shows under a packed campaign."""
        from edge.office import screens  # a whole site: for who looks at them alone

        with _in_words():
            campaign = CheckedCampaign(json.loads(packed))
            return screens.shown(campaign, self._wording.language(language))

    @cached_property
    def _drawer(self) -> SlipPictures:
        return SlipPictures(self._wording)


@contextmanager
def _in_words() -> Iterator[None]:
    """Say what went wrong at a site or a printer as the registry says things."""
    try:
        yield
    except (EdgeError, PrinterError) as error:
        raise SyncError(error.code, error.sentence, **error.values) from None


def tools() -> Tools:
    """Make them: the entry point of ``divoc_edge.campaign_tools``."""
    return Tools(campaign_reader(), OfficeText())
