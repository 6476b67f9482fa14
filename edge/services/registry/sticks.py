"""The site's stick: what it exports, and whom it believes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.journal_source import JournalSource
from edge.domain.errors import BadInput, NotAllowed, NotFound, Unavailable
from edge.journal.delivery import HEARD, REGISTRY_KEY
from edge.journal.journal import Journal
from edge.journal.settings import keep_setting, setting
from edge.journal.unit import Unit
from edge.services.registry.carried_history import CarriedHistory
from edge.services.registry.enrolment_lists import EnrolmentLists
from edge.services.registry.introduction import Introduction
from edge.services.registry.stick_memory import (
    ANSWERED,
    CODE,
    DIVERGED,
    IDENTITY,
    RECIPIENT,
    keep_recipient,
    own_identity,
)
from sync.protocol.bundles import files
from sync.protocol.bundles.headers import Invitation, Recipient, check_invitation, check_recipient
from sync.protocol.enrolment_codes import has_fingerprint
from sync.protocol.enrolment_lists import open_pieces
from sync.protocol.errors import DivergedError, ProtocolError, SyncError
from sync.protocol.keys import fingerprint, node_id, public_key
from sync.site.inbox import Inbox
from sync.site.stick import AnswerResult, ExportResult, Sender, export, take_answer


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What was found on a stick: an invitation, an answer, and pieces of lists that were new."""

    invited: bool
    heard: AnswerResult | None
    pieces: int = 0


