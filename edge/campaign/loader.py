"""Reads a campaign: a folder of YAML, or one packed body; checked against schemas and itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edge.campaign.cross_checks import check_schedules, cross_check
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.packs import pack_store, plain_schedule
from edge.campaign.pictures import check_pictures, packed_pictures, read_pictures
from edge.campaign.schedules import schedule_mistakes
from edge.campaign.slip_templates import (
    campaign_texts,
    read_template_files,
    template_mistakes,
)
from edge.campaign.words import WordsFile, check_words, packed_words, read_words
from edge.campaign.writing import check_writing
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml
from edge.domain.names.texts import all_composed
from edge.domain.schedule.conditions import NONE_ADDED, AddedConditions
from sync.protocol.entries import LARGEST_ENTRY

_LARGEST = LARGEST_ENTRY - 4096
"""Bytes of a campaign: an entry less what stands around its body."""
FILES = ("campaign", "programmes", "vaccines", "facilities", "staff", "slips")
_PACKED: Mapping[str, Callable[[Any], Iterable[Mistake]]] = {
    "words": packed_words,
    "pictures": packed_pictures,
}
"""What is packed as it is used, and what finds mistakes in it."""
_NAME = re.compile(r"[\w.-]{1,100}")
"""What a schedule or a template in a packed body may be called: what a file may."""


@dataclass(frozen=True, slots=True)
class _Files:
    """A campaign's files by name, and what was wrong with those that could not be read.

    ``packed`` are its pictures and words as they are packed. ``beside`` is the folder of its
    schedules, which may have packs of the country's own.
    """

    main: dict[str, YamlFile] = field(default_factory=dict)
    schedules: dict[str, YamlFile] = field(default_factory=dict)
    templates: dict[str, YamlFile] = field(default_factory=dict)
    words: dict[str, WordsFile] = field(default_factory=dict)
    packed: dict[str, Any] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    beside: Path | None = None


def read_campaign(
    folder: Path, schemas: Path, conditions: AddedConditions = NONE_ADDED
) -> dict[str, Any]:
    """Read a campaign's folder and give it as one JSON object, the body of ``CampaignApplied``.

    ``conditions`` are those that packages add to schedules here. Raises :class:`CampaignErrors`
    with every mistake of every file.
    """
    if not folder.is_dir():
        raise CampaignErrors(
            [Mistake(folder.name, 1, "campaign.no-folder", "There is no such folder.")]
        )
    return _checked(_in_folder(folder), schemas, conditions)


def read_packed(
    body: Mapping[str, Any], schemas: Path, conditions: AddedConditions = NONE_ADDED
) -> dict[str, Any]:
    """Read a campaign that was packed into one JSON object; gives what its folder would.

    Raises :class:`CampaignErrors`; the mistakes name the file each part was packed from.
    """
    return _checked(_in_body(body), schemas, conditions)


def _in_folder(folder: Path) -> _Files:
    found = _Files(beside=folder / "schedules")
    for name in FILES:
        file = read_yaml(folder / f"{name}.yaml", found.mistakes)
        if file is not None:
            found.main[name] = file
    found.mistakes.extend(
        _unknown(path.name)
        for path in sorted(folder.glob("*.y*ml"))
        if path.name not in {f"{name}.yaml" for name in FILES}
    )
    for path in sorted((folder / "schedules").glob("*.yaml")):
        if not path.stem.endswith(".cases"):
            own: list[Mistake] = []
            file = read_yaml(path, own)
            found.mistakes.extend(
                replace(mistake, file=f"schedules/{mistake.file}") for mistake in own
            )
            if file is not None:
                found.schedules[path.stem] = replace(file, name=f"schedules/{file.name}")
    found.templates.update(read_template_files(folder / "slips", found.mistakes))
    found.words.update(read_words(folder / "words", found.mistakes))
    found.packed["words"] = {code: file.body() for code, file in found.words.items()}
    found.packed["pictures"] = read_pictures(folder / "pictures", found.mistakes)
    return found


def _in_body(body: Mapping[str, Any]) -> _Files:
    apart = {*FILES[1:], "schedules", "templates", *_PACKED}
    parts = {name: body[name] for name in FILES[1:] if name in body}
    parts["campaign"] = {name: value for name, value in body.items() if name not in apart}
    found = _Files({name: _file(name, value) for name, value in parts.items()})
    found.mistakes.extend(
        Mistake(f"{name}.yaml", 1, "yaml.missing", "The file is missing.")
        for name in FILES
        if name not in parts
    )
    for part, files, place in (
        ("schedules", found.schedules, "schedules"),
        ("templates", found.templates, "slips"),
    ):
        packed = body.get(part, {})
        if isinstance(packed, dict) and all(_NAME.fullmatch(name) for name in packed):
            files.update({name: _file(f"{place}/{name}", item) for name, item in packed.items()})
        else:
            found.mistakes.append(
                Mistake(place, 1, "campaign.unknown-file", "This file cannot be read.")
            )
    _in_words_and_pictures(found, body)
    return found


def _in_words_and_pictures(found: _Files, body: Mapping[str, Any]) -> None:
    """Take over what has no lines any more, once it is seen to be what it should."""
    for part, mistakes in _PACKED.items():
        packed = body.get(part, {})
        wrong = list(mistakes(packed))
        found.mistakes.extend(wrong)
        found.packed[part] = {} if wrong else packed


def _file(name: str, value: Any) -> YamlFile:
    return YamlFile(f"{name}.yaml", value=value, marked=value)


def _unknown(name: str) -> Mistake:
    return Mistake(name, 1, "campaign.unknown-file", "This file is not part of a campaign.")


def _checked(files: _Files, schemas: Path, conditions: AddedConditions) -> dict[str, Any]:
    """Check each file, then all of them together, and make one body of them."""
    mistakes = list(files.mistakes)
    for name, file in files.main.items():
        schema = json.loads((schemas / "campaign" / f"{name}.schema.json").read_text())
        mistakes.extend(check_yaml(file, schema))
    for name, file in list(files.schedules.items()):
        plain = plain_schedule(file, pack_store(schemas, files.beside), mistakes)
        if plain is not None:  # a site needs no packs: what is made of them travels
            files.schedules[name] = plain
            mistakes.extend(schedule_mistakes(plain, schemas, conditions))
    for slip, file in files.templates.items():
        mistakes.extend(template_mistakes(file, slip, schemas))
    if not mistakes:
        mistakes.extend(cross_check(files.main))
        mistakes.extend(check_schedules(files.main["programmes"], files.schedules))
        mistakes.extend(check_writing(files.main["campaign"], files.packed["words"]))
        mistakes.extend(check_pictures(files.templates, files.packed["pictures"]))
        own = campaign_texts(files.main["slips"], files.templates.values())
        for words in files.words.values():
            mistakes.extend(check_words(words, own))
    if mistakes:
        raise CampaignErrors(mistakes)
    composed: dict[str, Any] = all_composed(_body(files))
    _check_size(composed)
    return composed


def _body(files: _Files) -> dict[str, Any]:
    body = dict(files.main["campaign"].value)
    body |= {name: files.main[name].value for name in FILES[1:]}
    for part, parts in (("schedules", files.schedules), ("templates", files.templates)):
        if parts:
            body[part] = {name: file.value for name, file in parts.items()}
    return body | {part: packed for part, packed in files.packed.items() if packed}


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
