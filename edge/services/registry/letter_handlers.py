"""What the nation's letters come to at this site: campaign, lists, enrolments, certificates.

Each kind is prepared outside the writer, where checking may take its time and files are written
that are not part of the journal; all of that may happen twice. What belongs to the journal then
happens in the unit of work that moves the cursor.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.adapters.signers import Signers
from edge.campaign.divoc_csv import Enrolment, read_enrolments
from edge.campaign.files.table_file import TableFile
from edge.campaign.mistakes import Mistake
from edge.domain.errors import BadInput, EdgeError
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.journal import Journal
from edge.journal.letter_troubles import LetterTrouble, tell
from edge.journal.unit import Unit
from edge.services.campaigns import Campaigns, CheckedCampaign, in_words
from edge.services.certificates.signed_intake import SignedIntake
from edge.services.imports.importer import Importer
from edge.services.imports.reports import as_mistake, unseen
from edge.services.imports.rows import Rows
from edge.services.registry.inbox import (
    Handler,
    PartialLetterError,
    Prepare,
    let_go_withdrawn,
)
from edge.services.site import Site
from sync.protocol.campaign_files import read_files
from sync.protocol.errors import ProtocolError
from sync.protocol.invitations import LETTER as INVITATION
from sync.protocol.letters import Letter

_BY = "nation"
_LONGEST = 40
"""Letters of a campaign's id, and of its version, as its schema has them."""
_MISTAKES = 20
"""Mistakes of a campaign that its refusal names."""


class RowErrors(PartialLetterError):
    """Some rows of a table could not be taken; ``mistakes`` names them."""

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        super().__init__(
            "enrolments.mistakes",
            "Rows of {file} that could not be taken: {count}. The others were.",
            count=len(mistakes),
            file=file,
        )
        self.mistakes = tuple(mistakes)


def campaigns(campaigns: Campaigns) -> Prepare:
    """Apply a campaign whole, also one that comes as the files the ministry signed.

    One that cannot be applied stays aside. See :func:`taken`.
    """

    def prepare(letter: Letter) -> Handler:
        # The letter's own id: the feed read again from its beginning changes nothing.
        packed = letter.body.get("campaign")
        id_ = derived_id("campaign letter", {"id": letter.id, "campaign": packed})
        if campaigns.is_recorded(id_):
            return _nothing
        checked = _checked(campaigns, letter.body)
        # The lists are in a file of their own, so they are there before the cursor, and whatever
        # becomes of the campaign: what was revoked is revoked here too.
        refused = campaigns.take_lists(checked).refused
        campaigns.would_change(checked)  # refused here, the letter is kept aside and told of

        def apply(unit: Unit, _: Letter) -> None:
            campaigns.record(unit, checked, id_, by=_BY)
            for error in refused.values():
                values = {name: str(value) for name, value in error.values.items()}
                trouble = LetterTrouble("list", letter.at, error.sentence, values, "")
                tell(unit, "list", trouble)

        return apply

    return prepare


def _checked(campaigns: Campaigns, body: Mapping[str, Any]) -> CheckedCampaign:
    if "files" in body:
        try:
            files = read_files(body)
        except ProtocolError as error:
            raise in_words(error) from None
        return campaigns.signed(files)
    packed = body.get("campaign")
    if not isinstance(packed, dict):
        raise unreadable()
    return campaigns.reader.packed(packed)


def refused_campaign(unit: Unit, letter: Letter, error: EdgeError) -> None:
    """Record that a campaign was not applied, and why, for the nation: once for each reason."""
    if error.temporary:
        return
    body = letter.body.get("campaign")
    campaign = body if isinstance(body, dict) else {}
    mistakes = getattr(error, "mistakes", ())
    refused = {
        "letter": letter.id,
        "campaign": str(campaign.get("id", ""))[:_LONGEST],
        "version": str(campaign.get("version", ""))[:_LONGEST],
        "code": error.code,
        "sentence": str(error),
        "mistakes": [str(mistake) for mistake in mistakes[:_MISTAKES]],
    }
    id_ = derived_id("campaign refused", refused)
    if not has_entry(unit.db, id_):
        unit.append("CampaignRefused", refused, id_=id_, by=_BY)


