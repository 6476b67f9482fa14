"""From a campaign's ``documents/NAME.yaml`` to types of documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from edge.campaign.slip_templates import to_template
from edge.domain.certificate_plan import NOTHING, CertificatePlan
from edge.domain.document_types import (
    ClaimGroup,
    CredentialMapping,
    DocumentField,
    DocumentType,
    LabelText,
    ValidPeriod,
)
from edge.domain.slip_template import is_whole_certificate

_EVERY_DAY = ("registrar", "vaccinator", "supervisor")
ROLES: Mapping[str, tuple[str, ...]] = {
    "record": _EVERY_DAY,
    "read": _EVERY_DAY,
    "correct": _EVERY_DAY,
    "revoke": ("supervisor",),
}
"""Who may do what with documents of a type that does not say so itself."""
FORMATS = ("vc", "cwt")
"""What is issued where a type does not say: for wide paper the one, for any paper the other."""
_PAPER: Mapping[int, tuple[str, ...]] = {58: ("cwt",), 80: ("vc", "cwt")}


def to_document_types(bodies: Mapping[str, Any]) -> dict[str, DocumentType]:
    """Take the types of a campaign in force; what only newer software knows is left alone."""
    return {name: to_document_type(name, body) for name, body in bodies.items()}


def once_in_force(
    items: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, DocumentType], dict[str, DocumentType]]:
    """Take the types that ever were, by their names, and by the contexts of their credentials."""
    named: dict[str, DocumentType] = {}
    contexts: dict[str, DocumentType] = {}
    for item in items:
        found = to_document_type(item["id"], item["body"])
        if item["by"] == "name":
            named[found.id] = found
        elif found.mapping is not None:
            contexts[found.mapping.context] = found
    return named, contexts


def to_document_type(id_: str, body: Mapping[str, Any]) -> DocumentType:
    """Turn a checked type into values."""
    schema = body["schema"]
    properties: Mapping[str, Any] = schema["properties"]
    required = frozenset(schema.get("required", ()))
    form: list[Mapping[str, Any]] = body.get("form") or [
        {"field": name} for name in sorted(properties)
    ]
    fields = tuple(
        _field(item, properties[item["field"]], required=item["field"] in required)
        for item in form
        if item["field"] in properties
    )
    credential = body.get("credential")
    slip = to_template(body["slip"]) if "slip" in body else ()
    valid = body.get("valid", {})
    return DocumentType(
        id=id_,
        name=_label(body["name"]),
        schema=schema,
        fields=fields,
        columns=tuple(body.get("list") or [item.name for item in fields[:3]]),
        roles={
            deed: frozenset(body.get("roles", {}).get(deed, usual)) for deed, usual in ROLES.items()
        },
        mapping=_mapping(credential) if credential else None,
        plan=_plan(credential) if credential else NOTHING,
        valid=ValidPeriod(valid.get("days", 0), valid.get("from", ""), valid.get("until", "")),
        slip=slip if is_whole_certificate(slip) else None,
        active=body.get("active", True),
    )


def _field(item: Mapping[str, Any], schema: Mapping[str, Any], *, required: bool) -> DocumentField:
    name = item["field"]
    return DocumentField(
        name=name,
        schema=schema,
        required=required,
        label=_label(item.get("label") or schema.get("title") or name),
        help=_label(item.get("help") or schema.get("description") or ""),
        choices={value: _label(label) for value, label in item.get("choices", {}).items()},
    )


def _mapping(body: Mapping[str, Any]) -> CredentialMapping:
    return CredentialMapping(
        type=body["type"],
        context=body["context"],
        subject=_group(body["subject"]),
        evidence=_group(body["evidence"]) if "evidence" in body else None,
        terms=dict(body.get("terms", {})),
    )


def _group(body: Mapping[str, Any]) -> ClaimGroup:
    # a journal keeps no order of fields, so there is one that needs none kept
    return ClaimGroup(body["type"], dict(sorted(body["claims"].items())))


def _plan(body: Mapping[str, Any]) -> CertificatePlan:
    formats = tuple(body.get("formats", FORMATS))
    told: Mapping[str, Any] | None = body.get("paper")
    paper: Mapping[int, Iterable[str]] = (
        {int(width): names for width, names in told.items()} if told is not None else _PAPER
    )
    on_paper = {width: tuple(n for n in names if n in formats) for width, names in paper.items()}
    return CertificatePlan(formats, {width: names for width, names in on_paper.items() if names})


def _label(value: Any) -> LabelText:
    return {"": value} if isinstance(value, str) else dict(value)
