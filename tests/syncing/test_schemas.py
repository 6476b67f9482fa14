"""A record's schema is asked twice, and the quick answer lets through nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from sync.registry.judging.schemas import Schema, schemas_folder

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 1.0, 1.5, -0.0, 2**53, -(2**70), 1e300,
    "", " ", "\n", "\0", "a", "é", "\U0001f489", "x" * 10_000,
    "2026-11-24", "2026-11-24\n", "2026-02-30", "2024-02-29", "0000-01-01", "0001-01-01",
    "9999-12-31", "10000-01-01", "2026-1-1", "20261124", "2026-W48-2", "2026-329", "+2026-11-24",
    "２０２６-11-24", "2026-11-24T10:00:00.000Z", "2026-11-24T10:00:00.000Z\n",
    "٢٠٢٦-11-24T10:00:00.000Z", "2026-13-45T99:99:99.999Z",
    "019340c0-0000-7000-8000-000000000000", "019340c0-0000-7000-8000-000000000000\n",
    "019340C0-0000-7000-8000-000000000000", "0" * 64, "0" * 64 + "\n", "0" * 63 + "G", "0" * 16,
    [], [None], ["a", "a"], [[]], {}, {"": None}, {"id": 1}, {"a": {"b": []}},
]  # fmt: skip


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Give every schema within a schema, itself too."""
    if isinstance(schema, dict):
        named = not isinstance(schema.get("type", ""), dict)  # and no field that is called "type"
        if named and not {"type", "enum", "const", "pattern"}.isdisjoint(schema):
            yield schema
        for inner in schema.values():
            yield from parts(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from parts(inner)


SCHEMAS = {
    path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(schemas_folder().glob("*.schema.json"))
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_value_is_right_by_both_schemas_or_by_none(name: str) -> None:
    for part in parts(SCHEMAS[name]):
        schema = Schema(part)
        worded = Draft202012Validator(part, format_checker=FormatChecker(["date"]))
        for value in ODD:
            assert (schema.error(value) is None) == worded.is_valid(value), (part, value)
