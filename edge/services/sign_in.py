"""Who is at the tablet: sign-in by code and PIN, without any network."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.errors import BadInput, NotAllowed
from edge.journal import sessions
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.ports import Clock, Entropy
from edge.services.catalogue_cache import CatalogueCache
from edge.services.pins import PinSeal
from edge.services.site import IdSource
from sync.protocol.instants import instant, read_instant

SESSION = timedelta(hours=12)
_WINDOW = timedelta(minutes=15)
_TRIES = 5
_AT_A_TIME = 2
"""PINs that are checked at a time: each takes 19 MB, and anybody may ask."""
_MOST_MEMORY, _MOST_PASSES = 64 * 1024, 8
"""KiB and passes of a verifier: what a campaign asks for is taken from the site."""


def make_verifier(pin: str) -> str:
    """Make the Argon2id verifier of a PIN (RFC 9106, 19 MiB, two passes)."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
        raise BadInput(
            "pin.form", "A PIN has 4 to 12 digits.", hint="Choose digits only.", field="pin"
        )
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(pin)


class Authenticator:
    """Lets staff in, and remembers who is in.

    A session is a random token of which only the hash is stored; it ends after twelve hours.
    Five wrong PINs in a quarter of an hour close an account for the rest of it, also over a
    restart.
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
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._facility = facility
        self._clock = clock
        self._entropy = entropy
        self._ids = ids
        self._seal = seal
        self._lock = threading.Lock()
        self._checking = threading.Semaphore(_AT_A_TIME)
        self._known: dict[str, tuple[str, datetime, str]] = {}
        self._ended = 0

    def sign_in(self, code: str, pin: str, device: str = "") -> str:
        """Check a PIN and give a session token; raises :class:`NotAllowed`.

        ``device`` is the paired tablet on which the session is, by its id.
        """
        staff = self.check_pin(code, pin)
        token = self._entropy.bytes(32).hex()
        now = self._clock.now()

        def work(unit: Unit) -> None:
            sessions.open_session(unit.db, _hash(token), staff.code, instant(now), device)
            sessions.forget_failures(unit.db, staff.code)
            sessions.drop_before(unit.db, instant(now - SESSION))

        self._journal.run(work)
        return token

    def check_pin(self, code: str, pin: str) -> Staff:
        """Check a PIN without opening a session, as a supervisor's signature."""
        code = code.strip()
        now = self._clock.now()
        with self._checking:  # those who wait have not been counted yet
            return self._checked(code, pin, now)

    def _checked(self, code: str, pin: str, now: datetime) -> Staff:
        with self._journal.reading() as db:
            catalogue = self._catalogues.current(db)
            failures = sessions.failures_since(db, code, instant(now - _WINDOW))
            staff = catalogue.staff.get(code)
            kept = sessions.pin_verifier(db, code) or (staff.pin if staff else "")
        verifier = self._seal.open(code, kept)
        if failures >= _TRIES:
            raise NotAllowed(
                "sign-in.locked",
                "Too many wrong PINs for this code. Wait {minutes} minutes.",
                hint="A supervisor can set a new PIN.",
                minutes=int(_WINDOW.total_seconds() // 60),
            )
        right = staff is not None and self._works_here(staff) and _fits(verifier, pin)
        if staff is None or not right:
            self._journal.run(
                lambda unit: sessions.record_failure(unit.db, code[:64], instant(now))
            )
            raise NotAllowed(
                "sign-in.wrong",
                "The code or the PIN is wrong.",
                hint="Try again, or ask a supervisor.",
            )
        return staff

    def who(self, token: str, device: str = "") -> Staff | None:
        """Give the staff member of a session; none when it is over, never was, or is elsewhere.

        ``device`` is the paired tablet that asks: a session is of the one on which it was opened.
        """
        key = _hash(token)
        with self._lock:
            known, ended = self._known.get(key), self._ended
        catalogue = self._catalogues.cached()
        if known is None or catalogue is None:
            with self._journal.reading() as db:
                row = sessions.session(db, key)
                if row is None:
                    return None
                known = (row[0], read_instant(row[1]), row[2])
                catalogue = self._catalogues.current(db)
            with self._lock:
                if ended == self._ended:  # it was not ended while it was looked up
                    self._known[key] = known
        code, since, opened_on = known
        if opened_on != device or self._clock.now() - since > SESSION:
            return None
        staff = catalogue.staff.get(code)
        return staff if staff is not None and self._works_here(staff) else None

    def sign_out(self, token: str) -> None:
        """End a session."""
        key = _hash(token)
        self._journal.run(lambda unit: sessions.close_session(unit.db, key))
        with self._lock:
            self._ended += 1
            self._known.pop(key, None)

    def set_pin(self, code: str, pin: str, by: str) -> None:
        """Write ``PinSet``: the verifier, sealed to this node, and never the PIN.

        The sessions under the old PIN end with it.
        """
        verifier = self._seal.seal(code, make_verifier(pin))

        def work(unit: Unit) -> None:
            _staff_member(self._catalogues.current(unit.db), code)
            unit.append("PinSet", {"staff": code, "verifier": verifier}, id_=self._ids.new(), by=by)
            sessions.forget_failures(unit.db, code)
            sessions.close_sessions_of(unit.db, code)

        self._journal.run(work)
        with self._lock:
            self._ended += 1
            self._known = {key: known for key, known in self._known.items() if known[0] != code}

    def _works_here(self, staff: Staff) -> bool:
        return staff.active and self._facility in staff.facilities


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


def _fits(verifier: str, pin: str) -> bool:
    check: Callable[[str, str], bool] = PasswordHasher().verify
    try:
        asked = extract_parameters(verifier)
        modest = asked.memory_cost <= _MOST_MEMORY and asked.time_cost <= _MOST_PASSES
        return modest and check(verifier, pin)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
