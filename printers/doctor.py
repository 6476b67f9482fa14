"""What is wrong with a machine's printers: one sentence for each trouble, with its remedy.

Facts are gathered first, thinly; what they mean is decided by pure functions.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from printers.condition import Condition
from printers.connections import Connection, connect
from printers.connections.device import DeviceConnection
from printers.connections.ipp import IppConnection
from printers.connections.serial_port import find_speed, open_port
from printers.discovery import Device, find, rules_installed
from printers.errors import PrinterError
from printers.findings import (
    MUTE,
    fitting,
    fitting_identity,
    identity_troubles,
    printer_troubles,
    queue_troubles,
    silence,
)
from printers.fonts import Fonts
from printers.identity import Identity, identify
from printers.probe import Abilities, probe, suggested_profile
from printers.profile import Profile

_MODEM_MANAGER = ("usr/sbin/ModemManager", "usr/lib/systemd/system/ModemManager.service")

_USUAL_PAPER = (576, 48)
"""Dots and columns of 80 mm: no printer says how wide its paper is."""
_PLUGGED = ("/dev/usb/lp", "/dev/ttyUSB", "/dev/ttyACM")
"""What the udev rules are for; ports of the board itself need none."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts about the machine: devices, size of an address in bits, whether text can be set."""

    found: tuple[Device, ...] = ()
    bits: int = 64
    fonts: PrinterError | None = None
    rules: bool = True
    modem_manager: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out about one printer; none: it could not be asked.

    ``suggested`` is a profile (YAML) for an ESC/POS printer, as it answered; ``fits`` the fields
    that its profile must have otherwise; ``notes`` what it says and what holds nothing up.
    """

    abilities: Abilities | None = None
    identity: Identity | None = None
    suggested: str = ""
    troubles: tuple[PrinterError, ...] = ()
    notes: tuple[PrinterError, ...] = ()
    fits: Mapping[str, object] = field(default_factory=dict)


def look(
    fonts: Fonts, root: Path = Path("/"), find_: Callable[[Path], list[Device]] = find
) -> Machine:
    """Gather the facts."""
    trouble = None
    try:
        fonts.check()
    except PrinterError as error:
        trouble = error
    return Machine(
        found=tuple(find_(root)),
        bits=64 if sys.maxsize > 2**32 else 32,
        fonts=trouble,
        rules=rules_installed(root),
        modem_manager=any((root / path).exists() for path in _MODEM_MANAGER),
    )


def machine_troubles(machine: Machine) -> list[PrinterError]:
    """Say what is wrong with the machine whatever printer it has."""
    told = [machine.fonts] if machine.fonts else []
    if machine.bits < 64:
        told.append(
            PrinterError(
                "machine.32-bit",
                "This system is a 32-bit one, for which packages are missing: install the 64-bit"
                " edition of it.",
            )
        )
    plugged = [device for device in machine.found if device.device.startswith(_PLUGGED)]
    taken = [device.device for device in plugged if not device.sure]
    if plugged and not machine.rules:
        told.append(
            PrinterError(
                "machine.no-udev-rules",
                "The udev rules for printers are not installed: copy"
                " systemd/70-divoc-edge-printers.rules to /etc/udev/rules.d, then run udevadm"
                " control --reload && udevadm trigger.",
            )
        )
        if machine.modem_manager and taken:
            told.append(
                PrinterError(
                    "machine.modem-manager",
                    "ModemManager may ask {devices} whether it is a modem, and spoil a slip:"
                    " install the udev rules, or remove the package modemmanager.",
                    devices=", ".join(taken),
                )
            )
    return told


def examine(
    address: str,
    profile: Profile,
    open_: Callable[[str], Connection] = connect,
    right_speed: Callable[[str], int | None] | None = None,
    patience: float = 0.6,
    clock: Callable[[], float] = time.monotonic,
) -> Examination:
    """Ask one printer, and compare its answers with what its profile promises."""
    try:
        connection = open_(address)
    except PrinterError as error:
        return Examination(troubles=(error,))
    try:
        if isinstance(connection, IppConnection):
            return Examination(troubles=tuple(queue_troubles(connection.printer, address, profile)))
        if not connection.answers:
            return Examination()
        if profile.language != "escpos":
            found = identify(connection, profile.language, max(patience, 1.0), clock)
            return Examination(
                identity=found,
                troubles=tuple(identity_troubles(found, profile, address)),
                notes=(found.warning,) if found and found.warning else (),
                fits=fitting_identity(found, profile),
            )
        abilities = probe(connection, patience, clock)
        if abilities.silent and isinstance(connection, DeviceConnection):
            abilities = replace(abilities, condition=Condition(cause=connection.port_trouble()))
    except PrinterError as error:
        return Examination(troubles=(error,))
    finally:
        connection.close()
    fits = fitting(abilities, profile)
    if abilities.silent and not abilities.trouble:
        speed = (right_speed or _right_speed)(address)
        if profile.confirmation == "none" and speed is None:
            return Examination(abilities, notes=(MUTE,))
        return Examination(
            abilities, troubles=(silence(address, speed),), fits={} if speed else fits
        )
    warning = abilities.condition.warning
    return Examination(
        abilities,
        suggested="" if abilities.trouble else _suggested(abilities, profile),
        troubles=tuple(printer_troubles(abilities, profile)),
        notes=(warning,) if warning else (),
        fits=fits,
    )


def unknown_printer(
    found: Device, open_: Callable[[str], Connection] = connect, patience: float = 0.6
) -> Examination:
    """Ask a printer that is plugged in and not set up, if it says over USB that it is ESC/POS."""
    if not (found.sure and "ESC/POS" in found.commands.upper()):
        return Examination()
    guess = Profile(found.model or "printer", "escpos", *_USUAL_PAPER)
    return examine(found.address, guess, open_, patience=patience)


def _suggested(abilities: Abilities, profile: Profile) -> str:
    return suggested_profile(abilities, profile.width, profile.columns)


def _right_speed(address: str) -> int | None:
    parts = urlsplit(address)
    if parts.scheme != "serial":
        return None
    flow: Sequence[str] = parse_qs(parts.query).get("flow", ["xonxoff"])
    try:
        return find_speed(lambda baud: open_port(parts.path, baud, flow[-1]), parts.path)
    except PrinterError:
        return None
