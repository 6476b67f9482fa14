"""What national systems read: entries and nodes, page by page, behind cursors that stay good."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import instant
from sync.registry.documents import UNKNOWN, find_document
from sync.registry.registry import Registry
from sync.registry.store.records import Cursor, NodeRecord, StoredEntry
from sync.registry.web.answering import as_json
from sync.registry.withheld import read_entry

SETTLED = timedelta(seconds=60)
"""How old an entry must be to be given out, so that nothing ever appears behind a cursor. A store
with many writers holds back more: see ``Database.settled``."""
_MOST_ENTRIES, _MOST_NODES = 1000, 200
_SIZE = 4 * 1024 * 1024
"""Characters of entries in one answer, after which no other is given."""


def reading_api(registry: Registry, settled: timedelta = SETTLED) -> Blueprint:
    """Make the reading paths of one registry; who may use them is the policy's."""
    routes = Blueprint("reading", __name__, url_prefix="/v1")
    routes.add_url_rule("/entries", "entries", partial(entries, registry, settled))
    routes.add_url_rule("/nodes", "nodes", partial(nodes, registry))
    routes.add_url_rule("/nodes/<node>/entries", "of_epoch", partial(of_epoch, registry))
    routes.add_url_rule("/documents/<number>", "read_document", partial(read_document, registry))
    routes.add_url_rule("/ping", "ping", ping)
    return routes


def entries(registry: Registry, settled: timedelta) -> Response:
    """Give the entries of a node, or of a type, in the order in which they were received."""
    node, type_ = request.args.get("node", ""), request.args.get("type", "")
    if bool(node) == bool(type_):
        raise ProtocolError("query.which", "Name either a node or a type.")
    after, limit = read_cursor(request.args.get("after", "")), _limit(_MOST_ENTRIES)
    until = _instant(registry, settled)
    found = registry.store.received(after, until, limit, node=node, type_=type_, size=_SIZE)
    if _wants_lines():
        return Response(_lines(found), mimetype="application/x-ndjson")
    return as_json(
        {
            "entries": [_shown(entry) for entry in found],
            "next": cursor_text(found[-1]) if found else request.args.get("after", ""),
            "more": len(found) == limit or sum(len(entry.content) for entry in found) >= _SIZE,
        }
    )


def nodes(registry: Registry) -> Response:
    """Give the sites in the order of their names."""
    limit = _limit(_MOST_NODES)
    found = registry.store.nodes(request.args.get("after", ""), limit)
    shown = [_node(record, registry) for record in found]
    if _wants_lines():
        return Response(_as_lines(shown), mimetype="application/x-ndjson")
    after = found[-1].node if found else request.args.get("after", "")
    return as_json({"nodes": shown, "next": after, "more": len(found) == limit})


def of_epoch(registry: Registry, node: str) -> Response:
    """Give the entries of one epoch of a node by their numbers."""
    after, limit = request.args.get("after", "0"), _limit(_MOST_ENTRIES)
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise _wrong_number()
    epoch = request.args.get("epoch", "")
    found = registry.store.entries(node, epoch, int(after), limit, _SIZE)
    return as_json(
        {
            "entries": [read_entry(entry.content) for entry in found],
            "next": found[-1].number if found else int(after),
        }
    )


def read_document(registry: Registry, number: str) -> Response:
    """Give a document by the number of a certificate, or by its id, as it is now."""
    found = find_document(registry.store, number)
    if found is None:
        raise ProtocolError("document.unknown", UNKNOWN)
    return as_json(found.told())


def ping() -> Response:
    """Say that the registry is there."""
    return as_json({"ok": True})


def _shown(one: StoredEntry) -> dict[str, Any]:
    return {
        "cursor": cursor_text(one),
        "receivedAt": one.received_at,
        "hash": one.hash,
        "entry": read_entry(one.content),
    }


def _node(one: NodeRecord, registry: Registry) -> dict[str, Any]:
    return {
        "node": one.node,
        "facility": one.facility,
        "name": one.name,
        "state": one.state,
        "enrolledAt": one.enrolled_at,
        "heardAt": one.heard_at,
        "entries": one.entries,
        "waiting": one.waiting,
        "software": one.software,
        "alarms": one.alarms,
        "heads": [
            {"epoch": head.epoch, "number": head.number, "hash": head.hash}
            for head in registry.store.heads(one.node)
        ],
    }


def _lines(found: Sequence[StoredEntry]) -> Iterator[str]:
    return _as_lines([_shown(entry) for entry in found])


def _as_lines(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in found:
        yield json.dumps(item, ensure_ascii=False) + "\n"


def _wants_lines() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", "application/x-ndjson"])
    return best == "application/x-ndjson"


def _place(one: StoredEntry) -> Cursor:
    return Cursor(one.received_at, one.node, one.epoch, one.number)


def cursor_text(entry: StoredEntry) -> str:
    """Write the cursor behind an entry."""
    return _written(_place(entry))


def _written(cursor: Cursor) -> str:
    parts = [cursor.received_at, cursor.node, cursor.epoch, cursor.number]
    return base64.urlsafe_b64encode(canonical(parts)).rstrip(b"=").decode()


def read_cursor(text: str) -> Cursor:
    """Read a cursor that this registry gave, or say that it is none."""
    if not text:
        return Cursor()
    try:
        data = base64.urlsafe_b64decode(text[:1000] + "=" * (-len(text) % 4))
        at, node, epoch, number = json.loads(data)
        if not all(isinstance(part, str) for part in (at, node, epoch)) or type(number) is not int:
            raise ValueError
        if not 0 <= number < 2**53:
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise ProtocolError(
            "query.after", "after is not a cursor that this registry gave."
        ) from None
    return Cursor(at, node, epoch, number)


def _limit(most: int) -> int:
    text = request.args.get("limit", "100")
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text) > 0):
        raise _wrong_number()
    return min(int(text), most)


def _wrong_number() -> ProtocolError:
    return ProtocolError("query.number", "after and limit must be whole numbers.")


def _instant(registry: Registry, settled: timedelta) -> str:
    return instant(registry.now() - settled)
