"""The channel of kind ``modem``: a message is one SMS or a few parts of one, none handed twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from edge.domain.errors import BadInput, Unavailable
from edge.plugins.contract import READY, Health, Need
from edge.plugins.distribution.contract import (
    AddressKind,
    Handed,
    Limits,
    OutgoingMessage,
    Reply,
    Report,
)
from edge.plugins.distribution.gsm.dialogue import Dialogue, ModemError, Port
from edge.plugins.distribution.gsm.faults import ModemFault, report_sentence
from edge.plugins.distribution.gsm.modem import GsmModem, ModemSettings, unavailable
from edge.plugins.distribution.gsm.pdu import (
    DeliveryStatus,
    IncomingText,
    PduError,
    SubmitPart,
    read_pdu,
    submit_parts,
)
from edge.plugins.distribution.making import ChannelSurroundings, wrong_option
from edge.plugins.distribution.options import integer, text, unknown_options
from sync.protocol.counted import Counted

R = TypeVar("R")
_PARTS = 6
"""Parts of one message at the most: what is longer is no short message."""
_TRIES, _PAUSE = 3, 2.0
"""How often one part is given that was refused for a moment, and seconds between."""
_WITHIN = 60.0
"""Seconds after which no part is tried again."""
_SAME = 6
"""Last digits of a number, which a network's report has whichever way it writes the number."""
_BALANCE_EVERY = 12 * 3600.0


class ModemChannel:
    """Sends SMS by a modem of the site's own."""

    needs: frozenset[Need] = frozenset({"device", "secret"})
    address: AddressKind = "phone"
    seconds = 180.0

    def __init__(self, modem: GsmModem, around: ChannelSurroundings, limits: Limits) -> None:
        self._modem = modem
        self._around = around
        self.limits = limits
        self._reference = 0
        self._read: list[int] = []
        self._reports: list[Report] = []
        self._balance = ""
        self._balance_at: float | None = None

    def health(self) -> Health:
        """Say that it is ready: what is wrong is said when it is used."""
        return READY

    def details(self) -> Mapping[str, str]:
        """Give signal, network and credit as last seen."""
        return {
            "Signal": self._modem.signal,
            "Network": self._modem.network,
            "Credit": self._balance,
        }

    def send(self, message: OutgoingMessage) -> Handed:
        """Hand a message over, part by part."""
        self._reference = (self._reference + 1) % 256
        parts = submit_parts(message.address, message.text, self._reference)
        if len(parts) > _PARTS:
            raise BadInput(
                "sms.too-long",
                Counted(
                    "The text takes {count} short message; at most {most} are sent.",
                    "The text takes {count} short messages; at most {most} are sent.",
                ),
                hint="Shorten it in distribution.yaml.",
                count=len(parts),
                most=_PARTS,
            )
        until, taken = self._around.elapsed() + _WITHIN, list[str]()
        for place, part in enumerate(parts):
            try:
                fault = self._part(part, until, taken, message.address)
            except Unavailable as error:
                if not place:
                    raise
                fault = ModemFault(error.code, error.sentence, error.hint, "channel")
            if fault is not None:
                return _ended(fault, tuple(taken), place, len(parts))
            if len(taken) == place:
                taken.append(_without_report(place))
        return Handed("handed", tuple(taken))

    def reports(self) -> Sequence[Report]:
        """Give what the network reported, and what it left in the modem's memory."""
        self._asked(self._listen)
        self._ask_balance()
        reports, self._reports = self._reports, []
        return reports

    def replies(self) -> Sequence[Reply]:
        """Give the messages in the modem's memory; those given before are deleted first."""
        return self._asked(self._stored)

    def _asked(self, work: Callable[[Dialogue], R]) -> R:
        """Ask the modem something of no message; what it says no with is its trouble."""
        try:
            return self._modem.use(work)
        except ModemError as error:
            raise unavailable(error.fault) from error

    def _part(
        self, part: SubmitPart, until: float, taken: list[str], address: str
    ) -> ModemFault | None:
        """Give one part until the network takes it or says no for good."""
        for left in reversed(range(_TRIES)):
            try:
                number = self._modem.take(part.length, part.digits)
            except ModemError as error:
                fault = error.fault
                if fault.holds != "later" or not left or self._around.elapsed() > until:
                    return fault
                self._around.sleep(_PAUSE)
            else:
                taken += [] if number is None else [_receipt(address, number)]
                return None
        return None

    def _listen(self, dialogue: Dialogue) -> None:
        dialogue.look()
        said, dialogue.unasked = dialogue.unasked, []
        for line in said:
            if line.startswith("+CDS:"):
                self._keep(line.partition("\n")[2])

    def _keep(self, digits: str) -> None:
        try:
            found = read_pdu(digits)
        except PduError:
            return
        if isinstance(found, DeliveryStatus) and (report := _report(found)):
            self._reports.append(report)

    def _stored(self, dialogue: Dialogue) -> list[Reply]:
        for place in self._read:
            dialogue.ask(f"AT+CMGD={place}")
        self._read = []
        lines, found = dialogue.ask("AT+CMGL=4", 20.0), list[Reply]()
        for head, digits in pairwise(lines):
            index = head.removeprefix("+CMGL:").split(",")[0].strip()
            if not head.startswith("+CMGL:") or not index.isdecimal():
                continue
            self._read.append(int(index))
            try:
                told = read_pdu(digits)
            except PduError:
                continue
            if isinstance(told, IncomingText):
                found.append(Reply(f"{told.stamp}{told.address}", told.address, told.text))
            elif report := _report(told):
                self._reports.append(report)
        return found

    def _ask_balance(self) -> None:
        now = self._around.elapsed()
        if self._balance_at is not None and now < self._balance_at + _BALANCE_EVERY:
            return
        self._balance_at = now
        try:
            self._balance = self._modem.ask_balance()
        except ModemError:  # an operator that does not answer costs nobody a message
            self._balance = ""


