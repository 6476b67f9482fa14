"""What somebody signs in with, registered at a site as its pages do it."""

from __future__ import annotations

from next_edition import put_in_force
from site_factory import demonstration

from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.guesses import HERE
from edge.services.sign_in_outcomes import Signature

BY_BADGE = {"roles": [{"role": "registrar", "methods": ["badge", "password", "passkey", "pin"]}]}


def with_badges(node: Node) -> None:
    """Put Demoland's campaign in force with registrars who sign in in every way of their own."""
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": BY_BADGE}))


def add_badge(node: Node, code: str, second: str = "S1") -> str:
    """Make a badge for somebody, which another person signs; give its number."""
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff[code]
    place = node.authenticator.nowhere()
    return node.use_cases.registrations.add(
        "badge", staff, {}, second, Signature("2468"), HERE, place
    )
