"""What national systems read: entries and nodes, page by page, behind cursors that stay good."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from sync.protocol.entries import Head, canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import instant
from sync.registry.documents import UNKNOWN, find_document
from sync.registry.judging.facts import as_mapping
from sync.registry.judging.references import DOSES
from sync.registry.registry import Registry
from sync.registry.store.records import Cursor, EntryChange, EntryQuery, NodeRecord, Verdict
from sync.registry.web.answering import as_json
from sync.registry.withheld import read_entry

SETTLED = timedelta(seconds=60)
"""How old an entry must be to be given out, so that nothing ever appears behind a cursor. A store
with many writers holds back more: see ``Database.settled``."""
_MOST_ENTRIES, _MOST_NODES = 1000, 200
_SIZE = 4 * 1024 * 1024
"""Characters of entries in one answer, after which no other is given."""
_MOST_TYPES = 8
_LOOKED_AT = 10_000
"""Entries that one question for a day looks through."""
STATES = ("stored", "held", "rejected", "superseded")
"""What an entry can have come to (``Verdict``); the first is that of one without a verdict."""


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
    """Give the judged entries that were asked for and every later verdict, as they happened."""
    wanted, day = _query(registry), _day_asked()
    after, limit = read_cursor(request.args.get("after", "")), _limit(_MOST_ENTRIES)
    found: list[EntryChange] = []
    place, looked_at, size, more = after, 0, _SIZE, True
    while more and len(found) < limit and size > 0 and looked_at < _LOOKED_AT:
        until = _instant(registry, settled)
        page = registry.store.changes(place, until, limit - len(found), wanted, size)
        taken = sum(len(judged.entry.content) for judged in page)
        more = len(page) == limit - len(found) or taken >= size
        place = page[-1].cursor if page else place
        kept = [judged for judged in page if not day or told_day(judged.entry.content) == day]
        found, looked_at, size = found + kept, looked_at + len(page), size - taken
    if _wants_lines():
        return Response(_lines(found), mimetype="application/x-ndjson")
    return as_json(
        {
            "entries": [_shown(judged) for judged in found],
            "next": cursor_text(place) if place != Cursor() else "",
            "more": more,
        }
    )


def _query(registry: Registry) -> EntryQuery:
    """Read which entries are asked for; raises ``ProtocolError``."""
    given = request.args
    node, facility = given.get("node", ""), given.get("facility", "")
    types, states = (tuple(sorted(set(given.getlist(name)))) for name in ("type", "state"))
    if node and facility:
        raise ProtocolError("query.which", "Name either a node or a facility.")
    if unknown := [state for state in states if state not in STATES]:
        raise ProtocolError(
            "query.state",
            "state is {state}; it must be one of {known}.",
            state=unknown[0][:100],
            known=", ".join(STATES),
        )
    if len(types) > _MOST_TYPES:
        raise ProtocolError(
            "query.types", "At most {most} types can be asked for at once.", most=_MOST_TYPES
        )
    if not (node or facility or types or (states and STATES[0] not in states)):
        raise ProtocolError(
            "query.which",
            "Name a node, a facility, a type, or a state that is not stored.",
        )
    nodes = _of_facility(registry, facility) if facility else ((node,) if node else ())
    return EntryQuery(nodes=nodes, types=types, states=states)


def _of_facility(registry: Registry, facility: str) -> tuple[str, ...]:
    found = registry.store.of_facility(facility, limit=_MOST_NODES)
    nodes = tuple(record.node for record in found if record.facility == facility)
    if not nodes:
        raise ProtocolError(
            "query.facility", "No site is enrolled for the facility {facility}.", facility=facility
        )
    return nodes


def _day_asked() -> str:
    day = request.args.get("day", "")
    try:
        return date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        raise ProtocolError("query.day", "day must be a date such as 2026-11-30.") from None


def told_day(content: str) -> str:
    """Give the day of which an entry tells (ISO 8601).

    Of a dose the day on which it was given, else the day (UTC) on which it was recorded.
    """
    document = json.loads(content)
    body = as_mapping(document.get("body"))
    on = body.get("on") if document.get("type") in DOSES else None
    return str(on if isinstance(on, str) else document.get("at", ""))[:10]


def nodes(registry: Registry) -> Response:
    """Give the sites in the order of their names."""
    limit = _limit(_MOST_NODES)
    found = registry.store.nodes(request.args.get("after", ""), limit)
    heads = registry.store.heads_of([record.node for record in found])
    shown = [_node(record, heads.get(record.node, [])) for record in found]
    if _wants_lines():
        return Response(_as_lines(shown), mimetype="application/x-ndjson")
    after = found[-1].node if found else request.args.get("after", "")
    return as_json({"nodes": shown, "next": after, "more": len(found) == limit})


def of_epoch(registry: Registry, node: str) -> Response:
    """Give the entries of one epoch of a node by their numbers, and what is not plainly stored."""
    after, limit = request.args.get("after", "0"), _limit(_MOST_ENTRIES)
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise _wrong_number()
    epoch = request.args.get("epoch", "")
    found = registry.store.entries(node, epoch, int(after), limit, _SIZE)
    last = found[-1].number if found else int(after)
    judged = registry.store.verdicts(node, limit=limit, after=(epoch, int(after)))
    return as_json(
        {
            "entries": [read_entry(entry.content) for entry in found],
            "verdicts": [
                {"number": verdict.number, **_verdict(verdict)}
                for verdict in judged
                if verdict.epoch == epoch and verdict.number <= last
            ],
            "judged": registry.store.judged(node, epoch),
            "next": last,
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


def _shown(judged: EntryChange) -> dict[str, Any]:
    return {
        "cursor": cursor_text(judged.cursor),
        "receivedAt": judged.entry.received_at,
        "hash": judged.entry.hash,
        **_verdict(judged.verdict),
        "entry": read_entry(judged.entry.content),
    }


def _verdict(verdict: Verdict | None) -> dict[str, Any]:
    """Say what the national record makes of an entry, and why where it is not plainly stored."""
    if verdict is None or verdict.state == STATES[0]:
        return {"state": STATES[0]}
    why = {"field": verdict.field, "sentence": verdict.sentence, "waits": verdict.waits}
    return {"state": verdict.state, **{name: text for name, text in why.items() if text}}


def _node(one: NodeRecord, heads: Sequence[Head]) -> dict[str, Any]:
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
            {"epoch": head.epoch, "number": head.number, "hash": head.hash} for head in heads
        ],
    }


def _lines(found: Sequence[EntryChange]) -> Iterator[str]:
    return _as_lines([_shown(judged) for judged in found])


def _as_lines(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in found:
        yield json.dumps(item, ensure_ascii=False) + "\n"


def _wants_lines() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", "application/x-ndjson"])
    return best == "application/x-ndjson"


def cursor_text(cursor: Cursor) -> str:
    """Write a cursor as readers keep it."""
    parts = [cursor.at, cursor.node, cursor.epoch, cursor.number]
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
