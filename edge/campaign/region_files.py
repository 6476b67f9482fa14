"""Reads a region's part of a campaign: its facilities and their staff, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.sound import together
from edge.campaign.yaml_files import YamlFile, check_yaml, read_list
from edge.domain.names.texts import all_composed

FILES = ("facilities", "staff")


def read_region(folder: Path, schemas: Path) -> dict[str, Any]:
    """Read ``facilities.yaml`` and ``staff.yaml`` of a folder.

    Raises :class:`CampaignErrors` with every mistake of both.
    """
    mistakes: list[Mistake] = []
    files: dict[str, YamlFile] = {}
    schema = {}
    for name in FILES:
        file = read_list(folder / f"{name}.yaml", mistakes)
        if file is not None:
            files[name] = file
            schema[name] = json.loads((schemas / "campaign" / f"{name}.schema.json").read_text())
            mistakes.extend(check_yaml(file, schema[name]))
    mistakes.extend(together(files, schema, {}, {mistake.file for mistake in mistakes}))
    if mistakes:
        raise CampaignErrors(mistakes)
    composed: dict[str, Any] = all_composed({name: file.value for name, file in files.items()})
    return composed
