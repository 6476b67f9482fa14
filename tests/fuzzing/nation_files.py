"""Readers of files that the nation's offices hand on: people, drafts, requests, contexts, invitations."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.credentials.added_contexts import CONTEXT_LIST, read_contexts
from edge.domain.errors import EdgeError
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.enrolment_lists import Piece, pack_piece, read_list, read_piece
from sync.protocol.errors import SyncError
from sync.protocol.invitations import InvitedAt, new_invitation, open_sent, seal_invitation
from sync.registry.campaigns.offline_signing import REQUEST, read_request
from sync.registry.drafts.archives import packed_archive, read_archive
from sync.registry.drafts.drafting import is_path
from sync.registry.enrolment_tables import read_table
from tests.fuzzing.target import Target

_NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
_TABLE = b"recipientName,enrollmentScopeId\nGrace Otieno,DEMO01\n"


def nation_targets() -> tuple[Target, ...]:
    """Give them: tables and pieces of people, archives of drafts, requests and contexts."""
    told = {"name": "a", "edition": "2026-11-29T08:00:00.000Z", "programme": "p",
            "pieces": [["0" * 64, 1]]}  # fmt: skip
    terms: dict[str, Any] = {"schema": "https://schema.org/", "place": "schema:location", "Child": {
        "@id": "schema:Person", "@context": {"born": {"@id": "schema:birthDate", "@type": "schema:Date"}}}}  # fmt: skip
    lists = [{"type": CONTEXT_LIST, "contexts": {"https://demoland.example/v1": {"@context": each}}}
             for each in (terms, {**terms, "ProofOfVaccinationCredential": "schema:Proof"})]  # fmt: skip
    identity = new_identity()
    asked = {"type": REQUEST, "roles": [{"role": "targets", "keys": ["k"], "metadata": {}}]}
    return (
        Target("expected-table", ("sync/registry/enrolment_tables.py",),
               lambda data: read_table(data.decode("utf-8", "replace"), "a.csv"), (_TABLE,), (SyncError,)),
        Target("list-piece", ("sync/protocol/enrolment_lists.py",), read_piece, (_piece(),), (SyncError,)),
        Target("told-list", ("sync/protocol/enrolment_lists.py",),
               lambda data: read_list(_object(data)), (json.dumps(told).encode(),), (SyncError,)),
        Target("invitation", ("sync/protocol/invitations.py",), lambda data: open_sent(_object(data), [identity]),
               (_invitation(identity),), (SyncError,)),
        Target("draft-archive", ("sync/registry/drafts/archives.py",), lambda data: read_archive(data, is_path),
               (packed_archive({"campaign.yaml": b"id: a\n", "words/fr.po": b""}),), (SyncError,)),
        Target("signature-request", ("sync/registry/campaigns/offline_signing.py",), read_request,
               (json.dumps(asked).encode(),), (SyncError,)),
        Target("contexts",
               tuple(f"edge/credentials/{name}.py" for name in ("added_contexts", "issuer_contexts", "context_terms")),
               lambda data: read_contexts(_object(data)),
               tuple(json.dumps(each).encode() for each in lists), (EdgeError,)),
    )  # fmt: skip


def _invitation(identity: str) -> bytes:
    key = Ed25519PrivateKey.generate().public_key()
    told = new_invitation("i", InvitedAt("n", key, "DEMO01"), "V9", "ABCD-EFGH-JKMN", _NOW, 7)
    return json.dumps(seal_invitation(told, key, recipient_of(identity))).encode()


def _piece() -> bytes:
    return pack_piece(
        Piece(list="a", edition="2026-11-29T08:00:00.000Z", facility="DEMO01", programme="p",
              rows=_TABLE.decode(), lines=(2,), salt="0" * 32)
    )  # fmt: skip


def _object(data: bytes) -> dict[str, object]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
