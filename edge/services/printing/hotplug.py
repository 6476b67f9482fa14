"""What was plugged into the site computer and pulled out again, while the node runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

from printers.discovery import Device, watch


class Hotplug:
    """Remembers what devices there were at the last look.

    ``look_`` lists the devices there are; ``set_up`` are the connection URIs of the site.
    """

    def __init__(self, look_: Callable[[], Iterable[Device]], set_up: Iterable[str]) -> None:
        self._changes = watch(look_, pause=lambda _: None)
        self._paths = {_path(uri) for uri in set_up}
        self._known: tuple[Device, ...] | None = None
        self._lock = Lock()

    def look(self) -> bool:
        """Look again; say whether something came since the last look (the first sees nothing)."""
        change = next(self._changes)
        with self._lock:
            first, before = self._known is None, self._known or ()
            self._known = (
                *(device for device in before if device not in change.gone),
                *change.came,
            )
        return bool(change.came) and not first

    def others(self) -> list[Device]:
        """Give what is or may be a printer and is not set up, surest first."""
        with self._lock:
            known = self._known or ()
        left = [
            device
            for device in known
            if device.device not in self._paths and _path(device.address) not in self._paths
        ]
        return sorted(left, key=lambda one: not one.sure)


def _path(uri: str) -> str:
    return uri.split("?")[0].split("://")[-1]
