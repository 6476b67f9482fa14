"""The registry's office as it invites staff, with its letters straight into a site's inbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from edge.node import Node
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.instants import instant
from sync.protocol.invitations import InvitedAt, new_code, new_invitation, seal_invitation
from sync.protocol.keys import node_id
from sync.protocol.letters import WITHDRAWN, Letter

NEWCOMER = "N1"
OFFICE = recipient_of(new_identity())


class Office:
    """The registry's office, with letters straight into the site's inbox."""

    def __init__(self, node: Node) -> None:
        self.node, self.number = node, 0

    def letter(self, kind: str, id_: str, body: dict[str, Any]) -> None:
        self.number += 1
        at = instant(self.node.clock.now())
        self.node.inbox.take([Letter("own", self.number, id_, kind, body, at)])

    def body(self, id_: str, staff: str = NEWCOMER, ago: int = 0, **place: Any) -> tuple[Any, str]:
        key = self.node._keys.node.public_key()
        at = InvitedAt(
            place.get("node", node_id(key)), place.get("key", key), place.get("facility", "DEMO01")
        )
        code = new_code()
        now = self.node.clock.now() - timedelta(days=ago)
        return seal_invitation(new_invitation(id_, at, staff, code, now, 7), at.key, OFFICE), code

    def invite(self, id_: str = "i-1", staff: str = NEWCOMER, ago: int = 0, **place: Any) -> str:
        body, code = self.body(id_, staff, ago, **place)
        self.letter("invitation", id_, body)
        return code

    def withdraw(self, id_: str = "i-1") -> None:
        self.letter(WITHDRAWN, f"withdrawn:{id_}", {"letter": id_, "kind": "invitation"})


def newcomer(node: Node, **change: Any) -> None:
    """Have the campaign name the newcomer, or name them otherwise."""
    member = {"code": NEWCOMER, "name": "Nia Newcomer", "roles": ["vaccinator"]}
    member |= {"facilities": ["DEMO01"], **change}

    def work(unit: Any) -> None:
        body = {"kind": "staff", "items": [member]}
        unit.append("CatalogueRecorded", body, id_=node.site.ids.new(), by="test")

    node.journal.run(work)
    node.site.catalogues.forget()
