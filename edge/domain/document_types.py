"""What a campaign describes as a type of document: fields, who may do what, what is certified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.domain.certificate_plan import NOTHING, CertificatePlan
from edge.domain.slip_template import OFFERS, SlipTemplate, TemplateValues

LabelText = Mapping[str, str]
"""A label by the code of its language; ``""`` is the one for every other language."""

SITE_NAMES = frozenset({"facility", "facility_code", "issuer", "printed_at"})
DOCUMENT_NAMES = frozenset({"title", "certificate", "valid_until", "recorded_on"})
"""What a document's slip has beside the document's own fields."""


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One field: its ``schema`` (JSON Schema), and how a form calls it and each of its choices."""

    name: str
    schema: Mapping[str, Any]
    required: bool
    label: LabelText
    help: LabelText = field(default_factory=dict)
    choices: Mapping[str, LabelText] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``string``, ``date``, ``integer``, ``boolean``, ``choice``, ``list`` or ``choices``."""
        schema = self.schema
        if schema["type"] == "array":
            return "choices" if "enum" in schema["items"] else "list"
        if "enum" in schema:
            return "choice"
        return "date" if schema.get("format") == "date" else str(schema["type"])

    @property
    def values(self) -> tuple[str, ...]:
        """Give what may be chosen, if there is a choice."""
        schema = self.schema.get("items", self.schema)
        return tuple(map(str, schema.get("enum", ())))


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """A node of the credential: its type, and which field stands under which term, in order."""

    type: str
    claims: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CredentialMapping:
    """Where a document's fields stand in its W3C credential, and what its terms mean.

    ``context`` is the address of the JSON-LD context, the name by which a verifier finds the
    mapping; ``terms`` are the IRIs of terms that have one of their own, every other term's is the
    address, ``#`` and the term.
    """

    type: str
    context: str
    subject: ClaimGroup
    evidence: ClaimGroup | None = None
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[ClaimGroup, ...]:
        """Give the nodes that carry claims, in the order in which their values are counted."""
        return (self.subject, self.evidence) if self.evidence else (self.subject,)

    @property
    def certified(self) -> tuple[str, ...]:
        """Give the fields that are certified, in that order, each once."""
        return tuple(dict.fromkeys(name for group in self.groups for name in group.claims.values()))

    def iri(self, term: str) -> str:
        """Give what a term means."""
        return self.terms.get(term, f"{self.context}#{term}")

    def document(self) -> dict[str, Any]:
        """Give the JSON-LD context (JSON-LD 1.1, section 4.1): made, so that it cannot be odd."""
        basis: dict[str, Any] = {"@version": 1.1, "@protected": True}
        types = {
            group.type: {
                "@id": self.iri(group.type),
                "@context": {**basis, **{term: self.iri(term) for term in group.claims}},
            }
            for group in self.groups
        }
        names = {"id": "@id", "type": "@type", self.type: self.iri(self.type)}
        return {"@context": {**basis, **names, **types}}


@dataclass(frozen=True, slots=True)
class ValidPeriod:
    """How long it counts: ``days`` from the day of a field (or from issue), or ``until`` one."""

    days: int = 0
    start: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """A type of document.

    ``fields`` are in the order of the form. ``columns`` are those of the list. ``roles`` says
    who may ``record``, ``read``, ``correct`` and ``revoke``. Without a mapping nothing is
    certified. ``slip`` None: the shipped item.
    """

    id: str
    name: LabelText
    schema: Mapping[str, Any]
    fields: tuple[DocumentField, ...]
    columns: tuple[str, ...]
    roles: Mapping[str, frozenset[str]]
    mapping: CredentialMapping | None = None
    plan: CertificatePlan = NOTHING
    valid: ValidPeriod = ValidPeriod()
    slip: SlipTemplate | None = None
    active: bool = True

    def field(self, name: str) -> DocumentField | None:
        """Find a field by its name."""
        return next((item for item in self.fields if item.name == name), None)


def in_language(label: LabelText, code: str) -> str:
    """Give a label in a language; where it is not there, in English, else in any."""
    for name in (code, code.partition("-")[0], "", "en"):
        if label.get(name):
            return label[name]
    return next(iter(label.values()), "")


def offered(names: frozenset[str]) -> TemplateValues:
    """Say what the slip of a document may name, of whose fields these are the names."""
    return TemplateValues(
        SITE_NAMES | DOCUMENT_NAMES | names,
        OFFERS["document"].codes,
        lists={
            "codes": OFFERS["document"].lists["codes"],
            "fields": TemplateValues(frozenset({"label", "value"})),
        },
    )
