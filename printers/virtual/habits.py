"""Bad habits of cheap printers, each a printer in software, and the profile that prints well on it.

Sources: Epson's APG for what the commands should do; public reports for what printers do instead
(docs/printing.md names them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from printers.interpreter.tables import Abilities
from printers.virtual.bridge import BridgeModel
from printers.virtual.model import Model


@dataclass(frozen=True, slots=True)
class Habit:
    """A printer with one bad habit.

    ``needs``: the fields of a profile without which its paper is not whole, or its job not known;
    empty: every slip is whole on it by any profile.
    """

    model: Model
    needs: Mapping[str, object] = field(default_factory=dict)


_CLONE = Model(process_id=False)
"""A printer that has no ``GS ( H``, as most that are not Epson's."""


def _able(**abilities: object) -> Model:
    return replace(_CLONE, abilities=Abilities(**abilities))  # type: ignore[arg-type]


HABITS: Mapping[str, Habit] = MappingProxyType({
    "wakes-in-chinese": Habit(_able(wakes_in_chinese=True)),
    "stays-in-chinese": Habit(
        _able(wakes_in_chinese=True, ignored=frozenset({"FS ."})),
        {"code_page": "ascii", "code_page_id": 0},
    ),
    "raster-not-aligned": Habit(_able(aligns_raster=False), {"raster_alignment": False}),
    "feeds-ignored": Habit(_able(ignored=frozenset({"ESC J", "ESC d"})), {"feeds": False}),
    "transmit-status-only": Habit(
        replace(_CLONE, real_time_status=False, automatic_status=False),
        {"confirmation": "transmit-status"},
    ),
    "mute": Habit(
        replace(
            _CLONE, real_time_status=False, automatic_status=False, transmit_status=False,
            identity=None,
        ),
        {"confirmation": "none"},
    ),
    "native-qr-310": Habit(_able(native_qr=310, qr_excess="blank"), {"native_qr": 310}),
    "one-connection": Habit(replace(_CLONE, second="refused")),
    "slow-bridge": Habit(replace(_CLONE, bridge=BridgeModel())),
    "180-dpi": Habit(
        replace(_able(dots_per_inch=180, feed_units=360), width=512),
        {"width": 512, "columns": 42, "dots_per_inch": 180},
    ),
    "cuts-by-escape": Habit(_able(ignored=frozenset({"GS V"})), {"cut": "ESC i"}),
    "columns-only": Habit(_able(ignored=frozenset({"GS v 0"})), {"pictures": "ESC *"}),
})  # fmt: skip
"""By name, as ``python -m printers.virtual --habit`` takes it."""
