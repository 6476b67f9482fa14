"""Schedules composed of packs: what a country chooses of WHO's tables, made into one plain file.

A pack is a schedule with named options; a composing file names packs, their options, and which of
the country's vaccines each of theirs is. What comes out is an ordinary schedule's file, so a site
needs nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.campaign.chosen import PackChoice, choose, option_mistakes
from edge.campaign.merging import merged, vaccine_of
from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml

_OWN = {"pack", "title", "source", "options", "tables", "grace"}
"""What of a pack's file is about the pack; the rest is a schedule's."""


@dataclass(frozen=True, slots=True)
class PackStore:
    """Where packs lie: folders, the first of them first, and the schemas they are checked by."""

    folders: Sequence[Path]
    schemas: Path

    def find(self, name: str) -> Path | None:
        """Give the file of a pack such as ``who/polio``; None: no folder has it."""
        if name in self.known():
            return next(
                path for folder in self.folders if (path := folder / f"{name}.yaml").is_file()
            )
        return None

    def known(self) -> list[str]:
        """Name every pack: those in folders of these folders."""
        return sorted(
            {
                path.relative_to(folder).with_suffix("").as_posix()
                for folder in self.folders
                for path in folder.glob("*/*.yaml")
                if not path.stem.endswith(".cases")
            }
        )


def pack_store(schemas: Path, beside: Path | None = None) -> PackStore:
    """Give the packs that are installed and, before them, those in a schedule's own folder."""
    installed = schemas.parent / "schedules"
    return PackStore([*([beside] if beside is not None else []), installed], schemas)


def is_pack(value: Any) -> bool:
    """Say whether a file is a pack."""
    return isinstance(value, Mapping) and "pack" in value


def is_composed(value: Any) -> bool:
    """Say whether a file names packs that make it up."""
    return isinstance(value, Mapping) and "packs" in value


def plain_schedule(file: YamlFile, packs: PackStore, mistakes: list[Mistake]) -> YamlFile | None:
    """Give a schedule's file as a plain one; every mistake in its packs is added to the others.

    A pack comes out as its options are usually; a file without packs as it is.
    """
    if is_pack(file.value):
        return _of_pack(file, {}, packs.schemas, mistakes)
    if is_composed(file.value):
        return _composed(file, packs, mistakes)
    return file


