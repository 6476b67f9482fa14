"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edge.plugins.payment.contract import Payer
from edge.plugins.payment.payers import (
    CashPayer,
    EmployerPayer,
    ExemptionPayer,
    GovernmentPayer,
    VoucherPayer,
)

PAYERS: Mapping[str, Callable[[], Payer]] = {
    "government": GovernmentPayer,
    "individual": CashPayer,
    "employer": EmployerPayer,
    "voucher": VoucherPayer,
    "exemption": ExemptionPayer,
}
"""Every way to pay by its name in a campaign; a new one is a class and a line here."""
