# riverside_edge/card.py
"""Staff cards of the clinic: a reader types the number of the chip."""

import hashlib

from edge.domain.errors import BadInput
from edge.plugins.contract import READY
from edge.plugins.sign_in.contract import Claimed, NewRegistration, Prompt, Proof


class Card:
    """Knows a card by a digest of its number, under a key of this site alone."""

    needs = frozenset({"device"})

    def __init__(self, setup):
        self._bind = setup.bind

    def health(self):
        return READY

    def claimed(self, shown, /):
        return Claimed(registered=self._id(shown.get("shown", "")))

    def begin(self, attempt, /):
        return Prompt({}, {})  # nothing is asked first

    def check(self, attempt, /):
        number = attempt.shown.get("shown", "")
        made = self._bind(attempt.account.staff, number)
        fits = [row.id for row in attempt.account.registered if row.verifier == made]
        return Proof(bool(fits), fits[0] if fits else "")

    begin_registration = begin

    def register(self, attempt, /):
        number = attempt.shown.get("shown", "")
        if not (number.isdecimal() and len(number) == 10):
            raise BadInput(
                "card.form", "A card has ten digits.", hint="Hold it to the reader again."
            )
        return NewRegistration(self._id(number), self._bind(attempt.account.staff, number))

    def _id(self, number):
        return hashlib.sha256(self._bind("", number).encode()).hexdigest()[:32]
