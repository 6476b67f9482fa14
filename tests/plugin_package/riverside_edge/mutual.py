# riverside_edge/mutual.py
"""A health mutual of the village pays for its members: a member's number has a check digit."""

from edge.domain.errors import BadInput
from edge.domain.payments import Charge, PayerRule, PaymentRules, Settlement
from edge.plugins.contract import READY, Health, Need
from edge.plugins.payment.contract import PaymentChoice


class Mutual:
    """Sends its bill later, from the journal; here it only says who pays."""

    needs: frozenset[Need] = frozenset()
    takes_cash = False
    typed = "Member's number"

    def health(self) -> Health:
        return READY

    def choices(self, rules: PaymentRules) -> list[PaymentChoice]:
        return []

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:
        """Take a number of eight digits whose sum ends in 0 (the last one sees to that)."""
        number = charge.told.strip()
        digits = number.isascii() and number.isdigit() and len(number) == 8
        if not digits or sum(map(int, number)) % 10:
            raise BadInput(
                "mutual.number",
                "This is no member's number.",
                hint="Read the card again, or take another way to pay.",
                field="payment",
            )
        price = charge.price
        party = rule.settings.get("name", "mutual")
        return Settlement(
            payer=rule.payer,
            state="billed",
            amount=price.amount,
            currency=price.currency,
            party=party,
        )
