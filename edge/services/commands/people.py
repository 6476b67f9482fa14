"""What may be asked about people."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from edge.domain.births import AgeUnit
from edge.services.commands.base import (
    Code,
    CommandStruct,
    Count,
    Override,
    Reason,
    Text,
    Year,
)


class AddressInput(CommandStruct, frozen=True):
    """A postal address with DIVOC's keys."""

    addressLine1: Text = ""  # noqa: N815  (DIVOC's own key)
    addressLine2: Text = ""  # noqa: N815
    district: Text = ""
    state: Text = ""
    pincode: Text = ""
    country: Text = ""


Month = Annotated[str, Meta(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]


class AgeInput(CommandStruct, frozen=True):
    """An age as somebody tells it: completed years, months, weeks or days, and no more of them."""

    count: Annotated[int, Meta(ge=0, le=1000)]
    unit: AgeUnit


class RegisterPerson(CommandStruct, frozen=True, tag_field="type", tag="RegisterPerson"):
    """Register somebody who is not known here; with ``programme`` they also join the queue.

    Give the date of birth, or what is known of it: the year, the month, the first and the last day
    that are possible, or the age in completed years, months, weeks or days. ``differentPerson``
    says that somebody with the same name and year was looked at and is someone else.
    """

    name: Text
    gender: Literal["Male", "Female", "Other"]
    birth_date: date | None = None
    birth_year: Year | None = None
    birth_month: Month | None = None
    birth_earliest: date | None = None
    birth_latest: date | None = None
    age: AgeInput | None = None
    identity: Text = ""
    nationality: Text = ""
    phone: Text = ""
    email: Text = ""
    address: AddressInput = AddressInput()
    programme: Text = ""
    different_person: bool = False


class Arrive(CommandStruct, frozen=True, tag_field="type", tag="Arrive"):
    """Put a known person into the queue of a programme."""

    person: Code
    programme: Code


class Leave(CommandStruct, frozen=True, tag_field="type", tag="Leave"):
    """Take a person out of the queue without a dose, with the reason."""

    person: Code
    reason: Text = ""


class CorrectPerson(CommandStruct, frozen=True, tag_field="type", tag="CorrectPerson"):
    """Put right what is recorded of a person; fields that are left out stay as they are.

    Certificates this site gave the person are revoked and replaced in the same step. ``override``
    is needed where a rule is broken or lifted by it, unless a supervisor is signed in. ``seen`` is
    the position of the journal that the form was drawn from: what others have changed after it is
    not changed back unseen.
    """

    person: Code
    reason: Reason
    name: Text | None = None
    gender: Literal["Male", "Female", "Other"] | None = None
    birth_date: date | None = None
    birth_year: Year | None = None
    birth_month: Month | None = None
    birth_earliest: date | None = None
    birth_latest: date | None = None
    age: AgeInput | None = None
    identity: Text | None = None
    nationality: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    address: AddressInput | None = None
    override: Override | None = None
    printer: Text = ""
    seen: Count | None = None


class RecordObservation(CommandStruct, frozen=True, tag_field="type", tag="RecordObservation"):
    """Say that something is so of a person that changes which dose is due, or is so no more.

    ``code`` is one that a schedule of the campaign asks about; ``on`` the day it was seen, today
    by default. ``override`` is needed to take back what speaks against a dose, unless a supervisor
    is signed in. ``seen`` as for :class:`CorrectPerson`.
    """

    person: Code
    code: Code
    on: date | None = None
    present: bool = True
    override: Override | None = None
    seen: Count | None = None


class SettleDifference(CommandStruct, frozen=True, tag_field="type", tag="SettleDifference"):
    """Decide between our own value of a person's field and another site's.

    ``field`` and ``theirs`` are as the list of what needs attention has them; ``take``: theirs is
    right.
    """

    person: Code
    field: Literal["name", "gender", "born", "nationality", "phone", "email"]
    theirs: Text
    take: bool
    printer: Text = ""
    seen: Count | None = None
