"""What a plug-in of this kind is asked, and all that it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.domain.payments import Charge, PayerRule, PaymentRules, Settlement
from edge.plugins.contract import Provider


@dataclass(frozen=True, slots=True)
class PaymentChoice:
    """One of several to choose from: its code, and how the screen calls it."""

    code: str
    words: str


class Payer(Provider, Protocol):
    """A way to pay for a dose, made without arguments; one object serves all requests.

    It decides, and charges nobody: who is sent a bill is sent it from the journal, by what follows
    it. The campaign says what it is called.
    """

    @property
    def takes_cash(self) -> bool:
        """Whether the person pays here, so that somebody takes money and gives a receipt."""
        ...

    @property
    def typed(self) -> str:
        """The label of the field in which something is typed or scanned; empty: there is none."""
        ...

    def choices(self, rules: PaymentRules) -> Sequence[PaymentChoice]:
        """Give what is to be chosen from, as the campaign has it; nothing: nothing is chosen."""
        ...

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:
        """Say how a dose is paid, before it is recorded.

        ``charge.told`` is the choice's code, a blank and what was typed, or one of the two. Raises
        :class:`EdgeError` with the field ``payment`` for what it does not accept. It is asked
        outside any unit of work and may fail: the dose is then recorded, to be paid later.
        """
        ...