class SiteSticks:
    """Writes and reads sticks for one site; ``now`` and ``nonce`` come from outside.

    ``carried`` asks for people's histories; None: nobody's is asked for.
    """

    def __init__(
        self,
        journal: Journal,
        key: Ed25519PrivateKey,
        inbox: Inbox,
        introduction: Introduction,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        carried: CarriedHistory | None = None,
        lists: EnrolmentLists | None = None,
    ) -> None:
        self._journal = journal
        self._key = key
        self._inbox = inbox
        self._introduction = introduction
        self._carried = carried
        self._lists = lists
        self._now = now
        self._nonce = nonce

    def export(self, folder: Path) -> ExportResult:
        """Write everything behind the latest receipt; raises when the recipient is not known."""
        _need_folder(folder)
        recipient = self._recipient()
        sender = Sender(
            key=self._key,
            recipient=recipient,
            identity=self._journal.run(own_identity),
            nonce=self._nonce(),
            made=self._now().isoformat(),
            software=self._introduction.software,
            enrolment=self._enrolment(),
            history=self._journal.run(self._carried.question) if self._carried else None,
        )
        return export(folder, JournalSource(self._journal), self._inbox, sender)

    def take_in(self, folder: Path, registry: str = "") -> TakenIn:
        """Take in the answer for this site, and an invitation for its facility.

        A registry that was not believed before has to have the fingerprint of the enrolment code;
        or ``registry``, which a person read in the nation's letter: its first four groups or more.
        """
        _need_folder(folder)
        path = folder / files.inward_name(node_id(self._key.public_key()))
        heard = self._take_answer(path) if files.is_there(path) else None
        pieces = self._take_pieces(folder)
        # After the answer: an invitation is for a site that the registry does not know any more.
        invited = self._take_invitation(folder, registry)
        if heard is None and not invited and not pieces:
            raise NotFound(
                "stick.nothing",
                "There is nothing for this site in {folder}.",
                hint="The registry writes it with: divoc-registry stick take FOLDER",
                folder=folder,
            )
        return TakenIn(invited, heard, pieces)

    def _take_answer(self, path: Path) -> AnswerResult:
        with self._journal.reading() as db:
            key, identity = setting(db, REGISTRY_KEY), setting(db, IDENTITY)
        if not key or not identity:
            raise NotAllowed(
                "stick.no-question",
                "{file} answers a question that this site has not asked.",
                hint="Export first: divoc-edge sync export FOLDER",
                file=path.name,
            )
        try:
            heard = take_answer(
                files.read(path),
                JournalSource(self._journal),
                self._inbox,
                public_key(key),
                node_id(self._key.public_key()),
                [identity],
            )
        except ProtocolError as error:
            raise _about(path, error) from None
        except DivergedError as error:
            number = str(error.values["number"])
            self._journal.run(lambda unit: keep_setting(unit.db, DIVERGED, number))
            raise

        def work(unit: Unit) -> None:
            keep_setting(unit.db, DIVERGED, "")
            keep_recipient(unit.db, heard.recipient)
            if self._carried is not None and heard.histories is not None:
                self._carried.take(unit, *heard.histories)
            if heard.at > setting(unit.db, HEARD):
                keep_setting(unit.db, HEARD, heard.at)
            if code := setting(unit.db, CODE) or self._introduction.code:
                keep_setting(unit.db, ANSWERED, code)
                keep_setting(unit.db, CODE, "")

        self._journal.run(work)
        return heard

    def _take_pieces(self, folder: Path) -> int:
        """Take in what is whole of the pieces on a stick; what is not comes with the next."""
        if self._lists is None:
            return 0
        identity, taken = self._lists.identity(), 0
        for path in files.pieces(folder, node_id(self._key.public_key())):
            try:
                taken += self._lists.take(open_pieces(files.read(path), [identity]))
            except SyncError:  # cut off while it was copied, damaged, or an old one
                continue
        self._lists.settle()
        return taken

    def _take_invitation(self, folder: Path, registry: str) -> bool:
        """Believe an invitation, and take the code of an older registry's; false: all is known."""
        found, wrong = self._invitations(folder)
        if not found:
            if wrong:
                raise wrong
            return False
        with self._journal.reading() as db:
            pinned, known = setting(db, REGISTRY_KEY), setting(db, RECIPIENT)
            answered = setting(db, ANSWERED)
        told = registry or self._introduction.fingerprint
        fitting = [
            invitation
            for invitation in found
            if (
                invitation.key == pinned
                if pinned
                else has_fingerprint(public_key(invitation.key), told)
            )
        ]
        if not fitting:
            raise _not_believed(found[0], pinned)
        new = [
            invitation
            for invitation in fitting
            if (invitation.code != answered if invitation.code else not (pinned and known))
        ]

        def work(unit: Unit) -> None:
            for invitation in new:
                keep_setting(unit.db, REGISTRY_KEY, invitation.key)
                keep_recipient(unit.db, invitation.recipient.document)
                if invitation.code:
                    keep_setting(unit.db, CODE, invitation.code)

        self._journal.run(work)
        return bool(new)

    def _invitations(self, folder: Path) -> tuple[list[Invitation], BadInput | None]:
        """Give the invitations for this site, and what is wrong with another one."""
        found, wrong = [], None
        for path in files.invitations(folder):
            try:
                invitation = check_invitation(json.loads(files.read(path)))
            except ProtocolError as error:
                wrong = _about(path, error)
            except (ValueError, RecursionError):
                wrong = _about(path, ProtocolError("bundle.form", "This is not a bundle."))
            else:
                if invitation.facility in ("", self._introduction.facility):
                    found.append(invitation)
        return found, wrong

    def _recipient(self) -> Recipient:
        with self._journal.reading() as db:
            key, document = setting(db, REGISTRY_KEY), setting(db, RECIPIENT)
        if not key or not document:
            raise NotAllowed(
                "stick.no-recipient",
                "This site does not know yet to whom a stick is to be sealed.",
                hint="Read the registry's invitation with: divoc-edge sync import FOLDER,"
                " or connect to the registry once.",
            )
        return check_recipient(json.loads(document), public_key(key))

    def _enrolment(self) -> dict[str, Any] | None:
        """Ask to be enrolled until the registry has answered by stick; asking again is harmless."""
        with self._journal.reading() as db:
            code, answered = setting(db, CODE), setting(db, ANSWERED)
        code = code or self._introduction.code
        if code in ("", answered):
            return None
        return self._introduction.enrolment(self._key.public_key(), code)


def _not_believed(invitation: Invitation, pinned: str) -> NotAllowed:
    if pinned:
        return NotAllowed(
            "registry.other-key",
            "The registry has another key than the one this site was enrolled with."
            " Nothing is sent; call the national help desk.",
        )
    return NotAllowed(
        "stick.fingerprint",
        "The stick invites this site to the registry {fingerprint}.",
        hint="If it is yours, enter the code that its office gave, with divoc-edge enrol.",
        fingerprint=fingerprint(public_key(invitation.key)),
    )


def _need_folder(folder: Path) -> None:
    if not files.is_folder(folder):
        raise Unavailable(
            "stick.folder",
            "There is no folder {folder}.",
            hint="Plug the stick in, or write the folder where it is mounted.",
            folder=folder,
        )


def _about(path: Path, error: ProtocolError) -> BadInput:
    return BadInput(error.code, "{file}: {reason}", file=path.name, reason=str(error))
