"""The schema of a type of document: what of JSON Schema is quick to ask, and can be a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile

if TYPE_CHECKING:
    from jsonschema_rs import RegexOptions

Path = tuple[str | int, ...]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ROOT = frozenset(
    {"$schema", "$comment", "type", "title", "description", "properties", "required"}
    | {"additionalProperties"}
)
_ANY = frozenset({"type", "title", "description", "$comment"})
_KEYWORDS: Mapping[str, frozenset[str]] = {
    "string": _ANY | {"enum", "pattern", "format", "minLength", "maxLength"},
    "integer": _ANY | {"minimum", "maximum"},
    "boolean": _ANY,
    "array": _ANY | {"items", "minItems", "maxItems", "uniqueItems"},
}
"""Every kind of field, with the keywords of JSON Schema that count for it: a closed set."""
_FORMATS = ("date", "email")
_ITEM = _KEYWORDS["string"] - {"title", "description"}
_MOST_FIELDS, _MOST_CHOICES, _LONGEST_PATTERN, _LONGEST_TEXT, _MOST_ITEMS = 60, 200, 200, 200, 20
_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,39}")
_TAKEN = frozenset(
    {"title", "certificate", "codes", "code", "caption", "fields", "label", "value"}
    | {"cwt_code", "cwt_caption", "vc_code", "vc_caption"}
)
"""Names that a document's slip has for something else."""


class DocumentRules:
    """Words mistakes of one file of a type, and knows the names of its fields."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.value: Mapping[str, Any] = file.value

    def known(self, names: Any, path: Path, *, bare: bool = False) -> Iterator[Mistake]:
        """Find names that are no field's; ``bare``: the path is of the name, not of a list."""
        properties = self.value["schema"]["properties"]
        if not isinstance(names, list):
            yield self.mistake(
                path, "field.type", "{field} must be {wanted}.", field=path[-1], wanted="a list"
            )
            return
        for place, name in enumerate(names):
            if not isinstance(name, str) or name not in properties:
                yield self.mistake(
                    path if bare else (*path, place),
                    "document.no-field",
                    "There is no field {name} in the schema. Known are: {known}.",
                    name=str(name)[:60],
                    known=", ".join(properties),
                )

    def mistake(self, path: Path, code: str, sentence: str, /, **values: object) -> Mistake:
        """Word a mistake of a part of the file."""
        column = ".".join(str(step) for step in path if not isinstance(step, int))
        return Mistake(self.file.name, self.file.line(path), code, sentence, values, column)


