"""What printers this machine has, found by class of device and not by a list of makers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

_EVERY = 2.0
_TTYS = ("ttyUSB*", "ttyACM*", "rfcomm*")


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is or may be a printer.

    ``address`` is a connection URI, by a name that stays after a restart where there is one;
    ``device`` the kernel's own name; ``maker``, ``model`` and ``commands`` (such as ``ESC/POS``)
    are what it says of itself over USB (IEEE 1284), or empty. ``sure``: it is a printer by its
    class; a serial port may be anything.
    """

    address: str
    device: str
    maker: str = ""
    model: str = ""
    commands: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What came and what went between two looks."""

    came: tuple[Device, ...]
    gone: tuple[Device, ...]


def find(root: Path = Path("/"), ports: Callable[[], Iterable[str]] | None = None) -> list[Device]:
    """Look at the devices below ``root``; ``ports`` lists serial ports (by pyserial by default).

    A USB printer is named by ``/dev/certprn`` where the udev rules are installed, a serial port by
    ``/dev/serial/by-id``.
    """
    listed = list(ports() if ports is not None else _serial_ports())
    return [*_usb_printers(root), *_serial(root, listed)]


def changes(before: Iterable[Device], after: Iterable[Device]) -> Change:
    """Say what came and what went."""
    old, new = tuple(before), tuple(after)
    return Change(
        tuple(device for device in new if device not in old),
        tuple(device for device in old if device not in new),
    )


def watch(
    look: Callable[[], Iterable[Device]] = find,
    pause: Callable[[float], object] = time.sleep,
    every: float = _EVERY,
) -> Iterator[Change]:
    """Look again and again, and give what was plugged in and out: first everything there is.

    One item a look, also when nothing changed, so that whoever listens can stop.
    """
    known: tuple[Device, ...] = ()
    while True:
        now = tuple(look())
        yield changes(known, now)
        known = now
        pause(every)


def device_id(text: str) -> dict[str, str]:
    """Read an IEEE 1284 device ID, ``KEY:value;…``, by the short names of its keys (7.6)."""
    long = {"MANUFACTURER": "MFG", "MODEL": "MDL", "COMMAND SET": "CMD", "CLASS": "CLS"}
    found: dict[str, str] = {}
    for part in text.strip().split(";"):
        key, colon, value = part.partition(":")
        if colon:
            name = key.strip().upper()
            found[long.get(name, name)] = value.strip()
    return found


def rules_installed(root: Path = Path("/")) -> bool:
    """Say whether the udev rules of ``systemd/`` are there, under any number."""
    folders = ("etc/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
    return any(
        True for folder in folders for _ in (root / folder).glob("*divoc-edge-printers.rules")
    )


def _usb_printers(root: Path) -> Iterator[Device]:
    names = _names(root / "dev/certprn")
    for device in sorted((root / "dev/usb").glob("lp[0-9]*")):
        told = _told(root / "sys/class/usbmisc" / device.name / "device/ieee1284_id")
        path = names.get(device.name, device)
        yield Device(
            address=f"usb://{_inside(root, path)}",
            device=_inside(root, device),
            maker=told.get("MFG", ""),
            model=told.get("MDL", ""),
            commands=told.get("CMD", ""),
        )


def _serial(root: Path, listed: list[str]) -> Iterator[Device]:
    names = _names(root / "dev/serial/by-id")
    devices = {path.name for pattern in _TTYS for path in (root / "dev").glob(pattern)}
    devices |= {Path(port).name for port in listed}
    for name in sorted(devices):
        device = root / "dev" / name
        path = names.get(name, device)
        yield Device(
            address=f"serial://{_inside(root, path)}?baud=auto",
            device=_inside(root, device),
            model=path.name if path != device else "",
            sure=False,
        )


def _names(folder: Path) -> dict[str, Path]:
    """Give the lasting names in a folder of links, by the kernel's name of what they lead to."""
    if not folder.is_dir():
        return {}
    return {path.readlink().name: path for path in sorted(folder.iterdir()) if path.is_symlink()}


def _told(path: Path) -> dict[str, str]:
    try:
        return device_id(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return {}


def _inside(root: Path, path: Path) -> str:
    return f"/{path.relative_to(root)}"


def _serial_ports() -> list[str]:
    return [str(port.device) for port in list_ports.comports()]
