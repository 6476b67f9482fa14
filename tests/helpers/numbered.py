"""A site whose campaign asks for numbers, and people who are registered with one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asking import campaign_with
from next_edition import put_in_force

from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.identities import key_check

KEY = bytes(range(32))
AADHAAR = "234123412346"
"""A number with Verhoeff's check digit that UIDAI uses in its own examples of form."""
IDENTITIES = f"""\
key: {key_check(KEY)}
types:
- type: in.gov.uidai.aadhaar
  name: {{en: Aadhaar number, fr: Numéro Aadhaar}}
  kept: keyed
- type: demo.birth
  name: Birth registration number
  pattern: '[A-Z]{{2}}-\\d{{6}}'
  example: DL-123456
- {{type: demo.id, name: National number, read_by: luhn, shown: last_four, needed_from: 18}}
- {{type: none, name: No papers}}
"""


def asking_for_numbers(node: Node, folder: Path) -> Node:
    """Give a site its campaign's key, and bring a campaign into force that asks for numbers."""
    node.site.identities._key = KEY
    put_in_force(node, campaign_with(folder / "identities", identities=IDENTITIES))
    return node


def register(node: Node, who: Staff, identity: str, name: str = "Rosa Lima", **more: Any) -> str:
    """Register somebody with an identity; give the id."""
    told = {"birth_year": 1990, "gender": "Female", "different_person": True, **more}
    asked = commands.RegisterPerson(name=name, identity=identity, **told)
    return node.desk.take(node.site.ids.new(), asked, who).id


def recorded(node: Node, id_: str) -> str:
    """Give the identity that is on record of somebody."""
    with node.journal.reading() as db:
        found = views.person(db, id_)
    assert found is not None
    return found.identity