class SchemaRules(DocumentRules):
    """Finds what a schema must not have, or lacks."""

    def schema(self) -> Iterator[Mistake]:
        """Check the schema of the document: only what is known to be quick, and can be a form."""
        schema, path = self.value["schema"], ("schema",)
        yield from self._keywords(schema, path, _ROOT)
        if schema.get("$schema", DIALECT) != DIALECT:
            yield self.mistake(
                (*path, "$schema"),
                "document.dialect",
                "Only {known} is read here.",
                known=DIALECT,
            )
        if schema.get("additionalProperties", False) is not False:
            yield self.mistake(
                (*path, "additionalProperties"),
                "document.open",
                "A document has the fields that its schema names and no others: leave"
                " additionalProperties out.",
            )
        properties = schema.get("properties")
        if schema.get("type") != "object" or not isinstance(properties, dict) or not properties:
            yield self.mistake(
                path,
                "document.object",
                "The schema must have type: object, and at least one field under properties.",
            )
            return
        if len(properties) > _MOST_FIELDS:
            yield self.mistake(
                (*path, "properties"),
                "document.fields",
                "There are {count} fields; a form has {most} at the most.",
                count=len(properties),
                most=_MOST_FIELDS,
            )
            return
        for name, field in properties.items():
            yield from self._field(str(name), field, (*path, "properties", name))
        yield from self.known(schema.get("required", []), (*path, "required"))

    def _field(self, name: str, field: Any, path: Path) -> Iterator[Mistake]:
        if not _NAME.fullmatch(name) or name in _TAKEN:
            yield self.mistake(
                path,
                "document.field-name",
                "{name} cannot be the name of a field: write a small letter, then letters and"
                " digits, and none of: {taken}.",
                name=name[:60],
                taken=", ".join(sorted(_TAKEN)),
            )
        kind = field.get("type") if isinstance(field, dict) else None
        if not isinstance(kind, str) or kind not in _KEYWORDS:
            if isinstance(field, dict) and "$ref" in field:
                yield from self._keywords(field, path, _KEYWORDS["string"])
                return
            yield self.mistake(
                path,
                "document.kind",
                "The field {name} must have one of these under type: {known}. A number with a"
                " fraction is a string with a pattern; a group of fields is fields side by side.",
                name=name[:60],
                known=", ".join(_KEYWORDS),
            )
            return
        yield from self._keywords(field, path, _KEYWORDS[kind])
        if kind == "array":
            items = field.get("items")
            if not isinstance(items, dict) or items.get("type") != "string":
                yield self.mistake(
                    path,
                    "document.items",
                    "The list {name} must say under items what it is a list of: type: string.",
                    name=name,
                )
                return
            yield from self._keywords(items, (*path, "items"), _ITEM)
            yield from self._text(items, (*path, "items"))
        elif kind == "string":
            yield from self._text(field, path)
        yield from self._numbers(field, path)

    def _keywords(
        self, schema: Mapping[str, Any], path: Path, known: frozenset[str]
    ) -> Iterator[Mistake]:
        for name in schema:
            if name == "$ref":
                yield self.mistake(
                    (*path, name),
                    "document.ref",
                    "A schema is written out here: $ref is not followed, to no file and to no"
                    " address.",
                )
            elif name not in known:
                yield self.mistake(
                    (*path, name),
                    "document.keyword",
                    "The keyword {keyword} is not supported here. Known are: {known}.",
                    keyword=str(name)[:60],
                    known=", ".join(sorted(known)),
                )

    def _text(self, schema: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
        choices = schema.get("enum", ["-"])
        sound = isinstance(choices, list) and all(
            isinstance(choice, str) and 0 < len(choice) <= _LONGEST_TEXT for choice in choices
        )
        if not sound or not 0 < len(choices) <= _MOST_CHOICES or len(set(choices)) < len(choices):
            yield self.mistake(
                (*path, "enum"),
                "document.choices",
                "The choices under enum must be 1 to {most} different texts in quotation marks, of"
                " at most {longest} characters.",
                most=_MOST_CHOICES,
                longest=_LONGEST_TEXT,
            )
        if "format" in schema and schema["format"] not in _FORMATS:
            yield self.mistake(
                (*path, "format"),
                "field.value",
                "{field} must be one of: {known}.",
                field=str(schema["format"])[:60],
                known=", ".join(_FORMATS),
            )
        if "pattern" in schema and not _is_quick(schema["pattern"]):
            yield self.mistake(
                (*path, "pattern"),
                "document.pattern",
                "This pattern cannot be used: it is longer than {longest} characters, too large, no"
                " regular expression, or looks around or back, which can take for ever.",
                longest=_LONGEST_PATTERN,
            )

    def _numbers(self, field: Mapping[str, Any], path: Path) -> Iterator[Mistake]:
        for name, most in (
            ("minLength", _LONGEST_TEXT),
            ("maxLength", _LONGEST_TEXT),
            ("minItems", _MOST_ITEMS),
            ("maxItems", _MOST_ITEMS),
            ("minimum", 2**53 - 1),
            ("maximum", 2**53 - 1),
        ):
            value = field.get(name, 0)
            least = -most if name in ("minimum", "maximum") else 0
            if type(value) is not int or not least <= value <= most:
                yield self.mistake(
                    (*path, name),
                    "document.bound",
                    "{keyword} must be a whole number of at most {most}.",
                    keyword=name,
                    most=most,
                )
        for low, high in (
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
            ("minimum", "maximum"),
        ):
            bounds = [field.get(name) for name in (low, high)]
            if all(type(bound) is int for bound in bounds) and field[low] > field[high]:
                yield self.mistake(
                    (*path, high),
                    "document.never",
                    "Nothing fits here: {high} is below {low}.",
                    high=high,
                    low=low,
                )


def _is_quick(pattern: Any) -> bool:
    """Say whether a pattern takes time by the length of the text alone (Rust's regex engine)."""
    if not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN:
        return False
    from jsonschema_rs import Draft202012Validator

    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=quick_patterns(), offline=True)
    except ValueError:
        return False
    return True


@cache
def quick_patterns() -> RegexOptions:
    """Give how patterns are read: without looking around or back, and never large."""
    from jsonschema_rs import RegexOptions

    return RegexOptions(size_limit=1_000_000, dfa_size_limit=2_000_000)
