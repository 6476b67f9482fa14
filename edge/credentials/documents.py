"""The credential of a campaign's own kind of document: W3C, in JSON-LD, packed as DIVOC packs.

The context is made of the mapping, which is the campaign's: each term means one thing of its own,
so the signature keeps all fields apart. A verifier finds the mapping by the context's address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edge.credentials import divoc
from edge.credentials.context_canonicalisers import ContextCanonicalisers
from edge.credentials.divoc_check import method_of, signed_by
from edge.credentials.evidence import Evidence, ScannedInput, examined
from edge.credentials.packing import in_archive
from edge.credentials.revocation import Lookup
from edge.credentials.signing import Signer, add_proof
from edge.credentials.strict_json import strict_json
from edge.credentials.trust import Trust, TrustedKey
from edge.credentials.verdict import UNKNOWN_ISSUER, YES, CheckError, UnreadableError
from edge.credentials.window import Window, moment
from edge.domain.document_types import ClaimGroup, CredentialMapping, DocumentType
from edge.domain.documents import DocumentClaims
from sync.protocol.list_keys import number_keys

FORMAT = "vc"
KIND = "document"
OTHER_ISSUER = "A document of this kind is signed by this nation's sites, and this one is not."
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_TOP = frozenset({"@context", "id", "type", "credentialSubject", "issuer", "issuanceDate", "proof"})
_PROOF = frozenset({"type", "created", "verificationMethod", "proofPurpose", "jws"})


@dataclass(frozen=True, slots=True)
class DocumentTrust:
    """Which documents are read, and whose they must be.

    ``by_context`` are the types that are or were in force by the address of their credentials'
    context. A key that is trusted for certificates of others, another nation's or a pharmacy's,
    signs none of these: theirs is the issuer's country (ISO 3166-1 alpha-2), or where nothing says
    of which country it is, a name of the issuer's DID.
    """

    by_context: Mapping[str, DocumentType] = field(default_factory=dict)
    did: str = ""
    country: str = ""

    def own(self, trust: Trust, name: str) -> Trust:
        """Give the issuer's keys of a name; raises :class:`CheckError` where only others have it.

        Keys that count under every name are nobody's here: who signs chooses the name.
        """
        named = trust.named.get(name, ())
        found = Trust.of(key for key in named if self._is_own(key))
        if named and not found.named:
            raise CheckError("issuer", OTHER_ISSUER, verdict=UNKNOWN_ISSUER)
        return Trust({name: found.named[name]} if found.named else {})

    def _is_own(self, key: TrustedKey) -> bool:
        if key.country:
            return key.country == self.country
        return any(self.has_name(name) for name in key.names)

    def has_name(self, name: str) -> bool:
        """Say whether a key's name is one of the issuer's DID, as its sites' keys are called."""
        return bool(self.did) and name.startswith(f"{self.did}:")


Types = Callable[[], DocumentTrust]


def issue(claims: DocumentClaims, signer: Signer, canonicalisers: ContextCanonicalisers) -> str:
    """Sign what a document states; the credential as compact JSON text."""
    mapping = claims.mapping
    document: dict[str, Any] = {
        "@context": [divoc.CREDENTIALS, mapping.context],
        "id": claims.base_url + claims.number,
        "type": ["VerifiableCredential", mapping.type],
        "credentialSubject": {
            "id": f"{claims.issuer_did}:{claims.number}",
            **_node(mapping.subject, claims.texts),
        },
        "issuer": claims.issuer,
        "issuanceDate": _in_utc(claims.issued_at),
    }
    if claims.expires_at is not None:
        document["expirationDate"] = _in_utc(claims.expires_at)
    if mapping.evidence is not None:
        document["evidence"] = [_node(mapping.evidence, claims.texts)]
    signed = add_proof(
        document,
        signer,
        _in_utc(claims.issued_at),
        canonicalisers.of(mapping.context, mapping.document()),
    )
    return _COMPACT.encode(signed)


def _node(group: ClaimGroup, texts: Mapping[str, str]) -> dict[str, str]:
    stated = {term: texts.get(name, "") for term, name in group.claims.items()}
    return {"type": group.type, **{term: text for term, text in stated.items() if text}}


