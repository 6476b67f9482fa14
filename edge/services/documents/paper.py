"""Whether the codes of a campaign's documents fit on the paper it puts them on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.campaign.catalogue import to_catalogue
from edge.campaign.mistakes import Mistake
from edge.credentials.document_formats import DocumentFormat
from edge.domain.document_types import DocumentField, DocumentType
from edge.services.documents.certifying import claims_of
from edge.services.printing.paper_fit import DOES_NOT_FIT, DOTS, throw_away_signers
from printers.qr import LEAST_DOTS, most_dots

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
_LONG, _ITEMS = 40, 2
"""Characters of a text, and entries of a list, that a code must have room for."""


def document_paper_mistakes(
    body: Mapping[str, Any], formats: Mapping[str, DocumentFormat]
) -> Iterator[Mistake]:
    """Find codes of documents on paper that no reader would read from it.

    Documents are signed with throw-away keys, with long texts in every field.
    """
    if not body.get("documents"):
        return
    catalogue = to_catalogue(body)
    signers = throw_away_signers(catalogue, rsa_too=False)
    for type_ in catalogue.documents.values():
        claims = claims_of(type_, "7Q4WZK2M9XDEA0TB", _sample(type_), catalogue, _NOW, _NOW.date())
        if claims is None:
            continue
        for width in type_.plan.paper:
            for name in type_.plan.on_paper(width):
                row = formats[name]
                left = most_dots(row.payload(row.issue(claims, signers)), DOTS[width])
                if left < LEAST_DOTS:
                    yield Mistake(
                        f"documents/{type_.id}.yaml",
                        1,
                        "certificates.does-not-fit",
                        DOES_NOT_FIT,
                        {
                            "width": width,
                            "format": name,
                            "programme": type_.id,
                            "left": left,
                            "least": LEAST_DOTS,
                        },
                        "credential.paper",
                    )


def _sample(type_: DocumentType) -> dict[str, Any]:
    return {field.name: _longest(field) for field in type_.fields}


def _longest(field: DocumentField) -> Any:
    schema = field.schema
    match field.kind:
        case "choice":
            return max(field.values, key=len)
        case "choices":
            return sorted(field.values, key=len)[-schema.get("maxItems", 200) :]
        case "date":
            return (_NOW + timedelta(days=400)).date().isoformat()
        case "integer":
            return schema.get("maximum", 2**31)
        case "boolean":
            return True
        case "list":
            return [_text(f"{field.name}/{item}", _LONG) for item in range(_ITEMS)]
        case _:
            return _text(field.name, min(schema.get("maxLength", _LONG), _LONG))


def _text(name: str, length: int) -> str:
    """Make a text that no packing shortens, as a name nobody has."""
    return base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()[:length]
