"""What the tablet and the command line may ask for: each request's type is also its validation."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from edge.services.commands.appointments import (
    BookAppointment,
    CancelAppointment,
    MoveAppointment,
)
from edge.services.commands.base import DecidedObjection, Override, Text
from edge.services.commands.documents import (
    CertifyDocument,
    CorrectDocument,
    RecordDocument,
    RevokeDocument,
)
from edge.services.commands.doses import (
    AnsweredQuestion,
    CardDose,
    CorrectDose,
    GiveDose,
    NumberDoses,
    PaymentInput,
    ReceiveStock,
    ReportCard,
    ReportDoses,
    TakeBackDose,
)
from edge.services.commands.paper import (
    IssueCertificate,
    MovePrint,
    PrintCopy,
    PrintSlip,
    RevokeCertificate,
    SettlePrint,
)
from edge.services.commands.payments import CountCash, HandOverCash, PayDose, ReturnPayment
from edge.services.commands.people import (
    AddressInput,
    AgeInput,
    Arrive,
    CorrectPerson,
    DistinguishDoses,
    DistinguishPeople,
    GuardianInput,
    Leave,
    MergePeople,
    RecordContactPreference,
    RecordObservation,
    RecordStatus,
    RegisterPerson,
    SettleDifference,
    UndoMerge,
)

__all__ = [
    "SIGNED",
    "AddressInput",
    "AgeInput",
    "AnsweredQuestion",
    "Arrive",
    "BookAppointment",
    "CancelAppointment",
    "CardDose",
    "CertifyDocument",
    "Command",
    "CorrectDocument",
    "CorrectDose",
    "CorrectPerson",
    "CountCash",
    "DecidedObjection",
    "DistinguishDoses",
    "DistinguishPeople",
    "GiveDose",
    "GuardianInput",
    "HandOverCash",
    "IssueCertificate",
    "Leave",
    "MergePeople",
    "MoveAppointment",
    "MovePrint",
    "NumberDoses",
    "Override",
    "PayDose",
    "PaymentInput",
    "PrintCopy",
    "PrintSlip",
    "ReceiveStock",
    "RecordContactPreference",
    "RecordDocument",
    "RecordObservation",
    "RecordStatus",
    "RegisterPerson",
    "ReportCard",
    "ReportDoses",
    "ReturnPayment",
    "RevokeCertificate",
    "RevokeDocument",
    "SettleDifference",
    "SettlePrint",
    "TakeBackDose",
    "Text",
    "UndoMerge",
    "command_document",
    "older_document",
]


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
    | TakeBackDose
    | NumberDoses
    | ReportDoses
    | ReportCard
    | RevokeCertificate
    | RecordObservation
    | SettleDifference
    | RecordStatus
    | MergePeople
    | UndoMerge
    | DistinguishPeople
    | DistinguishDoses
    | RecordDocument
    | CertifyDocument
    | CorrectDocument
    | RevokeDocument
    | BookAppointment
    | MoveAppointment
    | CancelAppointment
    | PayDose
    | ReturnPayment
    | CountCash
    | HandOverCash
    | RecordContactPreference
)


SIGNED = (GiveDose, CorrectDose, CorrectPerson, RecordObservation, RecordStatus, TakeBackDose)
"""Commands that carry a supervisor's word; their PIN goes no further than the web application."""


_ADDED = frozenset({"beyondStock", "answers", "payment", "returnedTo"})
"""Fields that no version had which still took a digest of all of them."""


def command_document(command: Command) -> dict[str, object]:
    """Give a command as a JSON object, dates as text: what its digest is taken of.

    What is as by default is left out: a field that a newer version adds changes no digest, and a
    request that an older one took is known when it is sent again.
    """
    return {str(command.__struct_config__.tag_field): type(command).__name__, **_said(command)}


def older_document(command: Command) -> dict[str, object]:
    """Give the same as older versions took the digest of it: with every default."""
    document: dict[str, object] = msgspec.to_builtins(command)
    return {name: value for name, value in document.items() if name not in _ADDED or value}


def _said(value: msgspec.Struct) -> dict[str, object]:
    """Give the fields that are not as by default."""
    said = ((written, default, getattr(value, name)) for name, written, default in _of(type(value)))
    return {written: _plain(found) for written, default, found in said if found != default}


@cache
def _of(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    """Give name, written name and default of each field; msgspec works them out at every call."""
    fields = msgspec.structs.fields(kind)
    return tuple((field.name, field.encode_name, field.default) for field in fields)


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return _said(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return msgspec.to_builtins(value)
