"""A campaign's file is right by both readings of its schema, or by none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from edge.campaign.schema_patterns import for_python
from sync.resources import resource

TEXTS = [
    "pin", "x-card", "demo.id", "DEMO01", "0123456789abcdef", "XDX", "en", "supervisor", "Mon", "A1",
    "14 days", "1 month + 4 days", "2026-11-24", "2026-11-24 morning", "https://example.org/a",
    "$argon2id$v=19", "sealed:abc", "\u0661\u0664 days", "\u0662\u0660\u0662\u0666-11-24", "a" * 50, "",
]  # fmt: skip


def patterns(schema: Any) -> Iterator[dict[str, Any]]:
    """Give a schema for each pattern of values, and of names, within a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield {"pattern": schema["pattern"]}
        for name in schema.get("patternProperties", ()):
            yield {"patternProperties": {name: {}}, "additionalProperties": False}
        for inner in schema.values():
            yield from patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns(inner)


FOUND = [
    found
    for path in sorted(resource("config/schemas").rglob("*.json"))
    for found in patterns(json.loads(path.read_text(encoding="utf-8")))
]


def disagreeing(schema: dict[str, Any], worded: dict[str, Any]) -> list[str]:
    """Give the texts, and names of fields, that one reading lets through and the other refuses."""
    quick, other = jsonschema_rs.Draft202012Validator(schema), Draft202012Validator(worded)
    return [
        text
        for plain in TEXTS
        for text in (plain, f"{plain}\n")
        if any(quick.is_valid(value) != other.is_valid(value) for value in (text, {text: 1}))
    ]


@pytest.mark.parametrize("schema", FOUND, ids=str)
def test_a_pattern_means_the_same_to_both_readers(schema: dict[str, Any]) -> None:
    assert disagreeing(schema, for_python(schema)) == []


def test_as_they_stand_python_lets_more_through() -> None:
    assert sum(bool(disagreeing(schema, schema)) for schema in FOUND) > 40


@pytest.mark.parametrize(
    ("pattern", "made"), [(r"a\$", r"a\$"), (r"a\\$", r"a\\\Z"), (r"^\d$", r"^[0-9]\Z")]
)
def test_a_dollar_that_is_meant_as_one_stays(pattern: str, made: str) -> None:
    assert for_python({"pattern": pattern}) == {"pattern": made}
