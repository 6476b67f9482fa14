"""Who is at the tablet: sign-in by code and PIN, without any network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.errors import BadInput, NotAllowed
from edge.domain.numbers import in_ascii_digits
from edge.journal import pin_tries, sessions
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.ports import Clock, Entropy
from edge.services.access_log import AccessLog
from edge.services.catalogue_cache import CatalogueCache
from edge.services.guesses import HERE, PinAsker, PinGuard
from edge.services.pins import PinSeal, digest_of
from edge.services.sessions import Sessions
from edge.services.site import IdSource
from edge.services.verifiers import CheckedPin, check, check_form, make_bound

if TYPE_CHECKING:
    from sqlite_utils import Database

_LONGEST_CODE = 64


class Authenticator:
    """Lets staff in, and remembers who is in.

    How many PINs may be tried, and where, is said in :mod:`edge.services.guesses`. A code that
    nobody has counts as one that somebody has, and takes the same time.
    """

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        facility: str,
        clock: Clock,
        entropy: Entropy,
        ids: IdSource,
        seal: PinSeal,
        log: AccessLog,
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._facility = facility
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._log = log
        self.guard = PinGuard(journal, clock.now)
        self.sessions = Sessions(journal, catalogues, clock, entropy, self.works_here)

    def sign_in(self, code: str, pin: str, device: str = "", address: str = "") -> str:
        """Check a PIN and give a session token; raises :class:`NotAllowed`.

        ``device`` is the id of a paired tablet, empty for another; ``address`` where it is.
        """
        asker = PinAsker(address, device)
        staff = self._checked(code, pin, asker)
        token = self.sessions.open(staff, address, device)
        self._log.note("signed-in", staff.code, asker.key)
        return token

    def check_pin(self, code: str, pin: str, asker: PinAsker = HERE) -> Staff:
        """Check a PIN without opening a session, as a supervisor's signature."""
        staff = self._checked(code, pin, asker)
        self._log.note("signature", staff.code, asker.key)
        return staff

    def who(self, token: str, device: str = "") -> Staff | None:
        """Give the staff member of a session; none when it is over, never was, or is elsewhere.

        ``device`` is the paired tablet that asks: a session is of the one on which it was opened.
        """
        return self.sessions.who(token, device)

    def sign_out(self, token: str) -> None:
        """End a session."""
        staff = self.sessions.close(token)
        if staff:
            self._log.note("signed-out", staff)

    def end_session(self, name: str, by: str) -> None:
        """End a session of the list, whoever it is of; raises :class:`BadInput`."""
        staff = self.sessions.close_named(name)
        if not staff:
            raise BadInput("session.gone", "This session has ended already.", field="session")
        self._log.note("sessions-ended", by, place=staff)

    def set_pin(self, code: str, pin: str, by: str) -> None:
        """Write ``PinSet``: the verifier, sealed to this node, and never the PIN.

        The sessions under the old PIN end with it.
        """
        check_form(pin)
        verifier = make_bound(self._seal, code, pin)

        def work(unit: Unit) -> None:
            _staff_member(self._catalogues.current(unit.db), code)
            unit.append("PinSet", {"staff": code, "verifier": verifier}, id_=self._ids.new(), by=by)
            pin_tries.forget_tries(unit.db, code)
            sessions.close_sessions_of(unit.db, code)

        self._journal.run(work)
        self.sessions.forget_of(code)
        self._log.note("pin-set", by, place=code)

    def of_another_node(self) -> int:
        """Count those who work here and whose PIN was sealed by another node.

        That is so where a journal was restored beside other keys: nothing fits until they get a
        new PIN.
        """
        with self._journal.reading() as db:
            here = [
                staff
                for staff in self._catalogues.current(db).staff.values()
                if self.works_here(staff)
            ]
            kept = {member.code: kept_verifier(db, member) for member in here}
        return sum(self._seal.is_of_another(code, verifier) for code, verifier in kept.items())

    def _checked(self, code: str, pin: str, asker: PinAsker) -> Staff:
        code = code.strip()
        with self._journal.reading() as db:
            staff = by_badge(self._catalogues.current(db), code)
            code = staff.code if staff else code
        account = self.account_of(staff, code)
        with self.guard.trying(asker, account) as one:
            with self._journal.reading() as db:
                kept = kept_verifier(db, staff) if staff else ""
                made_from = digest_of(kept)
                anew = pin_tries.remade(db, account, made_from)
            found = check(self._seal, code, anew or kept, pin)
            right = found.right and staff is not None and self.works_here(staff)
            one.right = right
            if not right and (pin.strip() == code or (one.known and self._is_badge(pin))):
                raise _badge_over_pin()  # takes the try back
        if staff is None or not right:
            self._log.note("wrong-pin", staff.code if staff else "", asker.key)
            raise NotAllowed(
                "sign-in.wrong",
                "The code or the PIN is wrong.",
                hint="Try again, or ask a supervisor.",
            )
        self._make_anew(staff.code, pin, made_from, found)
        return staff

    def account_of(self, staff: Staff | None, code: str) -> str:
        """Name the account that tries count for: a code that nobody has is never kept as typed."""
        return staff.code if staff else self._seal.alias(code[:_LONGEST_CODE])

    def has_pin(self, db: Database, staff: Staff) -> bool:
        """Say whether somebody has a PIN that can fit here, of this site or of the campaign."""
        kept = kept_verifier(db, staff)
        return bool(kept) and not self._seal.is_of_another(staff.code, kept)

    def _is_badge(self, typed: str) -> bool:
        with self._journal.reading() as db:
            return typed.strip() in self._catalogues.current(db).staff

    def _make_anew(self, code: str, pin: str, made_from: str, found: CheckedPin) -> None:
        """Bind a verifier to this node that came with a campaign, or is of an older version."""
        if found.old:
            made = make_bound(self._seal, code, pin)
            self._journal.run(lambda unit: pin_tries.keep_remade(unit.db, code, made_from, made))

    def works_here(self, staff: Staff) -> bool:
        """Say whether the campaign in force names a member of staff as active at this site."""
        return staff.active and self._facility in staff.facilities


def _badge_over_pin() -> BadInput:
    """Refuse a badge that was read where the PIN belongs; who does not work here learns no code."""
    return BadInput(
        "sign-in.badge",
        "A badge was read where the PIN belongs.",
        hint="Scan the badge into the field of the code, and type the PIN.",
        field="pin",
    )


def by_badge(catalogue: Catalogue, code: str) -> Staff | None:
    """Find a member of staff by a typed code; capitals or not, in the digits of any script.

    Where that names one alone.
    """
    if code in catalogue.staff:
        return catalogue.staff[code]
    typed = _as_typed(code)
    alike = [staff for known, staff in catalogue.staff.items() if _as_typed(known) == typed]
    return alike[0] if len(alike) == 1 else None


def _as_typed(code: str) -> str:
    return in_ascii_digits(code).upper()


def kept_verifier(db: Database, staff: Staff) -> str:
    """Give the verifier of a PIN as it is kept: set at this site, else the campaign's."""
    return sessions.pin_verifier(db, staff.code) or staff.pin


def _staff_member(catalogue: Catalogue, code: str) -> Staff:
    staff = catalogue.staff.get(code)
    if staff is None:
        raise BadInput(
            "staff.unknown",
            "There is no staff member {staff} in the campaign in force.",
            hint="Choose one of: {known}.",
            field="staff",
            staff=code,
            known=", ".join(sorted(catalogue.staff)),
        )
    return staff
