"""The pages of the registry's operators, in one table; who may use which is the policy's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, make_response, redirect, request

from sync.protocol.errors import ProtocolError, SyncError
from sync.registry.drafts.tools import CampaignTools, campaign_tools
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.provider import ProviderSignIn
from sync.registry.registry import Registry
from sync.registry.web.access import Access, first_operator
from sync.registry.web.answering import refuse
from sync.registry.web.campaign_access import CampaignAccess
from sync.registry.web.decision_pages import add_code, audit, codes, revocations, rule_on
from sync.registry.web.document_pages import documents
from sync.registry.web.drafts.table import DRAFT_PAGES
from sync.registry.web.factor_pages import (
    add_passkey,
    begin,
    confirm,
    give_code,
    give_passkey,
    operators,
    reset,
    script,
    second_factor,
)
from sync.registry.web.fleet_pages import alarms, fleet, node, set_state
from sync.registry.web.payment_pages import payments
from sync.registry.web.provider_pages import from_provider, to_provider
from sync.registry.web.reading_api import reading_api
from sync.registry.web.screen import Screen
from sync.registry.web.translations import load_languages

PAGE = 50
"""Rows of a page."""


def office(
    registry: Registry,
    operator_token: str,
    page: int = PAGE,
    tools: Callable[[], CampaignTools] = campaign_tools,
    provider: ProviderSignIn | None = None,
) -> Blueprint:
    """Make the pages and reading paths of one registry; ``operator_token`` is the first admin's.

    ``tools`` finds what knows campaigns, when a page needs it; ``provider`` is where operators
    may sign in as well.
    """
    access = Access(registry, first_operator(operator_token), provider=provider)
    schemas = Schemas(schemas_folder())
    screen = Screen(registry, access, load_languages(), schemas, page, CampaignAccess(tools))
    pages = Blueprint("office", __name__, template_folder="pages")
    pages.register_blueprint(reading_api(registry))
    pages.before_app_request(partial(_guard, screen))
    pages.register_error_handler(SyncError, partial(_refused, screen))
    for method, path, view in (*PAGES, *DRAFT_PAGES):
        pages.add_url_rule(path, view.__name__, partial(view, screen), methods=[method])
    return pages


def speak(screen: Screen, code: str) -> Response:
    """Keep the language chosen by hand."""
    response = make_response(redirect("/", 303))
    if code in screen.languages:
        response.set_cookie(
            "language", code, max_age=365 * 86400, samesite="Lax", secure=request.is_secure
        )
    return response


def sign_in(screen: Screen) -> Response:
    """Open a sign-in with a token."""
    response = make_response(redirect("/", 303))
    try:
        if screen.access.sign_in(request.form.get("token", ""), response):
            return response
    except ProtocolError as error:
        return screen.refused(error)
    return screen.shown("sign_in.html", 401, wrong=True)


def sign_out(screen: Screen) -> Response:
    """End the sign-in."""
    response = make_response(redirect("/", 303))
    screen.access.sign_out(response)
    return response


PAGES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/language/<code>", speak),
    ("POST", "/", sign_in),
    ("POST", "/sign-out", sign_out),
    ("GET", "/", fleet),
    ("GET", "/nodes/<node>", node),
    ("POST", "/nodes/<node>/state", set_state),
    ("GET", "/alarms", alarms),
    ("GET", "/revocations", revocations),
    ("POST", "/revocations", rule_on),
    ("GET", "/documents", documents),
    ("GET", "/payments", payments),
    ("GET", "/codes", codes),
    ("POST", "/codes", add_code),
    ("GET", "/audit", audit),
    ("GET", "/operators", operators),
    ("POST", "/operators", reset),
    ("GET", "/second-factor", second_factor),
    ("POST", "/second-factor", begin),
    ("POST", "/second-factor/confirm", confirm),
    ("POST", "/second-factor/code", give_code),
    ("POST", "/second-factor/passkey", give_passkey),
    ("POST", "/second-factor/passkeys", add_passkey),
    ("GET", "/passkey.js", script),
    ("GET", "/provider", to_provider),
    ("GET", "/provider/back", from_provider),
)


def _guard(screen: Screen) -> Response | None:
    try:
        screen.access.guard()
    except SyncError as error:
        return _refused(screen, error)
    return None


def _refused(screen: Screen, error: SyncError) -> Response:
    """Tell programs in JSON and people on a page."""
    return screen.refused(error) if wants_page() else refuse(error)


def wants_page() -> bool:
    """Say whether the request is for a page, and not for a program."""
    return not request.path.startswith(("/v1", "/health", "/cert"))
