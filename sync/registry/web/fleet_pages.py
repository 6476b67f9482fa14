"""The operators' pages of the sites: who was heard from, one site, the alarms."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Response, g, make_response, redirect, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.receipts import proof_line
from sync.registry.requests import facts_of
from sync.registry.site_campaigns import root_remark, site_campaign
from sync.registry.store.records import NodeRecord, SigningRequest
from sync.registry.web.alarm_texts import ContactStatus, meaning, silence
from sync.registry.web.places import after_node, behind, verdict_place
from sync.registry.web.screen import Screen


def fleet(screen: Screen) -> Response:
    """List the sites: the longest silent first, or the newest; or those of one facility."""
    store, page = screen.store, screen.page
    newest = request.args.get("order", "") == "newest"
    facility = request.args.get("facility", "").strip()[:100]
    after = behind(request.args.get("after", ""))
    if facility:
        nodes = store.of_facility(facility, after or ("", ""), page + 1)
    else:
        nodes = store.silent(after, page + 1, newest_first=newest)
    more, nodes = len(nodes) > page, nodes[:page]
    return screen.shown(
        "registry.html",
        nodes=nodes,
        silence=partial(_silence_at, screen.registry.now()),
        newest=newest,
        facility=facility,
        later=bool(after),
        more=after_node(nodes[-1], facility) if more else "",
        latest=[] if after or facility else store.latest(25),
        facilities={record.node: record.facility for record in nodes},
    )


def node(screen: Screen, node: str) -> Response:
    """Show a site: its proof lines, alarms, verdicts, request and letters."""
    store, page = screen.store, screen.page
    found = store.node(node)
    if found is None:
        return _no_such_site(screen)
    last = store.last_letter(node)
    asked = store.asked_certificate(node)
    heads = store.heads(node)
    after = verdict_place(request.args.get("after", ""))
    open_ = store.needing_attention(node, page + 1, after)
    more, open_ = len(open_) > page, open_[:page]
    campaign = site_campaign(store, node)
    return screen.shown(
        "node.html",
        node=found,
        silence=silence(found, screen.registry.now()),
        heads=heads,
        line=proof_line,
        alarms=[(alarm, meaning(alarm, heads)) for alarm in store.alarms(node, page)],
        letters=store.letters(node, max(0, last.number - 20), 20) if last else [],
        unjudged=store.unjudged(node),
        verdicts=open_,
        later=bool(after),
        more=f"{open_[-1][0]}~{open_[-1][1].epoch}~{open_[-1][1].number}" if more else "",
        asked=asked,
        facts=_facts(screen, asked),
        campaign=campaign,
        root_remark=root_remark(campaign, screen.registry.campaign_root()),
    )


def set_state(screen: Screen, node: str) -> Response:
    """Stop a site, or let it in again."""
    state = request.form.get("state", "")
    if screen.store.node(node) is None or state not in ("active", "stopped"):
        return _no_such_site(screen)
    screen.store.set_state(node, state, screen.registry.instant())
    what = "stopped a site" if state == "stopped" else "let in again"
    screen.access.write(g.visitor.name, what, node)
    return make_response(redirect(f"/nodes/{node}", 303))


def alarms(screen: Screen) -> Response:
    """List the newest alarms of all sites."""
    found = screen.store.alarms("", screen.page)
    heads = {node: screen.store.heads(node) for node in {alarm.node for alarm in found}}
    told = [(alarm, meaning(alarm, heads[alarm.node])) for alarm in found]
    return screen.shown("alarms.html", alarms=told)


def _silence_at(now: datetime, node: NodeRecord) -> ContactStatus:
    return silence(node, now)


def _no_such_site(screen: Screen) -> Response:
    return screen.refused(ProtocolError("page.unknown", "There is no such site."))


def _facts(screen: Screen, asked: SigningRequest | None) -> tuple[str, str]:
    """Give whom a signing request is for and its key's digest, or what is wrong with it."""
    try:
        return facts_of(asked.pem.encode()) if asked else ("", "")
    except SyncError as error:
        return screen.language().say(error.sentence), ""
