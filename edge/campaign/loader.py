"""Reads a campaign: a folder of YAML, or one packed body; checked against schemas and itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edge.campaign.catalogue import to_catalogue
from edge.campaign.document_checks import read_document_files, type_mistakes
from edge.campaign.folder_names import unknown_names
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.packs import is_pack, pack_store, plain_schedule
from edge.campaign.parts import FILES, OPTIONAL_FILES, PACKED
from edge.campaign.pictures import check_pictures, packed_pictures, read_pictures
from edge.campaign.reach import unreachable
from edge.campaign.schedules import schedule_mistakes, to_schedule
from edge.campaign.slip_templates import (
    campaign_texts,
    read_template_files,
    template_mistakes,
)
from edge.campaign.sound import together
from edge.campaign.words import WordsFile, check_words, packed_words, read_words
from edge.campaign.worked_cases import SUFFIX, case_mistakes, pack_case_mistakes
from edge.campaign.yaml_files import YamlFile, check_yaml, read_list, read_yaml
from edge.domain.names.texts import all_composed
from edge.domain.schedule.conditions import NONE_ADDED, AddedConditions
from edge.domain.schedule.model import Schedule
from sync.protocol.entries import LARGEST_ENTRY

_LARGEST = LARGEST_ENTRY - 4096
"""Bytes of a campaign: an entry less what stands around its body."""
_PACKED: Mapping[str, Callable[[Any], Iterable[Mistake]]] = {
    "words": packed_words,
    "pictures": packed_pictures,
}
"""What is packed as it is used, and what finds mistakes in it."""
_NAME = re.compile(r"[\w.-]{1,100}")
"""What a schedule or a template in a packed body may be called: what a file may."""


@dataclass(frozen=True, slots=True)
class CampaignFiles:
    """A campaign's files by name, and every mistake in them.

    ``packed`` are its pictures and words as they are packed. ``beside`` is the folder of its
    schedules, which may have packs of the country's own.
    """

    main: dict[str, YamlFile] = field(default_factory=dict)
    schedules: dict[str, YamlFile] = field(default_factory=dict)
    templates: dict[str, YamlFile] = field(default_factory=dict)
    documents: dict[str, YamlFile] = field(default_factory=dict)
    words: dict[str, WordsFile] = field(default_factory=dict)
    packed: dict[str, Any] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    beside: Path | None = None

    def body(self) -> dict[str, Any]:
        """Make one body of a campaign; raises :class:`CampaignErrors` where it has mistakes."""
        if self.mistakes:
            raise CampaignErrors(self.mistakes)
        composed: dict[str, Any] = all_composed(_body(self))
        _check_size(composed)
        return composed

    def line_of_certificates(self, programme: str) -> tuple[str, int]:
        """Give the file and the line where the certificates of a programme are said."""
        programmes = self.main["programmes"]
        place = next(index for index, item in enumerate(programmes.value)
                     if item["id"] == programme)  # fmt: skip
        if "certificates" in programmes.value[place]:
            return programmes.name, programmes.line((place, "certificates"))
        campaign = self.main["campaign"]
        return campaign.name, campaign.line(("certificates",))

    def lists(self) -> dict[str, Any] | None:
        """Give what does not hang on schedules and slips, where nothing of it has a mistake."""
        names = {f"{name}.yaml" for name in FILES}
        if names & {mistake.file for mistake in self.mistakes}:
            return None
        main = {name: self.main[name] for name in FILES}
        body = _body(replace(self, main=main, schedules={}, templates={}, documents={}))
        plain = [{key: value for key, value in programme.items() if key != "schedule"}
                 for programme in body["programmes"]]  # fmt: skip
        broken = {mistake.file for mistake in self.mistakes}
        sound = {name: file for name, file in self.documents.items() if file.name not in broken}
        types = {name: file.value for name, file in sound.items()}
        return {**body, "programmes": plain, "documents": types}


def read_campaign(
    folder: Path, schemas: Path, conditions: AddedConditions = NONE_ADDED
) -> dict[str, Any]:
    """Read a campaign's folder and give it as one JSON object, the body of ``CampaignApplied``.

    ``conditions`` are those that packages add to schedules here. Raises :class:`CampaignErrors`
    with every mistake of every file.
    """
    return read_files(folder, schemas, conditions).body()


def read_files(
    folder: Path, schemas: Path, conditions: AddedConditions = NONE_ADDED
) -> CampaignFiles:
    """Read a campaign's folder with every mistake of every file, also of its worked cases."""
    if not folder.is_dir():
        raise CampaignErrors(
            [Mistake(folder.name, 1, "campaign.no-folder", "There is no such folder.")]
        )
    files = _in_folder(folder)
    _check(files, schemas, conditions)
    broken = {mistake.file for mistake in files.mistakes}
    for file in files.schedules.values():
        if file.name not in broken:
            files.mistakes.extend(unreachable(file))
    broken = {mistake.file for mistake in files.mistakes}

    def find(name: str) -> Schedule | None:
        file = files.schedules.get(name)
        if file is not None:
            return to_schedule(file.value, conditions) if file.name not in broken else None
        if f"schedules/{name}.yaml" in broken:
            return None
        lists = files.lists()
        return to_catalogue(lists).programmes[name].schedule if lists else None

    files.mistakes.extend(case_mistakes(folder / "schedules", schemas, find))
    packs = pack_store(schemas, files.beside)
    files.mistakes.extend(pack_case_mistakes(folder / "schedules", schemas, packs, conditions))
    return files