def _receipt(address: str, reference: int) -> str:
    """Name a part as its report will: TP-MR begins anew after 255, so with the number.

    Of that only the end, which is the same with and without the country's code.
    """
    return f"{address[-_SAME:]}:{reference}"


def _without_report(place: int) -> str:
    """Name a part of which no report can come, so that the others' do not stand for the whole."""
    return f"part {place + 1}"


def _report(found: DeliveryStatus) -> Report | None:
    """Say what a report comes to; None while the network still tries."""
    receipt = _receipt(found.address, found.reference)
    if found.status < 0x20:
        return Report(receipt, "delivered")
    if found.status < 0x40:
        return None
    code = f"sms.status-{found.status:02x}"
    return Report(receipt, "bounced", code, report_sentence(found.status))


def _ended(fault: ModemFault, receipts: tuple[str, ...], taken: int, parts: int) -> Handed:
    """Say what a message comes to of which a part was not taken; raises where none was."""
    if taken:
        sentence = Counted(
            "The network took {taken} of {parts} part: it cannot be read whole.",
            "The network took {taken} of {parts} parts: it cannot be read whole.",
            "parts",
        )
        whole = (*receipts, *map(_without_report, range(taken, parts)))
        return Handed("unknown", whole, fault.code, sentence, {"taken": taken, "parts": parts})
    if fault.holds == "unknown":
        return Handed("unknown", (), fault.code, fault.sentence)
    if fault.holds == "later":
        return Handed("later", (), fault.code, fault.sentence)
    if fault.holds == "number":
        raise BadInput(fault.code, fault.sentence, hint=fault.hint)
    raise unavailable(fault)


def make(options: Mapping[str, Any], around: ChannelSurroundings) -> ModemChannel:
    """Make it of its settings: ``port``, and perhaps ``baud``, ``pin_file`` or ``centre``."""
    return make_with(options, around, _open)


def make_with(
    options: Mapping[str, Any],
    around: ChannelSurroundings,
    open_port: Callable[[str, int], Port],
) -> ModemChannel:
    """Make it with another way to open its port."""
    known = ("port", "baud", "pin_file", "centre", "balance", "per_minute", "per_hour")
    unknown_options(options, known)
    settings = ModemSettings(
        port=text(options, "port", needed="for example /dev/serial/by-id/usb-…"),
        baud=integer(options, "baud", 115200),
        centre=text(options, "centre"),
        balance=text(options, "balance"),
    )
    for name, value in (("centre", settings.centre), ("balance", settings.balance)):
        if not set(value) <= set("+*#0123456789"):
            raise wrong_option(name, "is not a number", "digits, +, * and #")
    pin_file = text(options, "pin_file")
    modem = GsmModem(settings, around, open_port, lambda: around.secret("pin", pin_file))
    limits = Limits(integer(options, "per_minute", 0), integer(options, "per_hour", 0))
    return ModemChannel(modem, around, limits)


def _open(port: str, baud: int) -> Port:
    import serial

    return serial.Serial(port, baud, timeout=0.1, write_timeout=5.0, exclusive=True)
