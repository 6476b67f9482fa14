"""Invitations of staff: a one-time code instead of a first PIN that somebody else has chosen.

The registry's office invites; its key alone lets nobody in. Who gives the code chooses a PIN, and a
supervisor of the site says, with their own PIN, that it is the person named: before that the PIN
counts for nothing. Who somebody is and what they may do is the campaign's alone
(docs/decisions/0038).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed
from edge.journal import invitations, pin_tries, sessions
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.invitations import InvitationRow
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.plugins.sign_in.verifiers import bound_verifier, check_code, check_form
from edge.ports import Clock
from edge.services.access_log import AccessLog
from edge.services.catalogue_cache import CatalogueCache
from edge.services.guesses import PinAsker
from edge.services.pins import PinSeal
from edge.services.registry.inbox import Handler, let_go_withdrawn
from edge.services.sign_in import Authenticator
from edge.services.site import IdSource
from sync.protocol.errors import SyncError
from sync.protocol.instants import instant, read_instant
from sync.protocol.invitations import Invitation, open_invitation
from sync.protocol.keys import node_id
from sync.protocol.letters import Letter

if TYPE_CHECKING:
    from sqlite_utils import Database

_BY = "nation"
_SKEW = timedelta(days=1)
"""By how much a site's clock may be behind the registry's when an invitation was made."""
_LISTED = timedelta(days=30)
"""For so long after its end an invitation is still listed, so that a supervisor can say why."""


class Invitations:
    """The invitations of one site; ``key`` gives the node's own, which opens them."""

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        authenticator: Authenticator,
        clock: Clock,
        ids: IdSource,
        seal: PinSeal,
        log: AccessLog,
        facility: str,
        key: Callable[[], Ed25519PrivateKey],
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._authenticator = authenticator
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._log = log
        self._facility = facility
        self._key = key

    def prepare(self, letter: Letter) -> Handler:
        """Open an invitation's letter; raises :class:`BadInput` for one that is not for here."""
        try:
            told = open_invitation(letter.body, self._key())
        except SyncError:
            raise _unopened() from None
        here = told.node == node_id(self._key().public_key()) and told.id == letter.id
        if not here or told.facility.casefold() != self._facility.casefold():
            raise _unopened()
        return lambda unit, _: self._record(unit, told)

    def withdrawn(self, unit: Unit, letter: Letter) -> None:
        """Take an invitation back that the nation has withdrawn, also one that comes only later."""
        self._end(unit, str(letter.body.get("letter", ""))[:100], "withdrawn", _BY)
        let_go_withdrawn(unit, letter)

    def take(self, code: str, one_time: str, pin: str, asker: PinAsker) -> Staff:
        """Spend an invitation on a PIN that its person chose; it waits for a supervisor.

        Counts as a try of a PIN; a right one does not, and makes no tablet known, for the registry
        could make right ones. Raises :class:`BadInput` for a PIN that is none,
        :class:`NotAllowed` for a code that does not fit, or fits no more.
        """
        check_form(pin)
        code = code.strip()
        with self._journal.reading() as db:
            staff = self._authenticator.prover.known(db, code)
        account = self._authenticator.prover.account_of(staff, code)
        with self._authenticator.guard.trying(asker, account) as one:
            with self._journal.reading() as db:
                found = invitations.open_invitation(db, staff.code) if staff else None
            verifier = self._seal.open(found.staff, found.verifier) if found else ""
            right = check_code(verifier, one_time)
            right = right and staff is not None and self._authenticator.works_here(staff)
            one.counted = not right or found is None or bool(found.taken_at)
        if staff is None or found is None or not right:
            self._log.note("wrong-pin", staff.code if staff else "", asker.key)
            raise NotAllowed(
                "invitation.wrong",
                "Your code or the code of the invitation is wrong, or it does not count any more.",
                hint="Read both again. If they are right, ask who invited you for a new one.",
            )
        if found.taken_at:
            raise _spent()
        verifier = self._seal.seal(staff.code, bound_verifier(self._seal.bound, staff.code, pin))
        self._journal.run(lambda unit: self._taken(unit, staff.code, found.id, verifier, asker))
        return staff

    def confirm(self, id_: str, by: Staff) -> Staff:
        """Let the PIN count that an invited person chose: the supervisor knows who that is.

        Raises :class:`EdgeError` where the invitation ended meanwhile, or its person left.
        """

        def work(unit: Unit) -> Staff:
            found = _waiting(unit.db, id_)
            staff = self._able(unit.db, found)
            if by.code == staff.code:
                raise NotAllowed(
                    "invitation.own",
                    "Nobody confirms their own invitation.",
                    hint="Ask another supervisor.",
                )
            body = {"staff": staff.code, "verifier": found.pin, "invitation": id_}
            unit.append("PinSet", body, id_=self._ids.new(), by=by.code)
            pin_tries.forget_tries(unit.db, staff.code)
            sessions.close_sessions_of(unit.db, staff.code)
            return staff

        staff = self._journal.run(work)
        self._authenticator.sessions.forget_of(staff.code)
        self._authenticator.steps.forget_of(staff.code)
        self._log.note("pin-set", by.code, place=staff.code)
        return staff

    def refuse(self, id_: str, by: Staff) -> None:
        """End an invitation that somebody else took, or that nobody here wants."""

        def work(unit: Unit) -> None:
            _known(unit.db, id_)
            self._end(unit, id_, "refused", by.code)

        self._journal.run(work)

    def here(self) -> list[tuple[Staff, InvitationRow]]:
        """Name who is invited of those who work here, by staff codes; for a month also the late."""
        late = instant(self._clock.now() - _LISTED)
        with self._journal.reading() as db:
            staff = self._catalogues.current(db).staff
            found = invitations.open_invitations(db)
        named = [
            (staff[row.staff], row) for row in found if row.staff in staff and row.expires > late
        ]
        return [(who, row) for who, row in named if self._authenticator.works_here(who)]

    def counts(self, found: InvitationRow) -> bool:
        """Say whether an invitation has not expired by this site's clock."""
        return instant(self._clock.now()) < found.expires

    def _record(self, unit: Unit, told: Invitation) -> None:
        older = told.issued < invitations.last_issued(unit.db, told.staff)
        if older or invitations.knows_invitation(unit.db, told.id):
            return
        body = {
            "invitation": told.id,
            "staff": told.staff,
            "verifier": self._seal.seal(told.staff, told.verifier),
            "issued": told.issued,
            "expires": told.expires,
        }
        unit.append("StaffInvited", body, id_=derived_id("invited", {"id": told.id}), by=_BY)

    def _taken(self, unit: Unit, code: str, id_: str, verifier: str, asker: PinAsker) -> None:
        found = invitations.open_invitation(unit.db, code)
        if found is None or found.id != id_ or found.taken_at:
            raise _spent()
        self._able(unit.db, found)
        body = {"invitation": id_, "staff": code, "verifier": verifier, "tablet": asker.key}
        unit.append("StaffInvitationTaken", body, id_=self._ids.new(), by=code)

    def _end(self, unit: Unit, id_: str, why: str, by: str) -> None:
        entry = derived_id("invitation ended", {"id": id_})
        if not has_entry(unit.db, entry):
            body = {"invitation": id_, "why": why}
            unit.append("StaffInvitationEnded", body, id_=entry, by=by)

    def _able(self, db: Database, found: InvitationRow) -> Staff:
        """Let an invitation through that counts now, for somebody who works here without a PIN."""
        staff = self._catalogues.current(db).staff.get(found.staff)
        if staff is None or not self._authenticator.works_here(staff):
            raise NotAllowed(
                "invitation.not-here",
                "The campaign does not name this person here any more.",
                hint="Ask who invited them.",
            )
        now = self._clock.now()
        if not self._clock.believed() or now < read_instant(found.issued) - _SKEW:
            raise NotAllowed(
                "invitation.clock",
                "The clock of the site computer is wrong: it shows {today}.",
                hint="A technician sets it right. Then the invitation counts.",
                today=now.date().isoformat(),
            )
        if not self.counts(found):
            raise NotAllowed(
                "invitation.expired",
                "The invitation counted until {until}, and here it is {today}.",
                hint="Ask who invited you for a new one. If the date is wrong, call a technician.",
                until=found.expires[:10],
                today=now.date().isoformat(),
            )
        if self._authenticator.has_pin(db, staff):
            raise NotAllowed(
                "invitation.has-pin",
                "Whoever has a PIN here needs no invitation.",
                hint="A supervisor sets a new PIN for whoever has forgotten theirs.",
            )
        return staff


def _known(db: Database, id_: str) -> InvitationRow:
    found = {row.id: row for row in invitations.open_invitations(db)}.get(id_)
    if found is None:
        raise BadInput(
            "invitation.gone",
            "This invitation does not count any more.",
            hint="Look at the list again.",
            field="invitation",
        )
    return found


def _waiting(db: Database, id_: str) -> InvitationRow:
    found = _known(db, id_)
    if not found.taken_at:
        raise BadInput(
            "invitation.untaken",
            "Nobody has used this invitation yet.",
            hint="The invited person types the code at a tablet first.",
            field="invitation",
        )
    return found


def _spent() -> EdgeError:
    return NotAllowed(
        "invitation.spent",
        "This invitation was used already, and waits for a supervisor.",
        hint="If that was not you, tell the supervisor: refuse it, and ask for a new one.",
    )


def _unopened() -> BadInput:
    return BadInput(
        "invitation.other",
        "An invitation of staff cannot be opened: it was made for another site, or changed.",
        hint="Ask the registry's office to invite again.",
    )
