"""Templates of a gateway's requests, out of which no message breaks, and paths into its answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Formatter
from typing import Any
from urllib.parse import quote

PLACEHOLDERS = ("to", "text", "reference", "language", "secret", "id")


def unknown_placeholder(template: str) -> str | None:
    """Give what a template names that there is not, ``{}`` for a brace alone; None: it is right."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return "{}"
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            return name or "{}"
    return None


def in_address(template: str, values: Mapping[str, str]) -> str:
    """Fill a template of a URL or a form's body in, each value percent-encoded (RFC 3986)."""
    return template.format(**{name: quote(value, safe="") for name, value in values.items()})


def in_json(template: Any, values: Mapping[str, str]) -> Any:
    """Fill the texts of a JSON document in."""
    if isinstance(template, str):
        return template.format(**values)
    if isinstance(template, list):
        return [in_json(item, values) for item in template]
    if isinstance(template, dict):
        return {name: in_json(one, values) for name, one in template.items()}
    return template


def json_texts(document: Any) -> list[str]:
    """Give every text of a JSON document that is a template."""
    if isinstance(document, str):
        return [document]
    parts = document.values() if isinstance(document, dict) else document
    return [text for part in parts for text in json_texts(part)] if _holds(document) else []


def at_path(document: Any, path: str) -> str:
    """Give what stands at a path such as ``messages.0.status`` as text, or nothing."""
    for step in filter(None, path.split(".")):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return ""
    if document is None or _holds(document):
        return ""
    return document if isinstance(document, str) else json.dumps(document)


def _holds(document: Any) -> bool:
    return isinstance(document, dict | list)
