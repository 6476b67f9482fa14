"""Reads a campaign: a folder of YAML, checked against schemas and against itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.campaign.cross_checks import check_schedules, cross_check
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.schedules import check_schedule, schedule_mistakes
from edge.campaign.slip_templates import check_templates, template_mistakes
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml
from sync.protocol.entries import LARGEST_ENTRY

_LARGEST = LARGEST_ENTRY - 4096
"""Bytes of a campaign: an entry less what stands around its body."""
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
    _check_size(body)
    return body


def check_packed(body: Mapping[str, Any], schemas: Path) -> None:
    """Check a campaign that was packed into one JSON object, as :func:`read_campaign` checks files.

    Raises :class:`CampaignErrors`; the mistakes name the file each part was packed from.
    """
    mistakes: list[Mistake] = []
    apart = {*FILES[1:], "schedules", "templates"}
    parts = {name: body[name] for name in FILES[1:] if name in body}
    parts["campaign"] = {name: value for name, value in body.items() if name not in apart}
    files = {
        name: YamlFile(f"{name}.yaml", value=value, marked=value) for name, value in parts.items()
    }
    for name in FILES:
        if name not in files:
            mistakes.append(Mistake(f"{name}.yaml", 1, "yaml.missing", "The file is missing."))
            continue
        schema = json.loads((schemas / "campaign" / f"{name}.schema.json").read_text())
        mistakes.extend(check_yaml(files[name], schema))
    schedules = _packed(body, "schedules", mistakes)
    for file in schedules.values():
        mistakes.extend(schedule_mistakes(file, schemas))
    for name, file in _packed(body, "templates", mistakes).items():
        mistakes.extend(template_mistakes(file, name, schemas))
    if not mistakes:
        mistakes.extend(cross_check(files))
        mistakes.extend(check_schedules(files["programmes"], schedules))
    if mistakes:
        raise CampaignErrors(mistakes)
    _check_size(body)


def _check_size(body: Mapping[str, Any]) -> None:
    """Let a campaign through that fits in one entry, as it is written down and travels."""
    size = len(json.dumps(body, ensure_ascii=False, default=str).encode())
    if size <= _LARGEST:
        return
    longest = max((name for name in FILES if name in body), key=lambda name: len(str(body[name])))
    raise CampaignErrors(
        [
            Mistake(
                f"{longest}.yaml",
                1,
                "campaign.too-large",
                "The campaign is {size} kB long, and this file is most of it. At most {most} kB"
                " can be sent to a site: leave out the facilities and staff of other regions.",
                {"size": size // 1024, "most": _LARGEST // 1024},
            )
        ]
    )


def _packed(body: Mapping[str, Any], part: str, mistakes: list[Mistake]) -> dict[str, YamlFile]:
    found = body.get(part, {})
    if not isinstance(found, dict) or not all(_NAME.fullmatch(name) for name in found):
        mistakes.append(Mistake(part, 1, "campaign.unknown-file", "This file cannot be read."))
        return {}
    return {
        name: YamlFile(f"{part}/{name}.yaml", value=value, marked=value)
        for name, value in found.items()
    }


_NAME = re.compile(r"[\w.-]{1,100}")
