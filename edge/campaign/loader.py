"""Reads a campaign: a folder of YAML, checked against schemas and against itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge.campaign.cross_checks import check_schedules, cross_check
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.schedules import check_schedule
from edge.campaign.slip_templates import check_templates
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml

FILES = ("campaign", "programmes", "vaccines", "facilities", "staff", "slips")


def read_campaign(folder: Path, schemas: Path) -> dict[str, Any]:
    """Read a campaign's folder and give it as one JSON object, the body of ``CampaignApplied``.

    Raises :class:`CampaignErrors` with every mistake of every file.
    """
    mistakes: list[Mistake] = []
    files: dict[str, YamlFile] = {}
    if not folder.is_dir():
        raise CampaignErrors(
            [Mistake(folder.name, 1, "campaign.no-folder", "There is no such folder.")]
        )
    for name in FILES:
        file = read_yaml(folder / f"{name}.yaml", mistakes)
        if file is not None:
            files[name] = file
            schema = json.loads((schemas / "campaign" / f"{name}.schema.json").read_text())
            mistakes.extend(check_yaml(file, schema))
    mistakes.extend(
        Mistake(path.name, 1, "campaign.unknown-file", "This file is not part of a campaign.")
        for path in sorted(folder.glob("*.y*ml"))
        if path.name not in {f"{name}.yaml" for name in FILES}
    )
    schedules = {
        path.stem: file
        for path in sorted((folder / "schedules").glob("*.yaml"))
        if not path.stem.endswith(".cases")
        and (file := check_schedule(path, schemas, mistakes)) is not None
    }
    templates = check_templates(folder / "slips", schemas, mistakes)
    if not mistakes:
        mistakes.extend(cross_check(files))
        mistakes.extend(check_schedules(files["programmes"], schedules))
    if mistakes:
        raise CampaignErrors(mistakes)
    body = dict(files["campaign"].value)
    for name in FILES[1:]:
        body[name] = files[name].value
    if schedules:
        body["schedules"] = {name: file.value for name, file in schedules.items()}
    if templates:
        body["templates"] = {name: file.value for name, file in templates.items()}
    return body
