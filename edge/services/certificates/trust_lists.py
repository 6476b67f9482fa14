"""Takes in lists from others, whatever they are: trusted keys, revocations, names of codes."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.adapters.trust_store import TrustStore
from edge.credentials.added_contexts import CONTEXT_LIST, read_contexts
from edge.credentials.revocation import ROW
from edge.credentials.revocation_files import (
    OURS,
    RevocationFile,
    is_revocations,
    is_table,
    read_revocations,
)
from edge.credentials.trust_files import LARGEST_FILE, read_trust
from edge.domain.errors import BadInput
from sync.bounded_files import read_bounded_text


@dataclass(frozen=True, slots=True)
class TrustListResult:
    """What a list came to: kinds with counts, and a sentence for each entry left out."""

    counts: tuple[tuple[str, int], ...]
    left_out: tuple[str, ...] = ()


def taken_document(file: str, taken: TrustListResult) -> dict[str, Any]:
    """Give what a list came to, for scripts."""
    return {"file": file, "counts": dict(taken.counts), "leftOut": list(taken.left_out)}


def take_list(
    store: TrustStore,
    path: Path,
    now: datetime,
    *,
    name: str = "",
    issuer: str = "",
    issued_at: datetime | None = None,
) -> TrustListResult:
    """Take in one file, replacing what a file of that name said before.

    ``issuer`` is a DID for DIVOC's rows, which do not say whose they are; ``issued_at`` of which
    moment a revocation list is that does not say. Raises :class:`BadInput`; then nothing changed.
    """
    called = name or path.stem
    document = _document(path)
    first = document[0] if isinstance(document, list) and document else document
    counts: list[tuple[str, int]] = []
    left_out: tuple[str, ...] = ()
    if isinstance(first, dict) and "valueSetValues" in first:
        counts.append(("codes", store.put_codes(called, _codes(path, first), now)))
        return TrustListResult(tuple(counts))
    if isinstance(first, dict) and first.get("type") == CONTEXT_LIST:
        counts.append(("contexts", store.put_contexts(called, read_contexts(first), now)))
        return TrustListResult(tuple(counts))
    if is_revocations(document) or first == OURS or document == []:
        found = read_revocations(path, issuer)
        counts.append(_revoked(store, called, found, issued_at, now))
        return TrustListResult(tuple(counts), found.left_out)
    snapshot = _has_card_lists(first)
    if snapshot:
        try:
            found = read_revocations(path, issuer)
        except BadInput as error:  # its keys are good all the same, and the revocations of before
            left_out = (str(error.values["what"]),)
        else:
            counts.append(_revoked(store, revocations_of(called), found, issued_at, now))
            left_out = found.left_out
    trusted = read_trust(path)
    left_out = (*left_out, *trusted.left_out)
    counts.append(("trust", store.put_trust(called, trusted.keys, now)))
    if not snapshot:
        store.forget(revocations_of(called))  # an edition of before had some
    return TrustListResult(tuple(counts), left_out)


def _revoked(
    store: TrustStore,
    name: str,
    found: RevocationFile,
    issued_at: datetime | None,
    now: datetime,
) -> tuple[str, int]:
    at = found.issued_at or issued_at or now
    return "revocations", store.put_revocations(name, found.scopes, found.entries, at, now)


def forget_list(store: TrustStore, name: str) -> bool:
    """Drop all that a list said; whether there was anything."""
    there = [store.forget(source) for source in (name, revocations_of(name))]
    return any(there)


def revocations_of(name: str) -> str:
    """Give the name under which a snapshot's revocations stand, apart from its keys."""
    return f"{name} revocations"


def _has_card_lists(document: Any) -> bool:
    """Say whether a VCI snapshot carries revocations beside its keys."""
    infos = document.get("issuerInfo") if isinstance(document, dict) else None
    return isinstance(infos, list) and any(
        isinstance(info, dict) and info.get("crls") for info in infos
    )


def _beginning(path: Path) -> str:
    """Read a list whole, of one that is too large the first line."""
    try:
        return read_bounded_text(path, LARGEST_FILE)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        with path.open(encoding="utf-8") as file:
            return file.readline(4096)


def _document(path: Path) -> Any:
    """Look what a file is: its JSON, the name of our own kind of list, or nothing."""
    try:
        text = _beginning(path).lstrip("\ufeff")
    except (OSError, UnicodeDecodeError):
        return None
    try:
        header = json.loads(text.partition("\n")[0])
        if isinstance(header, dict) and header.get("type") == OURS:
            return OURS
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return [dict.fromkeys(ROW, "")] if is_table(text) else None


def _codes(path: Path, document: dict[str, Any]) -> dict[str, str]:
    try:
        values = document["valueSetValues"].items()
        return {str(code): str(value["display"]) for code, value in values}
    except (KeyError, TypeError, AttributeError):
        raise BadInput(
            "codes.file",
            "The file {file} is not a value set.",
            hint="It is JSON with valueSetValues: code to display.",
            file=path.name,
        ) from None
