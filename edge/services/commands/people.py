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


class GuardianInput(CommandStruct, frozen=True):
    """A mother, father or guardian; ``person`` is their id where they are registered here.

    With it, a name or phone that is left empty is taken from there. All of it empty: there is none.
    """

    relation: Literal["mother", "father", "guardian"] = "mother"
    name: Text = ""
    phone: Text = ""
    person: Text = ""


Month = Annotated[str, Meta(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]


class AgeInput(CommandStruct, frozen=True):
    """An age as somebody tells it: completed years, months, weeks or days, and no more of them."""

    count: Annotated[int, Meta(ge=0, le=1000)]
    unit: AgeUnit


class RegisterPerson(CommandStruct, frozen=True, tag_field="type", tag="RegisterPerson"):
    """Register somebody who is not known here; with ``programme`` they also join the queue.

    Give the date of birth, or what is known of it: the year, the month, the first and the last day
    that are possible, or the age in completed years, months, weeks or days. ``differentFrom`` are
    the ids of those who look like this person, were looked at and are someone else, which is kept;
    ``differentPerson`` says so of all of them without a record.
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
    passport_name: Text = ""
    address: AddressInput = AddressInput()
    guardian: GuardianInput | None = None
    programme: Text = ""
    different_person: bool = False
    different_from: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()


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
    passport_name: Text | None = None
    address: AddressInput | None = None
    guardian: GuardianInput | None = None
    override: Override | None = None
    printer: Text = ""
    seen: Count | None = None


class RecordObservation(CommandStruct, frozen=True, tag_field="type", tag="RecordObservation"):
    """Say that something is so of a person that changes which dose is due, or is so no more.

    ``code`` is one that a schedule of the campaign asks about; ``on`` the day it was seen, today
    by default; ``until`` the last day on which it is so, needed where the schedule asks for it.
    ``override`` is needed to take back what speaks against a dose, unless a supervisor is signed
    in. ``seen`` as for :class:`CorrectPerson`.
    """

    person: Code
    code: Code
    on: date | None = None
    present: bool = True
    until: date | None = None
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


class RecordStatus(CommandStruct, frozen=True, tag_field="type", tag="RecordStatus"):
    """Say that somebody died, moved away (``place``: where to), is lost to follow-up, or is back.

    ``on`` is the day since which it is so, today by default. ``override`` is needed to say of
    somebody who died that it is not so, unless a supervisor is signed in.
    """

    person: Code
    status: Literal["active", "died", "moved", "lost"]
    on: date | None = None
    place: Text = ""
    reason: Text = ""
    override: Override | None = None


class RecordContactPreference(
    CommandStruct, frozen=True, tag_field="type", tag="RecordContactPreference"
):
    """Say how somebody wants to be told: whether at all, on which channel, in which language.

    ``channel`` and ``language`` empty: as the campaign has it.
    """

    person: Code
    consent: Literal["yes", "no"]
    channel: Text = ""
    language: Text = ""


class MergePeople(CommandStruct, frozen=True, tag_field="type", tag="MergePeople"):
    """Make two who are one person one: ``merged`` is shown under ``kept`` from now on.

    ``although`` says that it is meant where somebody has said that they are not the same.
    """

    kept: Code
    merged: Code
    reason: Reason
    although: bool = False
    printer: Text = ""


class UndoMerge(CommandStruct, frozen=True, tag_field="type", tag="UndoMerge"):
    """Make two people of one again; ``merge`` is the number of the request that merged them.

    A certificate that was signed in between with the data of the other is revoked and replaced.
    """

    merge: Code
    reason: Reason
    printer: Text = ""


class DistinguishPeople(CommandStruct, frozen=True, tag_field="type", tag="DistinguishPeople"):
    """Say that two people are not the same, such as twins: they are not asked about again."""

    persons: tuple[Code, Code]
    reason: Reason


class DistinguishDoses(CommandStruct, frozen=True, tag_field="type", tag="DistinguishDoses"):
    """Say that two doses that look like one were both given: they are not asked about again."""

    doses: tuple[Code, Code]
    reason: Reason
