"""A call of the API: who asks what in which language, and the bodies it may bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from edge.domain.catalogue import Staff
from edge.domain.device import Device
from edge.domain.errors import BadInput, NotAllowed, NotFound
from edge.domain.lots import expiry_day
from edge.domain.people import Person
from edge.journal import views
from edge.services.commands import RegisterPerson, Text
from edge.services.commands.needs import command_decoder
from edge.web.backend import Backend
from edge.web.translations import Language

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class ApiInput:
    """One request to the API: who, from where, what, in which language, on which paired tablet."""

    backend: Backend
    staff: Staff | None
    token: str
    values: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    address: str
    language: Language
    device: Device | None = None


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody shows: a staff code or the text of a badge, and a PIN or a password.

    Of another method its name and its ``fields``, such as a passkey's answer (``passkey``, JSON).
    ``step`` is what an answer of before, or ``/session/steps``, gave to go on with.
    """

    code: Text = ""
    pin: Text = ""
    method: Text = ""
    fields: Mapping[str, Annotated[str, msgspec.Meta(max_length=8192)]] = {}
    step: Text = ""


class SignInStepRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which method is to ask first; ``step`` is of a sign-in in which something was right."""

    method: Text
    step: Text = ""


class PairRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The secret of a set-up sheet, with which one device is paired."""

    secret: Text


class HistoryRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a person shows so that the registry may be asked for their history.

    ``shown`` is the code on the paper of another site, or the text of a certificate's QR code;
    empty: what was shown before. ``withoutPaper``: nothing is shown, and the registry is asked by
    identity number, name and birth, which it answers a few times a day and an officer reads.
    """

    shown: Annotated[str, msgspec.Meta(max_length=65536)] = ""
    without_paper: bool = False


class AskedPrint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slip to print: which, of what, where.

    ``slip`` is ``certificate`` (then a copy is printed), ``appointment``, ``expected``, ``plan``,
    ``sticker``, ``vial``, ``tally``, ``receipt``, ``cash``, ``setup`` or ``badge``. ``subject`` is
    a certificate's number, a dose's id for appointment (or an appointment's) and sticker, a
    person's for plan, a payment's for receipt, ``VACCINE|LOT``, a date, the facility's code, a
    staff code. ``id`` is a UUIDv7 made by the sender: after a lost answer the same one prints
    nothing twice.
    """

    id: Text
    slip: Text
    subject: Text
    printer: Text = ""


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of somebody: names, numbers, a birth date, where they live.

    ``first`` is the place, from 0, at which the page begins.
    """

    text: Text
    first: Annotated[int, msgspec.Meta(ge=0, le=500)] = 0


class PinRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A staff member's new PIN, and the PIN of the supervisor who sets it."""

    pin: Text
    own_pin: Text


NEW_PIN = msgspec.json.Decoder(PinRequest)
ASKED_PRINT = msgspec.json.Decoder(AskedPrint)
REGISTRATION = msgspec.json.Decoder(RegisterPerson)
SEARCH = msgspec.json.Decoder(Search)
PAIR = msgspec.json.Decoder(PairRequest)
SIGN_IN = msgspec.json.Decoder(SignIn)
SIGN_IN_STEP = msgspec.json.Decoder(SignInStepRequest)
HISTORY = msgspec.json.Decoder(HistoryRequest)
ANYTHING = msgspec.json.Decoder()


def command(body: bytes, running: frozenset[str]) -> Any:
    """Read a request of the modules that run; an expiry may name only the month, as vials do."""
    known = command_decoder(running)
    try:
        return decode(known, body)
    except BadInput as error:
        if error.field != "expiry":
            raise
        document = decode(ANYTHING, body)  # what stands behind the month was not read yet
        try:
            document["expiry"] = expiry_day(str(document["expiry"])).isoformat()
        except BadInput:
            raise error from None
    return decode(known, msgspec.json.encode(document))


def decode(decoder: Any, body: bytes) -> Any:
    """Read a JSON body into its type, or name the field that does not fit."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _does_not_fit(error, "See /api/v1/openapi.json for what each field takes.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput(
            "request.not-json",
            "The request is not JSON.",
            hint="Send an object with Content-Type: application/json.",
            field="body",
        ) from None


def convert(document: Mapping[str, Any], kind: Any) -> Any:
    """Read what a form asks for into its type, or name the field that does not fit."""
    try:
        return msgspec.convert(document, kind, strict=False)
    except msgspec.ValidationError as error:
        name = _place(error)
        raise BadInput(
            "request.field",
            "{name} does not fit.",
            hint="Look at what is written or chosen there.",
            field=name,
            name=name,
        ) from None


def _does_not_fit(error: msgspec.ValidationError, hint: str) -> BadInput:
    what, name = str(error).partition(" - at `$")[0], _place(error)
    return BadInput(
        "request.field",
        "The field {key} does not fit: {what}.",
        hint=hint,
        field=name,
        key=name,
        what=what,
    )


def _place(error: msgspec.ValidationError) -> str:
    """Name the field that an error is about; the whole body where it is about none."""
    return str(error).partition(" - at `$")[2].strip("`.") or "body"


def query_day(text: str, field: str) -> date | None:
    """Read a calendar date of a query; None where it is not there."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(
            "date.form",
            "The date must be written as year-month-day.",
            hint="For example 2026-11-24.",
            field=field,
        ) from None


def known_person(db: Database, id_: str) -> Person:
    """Find the person a path names."""
    found = views.person(db, id_)
    if found is None:
        raise NotFound("person.unknown", "This person is not registered here.", field="person")
    return found


def signed_in(staff: Staff | None) -> Staff:
    """Give who is signed in, or refuse a call without a session."""
    if staff is None:
        raise NotAllowed(
            "session.none",
            "You are not signed in.",
            hint="Sign in with your code and PIN.",
        )
    return staff