def taken(campaigns: Campaigns) -> Callable[[frozenset[str]], None]:
    """Look again at what the letters of these kinds may have changed, once they are on the disk."""

    def after(kinds: frozenset[str]) -> None:
        if "campaign" in kinds:
            campaigns.came_into_force()

    return after


def lists(intake: SignedIntake, issuer: Callable[[], str], campaigns: Campaigns) -> Prepare:
    """Take a list that the ministry signed, in place of the one of its name.

    It is in a file of its own, so it is there before the cursor.
    """

    def told(unit: Unit, _: Letter) -> None:
        campaigns.tell_lists(unit)

    def prepare(letter: Letter) -> Handler:
        with _file(letter) as path:
            intake.take(path, issuer())
        return told

    return prepare


def refused_letter(unit: Unit, letter: Letter, error: EdgeError) -> None:
    """Record that a letter could not be taken, and why, for the nation: once for each reason.

    No mistake of a table is named: what stands in its rows is people's.
    """
    if error.temporary:
        return
    refused = {
        "letter": letter.id,
        "kind": letter.kind,
        "name": str(letter.body.get("name", ""))[:_LONGEST],
        "code": error.code,
        "sentence": str(error),
    }
    id_ = derived_id("letter refused", refused)
    if not has_entry(unit.db, id_):
        unit.append("LetterRefused", refused, id_=id_, by=_BY)


def enrolments(importer: Importer, journal: Journal, site: Site) -> Prepare:
    """Register who is expected, as ``divoc-edge import enrolments`` does; good rows are kept."""

    def prepare(letter: Letter) -> Handler:
        name, rows = _enrolled(letter, journal, site)
        report = importer.enrolments(name, rows, _text(letter, "programme"), unseen)
        left = (*report.mistakes, *map(as_mistake, report.questions))
        if left:
            raise RowErrors(name, left)
        return _nothing

    return prepare


def withdrawn(importer: Importer, journal: Journal, site: Site, invitation: Handler) -> Prepare:
    """Let go a letter that the nation has taken back; who was expected by it is not any more.

    ``invitation`` takes back an invitation of staff.

    What was applied or taken of a campaign or a list stays: another edition of it says otherwise.
    """

    def prepare(letter: Letter) -> Handler:
        if letter.body.get("kind") == INVITATION:
            return invitation
        if letter.body.get("kind") == "enrolments":
            name, rows = _enrolled(letter, journal, site)
            importer.withdrawn_enrolments(name, rows, _text(letter, "programme"))
        return let_go_withdrawn

    return prepare


def _enrolled(letter: Letter, journal: Journal, site: Site) -> tuple[str, Rows[Enrolment]]:
    with journal.reading() as db:
        region = site.catalogues.current(db).issuer.country
    name = _text(letter, "name")
    table = TableFile.of(name, _text(letter, "text").encode())  # never as a file: people
    return name, read_enrolments(table, site.clock.today(), region)


def certificates(signers: Signers, installed: Callable[[], None]) -> Prepare:
    """Install a signing certificate, if it is for a key of this site."""

    def prepare(letter: Letter) -> Handler:
        signers.install(_text(letter, "pem").encode())
        installed()
        return _nothing

    return prepare


def _text(letter: Letter, name: str) -> str:
    value = letter.body.get(name)
    if not isinstance(value, str) or not value:
        raise unreadable()
    return value


@contextmanager
def _file(letter: Letter) -> Iterator[Path]:
    """Give the letter's text as a file: the readers stream."""
    text = _text(letter, "text")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(text.encode())
        yield path


def unreadable() -> BadInput:
    """Say that a letter makes no sense here."""
    return BadInput("letter.form", "The letter is not what its kind says. Update this software.")


def _nothing(unit: Unit, letter: Letter) -> None:
    """All of it is done."""
