"""What lies in a campaign's folder and is no part of a campaign: nobody would read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.campaign.mistakes import Mistake
from edge.campaign.parts import FILES, FOLDERS, OPTIONAL_FILES
from edge.domain.nearest import did_you_mean

_FIELDS = ("approval", "certificates", "dates", "issuer", "modules")
"""Groups of fields in campaign.yaml that somebody may look for in a file of their own."""


def unknown_names(folder: Path) -> Iterator[Mistake]:
    """Find YAML that is no file of a campaign, and folders that are nearly called as one of it."""
    known = [f"{name}.yaml" for name in (*FILES, *OPTIONAL_FILES)]
    for path in sorted(folder.glob("*.y*ml")):
        # staff.yml is told of as a missing staff.yaml; of questions.yml nothing else would tell
        if path.stem not in FILES and path.name not in known:
            hint, near = did_you_mean(path.name, known)
            if path.stem in _FIELDS:
                hint, near = "Write it into campaign.yaml, as {field}: …", {"field": path.stem}
            sentence = "This file is not part of a campaign."
            yield Mistake(path.name, 1, "campaign.unknown-file", sentence, near, hint=hint)
    for path in sorted(folder.glob("*")):
        hint, near = did_you_mean(path.name, FOLDERS)
        if hint and path.name not in FOLDERS and path.is_dir():
            sentence = "This folder is not part of a campaign."
            yield Mistake(path.name, 1, "campaign.unknown-folder", sentence, near, hint=hint)
