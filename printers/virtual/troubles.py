"""Which faults are armed, which hold now, and which end by themselves."""

from __future__ import annotations

from printers.virtual.model import Fault, Kind
from printers.virtual.status import Condition

_SENSED: dict[str, Kind] = {
    "paper_out": "paper-out",
    "near_end": "near-end",
    "cover_open": "cover-open",
    "overheated": "overheated",
    "broken": "broken",
}


class Troubles:
    """The faults of one printer."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._active: dict[Kind, Fault] = {}
        self.timers: dict[Kind, float] = {}

    def arm(self, fault: Fault) -> None:
        """Let a fault wait for its byte or row."""
        self._armed.append(fault)

    def hold(self, fault: Fault, now: float) -> None:
        """Let a fault hold from now on."""
        self._active[fault.kind] = fault
        if fault.kind == "overheated" and fault.seconds:
            self.timers[fault.kind] = now + fault.seconds

    def end(self, kind: Kind) -> None:
        """Let a fault end, or never come."""
        self._armed = [fault for fault in self._armed if fault.kind != kind]
        self._active.pop(kind, None)
        self.timers.pop(kind, None)

    def power_cut(self, until: float) -> None:
        """Without power nothing else ends by itself; an error that needs a restart is gone."""
        self._active.pop("broken", None)
        self._active.pop("overheated", None)
        self.timers = {"power": until}

    def all(self) -> set[Kind]:
        """Give every kind that holds or is armed."""
        return {*self._active, *self.timers, *(fault.kind for fault in self._armed)}

    def holding(self, *kinds: Kind) -> bool:
        """Say whether one of these holds."""
        return any(kind in self._active for kind in kinds)

    def seconds(self, kind: Kind) -> float:
        """Give how long a fault makes things take; 0: it does not hold."""
        return self._active[kind].seconds if kind in self._active else 0.0

    def due(self, received: int, rows: int) -> list[Fault]:
        """Take the armed faults whose byte or row has come."""
        due = [
            fault
            for fault in self._armed
            if (fault.at_byte is not None and received >= fault.at_byte)
            or (fault.at_row is not None and rows >= fault.at_row)
        ]
        self._armed = [fault for fault in self._armed if fault not in due]
        return due

    def bytes_left(self, received: int) -> int | None:
        """Give how many bytes more until the next fault strikes; none: no fault waits for one."""
        places = [fault.at_byte for fault in self._armed if fault.at_byte is not None]
        return max(0, min(places) - received) if places else None

    @property
    def next_row(self) -> int | None:
        """The row at which the next fault strikes."""
        return min(
            (fault.at_row for fault in self._armed if fault.at_row is not None), default=None
        )

    def condition(self, *, cutter_error: bool) -> Condition:
        """Give what the sensors say."""
        sensed = {name: kind in self._active for name, kind in _SENSED.items()}
        return Condition(**sensed, cutter_error=cutter_error)
