"""Which faults a seed has, and how often: every seed draws its own, so that each is seen alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random

_ON = 0.55
"""The probability that a fault is on in a seed."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Per message (probabilities), per pass (probabilities) and per day (mean counts)."""

    # per message
    lost_before: float = 0.0
    lost_after: float = 0.0
    delayed: float = 0.0
    duplicated: float = 0.0
    cut: float = 0.0
    busy: float = 0.0
    forged: float = 0.0
    replayed: float = 0.0
    died: float = 0.0
    """The node's power goes in the middle of a pass."""
    meanwhile: float = 0.0
    """The registry is rewound or started anew, or doses are given, in the middle of a pass."""
    # per pass
    offline: float = 0.0
    portal: float = 0.0
    impostor: float = 0.0
    # per request of a tablet
    tablet_lost: float = 0.0
    dark_commit: float = 0.0
    """The power goes while a dose is being written."""
    # per day and box
    power_cuts: float = 0.0
    restarts: float = 0.0
    backups: float = 0.0
    restores: float = 0.0
    clock_steps: float = 0.0
    stops: float = 0.0
    # per day and country
    clones: float = 0.0
    twins: float = 0.0
    """A running machine is copied, memory and all: two write in one epoch."""
    snapshots: float = 0.0
    rewinds: float = 0.0
    registry_restarts: float = 0.0
    registry_clocks: float = 0.0
    old_registry: float = 0.0
    quotas: float = 0.0
    letters: float = 0.0
    couriers: float = 0.0
    # per start
    old_node: float = 0.0


QUIET = Faults()
"""Nothing goes wrong: what must have healed has healed after a while of this."""

_MOST = Faults(
    lost_before=0.2,
    lost_after=0.2,
    delayed=0.1,
    duplicated=0.25,
    cut=0.1,
    busy=0.1,
    forged=0.08,
    replayed=0.08,
    died=0.03,
    meanwhile=0.06,
    offline=0.7,
    portal=0.2,
    impostor=0.15,
    tablet_lost=0.25,
    dark_commit=0.03,
    power_cuts=8.0,
    restarts=4.0,
    backups=8.0,
    restores=3.0,
    clock_steps=4.0,
    stops=4.0,
    clones=2.0,
    twins=1.0,
    snapshots=12.0,
    rewinds=6.0,
    registry_restarts=6.0,
    registry_clocks=4.0,
    old_registry=5.0,
    quotas=2.0,
    letters=100.0,
    couriers=20.0,
    old_node=0.4,
)


def draw(random: Random) -> Faults:
    """Draw a seed's faults: each on or off, and if on at any rate up to its most."""
    rates = {}
    for field in fields(Faults):
        on, share = random.random() < _ON, random.uniform(0.1, 1.0)
        rates[field.name] = getattr(_MOST, field.name) * share if on else 0.0
    return Faults(**rates)
