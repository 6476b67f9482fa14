"""The wing of the followers: what brings the journal elsewhere, beside the registry's."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.adapters.settings import Settings
from edge.domain.errors import EdgeError
from edge.followers.runner import FollowerEnvironment, Runner
from edge.followers.table import Make, Surroundings, runners
from edge.journal.journal import Journal
from edge.wiring.keys import Keys


@dataclass(frozen=True, slots=True)
class Followers:
    """A runner for each follower that can be made, and why the others cannot, by name."""

    runners: Sequence[Runner]
    troubles: Mapping[str, EdgeError]


def wire_followers(
    folder: Path, settings: Settings, keys: Keys, journal: Journal, kinds: Mapping[str, Make]
) -> Followers:
    """Make the followers of the settings, each of a kind that there is."""
    found, troubles = runners(
        settings.followers,
        Surroundings(settings.facility, folder, journal.reading),
        kinds,
        journal,
        FollowerEnvironment(time.monotonic, keys.chance, keys.clock.now),
    )
    return Followers(found, troubles)
