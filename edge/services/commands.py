"""What the tablet and the command line may ask for: each request's type is also its validation."""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from edge.domain.errors import BadInput

Text = Annotated[str, Meta(max_length=200)]
Year = Annotated[int, Meta(ge=0, le=9999)]
Count = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]


class _Base(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Fields are camelCase on the wire; unknown ones are refused, so that no typo is ignored."""


class AddressGiven(_Base, frozen=True):
    """A postal address with DIVOC's keys."""

    addressLine1: Text = ""  # noqa: N815  (DIVOC's own key)
    addressLine2: Text = ""  # noqa: N815
    district: Text = ""
    state: Text = ""
    pincode: Text = ""
    country: Text = ""


class RegisterPerson(_Base, frozen=True, tag_field="type", tag="RegisterPerson"):
    """Register somebody who is not known here; with ``programme`` they also join the queue.

    Give the date of birth, or the year where only that is known. ``differentPerson`` says that
    somebody with the same name and year was looked at and is someone else.
    """

    name: Text
    gender: Literal["Male", "Female", "Other"]
    birth_date: date | None = None
    birth_year: Year | None = None
    identity: Text = ""
    nationality: Text = ""
    phone: Text = ""
    email: Text = ""
    address: AddressGiven = AddressGiven()
    programme: Text = ""
    different_person: bool = False


class Arrive(_Base, frozen=True, tag_field="type", tag="Arrive"):
    """Put a known person into the queue of a programme."""

    person: Code
    programme: Code


class Leave(_Base, frozen=True, tag_field="type", tag="Leave"):
    """Take a person out of the queue without a dose, with the reason."""

    person: Code
    reason: Text = ""


class Override(_Base, frozen=True):
    """A supervisor's decision to give a dose against a rule: who, and why.

    ``supervisor`` and ``pin`` may be empty when a supervisor is signed in. The PIN is checked at
    the web application and goes no further.
    """

    reason: Annotated[str, Meta(min_length=3, max_length=200)]
    supervisor: Text = ""
    pin: Annotated[str, Meta(max_length=32)] = ""


class GiveDose(_Base, frozen=True, tag_field="type", tag="GiveDose"):
    """Record a dose given here; ``on`` is a calendar date of the site, today by default.

    ``vaccinator`` is the one who signed in by default. ``expiry`` is needed for a lot that the
    site's stock does not know. ``printer`` names a printer of the site; empty: the usual one.
    """

    person: Code
    programme: Code
    vaccine: Code
    lot: Annotated[str, Meta(min_length=1, max_length=20)]
    expiry: date | None = None
    on: date | None = None
    vaccinator: Text = ""
    override: Override | None = None
    printer: Text = ""


class ReceiveStock(_Base, frozen=True, tag_field="type", tag="ReceiveStock"):
    """Take doses of a lot into stock."""

    vaccine: Code
    lot: Annotated[str, Meta(min_length=1, max_length=20)]
    expiry: date
    quantity: Annotated[int, Meta(ge=1, le=100000)]


class PrintCopy(_Base, frozen=True, tag_field="type", tag="PrintCopy"):
    """Print a certificate again, marked as a copy."""

    certificate: Code
    printer: Text = ""


class PrintSlip(_Base, frozen=True, tag_field="type", tag="PrintSlip"):
    """Print a slip that is not a certificate; ``subject`` says what it is of.

    A dose's id for ``appointment`` and ``sticker``, ``VACCINE|LOT`` for ``vial``, a date for
    ``tally``, the facility's code for ``setup``.
    """

    slip: Literal["appointment", "sticker", "vial", "tally", "setup"]
    subject: Annotated[str, Meta(min_length=1, max_length=100)]
    printer: Text = ""


class IssueCertificate(_Base, frozen=True, tag_field="type", tag="IssueCertificate"):
    """Sign the certificate of a dose that was recorded while the clock was not believed."""

    dose: Code
    printer: Text = ""


class SettlePrint(_Base, frozen=True, tag_field="type", tag="SettlePrint"):
    """Say of a print whose outcome is unknown whether the paper came out whole."""

    print_job: Count
    came_out: bool


class MovePrint(_Base, frozen=True, tag_field="type", tag="MovePrint"):
    """Let another printer print a slip of which nothing was sent yet."""

    print_job: Count
    printer: Code


class CorrectPerson(_Base, frozen=True, tag_field="type", tag="CorrectPerson"):
    """Put right what is recorded of a person; fields that are left out stay as they are.

    Certificates this site gave the person are revoked and replaced in the same step. ``override``
    is needed where a rule is broken or lifted by it, unless a supervisor is signed in.
    """

    person: Code
    reason: Annotated[str, Meta(min_length=3, max_length=200)]
    name: Text | None = None
    gender: Literal["Male", "Female", "Other"] | None = None
    birth_date: date | None = None
    birth_year: Year | None = None
    identity: Text | None = None
    nationality: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    address: AddressGiven | None = None
    override: Override | None = None
    printer: Text = ""


class CorrectDose(_Base, frozen=True, tag_field="type", tag="CorrectDose"):
    """Put right what is recorded of a dose given here; its certificate is replaced.

    ``override`` as for :class:`CorrectPerson`.
    """

    dose: Code
    reason: Annotated[str, Meta(min_length=3, max_length=200)]
    lot: Annotated[str, Meta(max_length=20)] = ""
    expiry: date | None = None
    on: date | None = None
    vaccinator: Text = ""
    override: Override | None = None
    printer: Text = ""


class ReportDoses(_Base, frozen=True, tag_field="type", tag="ReportDoses"):
    """Take a person's earlier certificate into their history: what its code holds, in base64."""

    person: Code
    certificate: Annotated[str, Meta(min_length=4, max_length=65536)]

    def payload(self) -> bytes:
        """Give what the code holds; raises :class:`BadInput`."""
        try:
            return base64.b64decode(self.certificate, validate=True)
        except ValueError:
            raise BadInput(
                "evidence.form", "The certificate is not in base64.", field="certificate"
            ) from None


class RecordObservation(_Base, frozen=True, tag_field="type", tag="RecordObservation"):
    """Say that something is so of a person that changes which dose is due, or is so no more.

    ``code`` is one that a schedule of the campaign asks about; ``on`` the day it was seen, today
    by default.
    """

    person: Code
    code: Code
    on: date | None = None
    present: bool = True


class SettleDifference(_Base, frozen=True, tag_field="type", tag="SettleDifference"):
    """Decide between our own value of a person's field and another site's.

    ``field`` and ``theirs`` are as the list of what needs attention has them; ``take``: theirs is
    right.
    """

    person: Code
    field: Literal["name", "gender", "born", "nationality", "phone", "email"]
    theirs: Text
    take: bool
    printer: Text = ""


class RevokeCertificate(_Base, frozen=True, tag_field="type", tag="RevokeCertificate"):
    """Withdraw a certificate without a new one."""

    certificate: Code
    reason: Annotated[str, Meta(min_length=3, max_length=200)]


Command = (
    RegisterPerson
    | Arrive
    | Leave
    | GiveDose
    | IssueCertificate
    | ReceiveStock
    | PrintCopy
    | PrintSlip
    | SettlePrint
    | MovePrint
    | CorrectPerson
    | CorrectDose
    | ReportDoses
    | RevokeCertificate
    | RecordObservation
    | SettleDifference
)


def command_document(command: Command) -> dict[str, object]:
    """Give a command as a JSON object, dates as text: what its digest is taken of."""
    document: dict[str, object] = msgspec.to_builtins(command)
    return document
