"""Looks at what somebody shows to say who they are, each try counted before it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.catalogue import Staff
from edge.domain.disk import Purpose
from edge.domain.errors import BadInput, NotAllowed, Unavailable
from edge.domain.sign_in_rules import BADGE, PASSKEY, PASSWORD, PIN, TYPED
from edge.domain.staff_codes import by_code
from edge.journal import pin_tries, sessions, sign_in_methods
from edge.journal.journal import Journal
from edge.journal.sign_in_methods import SignInMethodRow
from edge.journal.unit import Unit
from edge.plugins.sign_in.contract import Account, Attempt, Claimed, Place, Proof, Registered
from edge.ports import Clock
from edge.services.access_log import AccessLog
from edge.services.catalogue_cache import CatalogueCache
from edge.services.guesses import PinAsker, PinGuard
from edge.services.methods_here import MethodsHere
from edge.services.pins import PinSeal, digest_of
from sync.protocol.instants import instant

if TYPE_CHECKING:
    from sqlite_utils import Database

_LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows of one method, by the names of its fields."""

    method: str
    fields: Mapping[str, str]


class Prover:
    """Finds whose what is shown is, and whether all of it fits; ``works_here`` says who may.

    How many tries there are, and where, is said in :mod:`edge.services.guesses`: those of all
    methods count together. A code that nobody has counts as one that somebody has, and takes the
    same time.
    """

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        clock: Clock,
        seal: PinSeal,
        log: AccessLog,
        methods: MethodsHere,
        works_here: Callable[[Staff], bool],
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._clock = clock
        self._seal = seal
        self._log = log
        self._methods = methods
        self._works_here = works_here
        self.guard = PinGuard(journal, clock.now)

    def staff_of(self, shown: Sequence[Shown], expected: str) -> tuple[Staff | None, str]:
        """Find who is claimed, and the code under which tries count; ``expected`` comes first.

        What somebody has says more than what they type: a badge beside a PIN names its person.
        """
        code = expected
        for each in sorted(shown, key=lambda each: each.method in TYPED):
            claimed = self._claimed(each)
            with self._journal.reading() as db:
                if claimed.registered and not code:
                    row = sign_in_methods.registered(db, claimed.registered)
                    return self.known(db, row.staff if row else ""), claimed.registered
                code = code or claimed.staff
        with self._journal.reading() as db:
            return self.known(db, code), code

    def prove(
        self,
        staff: Staff | None,
        code: str,
        shown: Sequence[Shown],
        asker: PinAsker,
        place: Place,
        state: Mapping[str, str],
        enough: Callable[[Staff], bool],
    ) -> Staff:
        """Check all that is shown, as one try; give whose it is, or raise :class:`NotAllowed`.

        What is right and not ``enough`` is no try, and makes no tablet known: who found a badge
        does not get more guesses at its PIN by showing it again.
        """
        code = staff.code if staff else code
        account = self.account_of(staff, code)
        with self.guard.trying(asker, account) as one:
            proofs = [self._check(staff, code, account, each, place, state) for each in shown]
            right = all(proof.right for proof, _ in proofs)
            right = right and staff is not None and self._works_here(staff)
            one.right = right and staff is not None and enough(staff)
            one.counted = not right or one.right
            if not right:
                self._check_badge(shown, code, known=one.known)  # takes the try back
        if staff is None or not right:
            self._log.note("wrong-pin", staff.code if staff else "", asker.key)
            raise _wrong({each.method for each in shown})
        self._remember(staff.code, proofs)
        return staff

    def account_of(self, staff: Staff | None, code: str) -> str:
        """Name the account that tries count for: a code that nobody has is never kept as typed."""
        return staff.code if staff else self._seal.alias(code[:_LONGEST_CODE])

    def registered(self, db: Database, staff: str, method: str) -> tuple[Registered, ...]:
        """Give what somebody registered for a method, as the method is shown it."""
        return tuple(
            Registered(
                row.id, self._seal.open(staff, row.verifier), sign_in_methods.used(db, row.id)
            )
            for row in usable(db, self._seal, staff, method)
        )

    def has(self, db: Database, staff: str) -> set[str]:
        """Name the methods for which somebody registered what can fit here."""
        return {row.method for row in usable(db, self._seal, staff)}

    def known(self, db: Database, code: str) -> Staff | None:
        """Find somebody of the campaign in force by a typed code."""
        return by_code(self._catalogues.current(db), code.strip())

    def _claimed(self, shown: Shown) -> Claimed:
        return self._methods.ask(shown.method, lambda method: method.claimed(shown.fields))

    def _check(
        self,
        staff: Staff | None,
        code: str,
        account: str,
        shown: Shown,
        place: Place,
        state: Mapping[str, str],
    ) -> tuple[Proof, str]:
        """Have a method look; with the proof goes what a verifier that is made anew was made of."""
        with self._journal.reading() as db:
            if shown.method == PIN:
                kept = kept_verifier(db, staff) if staff else ""
                made_from = digest_of(kept)
                verifier = self._seal.open(code, pin_tries.remade(db, account, made_from) or kept)
                found: tuple[Registered, ...] = (Registered(made_from, verifier),)
            else:
                made_from = ""
                found = self.registered(db, staff.code, shown.method) if staff else ()
        attempt = Attempt(Account(code, found), place, shown.fields, state)
        proof = self._methods.ask(shown.method, lambda method: method.check(attempt))
        return proof, made_from

    def _check_badge(self, shown: Sequence[Shown], code: str, *, known: bool) -> None:
        for each in shown:
            typed = each.fields.get(each.method, "")
            if each.method in TYPED and (typed.strip() == code or (known and self._is_code(typed))):
                raise _badge_over_pin()

    def _is_code(self, typed: str) -> bool:
        with self._journal.reading() as db:
            return typed.strip() in self._catalogues.current(db).staff

    def _remember(self, code: str, proofs: Sequence[tuple[Proof, str]]) -> None:
        """Bind a verifier to this node that came with a campaign; remember what was used."""
        now = instant(self._clock.now())
        kept = [
            (proof, made_from, self._seal.seal(code, proof.remade))
            for proof, made_from in proofs
            if proof.used or proof.remade
        ]

        def work(unit: Unit) -> None:
            for proof, made_from, remade in kept:
                if remade:
                    pin_tries.keep_remade(unit.db, code, made_from, remade)
                else:
                    sign_in_methods.remember_use(unit.db, proof.registered, proof.used, now)

        if not kept:
            return
        try:
            self._journal.run(work, Purpose.UPKEEP)
        except Unavailable:  # a disk that takes nothing: a verifier is made anew another day
            if any(proof.used for proof, *_ in kept):
                raise


