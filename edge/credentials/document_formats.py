"""The formats in which a campaign's documents are signed and read, in one table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.credentials import compact_documents, documents, hcert
from edge.credentials.context_canonicalisers import ContextCanonicalisers
from edge.credentials.documents import Types
from edge.credentials.evidence import Format
from edge.credentials.issuing import DOCUMENT, ED25519, Signers
from edge.credentials.packing import pack
from edge.credentials.revocation import Lookup
from edge.credentials.verdict import CheckError
from edge.domain.documents import DocumentClaims


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """One row: the key it needs, and how to sign and to encode.

    ``issue`` raises :class:`CheckError` where the key is not there.
    """

    name: str
    key: str
    issue: Callable[[DocumentClaims, Signers], str]
    payload: Callable[[str], bytes]
    lookup: Callable[[str], Lookup]


def document_formats(canonicalisers: ContextCanonicalisers) -> Mapping[str, DocumentFormat]:
    """Make the table."""

    def credential(claims: DocumentClaims, signers: Signers) -> str:
        if signers.ed25519 is None:
            raise CheckError("key", "There is no key for this kind of signature.")
        return documents.issue(claims, signers.ed25519, canonicalisers)

    rows = (
        DocumentFormat(
            documents.FORMAT,
            ED25519,
            credential,
            pack,
            lambda text: documents.lookup(json.loads(text)),
        ),
        DocumentFormat(
            compact_documents.FORMAT,
            DOCUMENT,
            _token,
            str.encode,
            lambda text: hcert.lookup(hcert.read(hcert.decode(text))),
        ),
    )
    return {row.name: row for row in rows}


def documents_read(types: Types, canonicalisers: ContextCanonicalisers) -> tuple[Format, ...]:
    """Give what reads the documents that a campaign describes."""
    return (
        compact_documents.CompactCredentials(types),
        documents.DocumentCredentials(types, canonicalisers),
    )


def _token(claims: DocumentClaims, signers: Signers) -> str:
    if signers.document is None:
        raise CheckError("key", "There is no signing certificate.")
    return compact_documents.issue(claims, signers.document)
