"""Which revocations count: those of the site that issued the certificate, or approved ones.

What a site sends is kept whatever it says; whether it is published is decided anew each time, from
what is known then. A revocation that arrives before its certificate waits for it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sync.protocol.errors import SyncError
from sync.protocol.list_keys import UNKNOWN_KID, dcc_key, divoc_key, number_keys, shc_key
from sync.registry.judging.facts import as_mapping
from sync.registry.judging.references import plain
from sync.registry.judging.schemas import Schemas
from sync.registry.store.interface import Store
from sync.registry.store.records import Place, Ruling, StoredEntry

TYPE = "CertificateRevoked"
PUBLISHED, PENDING, REFUSED, WRONG = "published", "pending", "refused", "wrong"
ELSEWHERE = "Another site issued this certificate."
CONTESTED = "More than one site says that it issued this certificate."
UNKNOWN = "No certificate of this number has arrived yet."
STOPPED = "It arrived after the site was stopped."
NAMES = "It names more than the certificate that it revokes."
_AT_ONCE = 200
_LOOKED_AT = 5000
"""Revocations that are looked at for one page."""
_DCC_KINDS = ("UCI", "COUNTRYCODEUCI", "SIGNATURE")
_ROW = ("previousCertificateId", "dose", "preEnrollmentCode")


@dataclass(frozen=True, slots=True)
class Revocation:
    """One ``CertificateRevoked`` entry, as far as lists need it."""

    keys: tuple[str, ...]
    scopes: tuple[str, ...]
    dcc: tuple[Mapping[str, str], ...]
    divoc: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signers:
    """The document signers of one facility: key ids in base64, thumbprints of their keys."""

    kids: frozenset[str] = frozenset()
    thumbprints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationStatus:
    """A revocation with what it comes to: ``state``, and why it is not published.

    ``wrong_field`` is the one that does not fit the schema; ``ruling`` what an officer decided;
    ``facility`` the code of the site's facility.
    """

    entry: StoredEntry
    state: str
    certificate: str = ""
    facility: str = ""
    why: str = ""
    wrong_field: str = ""
    ruling: Ruling | None = None
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def reference(self) -> str:
        """Name the entry, for commands and forms."""
        one = self.entry
        return f"{one.node}/{one.epoch}/{one.number}/{one.hash[:16]}"


def gathered(
    store: Store, schemas: Schemas, after: Place = ("", "", 0)
) -> Iterator[RevocationStatus]:
    """Give every revocation behind a place with what it comes to, in order of their places."""
    entries = store.of_type(TYPE, after)
    while some := list(islice(entries, _AT_ONCE)):
        yield from _judged(store, schemas, some)


def is_revoked(store: Store, schemas: Schemas, certificate: str, node: str) -> bool:
    """Say whether a revocation of a certificate of a node is published, or will be in the next.

    It looks at what that node revoked, and at the nodes of which an officer approved something.
    """
    told = [
        entry
        for revoking in sorted({node, *store.ruled_nodes(PUBLISHED)})
        for entry in store.of_node(revoking, TYPE)
        if as_mapping(json.loads(entry.content).get("body")).get("certificate") == certificate
    ]
    return any(status.state == PUBLISHED for status in _judged(store, schemas, told))


def waiting(
    store: Store, schemas: Schemas, after: Place, limit: int
) -> tuple[list[RevocationStatus], Place | None]:
    """Give a page of those that wait for an officer, and the place to go on behind, if any.

    Of a nation's revocations it looks at a bounded number, so a page may hold few, or none.
    """
    found: list[RevocationStatus] = []
    last: Place | None = None
    for seen, one in enumerate(gathered(store, schemas, after)):
        place = (one.entry.node, one.entry.epoch, one.entry.number)
        if place != last and last is not None and (len(found) >= limit or seen >= _LOOKED_AT):
            return found, last  # what was sent ahead for one place stays on one page
        last = place
        if one.state == PENDING:
            found.append(one)
    return found, None


def find(store: Store, schemas: Schemas, reference: str) -> RevocationStatus:
    """Find a revocation by its reference; raises :class:`SyncError` ``revocation.unknown``."""
    text, _, digits = reference.rpartition("/")
    place = place_of(text)
    if place[0] and len(digits) == 16:
        for status in gathered(store, schemas, (place[0], place[1], place[2] - 1)):
            if (status.entry.node, status.entry.epoch, status.entry.number) != place:
                break
            if status.entry.hash.startswith(digits) and status.state != WRONG:
                return status
    raise SyncError(
        "revocation.unknown",
        "There is no such revocation. Copy its reference from the list of those that wait.",
    )


def place_of(text: str) -> Place:
    """Read the place that a page goes on behind; whatever else there is: from the beginning."""
    node, _, rest = text[:400].partition("/")
    epoch, _, number = rest.partition("/")
    sound = number.isascii() and number.isdigit() and len(number) < 16
    return (node, epoch, int(number)) if sound and "\0" not in text else ("", "", 0)


def rule(store: Store, judged: RevocationStatus, state: str, by: str, now: str) -> None:
    """Keep what an officer decided: ``published`` or ``refused``."""
    entry = judged.entry
    store.rule(Ruling(node=entry.node, hash=entry.hash, state=state, by=by, at=now))


def decide(node: str, issuers: Sequence[str], *, after_stop: bool) -> tuple[str, str]:
    """Decide of a revocation that no officer has looked at; ``issuers`` are nodes."""
    if after_stop:
        return PENDING, STOPPED
    if not issuers:
        return PENDING, UNKNOWN
    if node not in issuers:
        return PENDING, ELSEWHERE
    if set(issuers) != {node}:
        return PENDING, CONTESTED
    return PUBLISHED, ""


def revocation_of(body: Mapping[str, Any]) -> Revocation:
    """Read the body of a ``CertificateRevoked`` entry that fits its schema.

    What newer software added is left alone, and so are rows of another shape than the lists have.
    """
    dcc, divoc = body.get("dcc", ()), body.get("divoc", {})
    return Revocation(
        keys=tuple(body.get("keys", ())),
        scopes=tuple(body.get("scopes", ())),
        dcc=tuple(row for row in dcc if isinstance(row.get("kid"), str) and _texts_only(row)),
        divoc=divoc if _texts_only(divoc) else {},
    )


def own_names(found: Revocation, certificate: str, signers: Signers) -> tuple[Revocation, bool]:
    """Leave of a revocation what can only be a name of this certificate; say if that was all.

    A site writes the names itself, and could write another's beside its own certificate. A health
    certificate's name holds the key id of a document signer, which is one of the facility's; the
    others hold the certificate's number, which is this one. The names without a key id, which
    could be anybody's, are left out of every revocation.
    """
    dcc = tuple(row for row in found.dcc if row["kid"] in signers.kids)
    divoc = found.divoc if found.divoc.get("previousCertificateId") == certificate else {}
    hashes = [
        (row["kid"], kind, digest)
        for row in dcc
        for kind in _DCC_KINDS
        if (digest := _bytes(row.get(kind, ""))) is not None
    ]
    own = {dcc_key(*hash_) for hash_ in hashes}
    unnamed = {dcc_key(UNKNOWN_KID, kind, digest).hex() for _, kind, digest in hashes}
    for thumbprint in signers.thumbprints:
        named = hashlib.sha256(f"{thumbprint}/{certificate}".encode()).digest()[:12]
        own.add(shc_key(thumbprint, base64.urlsafe_b64encode(named).decode()))
    if divoc:
        own.add(divoc_key(*(divoc.get(column, "") for column in _ROW)))
    for scope in found.scopes:
        own |= set(number_keys(scope.removeprefix("divoc:"), certificate))
    names = {key.hex() for key in own}
    whole = dcc == found.dcc and divoc == found.divoc and names | unnamed >= set(found.keys)
    kept = tuple(key for key in found.keys if key in names)
    return replace(found, keys=kept, dcc=dcc, divoc=divoc), whole


def _judged(
    store: Store, schemas: Schemas, entries: Sequence[StoredEntry]
) -> Iterator[RevocationStatus]:
    documents = [json.loads(stored_entry.content) for stored_entry in entries]
    wrong = [schemas.mistake(document) for document in documents]
    numbers = {
        one["body"]["certificate"]
        for one, mistake in zip(documents, wrong, strict=True)
        if mistake is None
    }
    issuers = _issuers(store, numbers)
    nodes = {name: store.node(name) for name in {stored_entry.node for stored_entry in entries}}
    for entry, document, mistake in zip(entries, documents, wrong, strict=True):
        if mistake is not None:
            yield RevocationStatus(entry=entry, state=WRONG, wrong_field=mistake[0])
            continue
        body, known = document["body"], nodes[entry.node]
        ruling = store.ruled(entry.node, entry.hash)
        late = known is not None and "" < known.stopped_at <= entry.received_at
        state, why = decide(entry.node, issuers.get(body["certificate"], ()), after_stop=late)
        yield RevocationStatus(
            entry=entry,
            certificate=body["certificate"],
            facility=known.facility if known else "",
            state=ruling.state if ruling else state,
            why=why,
            ruling=ruling,
            body=body,
        )


def _issuers(store: Store, numbers: set[str]) -> dict[str, list[str]]:
    """Give the nodes that issued each certificate; what the record rejects does not count."""
    found: dict[str, set[str]] = {}
    keys = sorted({f"certificate:{plain(number)[:100]}" for number in numbers})
    place: Place = ("", "", 0)
    while keys and (page := store.mentions(keys, _AT_ONCE, place)):
        rejected = store.rejected([(entry.node, entry.epoch, entry.number) for entry in page])
        for entry in page:
            if (entry.node, entry.epoch, entry.number) not in rejected:
                number = json.loads(entry.content)["body"]["certificate"]
                found.setdefault(number, set()).add(entry.node)
        place = (page[-1].node, page[-1].epoch, page[-1].number)
    return {number: sorted(nodes) for number, nodes in found.items()}


def _texts_only(row: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in row.values())


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) or None
    except ValueError:
        return None
