"""Whole sentences of who and what comes into a campaign or leaves it: of one, and of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sync.protocol.counted import Counted

Turn = Literal["new", "gone", "inactive", "active"]
Move = Literal["leaves", "comes"]


TURNS: Mapping[str, Mapping[Turn, Counted]] = {
    "programmes": {
        "new": Counted(
            "{count} programme is new: {names}.", "{count} programmes are new: {names}."
        ),
        "gone": Counted(
            "{count} programme is gone: {names}.", "{count} programmes are gone: {names}."
        ),
        "inactive": Counted(
            "{count} programme is not active any more: {names}.",
            "{count} programmes are not active any more: {names}.",
        ),
        "active": Counted(
            "{count} programme is active again: {names}.",
            "{count} programmes are active again: {names}.",
        ),
    },
    "vaccines": {
        "new": Counted("{count} vaccine is new: {names}.", "{count} vaccines are new: {names}."),
        "gone": Counted("{count} vaccine is gone: {names}.", "{count} vaccines are gone: {names}."),
        "inactive": Counted(
            "{count} vaccine is not active any more: {names}.",
            "{count} vaccines are not active any more: {names}.",
        ),
        "active": Counted(
            "{count} vaccine is active again: {names}.",
            "{count} vaccines are active again: {names}.",
        ),
    },
    "facilities": {
        "new": Counted("{count} facility is new: {names}.", "{count} facilities are new: {names}."),
        "gone": Counted(
            "{count} facility is gone: {names}.", "{count} facilities are gone: {names}."
        ),
        "inactive": Counted(
            "{count} facility is not active any more: {names}.",
            "{count} facilities are not active any more: {names}.",
        ),
        "active": Counted(
            "{count} facility is active again: {names}.",
            "{count} facilities are active again: {names}.",
        ),
    },
}
"""By the list of a campaign, and what became of its items."""

MOVES: Mapping[str, Mapping[Move, Counted]] = {
    "": {
        "leaves": Counted(
            "{count} person leaves {facility}: {names}.",
            "{count} people leave {facility}: {names}.",
        ),
        "comes": Counted(
            "{count} person comes to {facility}: {names}.",
            "{count} people come to {facility}: {names}.",
        ),
    },
    "registrar": {
        "leaves": Counted(
            "{count} registrar leaves {facility}: {names}.",
            "{count} registrars leave {facility}: {names}.",
        ),
        "comes": Counted(
            "{count} registrar comes to {facility}: {names}.",
            "{count} registrars come to {facility}: {names}.",
        ),
    },
    "vaccinator": {
        "leaves": Counted(
            "{count} vaccinator leaves {facility}: {names}.",
            "{count} vaccinators leave {facility}: {names}.",
        ),
        "comes": Counted(
            "{count} vaccinator comes to {facility}: {names}.",
            "{count} vaccinators come to {facility}: {names}.",
        ),
    },
    "supervisor": {
        "leaves": Counted(
            "{count} supervisor leaves {facility}: {names}.",
            "{count} supervisors leave {facility}: {names}.",
        ),
        "comes": Counted(
            "{count} supervisor comes to {facility}: {names}.",
            "{count} supervisors come to {facility}: {names}.",
        ),
    },
    "clinician": {
        "leaves": Counted(
            "{count} clinician leaves {facility}: {names}.",
            "{count} clinicians leave {facility}: {names}.",
        ),
        "comes": Counted(
            "{count} clinician comes to {facility}: {names}.",
            "{count} clinicians come to {facility}: {names}.",
        ),
    },
    "technician": {
        "leaves": Counted(
            "{count} technician leaves {facility}: {names}.",
            "{count} technicians leave {facility}: {names}.",
        ),
        "comes": Counted(
            "{count} technician comes to {facility}: {names}.",
            "{count} technicians come to {facility}: {names}.",
        ),
    },
}
"""By the role that all of them have; empty, and for another role: people."""
