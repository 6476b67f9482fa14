"""What may be asked about doses, and the stock they are taken from."""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated

from msgspec import Meta

from edge.domain.errors import BadInput
from edge.services.commands.base import Code, CommandStruct, Override, Reason, Text


class GiveDose(CommandStruct, frozen=True, tag_field="type", tag="GiveDose"):
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


class CorrectDose(CommandStruct, frozen=True, tag_field="type", tag="CorrectDose"):
    """Put right what is recorded of a dose given here; its certificate is replaced.

    ``override`` as for :class:`CorrectPerson`.
    """

    dose: Code
    reason: Reason
    lot: Annotated[str, Meta(max_length=20)] = ""
    expiry: date | None = None
    on: date | None = None
    vaccinator: Text = ""
    override: Override | None = None
    printer: Text = ""


class ReportDoses(CommandStruct, frozen=True, tag_field="type", tag="ReportDoses"):
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


class ReceiveStock(CommandStruct, frozen=True, tag_field="type", tag="ReceiveStock"):
    """Take doses of a lot into stock."""

    vaccine: Code
    lot: Annotated[str, Meta(min_length=1, max_length=20)]
    expiry: date
    quantity: Annotated[int, Meta(ge=1, le=100000)]
