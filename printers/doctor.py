"""What is wrong with a machine's printers: one sentence for each trouble, with its remedy.

Facts are gathered first, thinly; what they mean is decided by pure functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from printers.connections import Connection, connect
from printers.connections.device import DeviceConnection
from printers.connections.ipp import IppConnection, is_raw
from printers.connections.ipp_message import Response
from printers.connections.serial_port import find_speed, open_port
from printers.discovery import Device, find, rules_installed
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.identity import Identity, identify
from printers.probe import Abilities, probe, suggested_profile
from printers.profile import Confirmation, Profile

_BEST: tuple[Confirmation, ...] = ("process-id", "transmit-status", "real-time-status", "none")
_QUESTIONS = {
    "process-id": "GS ( H",
    "transmit-status": "GS r 1",
    "real-time-status": "DLE EOT",
    "none": "no question",
}
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

    ``suggested`` is a profile (YAML) for an ESC/POS printer, as it answered.
    """

    abilities: Abilities | None = None
    identity: Identity | None = None
    suggested: str = ""
    troubles: tuple[PrinterError, ...] = ()


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
            found = identify(connection, profile.language, max(patience, 1.0))
            return Examination(identity=found, troubles=tuple(identity_troubles(found, profile)))
        abilities = probe(connection, patience)
        if abilities.silent and isinstance(connection, DeviceConnection):
            abilities = replace(abilities, trouble=connection.port_trouble())
    except PrinterError as error:
        return Examination(troubles=(error,))
    finally:
        connection.close()
    if abilities.silent and not abilities.trouble:
        speed = (right_speed or _right_speed)(address)
        return Examination(abilities, troubles=(_silence(address, speed),))
    suggested = "" if abilities.trouble else _suggested(abilities, profile)
    return Examination(
        abilities, suggested=suggested, troubles=tuple(printer_troubles(abilities, profile))
    )


def identity_troubles(found: Identity | None, profile: Profile) -> list[PrinterError]:
    """Say what is wrong with a printer of another language, or with its profile."""
    if found is None:
        return [] if profile.confirmation == "none" else [_silence("", None)]
    told = [found.trouble] if found.trouble else []
    if found.dots_per_inch not in (0, profile.dots_per_inch):
        told.append(
            PrinterError(
                "profile.other-resolution",
                "The printer has {told} dots an inch, and the profile {profile} says {set_}: codes"
                " would come out in another size. Give it a profile with dots_per_inch: {told}.",
                told=found.dots_per_inch,
                profile=profile.name,
                set_=profile.dots_per_inch,
            )
        )
    paper = (profile.paper_width, profile.paper_length)
    if found.labels is not None and found.labels != paper:
        told.append(
            PrinterError(
                "profile.other-labels",
                "There are labels of {told} mm in the printer, and the profile {profile} is for"
                " {set_} mm: put in those, or give it the profile of these.",
                told=" x ".join(map(str, found.labels)),
                profile=profile.name,
                set_=" x ".join(map(str, paper)),
            )
        )
    return told


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


def printer_troubles(abilities: Abilities, profile: Profile) -> list[PrinterError]:
    """Say what is wrong with a printer that answers, or with what its profile says of it."""
    if abilities.trouble is not None:
        return [abilities.trouble]
    told = []
    best = abilities.confirmation
    if _BEST.index(profile.confirmation) < _BEST.index(best):
        told.append(
            PrinterError(
                "profile.promises-proof",
                "The profile {profile} waits for an answer to {question}, which this printer does"
                " not give: every slip would be unknown. Give it a profile with confirmation:"
                " {best}.",
                profile=profile.name,
                question=_QUESTIONS[profile.confirmation],
                best=best,
            )
        )
    if abilities.native_qr is not None and profile.native_qr > abilities.native_qr:
        told.append(
            PrinterError(
                "profile.promises-qr",
                "The profile {profile} lets the printer make QR codes of {most} bytes, but it says"
                " that it takes {told}: print the calibration slip and keep its result.",
                profile=profile.name,
                most=profile.native_qr,
                told=abilities.native_qr,
            )
        )
    if profile.cutter and abilities.cutter is False:
        told.append(
            PrinterError(
                "profile.promises-cutter",
                "The profile {profile} cuts the paper, but this printer has no cutter: give it a"
                " profile with cutter: false.",
                profile=profile.name,
            )
        )
    return told


def queue_troubles(told: Response, address: str, profile: Profile) -> list[PrinterError]:
    """Say what is wrong with a queue that takes pages."""
    troubles = []
    if profile.language != "pdf":
        troubles.append(
            PrinterError(
                "profile.not-pages",
                "Only pages go to {address}, and the profile {profile} makes {language}: give it"
                " one such as page-a6, or the printer's own address.",
                address=address,
                profile=profile.name,
                language=profile.language,
            )
        )
    if is_raw(told):
        troubles.append(
            PrinterError(
                "printer.raw-queue",
                "{address} is a raw queue, which CUPS is giving up and which prints a page as"
                " letters: make it anew with a driver (lpadmin -m everywhere).",
                address=address,
            )
        )
    return troubles


def able(abilities: Abilities) -> str:
    """Say in a line what a printer can do."""
    told = [
        *(["DLE EOT"] if abilities.real_time else []),
        *(["GS a"] if abilities.automatic else []),
        *(["GS r"] if abilities.transmit else []),
        *(["GS ( H"] if abilities.process_id else []),
        *(["cutter"] if abilities.cutter else []),
        *([f"says QR to {abilities.native_qr} bytes"] if abilities.native_qr else []),
    ]
    name = " ".join(filter(None, (abilities.maker, abilities.model, abilities.firmware)))
    return f"{name or 'unnamed'}: {', '.join(told) or 'answers nothing'}"


def _silence(address: str, speed: int | None) -> PrinterError:
    parts = urlsplit(address)
    if parts.scheme == "serial":
        set_ = parse_qs(parts.query).get("baud", ["9600"])[-1]
        if speed is not None and set_ != str(speed):
            return PrinterError(
                "printer.wrong-speed",
                "The printer answers at {speed} baud, not at {set_}: write baud={speed} into its"
                " address.",
                speed=speed,
                set_=set_,
            )
        return PrinterError(
            "printer.no-answer",
            "Nothing answers on {path}: check that the printer is on, its cable, and with its"
            " self-test slip that it is set to {set_} baud.",
            path=parts.path,
            set_=set_,
        )
    return PrinterError(
        "printer.no-answer",
        "The printer takes data but answers nothing: let it finish what it prints, else switch it"
        " off and on; if that does not help, give it a profile with confirmation: none, and look at"
        " every slip.",
    )


def _right_speed(address: str) -> int | None:
    parts = urlsplit(address)
    if parts.scheme != "serial":
        return None
    flow: Sequence[str] = parse_qs(parts.query).get("flow", ["xonxoff"])
    try:
        return find_speed(lambda baud: open_port(parts.path, baud, flow[-1]), parts.path)
    except PrinterError:
        return None
