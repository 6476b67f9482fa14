"""What may be asked about payments, and the cash that is taken for doses."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edge.domain.money import LARGEST
from edge.services.commands.base import Code, CommandStruct, Reason, Text
from edge.services.commands.doses import PaymentInput

Amount = Annotated[
    int,
    Meta(ge=0, le=LARGEST, description="In minor units of the currency: 35000 is 350.00"),
]
Currency = Annotated[str, Meta(max_length=3, description="ISO 4217; empty: the campaign's")]


class PayDose(CommandStruct, frozen=True, tag_field="type", tag="PayDose"):
    """Say how a dose is paid that is recorded already: one owed, or paid in another way.

    Cash that was taken for it is given back first.
    """

    dose: Code
    payment: PaymentInput
    printer: Text = ""


class ReturnPayment(CommandStruct, frozen=True, tag_field="type", tag="ReturnPayment"):
    """Give cash back that was taken for a dose: to whom, and why."""

    payment: Code
    to: Literal["person", "guardian", "other"]
    reason: Reason


class CountCash(CommandStruct, frozen=True, tag_field="type", tag="CountCash"):
    """Count the cash that one holds: ``counted``; a difference from the book needs a reason."""

    counted: Amount
    currency: Currency = ""
    reason: Annotated[str, Meta(max_length=200)] = ""


class HandOverCash(CommandStruct, frozen=True, tag_field="type", tag="HandOverCash"):
    """Hand cash over to a colleague, who signs with the PIN.

    ``away``: it leaves the site, as to a bank, and the colleague is the witness. The PIN is checked
    at the web application and goes no further.
    """

    receiver: Code
    amount: Annotated[int, Meta(ge=1, le=LARGEST)]
    pin: Annotated[str, Meta(max_length=32)] = ""
    currency: Currency = ""
    away: bool = False
