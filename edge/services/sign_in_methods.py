"""What staff register to sign in with beside a PIN: added by two people, removed by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.domain.catalogue import Staff
from edge.domain.disk import Purpose
from edge.domain.errors import BadInput, NotAllowed
from edge.domain.sign_in_rules import BADGE, PASSWORD, PIN
from edge.journal import sessions, sign_in_methods
from edge.journal.journal import Journal
from edge.journal.sign_in_methods import SignInMethodRow
from edge.journal.unit import Unit
from edge.plugins.sign_in.contract import Account, Attempt, Place
from edge.ports import Clock
from edge.services.access_log import AccessLog
from edge.services.guesses import PinAsker
from edge.services.methods_here import MethodsHere
from edge.services.pins import PinSeal
from edge.services.proofs import usable
from edge.services.sign_in import Authenticator
from edge.services.sign_in_outcomes import Asked, Signature
from edge.services.sign_in_steps import SignInStep
from edge.services.site import IdSource

_ONE_EACH = frozenset({BADGE, PASSWORD})
"""Of these somebody has one: a new one takes the place of the one before."""
_LONGEST_LABEL = 60


class Registrations:
    """Adds and removes what staff sign in with; the sessions of its person end with a removal."""

    def __init__(
        self,
        journal: Journal,
        authenticator: Authenticator,
        clock: Clock,
        ids: IdSource,
        seal: PinSeal,
        log: AccessLog,
        methods: MethodsHere,
    ) -> None:
        self._journal = journal
        self._authenticator = authenticator
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._log = log
        self._methods = methods

    def begin(self, method: str, staff: Staff, asker: PinAsker, place: Place) -> Asked:
        """Have a method ask what its registration begins with."""
        self._check_wanted(method)
        attempt = Attempt(self._account(staff, method), place)
        prompt = self._methods.ask(method, lambda one: one.begin_registration(attempt))
        step = SignInStep(asker.key, self._clock.now(), method, prompt.state, staff=staff.code)
        return Asked(self._authenticator.steps.keep(step), prompt.show)

    def add(
        self,
        method: str,
        staff: Staff,
        shown: Mapping[str, str],
        second: str,
        signature: Signature,
        asker: PinAsker,
        place: Place,
        step: str = "",
        label: str = "",
    ) -> str:
        """Keep what somebody registers, which ``second`` signs; give its number.

        Raises :class:`NotAllowed` where the second person may not, or is the same one.
        """
        self._check_wanted(method)
        state = self._state(step, staff, asker)
        attempt = Attempt(self._account(staff, method), place, shown, state)
        made = self._methods.ask(method, lambda one: one.register(attempt))
        by = self.second_person(staff, second, signature, asker, place)
        verifier = self._seal.seal(staff.code, made.verifier)

        def work(unit: Unit) -> None:
            if sign_in_methods.was_registered(unit.db, made.id):
                raise BadInput(
                    "sign-in.registered",
                    "This is registered here already.",
                    hint="Look at the list of what you sign in with.",
                    field=method,
                )
            if method in _ONE_EACH:
                for row in sign_in_methods.registered_of(unit.db, staff.code, method):
                    self._append_removal(unit, row, "replaced", by.code)
            body = {
                "id": made.id,
                "staff": staff.code,
                "method": method,
                "verifier": verifier,
                **({"label": label.strip()[:_LONGEST_LABEL]} if label.strip() else {}),
            }
            unit.append("SignInMethodAdded", body, id_=self._ids.new(), by=by.code)

        self._journal.run(work)
        self._authenticator.steps.forget_of(staff.code)
        self._log.note("sign-in-added", by.code, place=staff.code)
        return made.id

    def second_person(
        self, staff: Staff, code: str, signature: Signature, asker: PinAsker, place: Place
    ) -> Staff:
        """Check who signs what somebody registers: a supervisor, or for a supervisor a colleague.

        Raises :class:`NotAllowed`.
        """
        if code == staff.code:
            raise NotAllowed(
                "sign-in.own",
                "Nobody signs for themselves what they sign in with.",
                hint="Ask a supervisor, or as a supervisor somebody else who works here.",
            )
        by = self._authenticator.sign(code, signature, asker, place)
        if "supervisor" not in by.roles and "supervisor" not in staff.roles:
            raise NotAllowed(
                "sign-in.second",
                "A supervisor signs what somebody registers to sign in with.",
                hint="Ask a supervisor of this facility.",
            )
        return by

    def remove(self, id_: str, by: Staff, why: str) -> None:
        """Let nobody in by something registered any more: its own person, or a supervisor.

        Raises :class:`BadInput` for what does not count any more.
        """

        def work(unit: Unit) -> SignInMethodRow:
            row = sign_in_methods.registered(unit.db, id_)
            if row is None or not (row.staff == by.code or "supervisor" in by.roles):
                raise BadInput(
                    "sign-in.gone",
                    "This does not count any more.",
                    hint="Look at the list again.",
                    field="id",
                )
            self._append_removal(unit, row, why, by.code)
            sessions.close_sessions_of(unit.db, row.staff)
            return row

        row = self._journal.run(work, Purpose.UPKEEP)
        self._authenticator.sessions.forget_of(row.staff)
        self._authenticator.steps.forget_of(row.staff)
        self._log.note("sign-in-removed", by.code, place=row.staff)

    def of(self, code: str) -> list[SignInMethodRow]:
        """Give what counts of a staff code, without what it is checked against."""
        with self._journal.reading() as db:
            return [replace(row, verifier="") for row in usable(db, self._seal, code)]

    def _account(self, staff: Staff, method: str) -> Account:
        with self._journal.reading() as db:
            return Account(
                staff.code, self._authenticator.prover.registered(db, staff.code, method)
            )

    def _state(self, step: str, staff: Staff, asker: PinAsker) -> Mapping[str, str]:
        if not step:
            return {}
        found = self._authenticator.steps.take(step, asker.key)
        return found.state if found.staff == staff.code and not found.done else {}

    def _check_wanted(self, method: str) -> None:
        if method not in self._authenticator.methods() or method == PIN:
            raise NotAllowed(
                "sign-in.unwanted",
                "The campaign has nobody sign in like this.",
                hint="The programme office names the methods in sign_in.yaml.",
            )

    def _append_removal(self, unit: Unit, row: SignInMethodRow, why: str, by: str) -> None:
        body = {"id": row.id, "staff": row.staff, "why": why}
        unit.append("SignInMethodRemoved", body, id_=self._ids.new(), by=by)