def typed_secret(code: str, secret: str, *, passwords: bool) -> Shown:
    """Say what it is that somebody types: up to twelve digits are a PIN, longer ones a password.

    Where nobody has a password all of it is a PIN.
    """
    if passwords and not (secret.isdecimal() and len(secret) < _SHORTEST_PASSWORD):
        return Shown(PASSWORD, {"code": code, "password": secret})
    return Shown(PIN, {"code": code, "pin": secret})


_SHORTEST_PASSWORD = 15


def kept_verifier(db: Database, staff: Staff) -> str:
    """Give the verifier of a PIN as it is kept: set at this site, else the campaign's."""
    return sessions.pin_verifier(db, staff.code) or staff.pin


def usable(db: Database, seal: PinSeal, staff: str, method: str = "") -> list[SignInMethodRow]:
    """Give what somebody registered that can fit here, of one method or of all, the oldest first.

    What another node sealed fits nothing: a journal that was restored beside other keys holds it.
    """
    return [
        row
        for row in sign_in_methods.registered_of(db, staff, method)
        if not seal.is_of_another(staff, row.verifier)
    ]


def _wrong(methods: set[str]) -> NotAllowed:
    """Say that what was shown is wrong, and not what of it."""
    hint = "Try again, or ask a supervisor."
    if PASSKEY in methods:
        return NotAllowed("sign-in.wrong", "This passkey does not fit here.", hint=hint)
    if BADGE in methods:
        sentence = "The badge or the PIN is wrong, or the badge does not count any more."
        return NotAllowed("sign-in.wrong", sentence, hint=hint)
    if PASSWORD in methods:
        return NotAllowed("sign-in.wrong", "The code or the password is wrong.", hint=hint)
    return NotAllowed("sign-in.wrong", "The code or the PIN is wrong.", hint=hint)


def _badge_over_pin() -> BadInput:
    """Refuse a badge that was read where the PIN belongs; who does not work here learns no code."""
    return BadInput(
        "sign-in.badge",
        "A badge was read where the PIN belongs.",
        hint="Scan the badge into the field of the code, and type the PIN.",
        field="pin",
    )
