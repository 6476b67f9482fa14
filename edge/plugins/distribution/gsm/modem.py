"""One modem: opened, told its PIN once, asked for its network, and reset when it is stuck."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from edge.domain.errors import Unavailable
from edge.plugins.distribution.gsm.dialogue import Dialogue, ModemError, Port
from edge.plugins.distribution.gsm.faults import CUT_OFF, SILENT, UNREADABLE, ModemFault
from edge.plugins.distribution.making import ChannelSurroundings

_PROMPT, _TAKEN = 10.0, 30.0
"""Seconds until the modem is ready for a message, and until the network took it."""
_USSD = 25.0
_BOOT = 3.0
_HOME, _ROAMING = frozenset({"1", "6"}), frozenset({"5", "7"})
_TRIED = "pin.tried"
_DENIED = "3"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """Where the modem is and what it needs; ``balance`` is a USSD code, ``centre`` the SMSC."""

    port: str
    baud: int = 115200
    centre: str = ""
    balance: str = ""


class GsmModem:
    """A modem that may be unplugged, stuck or asleep: each use begins by looking.

    ``open_port`` opens the path anew every time: what is plugged in again under the same id is
    found again. ``pin`` reads the SIM's PIN when it is wanted.
    """

    def __init__(
        self,
        settings: ModemSettings,
        around: ChannelSurroundings,
        open_port: Callable[[str, int], Port],
        pin: Callable[[], str],
    ) -> None:
        self._settings = settings
        self._around = around
        self._open_port = open_port
        self._pin = pin
        self._dialogue: Dialogue | None = None
        self.signal = ""
        self.network = ""

    def use(self, work: Callable[[Dialogue], R]) -> R:
        """Do something with the modem when it is ready; raises ``Unavailable`` where it is not.

        What the work itself raises goes through; a modem that went silent is opened anew next time.
        """
        dialogue = self._ready()
        try:
            return work(dialogue)
        except ModemError as error:
            if error.fault in (SILENT, UNREADABLE, CUT_OFF):
                self._leave()
            raise
        except OSError as error:
            self._leave()
            raise no_modem(self._settings.port) from error

    def take(self, length: int, digits: str) -> int | None:
        """Have the network take a part, and give its TP-MR, if the modem says it.

        Raises :class:`ModemError`: ``CUT_OFF`` where nobody knows whether the network took it.
        """
        lines = self.use(
            lambda dialogue: dialogue.hand(f"AT+CMGS={length}", digits, _PROMPT, _TAKEN)
        )
        found = next((line for line in lines if line.startswith("+CMGS:")), "")
        number = found.partition(":")[2].strip()
        return int(number) if number.isdecimal() else None

    def ask_balance(self) -> str:
        """Ask the operator by USSD, and give its answer as it is; nothing where none is set."""
        if not self._settings.balance:
            return ""

        def work(dialogue: Dialogue) -> str:
            dialogue.ask(f'AT+CUSD=1,"{self._settings.balance}",15')
            return _ussd_text(dialogue.wait_for("+CUSD:", _USSD))

        return self.use(work)

    def _ready(self) -> Dialogue:
        dialogue = self._dialogue
        try:
            if dialogue is not None and not dialogue.started:
                self._look_at_network(dialogue)
                return dialogue
            self._leave()
            return self._begin()
        except ModemError as error:
            self._leave()
            raise unavailable(error.fault) from error
        except OSError as error:
            self._leave()
            raise no_modem(self._settings.port) from error

    def _begin(self) -> Dialogue:
        self._dialogue = dialogue = Dialogue(
            self._open_port(self._settings.port, self._settings.baud), self._around.elapsed
        )
        self._wake(dialogue)
        dialogue.ask("ATE0")
        dialogue.ask("AT+CMEE=1")
        self._unlock(dialogue)
        dialogue.ask("AT+CMGF=0")
        if self._settings.centre:
            dialogue.ask(f'AT+CSCA="{self._settings.centre}",145')
        try:
            dialogue.ask("AT+CNMI=2,1,0,1,0")
        except ModemError:  # some modems buffer otherwise, and take this
            dialogue.ask("AT+CNMI=1,1,0,1,0")
        dialogue.started = False
        self._look_at_network(dialogue)
        return dialogue

    def _wake(self, dialogue: Dialogue) -> None:
        """Get an answer at all: end a prompt that was left open, then reset what stays silent."""
        for command in ("\x1bAT", "AT", "AT+CFUN=1,1"):
            try:
                dialogue.ask(command, 2.0)
            except ModemError as error:
                if error.fault is not SILENT:
                    return
            else:
                if command != "AT+CFUN=1,1":
                    return
        self._around.sleep(_BOOT)
        dialogue.ask("AT", 5.0)

    def _unlock(self, dialogue: Dialogue) -> None:
        state = "".join(dialogue.ask("AT+CPIN?"))
        if "READY" in state:
            self._around.remember(_TRIED, "")
            return
        if "SIM PIN" not in state or "PIN2" in state:
            raise ModemError(_PUK if "PUK" in state else _NO_SIM)
        pin = self._pin()
        if not pin:
            raise ModemError(_NO_PIN)
        mark = sha256(pin.encode()).hexdigest()
        if self._around.remembered(_TRIED) == mark:
            raise ModemError(_PIN_TRIED)
        self._around.remember(_TRIED, mark)  # before it is tried: a third wrong one locks the SIM
        try:
            dialogue.ask(f'AT+CPIN="{pin}"', 15.0)
        except ModemError as error:
            raise ModemError(_PIN_REFUSED) from error
        self._around.remember(_TRIED, "")
        self._around.sleep(_BOOT)

    def _look_at_network(self, dialogue: Dialogue) -> None:
        state = _second("".join(dialogue.ask("AT+CREG?")))
        strength = _first("".join(dialogue.ask("AT+CSQ")))
        self.signal = _signal(strength)
        if state in _HOME | _ROAMING:
            self.network = "home" if state in _HOME else "roaming"
            return
        self.network = "denied" if state == _DENIED else "none"
        raise ModemError(_NETWORK_DENIED if state == _DENIED else _NO_NETWORK)

    def _leave(self) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
        self._dialogue = None


_NO_SIM = ModemFault("sms.no-sim", "There is no SIM card in the modem.", "Put one in.", "channel")
_PUK = ModemFault(
    "sms.puk", "The SIM card is locked.", "Unlock it in a telephone with its PUK.", "channel"
)
_NO_PIN = ModemFault(
    "sms.no-pin",
    "The SIM card wants its PIN.",
    "Write it into the file of pin_file, or hand it over as a credential.",
    "channel",
)
_PIN_REFUSED = ModemFault(
    "sms.pin-refused",
    "The SIM card refused its PIN, which is not tried again.",
    "Put the right PIN into the file: another one is tried once.",
    "channel",
)
_PIN_TRIED = ModemFault(
    "sms.pin-tried",
    "This PIN was tried and did not unlock the SIM card: it is not tried again.",
    "Put the right PIN into the file, or unlock the SIM card in a telephone.",
    "channel",
)
_NO_NETWORK = ModemFault(
    "sms.no-network",
    "The modem finds no network.",
    "Look at the antenna and the signal.",
    "channel",
)
_NETWORK_DENIED = ModemFault(
    "sms.denied", "The network does not take this SIM card.", "Ask the operator.", "channel"
)


def unavailable(fault: ModemFault) -> Unavailable:
    """Say that the channel takes nothing at present."""
    return Unavailable(fault.code, fault.sentence, hint=fault.hint)


def no_modem(port: str) -> Unavailable:
    """Say that there is no modem at its port."""
    return Unavailable(
        "sms.no-modem",
        "There is no modem at {port}.",
        hint="Plug it in; its name under /dev/serial/by-id stays the same.",
        port=port,
    )


def _first(line: str) -> str:
    return line.partition(":")[2].split(",")[0].strip()


def _second(line: str) -> str:
    return line.partition(":")[2].partition(",")[2].partition(",")[0].strip()


def _signal(strength: str) -> str:
    """Say RSSI in dBm (TS 27.007 section 8.5): 99 is unknown."""
    if not strength.isdecimal() or int(strength) > 31:
        return ""
    return f"{2 * int(strength) - 113} dBm"


_USSD_ANSWER = re.compile(r'\+CUSD: *\d+(?:, *"(.*?)"(?:, *(\d+))?)?', re.DOTALL)


def _ussd_text(line: str) -> str:
    """Read an operator's answer: as text, or in hex digits of UCS2 (TS 23.038, section 5)."""
    found = _USSD_ANSWER.match(line)
    text, coding = (found[1] or "", int(found[2] or 15)) if found else ("", 15)
    if coding & 0x0C == 0x08 or coding == 17:
        try:
            return bytes.fromhex(text).decode("utf-16-be")[:160]
        except ValueError:
            return text[:160]
    return text[:160]
