"""What the API says of the site's clock."""

from __future__ import annotations

from datetime import date

import msgspec

from edge.web.answer import Answer
from edge.web.problem_answers import ProblemAnswer


class ClockAnswer(Answer, frozen=True):
    """What the site's clock says, and what speaks against it.

    ``sentence`` says why it is not believed, or whose clock differs from it; empty when nothing
    speaks against it. ``setBy`` are the seconds by which it was last set while the node ran, at
    ``setAt``, negative: back; 0: it was not.
    """

    believed: bool
    today: date
    code: str
    sentence: str
    set_at: str
    set_by: int


class ClockRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The date that it is today, by whoever vouches for it."""

    day: date


class DatedAheadAnswer(Answer, frozen=True):
    """A dose that is dated, or whose certificate was signed, after now."""

    dose: str
    person: str
    vaccine: str
    on: date
    certificate: str
    signed_at: str


class ReplaceAheadRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The day on which the doses were given that are dated ahead."""

    on: date


class ReplacedAnswer(Answer, frozen=True):
    """How many were replaced, and what each of the others was refused for, by the dose."""

    done: int
    refused: dict[str, ProblemAnswer]
