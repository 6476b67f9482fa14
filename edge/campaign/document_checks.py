"""What the parts of a type of document must agree on: its form, list, credential, time and slip."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as Folder
from typing import Any

from edge.campaign.document_schema import DocumentRules, Path, SchemaRules
from edge.campaign.mistakes import Mistake
from edge.campaign.slip_templates import part_mistakes
from edge.campaign.yaml_files import YamlFile, check_yaml, read_yaml
from edge.domain.document_types import offered

_MOST_TYPES = 50
_OF_W3C = frozenset(
    (
        *("id", "type", "proof", "issuer", "issuanceDate", "expirationDate", "holder", "evidence"),
        *("credentialSubject", "credentialSchema", "credentialStatus", "verifiableCredential"),
        *("refreshService", "termsOfUse"),
    )
)
"""Terms that W3C's context of credentials protects."""


def read_document_files(folder: Folder, mistakes: list[Mistake]) -> dict[str, YamlFile]:
    """Read a folder of types, by their names; mistakes are added to the list."""
    found = {}
    for path in sorted(folder.glob("*.y*ml")):
        own: list[Mistake] = []
        if path.suffix != ".yaml":
            sentence = "A file here ends with .yaml. Rename it to {name}.yaml."
            own.append(Mistake(path.name, 1, "yaml.name", sentence, {"name": path.stem}))
        elif (file := read_yaml(path, own)) is not None:
            found[path.stem] = replace(file, name=f"documents/{file.name}")
        mistakes.extend(replace(mistake, file=f"documents/{mistake.file}") for mistake in own)
    return found


def type_mistakes(files: Mapping[str, YamlFile], schemas: Folder) -> list[Mistake]:
    """Find every mistake in the types that were read, and what sound ones say alike."""
    found = [mistake for file in files.values() for mistake in document_mistakes(file, schemas)]
    if len(files) > _MOST_TYPES:
        sentence = "There are {count} types of documents; a campaign has {most} at the most."
        told = {"count": len(files), "most": _MOST_TYPES}
        return [Mistake("documents", 1, "document.types-many", sentence, told)]
    broken = {mistake.file for mistake in found}
    sound = {name: file for name, file in files.items() if file.name not in broken}
    return [*found, *_shared_contexts(sound)]


def document_mistakes(file: YamlFile, schemas: Folder) -> list[Mistake]:
    """Find every mistake in a type of document that was read."""
    stem = file.name.rpartition("/")[2].removesuffix(".yaml")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", stem):
        return [
            Mistake(
                file.name,
                1,
                "document.name",
                "The file's name is the type's: small letters, digits and hyphens, at most 40.",
            )
        ]
    schema = json.loads((schemas / "campaign/document.schema.json").read_text(encoding="utf-8"))
    found = list(check_yaml(file, schema)) or list(SchemaRules(file).schema())
    if found:
        return found
    found = list(_PartsCheck(file).parts())
    if "slip" in file.value:
        names = frozenset(file.value["schema"]["properties"])
        found += part_mistakes(file, "slip", "certificate", offered(names), schemas)
    return found


def _shared_contexts(files: Mapping[str, YamlFile]) -> Iterator[Mistake]:
    """Find types of one campaign that give the same address to their contexts."""
    first: dict[str, str] = {}
    for name, file in files.items():
        context = file.value.get("credential", {}).get("context")
        if context in first:
            yield Mistake(
                file.name,
                file.line(("credential", "context")),
                "document.context-twice",
                "The type {other} has this context already. Give each type an address of its own.",
                {"other": first[context]},
            )
        elif context:
            first[context] = name


class _PartsCheck(DocumentRules):
    """Finds what the file's own schema cannot say."""

    def parts(self) -> Iterator[Mistake]:
        """Check that form, list, search, credential and time speak of fields that there are."""
        value = self.value
        form: list[Mapping[str, Any]] = value.get("form", [])
        yield from self._form(form)
        for part in ("list", "search"):
            yield from self.known(value.get(part, []), (part,))
        yield from self._valid(value.get("valid", {}))
        if "credential" in value:
            yield from self._credential(value["credential"])

    def _form(self, form: list[Mapping[str, Any]]) -> Iterator[Mistake]:
        properties = self.value["schema"]["properties"]
        names = [item["field"] for item in form]
        for place, item in enumerate(form):
            unknown = list(self.known([item["field"]], ("form", place, "field"), bare=True))
            yield from unknown
            if names.index(item["field"]) < place:
                yield self.mistake(
                    ("form", place, "field"),
                    "document.twice",
                    "The field {name} stands in the form twice.",
                    name=item["field"],
                )
            if unknown:
                continue
            schema = properties[item["field"]]
            known = schema.get("items", schema).get("enum", [])
            for choice in item.get("choices", {}):
                if choice not in known:
                    yield self.mistake(
                        ("form", place, "choices", choice),
                        "document.choice",
                        "{choice} is none of the choices of {name} in the schema.",
                        choice=choice[:60],
                        name=item["field"],
                    )
        for name in self.value["schema"].get("required", ()) if form else ():
            if name not in names:
                yield self.mistake(
                    ("form",),
                    "document.not-in-form",
                    "The field {name} is required and not in the form: nobody could fill it in.",
                    name=name,
                )

    def _valid(self, valid: Mapping[str, Any]) -> Iterator[Mistake]:
        if ("until" in valid) is ("days" in valid) and valid:
            yield self.mistake(
                ("valid",),
                "document.valid",
                "Say either until which day it counts, or how many days.",
            )
        properties = self.value["schema"]["properties"]
        for name in ("from", "until"):
            if name in valid and properties.get(valid[name], {}).get("format") != "date":
                yield self.mistake(
                    ("valid", name),
                    "document.valid-field",
                    "{name} is no field with format: date.",
                    name=valid[name][:60],
                )

    def _credential(self, credential: Mapping[str, Any]) -> Iterator[Mistake]:
        groups = [name for name in ("subject", "evidence") if name in credential]
        types = [credential["type"], *(credential[name]["type"] for name in groups)]
        if len(set(types)) < len(types) or "VerifiableCredential" in types:
            yield self.mistake(
                ("credential",),
                "document.types",
                "The credential, its subject and its evidence each need a type of their own.",
            )
        for group in groups:
            claims: Mapping[str, str] = credential[group]["claims"]
            path: Path = ("credential", group, "claims")
            meaning: dict[str, str] = {}
            for term, name in claims.items():
                yield from self.known([name], (*path, term), bare=True)
                iri = credential.get("terms", {}).get(term, f"{credential['context']}#{term}")
                if term in _OF_W3C or term in types:
                    yield self.mistake(
                        (*path, term),
                        "document.term",
                        "The term {term} means something else in a W3C credential. Choose another.",
                        term=term,
                    )
                if iri in meaning:
                    yield self.mistake(
                        (*path, term),
                        "document.same-meaning",
                        "The terms {term} and {other} mean the same, so that their values could be"
                        " exchanged under the signature. Give each an address of its own.",
                        term=term,
                        other=meaning[iri],
                    )
                meaning[iri] = term
        formats = credential.get("formats", ("vc", "cwt"))
        for width, names in credential.get("paper", {}).items():
            for place, name in enumerate(names):
                if name not in formats:
                    yield self.mistake(
                        ("credential", "paper", width, place),
                        "certificates.paper",
                        "The format {format} goes on paper but is not issued.",
                        format=name,
                    )
