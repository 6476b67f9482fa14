"""What may be asked about certificates and other paper."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edge.services.commands.base import Code, CommandStruct, Count, Reason, Text


class IssueCertificate(CommandStruct, frozen=True, tag_field="type", tag="IssueCertificate"):
    """Sign the certificate of a dose that was recorded while the clock was not believed."""

    dose: Code
    printer: Text = ""


class RevokeCertificate(CommandStruct, frozen=True, tag_field="type", tag="RevokeCertificate"):
    """Withdraw a certificate without a new one."""

    certificate: Code
    reason: Reason


class PrintCopy(CommandStruct, frozen=True, tag_field="type", tag="PrintCopy"):
    """Print a certificate again, marked as a copy."""

    certificate: Code
    printer: Text = ""


class PrintSlip(CommandStruct, frozen=True, tag_field="type", tag="PrintSlip"):
    """Print a slip that is not a certificate; ``subject`` says what it is of.

    A dose's id for ``appointment`` (or an appointment's) and ``sticker``, a person's for ``plan``,
    ``card`` and ``history``, a payment's for ``receipt``, ``VACCINE|LOT`` for ``vial``, a date for
    ``tally``, ``cash`` and ``expected``, the facility's code for ``setup``, a staff code for
    ``badge``.
    """

    slip: Literal[
        "appointment",
        "expected",
        "plan",
        "card",
        "history",
        "sticker",
        "vial",
        "tally",
        "receipt",
        "cash",
        "setup",
        "badge",
    ]
    subject: Annotated[str, Meta(min_length=1, max_length=100)]
    printer: Text = ""


class SettlePrint(CommandStruct, frozen=True, tag_field="type", tag="SettlePrint"):
    """Say of a print whose outcome is unknown whether the paper came out whole."""

    print_job: Count
    came_out: bool


class MovePrint(CommandStruct, frozen=True, tag_field="type", tag="MovePrint"):
    """Let another printer print a slip of which nothing was sent yet."""

    print_job: Count
    printer: Code
