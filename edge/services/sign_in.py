"""Who is at the tablet: sign-in by what the campaign has each role show, also without a line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.disk import Purpose
from edge.domain.errors import BadInput, EdgeError, NotAllowed
from edge.domain.sign_in_rules import (
    PASSKEY,
    PASSWORD,
    PIN,
    PIN_ALONE,
    SignInRule,
    Standing,
    standing,
)
from edge.journal import pin_tries, sessions
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.plugins.sign_in.contract import Account, Attempt, Place
from edge.plugins.sign_in.verifiers import bound_verifier, check_form
from edge.ports import Clock, Entropy
from edge.services.access_log import AccessLog
from edge.services.catalogue_cache import CatalogueCache
from edge.services.guesses import HERE, PinAsker
from edge.services.methods_here import MethodsHere
from edge.services.pins import PinSeal
from edge.services.proofs import Prover, Shown, kept_verifier, typed_secret
from edge.services.provider_sign_in import ProviderSignIn
from edge.services.sessions import Sessions
from edge.services.sign_in_outcomes import Asked, Signature, SignInOutcome, not_so
from edge.services.sign_in_steps import SignInStep, SignInSteps
from edge.services.site import IdSource

if TYPE_CHECKING:
    from sqlite_utils import Database


class Authenticator:
    """Lets staff in, and remembers who is in.

    What somebody has to show is the campaign's word (:mod:`edge.domain.sign_in_rules`); whether it
    fits is looked at in :mod:`edge.services.proofs`.
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
        methods: MethodsHere,
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._facility = facility
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._log = log
        self._methods = methods
        self.prover = Prover(journal, catalogues, clock, seal, log, methods, self.works_here)
        self.guard = self.prover.guard
        self.sessions = Sessions(journal, catalogues, clock, entropy, self.works_here)
        self.steps = SignInSteps(clock.now, entropy)
        self._provider = ProviderSignIn(journal, catalogues, facility, clock, methods)

    def sign_in(self, code: str, pin: str, device: str = "", address: str = "") -> str:
        """Check what somebody typed and give a session token; raises :class:`NotAllowed`.

        ``device`` is the id of a paired tablet, empty for another; ``address`` where it is.
        """
        outcome = self.give([self.typed(code, pin)], PinAsker(address, device), self.nowhere())
        if not outcome.token:
            raise not_so(outcome.missing)
        return outcome.token

    def begin(self, method: str, asker: PinAsker, place: Place, step: str = "") -> Asked:
        """Have a method ask first; ``step`` is of a sign-in in which something was right already.

        Raises :class:`EdgeError` where the method cannot ask, such as without a line.
        """
        before = self._step(step, asker)
        attempt = Attempt(Account(before.staff), place)
        try:
            prompt = self._methods.ask(method, lambda one: one.begin(attempt))
        except BaseException:
            if before.done:
                self.steps.keep(before, step)
            raise
        step = self.steps.keep(replace(before, method=method, state=prompt.state, show=prompt.show))
        return Asked(step, prompt.show)

    def give(
        self, shown: Sequence[Shown], asker: PinAsker, place: Place, step: str = ""
    ) -> SignInOutcome:
        """Take what somebody shows; sign them in where it is enough, and say what is missing else.

        Raises :class:`NotAllowed` for what is wrong, or is not how somebody's role signs in.
        """
        before = self._step(step, asker)
        if any(self._is_elsewhere(each) for each in shown):
            return self._at_provider(shown[0], before, asker, place, step)
        staff, code = self.prover.staff_of(shown, before.staff)
        done = before.done | {each.method for each in shown}
        rule = self._rule_now(staff, done) if staff is not None else PIN_ALONE

        found = standing(rule, done)
        staff = self.prover.prove(
            staff, code, shown, asker, place, before.state, lambda _: found.enough
        )
        return self._go_on(staff, found, done, asker)

    def sign(self, code: str, signature: Signature, asker: PinAsker, place: Place) -> Staff:
        """Check what somebody signs with as the second person, without opening a session.

        Raises :class:`NotAllowed` for what is wrong, or is not what their role signs with.
        """
        if signature.passkey:
            shown = Shown(PASSKEY, {"passkey": signature.passkey})
            state = self.steps.take(signature.step, asker.key).state
        else:
            shown, state = self.typed(code, signature.secret), {}
        with self._journal.reading() as db:
            member = self.prover.known(db, code)
        staff = self.prover.prove(
            member, code, [shown], asker, place, state,
            lambda found: shown.method in self._rule(found).signs,
        )  # fmt: skip
        if shown.method not in self._rule(staff).signs:
            raise not_so(self._rule(staff).signs)
        self._log.note("signature", staff.code, asker.key)
        return staff

    def check_pin(self, code: str, pin: str, asker: PinAsker = HERE) -> Staff:
        """Check what somebody typed as their signature."""
        return self.sign(code, Signature(pin), asker, self.nowhere())

    def typed(self, code: str, secret: str) -> Shown:
        """Say what it is that somebody typed beside a code, by what the campaign knows."""
        return typed_secret(code, secret, passwords=PASSWORD in self.methods())

    def methods(self) -> frozenset[str]:
        """Name the methods with which the campaign has somebody sign in or sign."""
        try:
            with self._journal.reading() as db:
                return self._catalogues.current(db).sign_in.methods()
        except EdgeError:  # there is no campaign yet
            return frozenset({PIN})

    def nowhere(self) -> Place:
        """Give the place of what was typed: it is the same everywhere."""
        return Place("", "", self._clock.now())

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
        verifier = self._seal.seal(code, bound_verifier(self._seal.bound, code, pin))

        def work(unit: Unit) -> None:
            _staff_member(self._catalogues.current(unit.db), code)
            unit.append("PinSet", {"staff": code, "verifier": verifier}, id_=self._ids.new(), by=by)
            pin_tries.forget_tries(unit.db, code)
            sessions.close_sessions_of(unit.db, code)

        self._journal.run(work, Purpose.UPKEEP)
        self.sessions.forget_of(code)
        self.steps.forget_of(code)
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

    def has_pin(self, db: Database, staff: Staff) -> bool:
        """Say whether somebody has a PIN that can fit here, of this site or of the campaign."""
        kept = kept_verifier(db, staff)
        return bool(kept) and not self._seal.is_of_another(staff.code, kept)

    def works_here(self, staff: Staff) -> bool:
        """Say whether the campaign in force names a member of staff as active at this site."""
        return staff.active and self._facility in staff.facilities

    def _step(self, step: str, asker: PinAsker) -> SignInStep:
        if step:
            return self.steps.take(step, asker.key)
        return SignInStep(asker.key, self._clock.now())

    def _rule_now(self, staff: Staff, done: Collection[str]) -> SignInRule:
        """Give somebody's rule as it holds now, after what they showed.

        A PIN stands for an identity provider that cannot be reached, and what they cannot have
        shown before they registered it is not asked for.
        """
        rule = self._rule(staff)
        if PIN in done and rule.wants_provider() and self._provider.offline(staff, rule):
            rule = rule.offline()
        with self._journal.reading() as db:
            return rule.with_registered(self.prover.has(db, staff.code))

    def _is_elsewhere(self, shown: Shown) -> bool:
        return self._methods.ask(shown.method, lambda one: one.claimed(shown.fields)).elsewhere

    def _at_provider(
        self, shown: Shown, before: SignInStep, asker: PinAsker, place: Place, step: str
    ) -> SignInOutcome:
        """Take what an identity provider says of who was asked there: nothing here is guessed."""
        attempt = Attempt(Account(before.staff), place, shown.fields, before.state)
        try:
            proof = self._methods.ask(shown.method, lambda one: one.check(attempt))
        except EdgeError as error:
            if error.temporary:  # a line that broke just now: the same may be asked again
                self.steps.keep(before, step)
            raise
        if proof.waiting:
            self.steps.keep(before, step)
            return SignInOutcome(step=step, missing=(shown.method,), waiting=True, show=before.show)
        if not proof.right:
            raise NotAllowed(
                "sign-in.wrong",
                "The national account did not let you in.",
                hint="Begin again, or sign in as the site lets you without it.",
            )
        staff = self._provider.staff_of(proof.claims)
        if before.staff not in ("", staff.code):
            raise NotAllowed(
                "sign-in.other",
                "The national account is of somebody else than what was shown before.",
                hint="Begin again, with what is yours.",
            )
        self._provider.remember(staff)
        done = before.done | {shown.method}
        return self._go_on(staff, standing(self._rule_now(staff, done), done), done, asker)

    def _go_on(
        self, staff: Staff, found: Standing, done: Collection[str], asker: PinAsker
    ) -> SignInOutcome:
        """Open a session where enough was right; else keep what was for the step that follows."""
        if found.enough:
            token = self.sessions.open(staff, asker.address, asker.device)
            self._log.note("signed-in", staff.code, asker.key)
            return SignInOutcome(token, staff=staff.code)
        if not found.missing:
            raise not_so(self._rule(staff).methods)
        step = SignInStep(asker.key, self._clock.now(), staff=staff.code, done=frozenset(done))
        return SignInOutcome(step=self.steps.keep(step), missing=found.missing, staff=staff.code)

    def _rule(self, staff: Staff) -> SignInRule:
        with self._journal.reading() as db:
            return self._catalogues.current(db).sign_in.rule_of(staff.roles)


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
