"""What may be asked about appointments."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta

from edge.services.commands.base import Code, CommandStruct, Reason, Text

SlotHours = Annotated[
    str, Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?$")
]
"""From when to when, as 10:00-11:00; empty: the whole day."""


class BookAppointment(CommandStruct, frozen=True, tag_field="type", tag="BookAppointment"):
    """Expect somebody in a slot of a programme.

    ``facility`` is another one, by its code: whether it has room nobody here knows.
    """

    person: Code
    programme: Code
    on: date
    slot: SlotHours = ""
    facility: Text = ""


class MoveAppointment(CommandStruct, frozen=True, tag_field="type", tag="MoveAppointment"):
    """Put an appointment that is still to come into another slot."""

    appointment: Code
    on: date
    slot: SlotHours = ""
    reason: Text = ""


class CancelAppointment(CommandStruct, frozen=True, tag_field="type", tag="CancelAppointment"):
    """Expect somebody no more; the place is free again."""

    appointment: Code
    reason: Reason
