"""What is recorded in a document, held against the schema that the campaign has for its type."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from edge.campaign.document_schema import quick_patterns
from edge.domain.document_types import DocumentType
from edge.domain.documents import Contents, amended
from edge.domain.errors import BadInput
from sync.registry.judging.schemas import is_date

_SENTENCES = {
    "type": "The field {label} is of the wrong kind.",
    "enum": "The field {label} has none of its choices.",
    "format": "The field {label} is not written as it should be: a date is year-month-day.",
    "pattern": "The field {label} is not written as it should be.",
    "minLength": "The field {label} is too short.",
    "maxLength": "The field {label} is too long.",
    "minimum": "The field {label} is too small.",
    "maximum": "The field {label} is too large.",
    "minItems": "The field {label} has too few entries.",
    "maxItems": "The field {label} has too many entries.",
    "uniqueItems": "The field {label} has an entry twice.",
}


def checked(type_: DocumentType, contents: Contents) -> dict[str, Any]:
    """Give the contents without what is empty; raises :class:`BadInput` for the first wrong field.

    No value is told in an error: a value may be anybody's.
    """
    found = amended(contents, {})
    for name in found:
        if type_.field(name) is None and name not in type_.schema["properties"]:
            raise BadInput(
                "document.unknown-field",
                "The document has no field {label}.",
                hint="Known are: {known}.",
                field=f"contents.{name}",
                label=name,
                known=", ".join(type_.schema["properties"]),
            )
    for name in type_.schema.get("required", ()):
        if name not in found:
            raise BadInput(
                "document.field-missing",
                "The field {label} is missing.",
                field=f"contents.{name}",
                label=name,
            )
    error = next(iter(_validator(json.dumps(type_.schema)).iter_errors(found)), None)
    if error is not None:
        raise _worded(error)
    return found


def _worded(error: ValidationError) -> BadInput:
    name = str(next(iter(error.instance_path), ""))
    keyword = str(list(error.schema_path)[-1])
    return BadInput(
        "document.field",
        _SENTENCES.get(keyword, "The field {label} does not fit."),
        hint="Look at it again and send the document anew.",
        field=f"contents.{name}",
        label=name,
    )


@lru_cache(maxsize=64)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(
        json.loads(schema),
        formats={"date": is_date},
        validate_formats=True,
        pattern_options=quick_patterns(),
        offline=True,
        mask="-",
    )
