"""Who pays for a dose: what a campaign says of it, and what is recorded of a payment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from edge.domain.campaign_texts import CampaignText
from edge.domain.eligibility import EVERYTHING, NO_TEXT, RuleScope
from edge.domain.money import Money
from edge.domain.numbers import readable_number
from sync.protocol.payers import PAYER_TITLES

PaymentKind = Literal["government", "voucher", "direct"]
"""Who pays, as DIVOC's tablets put it."""
PaymentState = Literal["free", "paid", "billed", "owed"]
"""Nobody pays here; cash was taken; somebody else is sent the bill; it is to be paid later."""
_MARK_SIGNS = 4
"""Signs of a receipt's mark: of two receipts with the same number one pair in a million has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRule:
    """A way to pay that the campaign offers: for which doses, chosen by which roles (empty: all).

    ``payer`` is its name in the table of payers, ``title`` the campaign's own words for it,
    ``settings`` what the campaign says to a payer that a package adds.
    """

    payer: str
    scope: RuleScope = EVERYTHING
    title: CampaignText = NO_TEXT
    by: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """What a dose within a scope costs, in minor units of the campaign's currency."""

    scope: RuleScope
    amount: int


@dataclass(frozen=True, slots=True)
class Employer:
    """Who pays for their staff; with ``numbers``, for those alone whose staff number is in it."""

    code: str
    name: str
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ExemptionReason:
    """Why somebody pays nothing."""

    code: str
    words: CampaignText


@dataclass(frozen=True, slots=True)
class VoucherIssuer:
    """Who makes vouchers; ``key`` is the public half of the Ed25519 key that signs them."""

    code: str
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRules:
    """What a campaign says of payments; ``payers`` in the order in which they are offered."""

    currency: str
    payers: tuple[PayerRule, ...]
    prices: tuple[Price, ...] = ()
    employers: tuple[Employer, ...] = ()
    exemptions: tuple[ExemptionReason, ...] = ()
    issuers: tuple[VoucherIssuer, ...] = ()

    def price(self, programme: str, vaccine: str) -> Money:
        """Give what a dose costs: by the first price that is for it, else nothing."""
        found = (price.amount for price in self.prices if price.scope.holds(programme, vaccine))
        return Money(next(found, 0), self.currency)

    def is_asked(self, programme: str, vaccine: str) -> bool:
        """Say whether anybody may pay for a dose, whoever records it."""
        return any(rule.scope.holds(programme, vaccine) for rule in self.payers)

    def offered(
        self, programme: str, vaccine: str, roles: Collection[str]
    ) -> tuple[PayerRule, ...]:
        """Give the ways to pay for a dose that somebody of these roles may choose."""
        return tuple(
            rule
            for rule in self.payers
            if rule.scope.holds(programme, vaccine)
            and (not rule.by or not rule.by.isdisjoint(roles))
        )


AFTERWARDS = (
    PayerRule(payer="individual"),
    PayerRule(payer="government", by=frozenset({"supervisor"})),
)
"""Who may pay for a dose that is owed, where the campaign asks nobody any more."""


def rules_to_settle(
    rules: PaymentRules | None, programme: str, vaccine: str, recorded: Money
) -> PaymentRules:
    """Give the rules by which a dose is paid that was recorded with what it costs.

    What it costs does not change with the campaign, nor its currency. Where the campaign asks
    nobody to pay for such a dose any more, it is paid in cash, or a supervisor lets it be free.
    """
    now = rules or PaymentRules(currency=recorded.currency, payers=())
    return replace(
        now,
        currency=recorded.currency,
        payers=now.payers if now.is_asked(programme, vaccine) else AFTERWARDS,
        prices=(Price(EVERYTHING, recorded.amount),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """All that a payer is told: what is to be paid for, and nothing of whom it is given to.

    ``told`` is what was chosen, typed or scanned for this payer; ``price`` what the dose costs.
    ``on`` is a day of the site.
    """

    programme: str
    vaccine: str
    on: date
    facility: str
    price: Money
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a dose is paid: ``amount`` in minor units, by ``party`` where that is somebody else.

    ``voucher`` is what is spent once and never again; ``trouble`` the code of why it is owed.
    """

    payer: str
    state: PaymentState
    amount: int
    currency: str
    party: str = ""
    voucher: str = ""
    trouble: str = ""

    @property
    def kind(self) -> PaymentKind:
        """Who pays, as DIVOC's tablets put it."""
        if self.voucher:
            return "voucher"
        return "government" if self.state == "free" else "direct"


def payer_title(rules: PaymentRules | None, payer: str) -> str:
    """Say what a payer is called: the campaign's words, ours, or its name for one of the past."""
    titles = (rule.title for rule in rules.payers if rule.payer == payer) if rules else iter(())
    return next(titles, "") or PAYER_TITLES.get(payer, payer)


def receipt_number(facility: str, receipt: int, payment: str) -> str:
    """Write a receipt's number as it stands on paper; empty for 0, where there is no receipt.

    The site's code and the receipt's number within its journal; then a mark, derived from the id
    of its payment. A site that was restored from a copy counts on from the copy's last number, so
    what it prints then has the same numbers as the paper of the days that were lost, and other
    marks.
    """
    if not receipt:
        return ""
    return f"{facility}-{receipt:06}-{readable_number(f'receipt/{payment}', _MARK_SIGNS)}"
