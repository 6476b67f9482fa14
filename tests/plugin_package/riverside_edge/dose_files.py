# riverside_edge/dose_files.py
"""A follower: a small file for each dose, without anybody's name, for the district's counting."""

import json
from pathlib import Path

from edge.domain.errors import BadInput
from edge.followers.follower import REFUSED, Result, Verdict


class DoseFiles:
    types = frozenset({"DoseGiven"})
    most = 100
    every = 30.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, entries):
        return Result([self._one(entry) for entry in entries])

    def _one(self, entry):
        if "lot" not in entry.body:
            return Verdict(REFUSED, "dose-files.no-lot", "This dose names no lot.")
        told = {name: entry.body[name] for name in ("vaccine", "lot", "on")}
        new = self._folder / f"{entry.id}.new"  # whole or not at all; twice is the same file
        new.write_text(json.dumps(told))  # an OSError is told, and tried again
        new.rename(new.with_suffix(".json"))
        return Verdict()


def make(options, surroundings):
    """Make it of its settings in ``site.toml``."""
    if not isinstance(options.get("folder"), str):
        raise BadInput("dose-files.folder", "The setting folder is missing.")
    return DoseFiles(Path(options["folder"]))
