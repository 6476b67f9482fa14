"""What the tablet and the command line may ask for: each request's type is also its validation."""

from __future__ import annotations

import msgspec

from edge.services.commands.base import Override, Text
from edge.services.commands.doses import (
    CardDose,
    CorrectDose,
    GiveDose,
    NumberDoses,
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
from edge.services.commands.people import (
    AddressInput,
    AgeInput,
    Arrive,
    CorrectPerson,
    Leave,
    RecordObservation,
    RegisterPerson,
    SettleDifference,
)

__all__ = [
    "SIGNED",
    "AddressInput",
    "AgeInput",
    "Arrive",
    "CardDose",
    "Command",
    "CorrectDose",
    "CorrectPerson",
    "GiveDose",
    "IssueCertificate",
    "Leave",
    "MovePrint",
    "NumberDoses",
    "Override",
    "PrintCopy",
    "PrintSlip",
    "ReceiveStock",
    "RecordObservation",
    "RegisterPerson",
    "ReportCard",
    "ReportDoses",
    "RevokeCertificate",
    "SettleDifference",
    "SettlePrint",
    "TakeBackDose",
    "Text",
    "command_document",
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
)


SIGNED = (GiveDose, CorrectDose, CorrectPerson, RecordObservation, TakeBackDose)
"""Commands that carry a supervisor's word; their PIN goes no further than the web application."""


def command_document(command: Command) -> dict[str, object]:
    """Give a command as a JSON object, dates as text: what its digest is taken of."""
    document: dict[str, object] = msgspec.to_builtins(command)
    return document