def read_pack(path: Path, packs: PackStore, name: str, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a pack's file and check what of it is about the pack."""
    found = read_yaml(path, mistakes)
    if found is None:
        return None
    file = YamlFile(f"{name}.yaml", found.value, found.marked)
    wrong = list(_pack_mistakes(file, packs.schemas))
    mistakes.extend(wrong)
    return None if wrong else file


def chosen_pack(file: YamlFile, options: Mapping[str, Any]) -> PackChoice:
    """Leave of a pack what its options ask for, those that are not said as they are usually."""
    return choose(file, options, _OWN)


def _pack_mistakes(file: YamlFile, schemas: Path) -> Iterator[Mistake]:
    schema = json.loads((schemas / "pack.schema.json").read_text(encoding="utf-8"))
    wrong = list(check_yaml(file, schema))
    yield from wrong or option_mistakes(file)


def _of_pack(
    file: YamlFile, options: Mapping[str, Any], schemas: Path, mistakes: list[Mistake]
) -> YamlFile | None:
    wrong = list(_pack_mistakes(file, schemas))
    if wrong:
        mistakes.extend(wrong)
        return None
    return merged(file.name, file.value["pack"], file.value["title"], [chosen_pack(file, options)])


def _composed(file: YamlFile, packs: PackStore, mistakes: list[Mistake]) -> YamlFile | None:
    schema = json.loads((packs.schemas / "composed.schema.json").read_text(encoding="utf-8"))
    wrong = list(check_yaml(file, schema))
    parts: list[PackChoice] = []
    for place, item in enumerate(file.value["packs"] if not wrong else ()):
        pack = _used(file, place, packs, wrong)
        if pack is not None:
            parts.append(chosen_pack(pack, _options(file, item)))
    if not wrong:
        wrong.extend(_vaccine_mistakes(file, parts))
    if wrong:
        mistakes.extend(wrong)
        return None
    return merged(file.name, file.value["schedule"], file.value["title"], parts, own=file)


def _options(file: YamlFile, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a composing file says of a pack: its options, and the grace of the whole file."""
    grace = {"grace": file.value["grace"]} if "grace" in file.value else {}
    return {**grace, **item.get("options", {})}


def _used(file: YamlFile, place: int, packs: PackStore, wrong: list[Mistake]) -> YamlFile | None:
    """Find and check a pack that is used, and what is chosen of it."""
    item = file.value["packs"][place]
    name = item["use"]
    at = ("packs", place, "use")
    if name in [other["use"] for other in file.value["packs"][:place]]:
        wrong.append(_mistake(file, at, "pack.twice", "The pack {code} is used twice.", name))
        return None
    path = packs.find(name)
    if path is None:
        known = packs.known()
        wrong.append(file.unknown(at, "pack.unknown", "There is no pack {code}.", name, known,
                                  few=True))  # fmt: skip
        return None
    before = len(wrong)
    pack = read_pack(path, packs, name, wrong)
    if pack is not None:
        wrong.extend(_choice_mistakes(file, place, pack))
        if len(wrong) == before:
            wrong.extend(_choices_in_vain(file, place, pack))
    return pack if len(wrong) == before else None


def _choice_mistakes(file: YamlFile, place: int, pack: YamlFile) -> Iterator[Mistake]:
    """Find options that a pack does not have, and values that an option does not have."""
    from edge.campaign.chosen import is_length

    item = file.value["packs"][place]
    options = pack.value.get("options", {})
    for name, value in item.get("options", {}).items():
        at = ("packs", place, "options", name)
        if name not in options:
            sentence = "The pack {pack} has no option {code}."
            yield file.unknown(at, "pack.option", sentence, name, options, few=True,
                               pack=item["use"])  # fmt: skip
            continue
        values = options[name].get("values")
        if values is not None and str(value) not in values:
            sentence = "{code} is not one of the values of {option}."
            yield file.unknown(at, "pack.value", sentence, str(value), values, few=True,
                               option=name)  # fmt: skip
        elif values is None and not is_length(value):
            sentence = "{option} is a length of time, such as 6 weeks; {code} is none."
            yield _mistake(file, at, "pack.length", sentence, str(value), option=name)


def _choices_in_vain(file: YamlFile, place: int, pack: YamlFile) -> Iterator[Mistake]:
    """Find options that change nothing beside the others: whoever chose them relies on them."""
    chosen = file.value["packs"][place].get("options", {})
    whole = chosen_pack(pack, chosen).value
    for name, value in chosen.items():
        rest = {other: chosen[other] for other in chosen if other != name}
        if str(value) != str(pack.value["options"][name]["default"]) and (
            chosen_pack(pack, rest).value == whole
        ):
            at = ("packs", place, "options", name)
            sentence = (
                "{option} is {code}, and that changes nothing beside the other options."
                " Choose the others so that it does, or leave it out."
            )
            yield _mistake(file, at, "pack.in-vain", sentence, str(value), option=name)


def _vaccine_mistakes(file: YamlFile, parts: Sequence[PackChoice]) -> Iterator[Mistake]:
    """Find vaccines of the country that stand for nothing, and doses nobody could give."""
    if "vaccines" not in file.value:
        return
    theirs = {code for part in parts for code in part.value.get("vaccines", {})}
    own = {series["against"] for series in file.value.get("series", ())}
    for code, meant in file.value["vaccines"].items():
        for place, name in enumerate(meant):
            if name not in theirs | own:
                sentence = "{code} is not a vaccine of the packs that are used."
                at = ("vaccines", code, place)
                offered = sorted(theirs | own)
                yield file.unknown(at, "pack.vaccine", sentence, name, offered, few=True)
    known = {name for meant in file.value["vaccines"].values() for name in meant}
    told: set[str] = set()
    for place, part in enumerate(parts):
        for series in part.value["series"]:
            for dose in series["doses"]:
                codes = [vaccine_of(item) for item in dose["vaccines"]]
                if known.isdisjoint(codes) and told.isdisjoint(codes):
                    told.add(codes[0])
                    yield _nobody_gives(file, place, series["name"], codes)


def _nobody_gives(file: YamlFile, place: int, series: str, vaccines: Sequence[str]) -> Mistake:
    return Mistake(
        file.name,
        file.line(("packs", place, "use")),
        "pack.no-vaccine",
        "{pack} gives {code} ({series}), and none of the vaccines here is that.",
        {
            "pack": file.value["packs"][place]["use"],
            "code": vaccines[0],
            "series": series,
        },
        "packs.use",
        "Say which it is under vaccines, as YOURS: [{code}], or choose options of the pack"
        " that do without it.",
    )


def _mistake(
    file: YamlFile,
    at: tuple[str | int, ...],
    code: str,
    sentence: str,
    name: str,
    **values: object,
) -> Mistake:
    column = ".".join(str(step) for step in at if not isinstance(step, int))
    return Mistake(file.name, file.line(at), code, sentence, {"code": name, **values}, column)
