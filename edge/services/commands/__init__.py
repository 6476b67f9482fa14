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
    DistinguishDoses,
    DistinguishPeople,
    GuardianInput,
    Leave,
    MergePeople,
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
    "Arrive",
    "CardDose",
    "Command",
    "CorrectDose",
    "CorrectPerson",
    "DistinguishDoses",
    "DistinguishPeople",
    "GiveDose",
    "GuardianInput",
    "IssueCertificate",
    "Leave",
    "MergePeople",
    "MovePrint",
    "NumberDoses",
    "Override",
    "PrintCopy",
    "PrintSlip",
    "ReceiveStock",
    "RecordObservation",
    "RecordStatus",
    "RegisterPerson",
    "ReportCard",
    "ReportDoses",
    "RevokeCertificate",
    "SettleDifference",
    "SettlePrint",
    "TakeBackDose",
    "Text",
    "UndoMerge",
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
    | RecordStatus
    | MergePeople
    | UndoMerge
    | DistinguishPeople
    | DistinguishDoses
)


SIGNED = (GiveDose, CorrectDose, CorrectPerson, RecordObservation, RecordStatus, TakeBackDose)
"""Commands that carry a supervisor's word; their PIN goes no further than the web application."""


def command_document(command: Command) -> dict[str, object]:
    """Give a command as a JSON object, dates as text: what its digest is taken of."""
    document: dict[str, object] = msgspec.to_builtins(command)
    return document