def read_packed(
    body: Mapping[str, Any], schemas: Path, conditions: AddedConditions = NONE_ADDED
) -> dict[str, Any]:
    """Read a campaign that was packed into one JSON object; gives what its folder would.

    Raises :class:`CampaignErrors`; the mistakes name the file each part was packed from.
    """
    files = _in_body(body)
    _check(files, schemas, conditions)
    return files.body()


def _in_folder(folder: Path) -> CampaignFiles:
    found = CampaignFiles(beside=folder / "schedules")
    for name in (*FILES, *OPTIONAL_FILES):
        path = folder / f"{name}.yaml"
        if name in FILES or path.exists():
            file = read_list(path, found.mistakes)
            if file is not None:
                found.main[name] = file
    found.mistakes.extend(unknown_names(folder))
    for path in sorted((folder / "schedules").glob("*.y*ml")):
        if path.suffix == ".yml":
            sentence = "A file here ends with .yaml. Rename it to {name}.yaml."
            found.mistakes.append(
                Mistake(f"schedules/{path.name}", 1, "yaml.name", sentence, {"name": path.stem})
            )
        elif not path.stem.endswith(SUFFIX):
            own: list[Mistake] = []
            file = read_list(path, own)
            if file is not None and is_pack(file.value):
                file = read_yaml(path, own)  # its options are chosen with the lines they stand on
            found.mistakes.extend(
                replace(mistake, file=f"schedules/{mistake.file}") for mistake in own
            )
            if file is not None:
                found.schedules[path.stem] = replace(file, name=f"schedules/{file.name}")
    found.documents.update(read_document_files(folder / "documents", found.mistakes))
    found.templates.update(read_template_files(folder / "slips", found.mistakes))
    found.words.update(read_words(folder / "words", found.mistakes))
    found.packed["words"] = {code: file.body() for code, file in found.words.items()}
    found.packed["pictures"] = read_pictures(folder / "pictures", found.mistakes)
    return found


def _in_body(body: Mapping[str, Any]) -> CampaignFiles:
    beside = (*FILES[1:], *OPTIONAL_FILES)
    parts = {name: body[name] for name in beside if name in body}
    parts["campaign"] = {name: value for name, value in body.items() if name not in PACKED}
    found = CampaignFiles({name: _file(name, value) for name, value in parts.items()})
    found.mistakes.extend(
        Mistake(f"{name}.yaml", 1, "yaml.missing", "The file is missing.")
        for name in FILES
        if name not in parts
    )
    for part, files, place in (
        ("schedules", found.schedules, "schedules"),
        ("templates", found.templates, "slips"),
        ("documents", found.documents, "documents"),
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


def _in_words_and_pictures(found: CampaignFiles, body: Mapping[str, Any]) -> None:
    """Take over what has no lines any more, once it is seen to be what it should."""
    for part, mistakes in _PACKED.items():
        packed = body.get(part, {})
        wrong = list(mistakes(packed))
        found.mistakes.extend(wrong)
        found.packed[part] = {} if wrong else packed


def _file(name: str, value: Any) -> YamlFile:
    return YamlFile(f"{name}.yaml", value=value, marked=value)


def _check(files: CampaignFiles, schemas: Path, conditions: AddedConditions) -> None:
    """Check each file, then all of them together."""
    mistakes = files.mistakes
    rules = {
        name: json.loads((schemas / "campaign" / f"{name}.schema.json").read_text())
        for name in files.main
    }
    for name, file in files.main.items():
        mistakes.extend(check_yaml(file, rules[name]))
    for name, file in list(files.schedules.items()):
        plain = plain_schedule(file, pack_store(schemas, files.beside), mistakes)
        if plain is not None:  # a site needs no packs: what is made of them travels
            files.schedules[name] = plain
            mistakes.extend(schedule_mistakes(plain, schemas, conditions))
    for slip, file in files.templates.items():
        mistakes.extend(template_mistakes(file, slip, schemas))
    mistakes.extend(type_mistakes(files.documents, schemas))
    wrong = {mistake.file for mistake in mistakes}
    mistakes.extend(together(files.main, rules, files.schedules, wrong))
    mistakes.extend(_on_paper(files, wrong))


def _on_paper(files: CampaignFiles, wrong: Set[str]) -> Iterator[Mistake]:
    """Check what is printed against its pictures and words, as far as these could be read."""
    templates = {name: file for name, file in files.templates.items() if file.name not in wrong}
    if not any(name.startswith("pictures") for name in wrong):
        yield from check_pictures(templates, files.packed["pictures"])
    if not any(name.startswith("slips") for name in wrong):  # slips.yaml, or one of slips/
        own = campaign_texts(files.main["slips"], templates.values())
        for words in files.words.values():
            yield from check_words(words, own)


def _body(files: CampaignFiles) -> dict[str, Any]:
    body = dict(files.main["campaign"].value)
    body |= {name: file.value for name, file in files.main.items() if name != FILES[0]}
    for part, parts in (
        ("schedules", files.schedules),
        ("templates", files.templates),
        ("documents", files.documents),
    ):
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
                hint="Of a nation that signs its campaign each region is a part of its own: see"
                " divoc-registry campaign region.",
            )
        ]
    )
