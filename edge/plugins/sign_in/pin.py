"""The PIN: digits that somebody keeps in mind, checked without anything but the site itself."""

from __future__ import annotations

from edge.plugins.sign_in.contract import Attempt, NewRegistration, Proof, SecretMethod
from edge.plugins.sign_in.verifiers import bound_verifier, check, check_form


class Pin(SecretMethod):
    """Checks a staff code (``code``) and a PIN (``pin``)."""

    __slots__ = ()

    def check(self, attempt: Attempt, /) -> Proof:
        """Check the PIN, at the same cost for somebody who has none."""
        kept, staff = self.kept(attempt), attempt.account.staff
        pin = attempt.shown.get("pin", "")
        found = check(self.setup.bind, staff, kept.verifier, pin)
        remade = self._remade(staff, pin) if found.right and found.old else ""
        return Proof(found.right, kept.id, remade=remade)

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Make the verifier of a new PIN; raises :class:`BadInput` for what is none."""
        check_form(attempt.shown.get("pin", ""))
        return NewRegistration(
            self.number(), self._remade(attempt.account.staff, attempt.shown["pin"])
        )

    def _remade(self, staff: str, pin: str) -> str:
        return bound_verifier(self.setup.bind, staff, pin)
