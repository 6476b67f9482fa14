"""The PIN: digits that somebody keeps in mind, checked without anything but the site itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from edge.plugins.contract import READY, Health, Need
from edge.plugins.sign_in.contract import (
    NOTHING_FIRST,
    Attempt,
    Claimed,
    MethodSetup,
    NewRegistration,
    Prompt,
    Proof,
)
from edge.plugins.sign_in.verifiers import bound_verifier, check, check_form


@dataclass(frozen=True, slots=True)
class Pin:
    """Checks a staff code (``code``) and a PIN (``pin``)."""

    setup: MethodSetup
    needs: frozenset[Need] = frozenset()

    def health(self) -> Health:
        """It needs nothing, and works."""
        return READY

    def claimed(self, shown: Mapping[str, str]) -> Claimed:
        """The code that was typed."""
        return Claimed(staff=shown.get("code", "").strip())

    def begin(self, _: Attempt, /) -> Prompt:
        """Nothing is asked first."""
        return NOTHING_FIRST

    def check(self, attempt: Attempt, /) -> Proof:
        """Check the PIN, at the same cost for somebody who has none."""
        kept = attempt.account.registered[0] if attempt.account.registered else None
        found = check(
            self.setup.bind,
            attempt.account.staff,
            kept.verifier if kept else "",
            attempt.shown.get("pin", ""),
        )
        remade = (
            self._remade(attempt.account.staff, attempt.shown["pin"])
            if found.right and found.old
            else ""
        )
        return Proof(found.right, kept.id if kept else "", remade=remade)

    def begin_registration(self, _: Attempt, /) -> Prompt:
        """Nothing is asked first."""
        return NOTHING_FIRST

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Make the verifier of a new PIN; raises :class:`BadInput` for what is none."""
        check_form(attempt.shown.get("pin", ""))
        number = str(uuid.UUID(bytes=self.setup.random(16), version=4))
        return NewRegistration(number, self._remade(attempt.account.staff, attempt.shown["pin"]))

    def _remade(self, staff: str, pin: str) -> str:
        return bound_verifier(self.setup.bind, staff, pin)
