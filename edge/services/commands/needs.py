"""Which modules each command is of: where they do not run there is no such command."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from typing import Any, get_args

import msgspec

from edge.domain.modules import (
    ALWAYS,
    APPOINTMENTS,
    CERTIFICATES,
    DESK,
    DISTRIBUTION,
    DOCUMENTS,
    DOSES,
    HISTORY,
    PAPERS,
    PAYMENT,
    PEOPLE,
    REGISTRY,
    STOCK,
    Needs,
    met,
    one_of,
)
from edge.services import commands
from edge.services.commands import Command

COMMAND_NEEDS: Mapping[type, Needs] = {
    commands.RegisterPerson: one_of("registration", "certificates"),
    commands.Arrive: DESK,
    commands.Leave: DESK,
    commands.GiveDose: DOSES,
    commands.IssueCertificate: CERTIFICATES,
    commands.ReceiveStock: STOCK,
    commands.PrintCopy: PAPERS,
    commands.PrintSlip: ALWAYS,
    commands.SettlePrint: ALWAYS,
    commands.MovePrint: ALWAYS,
    commands.CorrectPerson: one_of("registration", "vaccination", "certificates"),
    commands.CorrectDose: DOSES,
    commands.TakeBackDose: DOSES,
    commands.NumberDoses: DOSES,
    commands.ReportDoses: HISTORY,
    commands.ReportCard: HISTORY,
    commands.RevokeCertificate: CERTIFICATES,
    commands.RecordObservation: HISTORY,
    commands.SettleDifference: PEOPLE + REGISTRY,
    commands.RecordStatus: PEOPLE,
    commands.MergePeople: DESK,
    commands.UndoMerge: DESK,
    commands.DistinguishPeople: DESK,
    commands.DistinguishDoses: DESK,
    commands.RecordDocument: DOCUMENTS,
    commands.CertifyDocument: DOCUMENTS,
    commands.CorrectDocument: DOCUMENTS,
    commands.RevokeDocument: DOCUMENTS,
    commands.BookAppointment: APPOINTMENTS,
    commands.MoveAppointment: APPOINTMENTS,
    commands.CancelAppointment: APPOINTMENTS,
    commands.PayDose: PAYMENT,
    commands.ReturnPayment: PAYMENT,
    commands.CountCash: PAYMENT,
    commands.HandOverCash: PAYMENT,
    commands.RecordContactPreference: DISTRIBUTION,
}
"""A program sends people and their doses to a site that only prints certificates."""


@cache
def known_commands(running: frozenset[str]) -> Any:
    """Give the type of every command that there is where these modules run."""
    kinds = [kind for kind in get_args(Command) if met(COMMAND_NEEDS[kind], running)]
    return reduce(or_, kinds)


@cache
def command_decoder(running: frozenset[str]) -> msgspec.json.Decoder[Any]:
    """Give what reads a command of these modules from JSON."""
    return msgspec.json.Decoder(known_commands(running))
