"""The screens that a site would show under a campaign: of one that lives for a moment, in memory.

Its pages are the real ones, drawn by the real site, with one invented person. They need nothing
beside them (their style is within) and execute nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from flask.testing import FlaskClient

from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.domain.errors import BadInput, EdgeError
from edge.domain.phrases import label
from edge.node import Node
from edge.plugins.sign_in.verifiers import make_verifier
from edge.services.campaigns import CheckedCampaign
from edge.services.commands.people import AgeInput, RegisterPerson
from edge.web.app import create_app
from edge.web.translations import Language
from sync.own_files import memory_folder
from sync.registry.drafts.tools import ScreenPage
from sync.resources import resource

_PIN = "24682"
_SCRIPT = re.compile(r"<script\b.*?</script>|<noscript\b.*?</noscript>|<link\b[^>]*>", re.DOTALL)
_PAGES = (
    ("sign-in", label("Signing in"), "/sign-in"),
    ("start", label("The first page, signed in"), "/"),
    ("register", label("Registering somebody"), "/register"),
    ("person", label("A person's page"), "/people/{person}"),
    ("stock", label("The stock of vaccines"), "/stock"),
)


def shown(campaign: CheckedCampaign, language: Language) -> list[ScreenPage]:
    """Give the main screens of the campaign's first facility, as one of its people sees them.

    What the campaign switches off is left out.
    """
    with _site(campaign) as (node, code):
        client = create_app(node.backend()).test_client()
        client.set_cookie("language", language.code)
        found = []
        person = ""
        for name, title, path in _PAGES:
            page = _page(client, path.format(person=person))
            if page:
                found.append(ScreenPage(name, language.gettext(title), _alone(page)))
            if name == "sign-in":
                client.post("/sign-in", data={"code": code, "pin": _PIN})
                person = _register(node, code)
        return found


@contextmanager
def _site(campaign: CheckedCampaign) -> Iterator[tuple[Node, str]]:
    """Open a site under the campaign, with the code of somebody who signs in there."""
    body = dict(campaign.body)
    facility, code = _somebody(campaign)
    verifier = make_verifier(_PIN)
    body["staff"] = [
        {**member, "pin": verifier} if member["code"] == code else member
        for member in body["staff"]
    ]
    with memory_folder() as folder:
        make_site(folder / "site", Settings(facility=facility))
        node = Node(folder / "site")
        try:
            node.campaigns.apply(CheckedCampaign(body))
            yield node, code
        finally:
            node.close()


def _somebody(campaign: CheckedCampaign) -> tuple[str, str]:
    """Choose who looks: a vaccinator, where there is one, at the first of their facilities."""
    open_ = {place["code"] for place in campaign.body["facilities"] if place.get("active", True)}
    there = [
        (code, member)
        for member in campaign.body["staff"]
        if member.get("active", True)
        for code in member["facilities"]
        if code in open_
    ]
    giving = [found for found in there if "vaccinator" in found[1]["roles"]]
    if not there:
        raise BadInput(
            "campaign.nobody",
            "Nobody of the staff works at a facility that is open: there is no screen to show.",
        )
    facility, member = (giving or there)[0]
    return facility, member["code"]


def _register(node: Node, code: str) -> str:
    """Register somebody invented, and give their id; empty where the campaign has nobody do so."""
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff[code]
    id_ = node.site.ids.new()
    age = AgeInput(count=10, unit="months")
    try:
        node.desk.take(id_, RegisterPerson(name="Amina Wanjiru", gender="Female", age=age), staff)
    except EdgeError:
        return ""
    return id_


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, follow_redirects=True)
    return answer.text if answer.status_code == 200 else ""


def _alone(page: str) -> str:
    """Give a page its style within it, and take scripts and what leads elsewhere away."""
    page = _SCRIPT.sub("", page)
    page = page.replace("<body", "<body inert", 1) if "<body" in page else page
    return page.replace("<title", f"<style>{_style()}</style><title", 1)


@cache
def _style() -> str:
    package = resource("edge/web/static/edge.css")
    return package.read_text(encoding="utf-8").replace("</", "<\\/")
