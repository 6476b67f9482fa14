"""The switches of a printer in software, by hand: one line in, one line out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from printers.virtual.model import KINDS, Fault, Kind
from printers.virtual.printer import VirtualPrinter

_HELP = (
    "paper out | paper near end | cover open | cutter | overheated [seconds] | broken | "
    "power [seconds] | silent | late [seconds] | garbage | slow [seconds per kilobyte] | reset | "
    "hang up | half open | deaf   switch it on; with 'at BYTE' or 'row ROW' behind it: then.\n"
    "ok   put everything right;   ok cover open   put one thing right;   papers   count them."
)
_NAMES: dict[str, Kind] = {
    **{kind: kind for kind in KINDS},
    "paper-near-end": "near-end",
}


def obey(line: str, printer: VirtualPrinter) -> str:
    """Do what a line says, and give what to say of it."""
    words = line.lower().split()
    if not words or words == ["help"]:
        return _HELP
    if words == ["papers"]:
        return f"{len(printer.papers())} papers, {len(printer.tape())} lines"
    if words == ["ok"]:
        printer.clear()
        return "ok"
    mending = words[0] == "ok"
    if mending:
        words = words[1:]
    fault = _fault(words)
    if fault is None:
        return "Not understood; try help."
    if mending:
        printer.clear(fault.kind)
    else:
        printer.arm(fault)
    return "ok"


def obey_all(lines: Iterable[str], printer: VirtualPrinter) -> Iterator[str]:
    """Obey line after line."""
    for line in lines:
        yield obey(line, printer)


def _fault(words: list[str]) -> Fault | None:
    names = [word for word in words if word.isalpha() or "-" in word]
    numbers = [word for word in words if word not in names]
    place = next((word for word in ("at", "row") if word in names), None)
    kind = _NAMES.get("-".join(word for word in names if word != place))
    if kind is None or len(numbers) > 1 or (place and not numbers):
        return None
    try:
        number = float(numbers[0]) if numbers else None
    except ValueError:
        return None
    if number is None:
        return Fault(kind)
    if place == "at":
        return Fault(kind, at_byte=int(number))
    return Fault(kind, at_row=int(number)) if place == "row" else Fault(kind, seconds=number)
