"""The templates of slips: YAML that a country can change, checked against what each slip offers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml
from edge.domain.slip_template import (
    KINDS,
    MARKS,
    OFFERS,
    WHOLE,
    SlipTemplate,
    TemplateBlock,
    TemplateValues,
    every_block,
    is_whole_certificate,
    names_in,
)

_Path = tuple[str | int, ...]
_BESIDE: Mapping[str, frozenset[str]] = {
    "text": frozenset({"size", "bold", "align"}),
    "field": frozenset({"value", "bold"}),
    "picture": frozenset({"align"}),
    "repeat": frozenset({"blocks"}),
}
"""What may stand beside each kind of block; ``when`` may everywhere but at a mark."""


def read_templates(folder: Path, schemas: Path) -> dict[str, SlipTemplate]:
    """Read every template of a folder; raises :class:`CampaignErrors` with every mistake."""
    mistakes: list[Mistake] = []
    files = read_template_files(folder, mistakes)
    for name, file in files.items():
        mistakes += template_mistakes(file, name, schemas)
    if mistakes:
        raise CampaignErrors(mistakes)
    return {name: to_template(file.value) for name, file in files.items()}


def read_template_files(folder: Path, mistakes: list[Mistake]) -> dict[str, YamlFile]:
    """Read a folder of templates, by the name of the slip; mistakes are added to the list."""
    found = {}
    for path in sorted(folder.glob("*.y*ml")):
        own: list[Mistake] = []
        if path.suffix != ".yaml" or path.stem not in OFFERS:
            own.append(_unknown(path.name))
        elif (file := read_yaml(path, own)) is not None:
            found[path.stem] = replace(file, name=f"slips/{file.name}")
        mistakes.extend(replace(mistake, file=f"slips/{mistake.file}") for mistake in own)
    return found


def template_mistakes(file: YamlFile, slip: str, schemas: Path) -> list[Mistake]:
    """Find every mistake in the template of a slip that was read."""
    if slip not in OFFERS:
        return [_unknown(file.name)]
    schema = json.loads((schemas / "slip.schema.json").read_text(encoding="utf-8"))
    return list(check_yaml(file, schema)) or _check(file, slip, OFFERS[slip], ("blocks",))


def part_mistakes(
    file: YamlFile, part: str, slip: str, offer: TemplateValues, schemas: Path
) -> list[Mistake]:
    """Find every mistake in a template that is a part of another file, and may name ``offer``."""
    schema = json.loads((schemas / "slip.schema.json").read_text(encoding="utf-8"))
    return list(check_yaml(file, schema, (part,))) or _check(file, slip, offer, (part, "blocks"))


def _unknown(name: str) -> Mistake:
    return Mistake(
        name,
        1,
        "slip.unknown",
        "There is no slip of this name. The files may be: {known}.",
        {"known": ", ".join(f"{name}.yaml" for name in OFFERS)},
    )


def to_templates(bodies: Mapping[str, Any]) -> dict[str, SlipTemplate]:
    """Take the templates of a campaign in force; what only newer software knows is left alone.

    A certificate that lacks a line it must have, however it came here, is not used.
    """
    found = {name: to_template(body) for name, body in bodies.items() if name in OFFERS}
    return {
        name: template
        for name, template in found.items()
        if name not in WHOLE or is_whole_certificate(template)
    }


def to_template(body: Mapping[str, Any]) -> SlipTemplate:
    """Turn a checked template into values."""
    return tuple(_block(item) for item in body["blocks"] if set(KINDS) & set(item))


def _block(item: Mapping[str, Any]) -> TemplateBlock:
    kind = next(kind for kind in KINDS if kind in item)
    return TemplateBlock(
        kind=kind,
        words=item[kind] if isinstance(item[kind], str) else "",
        value=item.get("value", ""),
        size=item.get("size", "normal"),
        bold=item.get("bold", False),
        align=item.get("align", "centre" if kind == "picture" else "left"),
        when=item.get("when", ""),
        dots=item[kind] if kind == "space" else 0,
        blocks=to_template({"blocks": item.get("blocks", ())}),
    )


def campaign_texts(slips: YamlFile, templates: Iterable[YamlFile]) -> frozenset[str]:
    """Give what a campaign says in its own words on slips: its catalogues may translate it."""
    words = {text for told in slips.value.values() for text in told.values()}
    for file in templates:
        for block in every_block(to_template(file.value)):
            words |= {block.words, block.value}
    return frozenset(words)


def _check(file: YamlFile, slip: str, offer: TemplateValues, path: _Path) -> list[Mistake]:
    check = _Check(file, slip)
    body: Any = file.value
    for step in path[:-1]:
        body = body[step]
    found = list(check.blocks(body["blocks"], path, offer))
    if not found and slip in WHOLE and not is_whole_certificate(to_template(body)):
        found.append(
            Mistake(
                file.name,
                file.line(path),
                "slip.not-whole",
                "A certificate must keep, once each, outside repeats and without when: mark: copy,"
                " mark: replaces, repeat: codes with qr: code in it, and as its last block"
                " mark: end.",
            )
        )
    return found


class _Check:
    """Finds what the schema cannot say: mixed blocks, and names that a slip does not offer."""

    def __init__(self, file: YamlFile, slip: str) -> None:
        self._file = file
        self._slip = slip

    def blocks(self, items: list[Any], path: _Path, offer: TemplateValues) -> Iterator[Mistake]:
        for place, item in enumerate(items):
            kinds = [kind for kind in KINDS if kind in item]
            if len(kinds) != 1:
                yield self._mistake(
                    (*path, place),
                    "slip.block",
                    "A block must have exactly one of: {known}.",
                    known=", ".join(KINDS),
                )
            else:
                yield from self._block(kinds[0], item, (*path, place), offer)

    def _block(
        self, kind: str, item: Mapping[str, Any], path: _Path, offer: TemplateValues
    ) -> Iterator[Mistake]:
        allowed = (
            _BESIDE.get(kind, frozenset()) | {kind} | (frozenset() if kind == "mark" else {"when"})
        )
        for name in item:
            if name not in allowed:
                yield self._mistake(
                    (*path, name),
                    "slip.beside",
                    "{field} cannot stand beside {kind}. Allowed are: {known}.",
                    field=name,
                    kind=kind,
                    known=", ".join(sorted(allowed - {kind})) or "-",
                )
        for needed in ({"field": "value", "repeat": "blocks"}.get(kind),):
            if needed and needed not in item:
                yield self._mistake(
                    path, "field.missing", "The field {field} is missing.", field=needed
                )
        if "when" in item:
            yield from self._named([item["when"]], (*path, "when"), offer.names())
        match kind:
            case "text" | "field":
                for part in (kind, "value"):
                    yield from self._words(str(item.get(part, "")), (*path, part), offer)
            case "qr":
                yield from self._named([item[kind]], (*path, kind), offer.codes)
            case "mark":
                yield from self._named([item[kind]], (*path, kind), MARKS[self._slip])
            case "repeat":
                unknown = list(self._named([item[kind]], (*path, kind), offer.lists))
                yield from unknown
                if not unknown and "blocks" in item:
                    yield from self.blocks(
                        item["blocks"], (*path, "blocks"), offer.within(item[kind])
                    )

    def _words(self, words: str, path: _Path, offer: TemplateValues) -> Iterator[Mistake]:
        names = names_in(words)
        if words.count("{") != len(names) or words.count("}") != len(names):
            yield self._mistake(
                path,
                "slip.braces",
                "A brace is not closed, or stands alone. Write a name as in {{lot}}.",
            )
        yield from self._named(names, path, offer.texts)

    def _named(self, names: Iterable[str], path: _Path, known: Iterable[str]) -> Iterator[Mistake]:
        offered = sorted(known)
        for name in names:
            if name not in offered:
                sentence = "The slip {slip} has no {code} here."
                yield self._file.unknown(path, "slip.name", sentence, name, offered, few=True,
                                         slip=self._slip)  # fmt: skip

    def _mistake(self, path: _Path, code: str, sentence: str, /, **values: object) -> Mistake:
        return self._file.mistake(path, code, sentence, **values)
