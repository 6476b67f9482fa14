"""The pages of the registry's operators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.instants import read_instant
from sync.protocol.receipts import proof_line
from sync.registry.codes import MOST_DAYS, make_code
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.registry import Registry
from sync.registry.requests import facts_of
from sync.registry.revocations import PUBLISHED, REFUSED, find, rule, waiting
from sync.registry.revocations import place_of as revocation_place
from sync.registry.store.records import AuditLine, NodeRecord, SigningRequest
from sync.registry.web.access import Access, Visitor, first_operator
from sync.registry.web.meanings import meaning, silence
from sync.registry.web.policy import rule_for
from sync.registry.web.reading_api import reading_api
from sync.registry.web.translations import Language, load_languages
from sync.web.translations import choose

PAGE = 50
"""Rows of a page."""


def office(registry: Registry, operator_token: str, page: int = PAGE) -> Blueprint:
    """Make the pages and reading paths of one registry; ``operator_token`` is the first admin's."""
    pages = Blueprint("office", __name__, template_folder="pages")
    pages.register_blueprint(reading_api(registry))
    store = registry.store
    access = Access(registry, first_operator(operator_token))
    languages = load_languages()
    schemas = Schemas(schemas_folder())

    def language() -> Language:
        accepted = request.headers.get("Accept-Language", "")
        return choose(languages, request.cookies.get("language", ""), accepted)

    def facts(asked: SigningRequest | None) -> tuple[str, str]:
        try:
            return facts_of(asked.pem.encode()) if asked else ("", "")
        except SyncError as error:
            return language().say(error.sentence), ""

    def shown(name: str, status: int = 200, **values: Any) -> Response:
        spoken, visitor = language(), g.get("visitor")
        text = render_template(
            name,
            _=spoken.say,
            ago=lambda at: spoken.ago(at, registry.now()),
            language=spoken,
            languages=languages,
            visitor=visitor,
            may=lambda method, path: _may(visitor, method, path),
            moment=_moment,
            now=registry.instant(),
            **values,
        )
        return make_response(text, status)

    @pages.before_app_request
    def guard() -> Response | None:
        try:
            access.guard()
        except ProtocolError as error:
            if request.path.startswith("/v1"):
                raise
            return refused(error)
        return None

    def refused(error: SyncError) -> Response:
        if error.code == "operator.none":
            return shown("sign_in.html", 401)
        status = {"page.unknown": 404, "revocation.unknown": 404, "operator.slow": 429}.get(
            error.code, 403
        )
        response = shown("problem.html", status, error=error)
        wait = getattr(error, "retry_after", None)
        if wait:
            response.headers["Retry-After"] = str(int(wait) + 1)
        return response

    @pages.get("/language/<code>")
    def speak(code: str) -> Response:
        response = make_response(redirect("/", 303))
        if code in languages:
            response.set_cookie("language", code, max_age=365 * 86400, samesite="Lax")
        return response

    @pages.post("/")
    def sign_in() -> Response:
        response = make_response(redirect("/", 303))
        try:
            if access.sign_in(request.form.get("token", ""), response):
                return response
        except ProtocolError as error:
            return refused(error)
        return shown("sign_in.html", 401, wrong=True)

    @pages.post("/sign-out")
    def sign_out() -> Response:
        response = make_response(redirect("/", 303))
        access.sign_out(response)
        return response

    @pages.get("/")
    def fleet() -> Response:
        newest = request.args.get("order", "") == "newest"
        facility = request.args.get("facility", "").strip()[:100]
        after = _behind(request.args.get("after", ""))
        if facility:
            nodes = store.of_facility(facility, after or ("", ""), page + 1)
        else:
            nodes = store.silent(after, page + 1, newest_first=newest)
        more, nodes = len(nodes) > page, nodes[:page]
        return shown(
            "registry.html",
            nodes=nodes,
            silence=lambda one: silence(one, registry.now()),
            newest=newest,
            facility=facility,
            later=bool(after),
            more=_after(nodes[-1], facility) if more else "",
            latest=[] if after or facility else store.latest(25),
            facilities={one.node: one.facility for one in nodes},
        )

    @pages.get("/nodes/<node>")
    def node(node: str) -> Response:
        found = store.node(node)
        if found is None:
            return refused(ProtocolError("page.unknown", "There is no such site."))
        last = store.last_letter(node)
        asked = store.asked_certificate(node)
        heads = store.heads(node)
        after = _verdict_place(request.args.get("after", ""))
        open_ = store.needing_attention(node, page + 1, after)
        more, open_ = len(open_) > page, open_[:page]
        return shown(
            "node.html",
            node=found,
            silence=silence(found, registry.now()),
            heads=heads,
            line=proof_line,
            alarms=[(one, meaning(one, heads)) for one in store.alarms(node, page)],
            letters=store.letters(node, max(0, last.number - 20), 20) if last else [],
            unjudged=store.unjudged(node),
            verdicts=open_,
            later=bool(after),
            more=f"{open_[-1][0]}~{open_[-1][1].epoch}~{open_[-1][1].number}" if more else "",
            asked=asked,
            facts=facts(asked),
        )

    @pages.post("/nodes/<node>/state")
    def set_state(node: str) -> Response:
        state = request.form.get("state", "")
        if store.node(node) is None or state not in ("active", "stopped"):
            return refused(ProtocolError("page.unknown", "There is no such site."))
        store.set_state(node, state, registry.instant())
        access.write(
            g.visitor.name, "stopped a site" if state == "stopped" else "let in again", node
        )
        return make_response(redirect(f"/nodes/{node}", 303))

    @pages.get("/alarms")
    def alarms() -> Response:
        found = store.alarms("", page)
        heads = {node: store.heads(node) for node in {one.node for one in found}}
        return shown("alarms.html", alarms=[(one, meaning(one, heads[one.node])) for one in found])

    @pages.get("/revocations")
    def revocations() -> Response:
        found, place = waiting(
            store, schemas, revocation_place(request.args.get("after", "")), page
        )
        more = "/".join(str(part) for part in place) if place else ""
        return shown("revocations.html", found=found, more=more)

    @pages.post("/revocations")
    def rule_on() -> Response:
        decision = request.form.get("decision", "")
        if decision not in (PUBLISHED, REFUSED):
            return refused(ProtocolError("page.unknown", "There is no such page."))
        try:
            found = find(store, schemas, request.form.get("reference", ""))
        except SyncError as error:
            return refused(error)
        rule(store, found, decision, g.visitor.name, registry.instant())
        what = "approved a revocation" if decision == PUBLISHED else "refused a revocation"
        access.write(g.visitor.name, what, found.reference)
        return make_response(redirect("/revocations", 303))

    @pages.get("/codes")
    def codes() -> Response:
        return shown_codes("")

    @pages.post("/codes")
    def add_code() -> Response:
        facility, days = request.form.get("facility", ""), request.form.get("days", "")
        try:
            number = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
            code = make_code(store, facility, number, registry.now())
        except SyncError as error:
            return shown_codes("", error)
        access.write(g.visitor.name, "made a code for", facility)
        return shown_codes(code)

    def shown_codes(code: str, error: SyncError | None = None) -> Response:
        found = store.codes(_behind(request.args.get("after", "")), page + 1)
        more, found = len(found) > page, found[:page]
        return shown(
            "codes.html",
            400 if error else 200,
            codes=found,
            made=code,
            error=error,
            facility=request.values.get("facility", ""),
            most=MOST_DAYS,
            more=f"{found[-1].made_at}~{found[-1].digest}" if more else "",
        )

    @pages.get("/audit")
    def audit() -> Response:
        first, place = _behind(request.args.get("after", "")) or ("", "")
        at, _, who = first.partition("~")
        before = AuditLine(at, who, "", "", int(place)) if at and _whole(place) else None
        found = store.audits(page + 1, before)
        more, found = len(found) > page, found[:page]
        last = f"{found[-1].at}~{found[-1].who}~{found[-1].place}" if more else ""
        return shown("audit.html", lines=found, more=last)

    return pages


def _may(visitor: Visitor | None, method: str, path: str) -> bool:
    return visitor is not None and visitor.role in rule_for(method, path).roles


def _moment(at: str) -> str:
    """Write an instant as people read it, in UTC: only digits, the same in every language."""
    return f"{read_instant(at):%Y-%m-%d %H:%M} UTC" if at else ""


def _verdict_place(text: str) -> tuple[str, str, int] | None:
    """Read a place in what needs attention; an epoch may have a branch's name, with ``~`` in it."""
    at, _, rest = text[:300].partition("~")
    epoch, _, number = rest.rpartition("~")
    return (at, epoch, int(number)) if _whole(number) else None


def _whole(text: str) -> bool:
    """Say whether a text is a whole number that a database can hold."""
    return text.isascii() and text.isdigit() and len(text) < 16


def _after(node: NodeRecord, facility: str) -> str:
    return f"{node.facility if facility else node.heard_at[:13]}~{node.node}"


def _behind(text: str) -> tuple[str, str] | None:
    first, mark, node = text[:300].rpartition("~")
    return (first, node) if mark else None
