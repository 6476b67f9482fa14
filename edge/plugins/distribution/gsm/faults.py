"""What a modem or its network says no with: a sentence for each, and what then holds.

Codes of +CMS ERROR are in 3GPP TS 27.005 section 3.2.5 and 24.011 annex E, of +CME ERROR in 27.007
section 9.2, of TP-ST in 23.040 section 9.2.3.15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Holds = Literal["number", "later", "channel", "unknown"]
"""The message can never go there; it may go later, others now; none can go; it may have gone."""


@dataclass(frozen=True, slots=True)
class ModemFault:
    """A code as texts and logs have it, a sentence, what to do, and what holds."""

    code: str
    sentence: str
    hint: str
    holds: Holds


_NUMBER = "Check the number with the person."
_LATER = "It is tried again by itself."
_CREDIT = "Look whether the SIM card has credit and may send messages."
_SIM = "Look at the SIM card, and at the modem's settings in site.toml."
_SIGNAL = "Look at the antenna and the signal."

_CMS: Mapping[int, tuple[str, str, Holds]] = {
    1: ("The network does not know this number.", _NUMBER, "number"),
    8: ("The operator has barred this SIM card from messages.", _CREDIT, "channel"),
    10: ("Messages are barred for this SIM card.", _CREDIT, "channel"),
    21: ("The other side did not take the message.", _LATER, "later"),
    27: ("The telephone is out of service.", _LATER, "later"),
    28: ("The network does not know whose number this is.", _NUMBER, "number"),
    29: ("The network refused the message.", _LATER, "later"),
    30: ("The network does not know whose number this is.", _NUMBER, "number"),
    38: ("The mobile network is out of order.", _SIGNAL, "channel"),
    41: ("The mobile network failed for a moment.", _LATER, "later"),
    42: ("The mobile network is overloaded.", _LATER, "later"),
    47: ("The mobile network has no room at present.", _LATER, "channel"),
    50: ("This SIM card may not send messages.", _CREDIT, "channel"),
    69: ("This network takes no such messages.", _CREDIT, "channel"),
    300: ("The modem failed.", _LATER, "channel"),
    302: ("The modem does not allow this.", _SIM, "channel"),
    304: ("The modem does not take a message to this number.", _NUMBER, "number"),
    310: ("There is no SIM card in the modem.", _SIM, "channel"),
    311: ("The SIM card wants its PIN.", _SIM, "channel"),
    313: ("The SIM card failed.", _SIM, "channel"),
    314: ("The SIM card is busy.", _LATER, "channel"),
    315: ("The modem does not take this SIM card.", _SIM, "channel"),
    316: ("The SIM card is locked and wants its PUK.", _SIM, "channel"),
    320: ("The modem's memory failed.", _LATER, "channel"),
    322: ("The modem's memory is full.", _LATER, "channel"),
    330: ("The number of the message centre is not known.", _SIM, "channel"),
    331: ("The modem finds no network.", _SIGNAL, "channel"),
    332: ("The network did not say whether it took the message.", "", "unknown"),
    500: ("The modem does not say what went wrong.", _LATER, "later"),
    512: ("The SIM card may have no credit left.", _CREDIT, "channel"),
}
_CME: Mapping[int, int] = {
    10: 310, 11: 311, 12: 316, 13: 313, 14: 314, 15: 315, 16: 311, 20: 322, 30: 331, 31: 332,
    32: 331, 100: 500,
}  # fmt: skip
"""Codes of +CME ERROR that say what one of +CMS ERROR says."""
_STATUS: Mapping[int, str] = {
    0x40: "The telephone could not be reached: something between the networks failed.",
    0x41: "The telephone does not take this message.",
    0x42: "The telephone refused the message.",
    0x43: "The number is not obtainable.",
    0x44: "There is no such service at this number.",
    0x45: "The network cannot reach this number.",
    0x46: "The message was not taken in time.",
    0x47: "The message was deleted by its sender.",
    0x48: "The message was deleted by the network.",
    0x49: "The network no longer has the message.",
}
UNREADABLE = ModemFault("sms.answer", "The modem's answer cannot be read.", _LATER, "channel")
SILENT = ModemFault("sms.silent", "The modem does not answer.", "It is reset by itself.", "channel")
CUT_OFF = ModemFault(
    "sms.cut-off", "The modem stopped answering while it sent the message.", "", "unknown"
)


def cms_fault(number: int) -> ModemFault:
    """Say what a code of +CMS ERROR means; one that is not known may pass."""
    known = _CMS.get(number)
    if known is None:
        return ModemFault(f"sms.cms-{number}", "The modem refused the message.", _LATER, "later")
    sentence, hint, holds = known
    return ModemFault(f"sms.cms-{number}", sentence, hint, holds)


def cme_fault(number: int) -> ModemFault:
    """Say what a code of +CME ERROR means."""
    told = cms_fault(_CME.get(number, 300))
    return ModemFault(f"sms.cme-{number}", told.sentence, told.hint, told.holds)


def report_sentence(status: int) -> str:
    """Say why a message did not arrive, by TP-ST."""
    if status in _STATUS:
        return _STATUS[status]
    if status & 0x60 == 0x60:
        return "The telephone could not be reached, and the network tries no more."
    return "The network says that the message cannot arrive."