class DocumentCredentials:
    """Verifies credentials of the campaign's documents (a :class:`Format`)."""

    name = FORMAT

    def __init__(self, types: Types, canonicalisers: ContextCanonicalisers) -> None:
        self._types = types
        self._canonicalisers = canonicalisers

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for a credential whose context is one of the campaign's."""
        try:
            return _context(_document(shown)) in self._types().by_context
        except UnreadableError:
            return False

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        document = _document(shown)
        type_ = self._types().by_context[_context(document)]
        return examined(
            FORMAT,
            lambda found: self._examine(document, type_, trust, found),
            lambda: self._is_known(document, trust),
        )

    def _is_known(self, document: dict[str, Any], trust: Trust) -> bool:
        method, types = method_of(document), self._types()
        return not method or (
            types.has_name(method) and bool(types.own(trust, method).keys(method))
        )

    def _examine(
        self, document: dict[str, Any], type_: DocumentType, trust: Trust, evidence: Evidence
    ) -> None:
        mapping = type_.mapping
        if mapping is None:
            raise CheckError("form", "The contents are of a kind that is not known here.")
        _check_form(document, mapping)
        evidence.issued_at = moment(document["proof"]["created"], "proof.created")
        ends = document.get("expirationDate")
        evidence.window = Window(
            evidence.issued_at, moment(ends, "expirationDate") if ends else None
        )
        evidence.checks["form"] = YES
        types, method = self._types(), document["proof"]["verificationMethod"]
        if not types.has_name(method):
            raise CheckError("issuer", OTHER_ISSUER, verdict=UNKNOWN_ISSUER)
        canonicaliser = self._canonicalisers.of(mapping.context, mapping.document())
        own = types.own(trust, method)
        evidence.keys = signed_by(document, own, evidence.checks, canonicaliser)
        evidence.profile = type_.id
        evidence.claims = document_claims(
            type_,
            str(document["id"]).rpartition("/")[2],
            document["issuer"],
            _fields(document, mapping),
        )
        evidence.lookup = lookup(document)


def document_claims(
    type_: DocumentType, number: str, issuer: Any, fields: Mapping[str, str]
) -> dict[str, Any]:
    """Give what a verifier tells of a document."""
    return {
        "kind": KIND,
        "documentType": type_.id,
        "certificateId": number,
        "issuer": issuer,
        "document": dict(fields),
    }


def lookup(document: Mapping[str, Any]) -> Lookup:
    """Give what to look for in revocation lists: the number under each beginning of the DID."""
    method = document["proof"]["verificationMethod"]
    number = str(document["id"]).rpartition("/")[2]
    return Lookup(f"{divoc.FORMAT}:{method}", tuple(number_keys(method, number)))


def _document(shown: ScannedInput) -> dict[str, Any]:
    try:
        document = strict_json(in_archive(shown))
    except ValueError:
        raise UnreadableError("This is not a certificate in a form known here.") from None
    if not isinstance(document, dict):
        raise UnreadableError("This is not a certificate in a form known here.")
    return document


def _context(document: Mapping[str, Any]) -> str:
    contexts = document.get("@context")
    second = contexts[1] if isinstance(contexts, list) and len(contexts) == 2 else ""
    return second if isinstance(second, str) else ""


def _check_form(document: Mapping[str, Any], mapping: CredentialMapping) -> None:
    """Let nothing through that the signature would not cover: PyLD drops terms it does not know."""
    optional = {"expirationDate"} | ({"evidence"} if mapping.evidence else set())
    _check_keys(document, _TOP, optional, "")
    if document["@context"][0] != divoc.CREDENTIALS:
        raise _wrong("@context")
    types = ["VerifiableCredential", mapping.type]
    if document["type"] != types:
        raise _wrong("type")
    for name in ("id", "issuer", "issuanceDate", *optional - {"evidence"}):
        if not isinstance(document.get(name, ""), str):
            raise _wrong(name)
    _check_keys(document["proof"], _PROOF, frozenset(), "proof.")
    _check_node(document["credentialSubject"], mapping.subject, "credentialSubject.", {"id"})
    if mapping.evidence is not None:
        evidence = document.get("evidence")
        if not isinstance(evidence, list) or len(evidence) != 1:
            raise _wrong("evidence")
        _check_node(evidence[0], mapping.evidence, "evidence.", set())


def _check_node(value: Any, group: ClaimGroup, path: str, more: set[str]) -> None:
    _check_keys(value, {"type"} | more, group.claims.keys(), path)
    if value["type"] != group.type:
        raise _wrong(f"{path}type")


def _check_keys(value: Any, needed: Any, optional: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(path.rstrip("."))
    for name in sorted(needed - value.keys()):
        raise CheckError("form", "The field {field} is missing.", field=f"{path}{name}")
    for name, inner in value.items():
        if name not in needed and name not in optional:
            raise CheckError(
                "form",
                "The certificate has a field that is not part of it: {field}.",
                field=f"{path}{name}"[:60],
            )
        if path and not isinstance(inner, str):
            raise _wrong(f"{path}{name}")


def _fields(document: Mapping[str, Any], mapping: CredentialMapping) -> dict[str, str]:
    nodes = [document["credentialSubject"], *document.get("evidence", ())]
    return {
        name: node[term]
        for group, node in zip(mapping.groups, nodes, strict=True)
        for term, name in group.claims.items()
        if term in node
    }


def _wrong(field: str) -> CheckError:
    return CheckError("form", "The field {field} is of the wrong kind.", field=field)


def _in_utc(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
