"""What may be asked about doses, and the stock they are taken from."""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from edge.domain.errors import BadInput
from edge.domain.lots import LONGEST_LABEL
from edge.services.commands.base import (
    Code,
    CommandStruct,
    Count,
    Override,
    Reason,
    Text,
)

Label = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_LABEL,
        description="The lot's number as typed, or the whole GS1 code of its package.",
    ),
]


class AnsweredQuestion(CommandStruct, frozen=True):
    """An answer to a question of the campaign: by the codes of both, or a text that was typed."""

    question: Code
    answer: Text


LONGEST_TOLD = 1000
"""Characters of what is told to a payer: a scanned voucher has about 200."""
Answers = Annotated[tuple[AnsweredQuestion, ...], Meta(max_length=60)]


class PaymentInput(CommandStruct, frozen=True):
    """How a dose is paid: a payer of the campaign, and what was chosen, typed or scanned for it.

    ``later`` says that it is to be paid later, whoever it is that pays.
    """

    payer: Code
    told: Annotated[str, Meta(max_length=LONGEST_TOLD)] = ""
    later: bool = False


class GiveDose(CommandStruct, frozen=True, tag_field="type", tag="GiveDose"):
    """Record a dose given here; ``on`` is a calendar date of the site, today by default.

    ``vaccinator`` is the one who signed in by default. ``expiry`` is needed for a lot that the
    site does not know. ``beyond_stock`` says that the vial has this lot number although none of the
    lot is left on the books. ``answers`` are to what the campaign has asked; those of another dose
    of the day count as well. ``payment`` is asked where the campaign says who pays; without it the
    usual payer does, or it is owed. ``printer`` names a printer of the site; empty: the usual one.
    """

    person: Code
    programme: Code
    vaccine: Code
    lot: Label
    expiry: date | None = None
    on: date | None = None
    vaccinator: Text = ""
    beyond_stock: bool = False
    answers: Answers = ()
    payment: PaymentInput | None = None
    override: Override | None = None
    printer: Text = ""


class CorrectDose(CommandStruct, frozen=True, tag_field="type", tag="CorrectDose"):
    """Put right what is recorded of a dose given here; its certificate is replaced.

    With another ``person``, ``programme`` or ``vaccine`` the dose is taken back and recorded anew
    as :class:`TakeBackDose` does. A ``number`` is one that the history leaves free; it is a
    supervisor's word, since the doses on record give another. ``answers`` take the place of those
    to the same questions, an empty one takes one away. ``beyond_stock`` as for :class:`GiveDose`,
    ``override`` and ``seen`` as for :class:`CorrectPerson`.
    """

    dose: Code
    reason: Reason
    lot: Annotated[str, Meta(max_length=LONGEST_LABEL)] = ""
    expiry: date | None = None
    on: date | None = None
    vaccinator: Text = ""
    person: Annotated[str, Meta(max_length=64)] = ""
    programme: Annotated[str, Meta(max_length=64)] = ""
    vaccine: Annotated[str, Meta(max_length=64)] = ""
    number: Annotated[int, Meta(ge=1, le=99)] | None = None
    answers: Answers = ()
    beyond_stock: bool = False
    override: Override | None = None
    printer: Text = ""
    seen: Count | None = None


class TakeBackDose(CommandStruct, frozen=True, tag_field="type", tag="TakeBackDose"):
    """Say that a dose was not given as it is recorded; it stays on record, struck through.

    ``kind``: ``not-given``; ``other-person`` got it, ``person``; ``other-dose`` was given, with
    ``programme``, ``vaccine``, ``lot`` and ``expiry`` where they differ; ``disbelieved``, of a
    dose that others told of. Whoever recorded it may on the same day, a supervisor later. What
    hangs on the dose follows in the same step. ``returned_to`` says to whom its cash was given
    back; empty: it was not yet. ``beyond_stock`` as for :class:`GiveDose`, ``seen`` as for
    :class:`CorrectPerson`.
    """

    dose: Code
    kind: Literal["not-given", "other-person", "other-dose", "disbelieved"]
    reason: Reason
    person: Annotated[str, Meta(max_length=64)] = ""
    programme: Annotated[str, Meta(max_length=64)] = ""
    vaccine: Annotated[str, Meta(max_length=64)] = ""
    lot: Annotated[str, Meta(max_length=LONGEST_LABEL)] = ""
    expiry: date | None = None
    returned_to: Literal["", "person", "guardian", "other"] = ""
    beyond_stock: bool = False
    override: Override | None = None
    printer: Text = ""
    seen: Count | None = None


class NumberDoses(CommandStruct, frozen=True, tag_field="type", tag="NumberDoses"):
    """Number a person's doses as the history has them now, and replace their certificates.

    For what others told of meanwhile; whatever is changed here numbers them in the same step.
    """

    person: Code
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


class CardDose(CommandStruct, frozen=True):
    """A dose as a handwritten card has it.

    ``on`` is the day, or the month or the year where no more can be read (ISO 8601). ``number`` is
    the dose's as the card counts, 0 for a dose zero; without one a vaccine's doses are counted.
    """

    programme: Code
    vaccine: Code
    on: Annotated[str, Meta(min_length=4, max_length=10)]
    lot: Annotated[str, Meta(max_length=20)] = ""
    number: Annotated[int, Meta(ge=0, le=99)] | None = None
    facility: Annotated[str, Meta(max_length=80)] = ""


class ReportCard(CommandStruct, frozen=True, tag_field="type", tag="ReportCard"):
    """Take doses given elsewhere into a person's history, from a handwritten card.

    ``believedBy`` is the staff code of who looked at the card and believes it, who is signed in by
    default.
    """

    person: Code
    doses: Annotated[tuple[CardDose, ...], Meta(min_length=1, max_length=60)]
    believed_by: Text = ""


class ReceiveStock(CommandStruct, frozen=True, tag_field="type", tag="ReceiveStock"):
    """Take doses of a lot into stock; ``expiry`` may be left out where a scanned code says it.

    ``new_expiry`` says that the lot in stock has the date of these vials, and not the one it had;
    ``other_vaccine`` that another vaccine in stock has the same lot number. ``document`` is the
    number of the delivery's document: a line of it that is recorded already is refused, unless
    ``another`` says that it is another box of the same delivery.
    """

    vaccine: Code
    lot: Label
    quantity: Annotated[int, Meta(ge=1, le=100000)]
    expiry: date | None = None
    new_expiry: bool = False
    other_vaccine: bool = False
    document: Annotated[str, Meta(max_length=60)] = ""
    another: bool = False
