"""Invitations of staff: sent to one node each, withdrawn, and what became of them.

Nothing is kept but the letters: each is sealed to its node and to the registry, which reads in it
whom it invited; what sites made of them stands in their own entries.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sync.protocol import keys
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.instants import instant
from sync.protocol.invitations import (
    LETTER,
    Invitation,
    InvitedAt,
    new_code,
    new_invitation,
    open_sent,
    seal_invitation,
)
from sync.protocol.letters import WITHDRAWN
from sync.registry.feeds import withdrawn_letters
from sync.registry.judging.facts import as_mapping, read_entry, told_campaign, told_key
from sync.registry.nodes import all_nodes
from sync.registry.store.interface import Store
from sync.registry.store.records import Letter, NodeRecord, Place

State = Literal[
    "sent", "delivered", "waiting", "taken", "refused", "withdrawn", "replaced", "expired"
]
"""``waiting``: the person was there, and a supervisor has not said yet that it is the right one."""
_OPEN = ("sent", "delivered", "waiting")
_MOST = 1000
"""Invitations of a node that are looked at, the newest; and entries in one question."""


@dataclass(frozen=True, slots=True)
class SentInvitation:
    """An invitation that was sent, and what became of it."""

    invitation: Invitation
    state: State


def place_of(store: Store, node: str, facility: str) -> NodeRecord:
    """Find the one active site that is meant; raises :class:`SyncError`."""
    if bool(node) == bool(facility):
        raise SyncError("invitation.where", "Give --node or --facility, and one of them.")
    found = [
        site
        for site in all_nodes(store)
        if site.state == "active"
        and (site.node == node or (facility and site.facility.casefold() == facility.casefold()))
    ]
    if not found:
        raise SyncError(
            "invitation.no-site",
            "No site {place} has enrolled, or it is stopped. See: divoc-registry nodes",
            place=node or facility,
        )
    if len(found) > 1:
        raise SyncError(
            "invitation.several-sites",
            "{facility} has {count} sites, and a code counts at one. Choose with --node: {nodes}",
            facility=facility,
            count=len(found),
            nodes=", ".join(site.node for site in found),
        )
    return found[0]


def invite(
    store: Store,
    site: NodeRecord,
    staff: str,
    days: int,
    recipient: str,
    now: datetime,
    choose: Callable[[str], str] = secrets.choice,
) -> tuple[Invitation, str]:
    """Send an invitation; give it and the code, which is kept nowhere.

    Raises :class:`SyncError` for a staff code or days that cannot be.
    """
    code = new_code(choose)
    at = InvitedAt(site.node, keys.public_key(site.key), site.facility)
    made = new_invitation(str(uuid4()), at, staff, code, now, days)
    body = seal_invitation(made, at.key, recipient)
    store.post(site.node, LETTER, made.id, canonical(body).decode(), instant(now))
    return made, code


def withdraw(
    store: Store, site: NodeRecord, staff: str, identities: Sequence[str], now: str
) -> int:
    """Withdraw what is open for a staff code at a site; give how many that were.

    Raises :class:`SyncError` ``invitation.none`` where there is none.
    """
    open_ = [
        each.invitation
        for each in sent(store, site.node, identities, now)
        if each.invitation.staff == staff and each.state in _OPEN
    ]
    if not open_:
        raise SyncError(
            "invitation.none",
            "No invitation of {staff} is open at {facility}. See: divoc-registry staff list",
            staff=staff,
            facility=site.facility,
        )
    for invitation in open_:
        _post_withdrawal(store, site.node, invitation.id, now)
    return len(open_)


def _post_withdrawal(store: Store, node: str, id_: str, now: str) -> None:
    body = canonical({"letter": id_, "kind": LETTER}).decode()
    store.post(node, WITHDRAWN, f"withdrawn:{id_}", body, now)


def sent(store: Store, node: str, identities: Sequence[str], now: str) -> list[SentInvitation]:
    """Give what was sent to a node and what became of it, the newest first.

    One that nothing here opens is left out: ``registry.age`` was lost.
    """
    gone, told = withdrawn_letters(store, node, 0), _told(store, node)
    found: list[SentInvitation] = []
    newer: set[str] = set()
    for letter in store.letters_of_kind(node, LETTER, 0, _MOST):
        invitation = _opened(letter, identities)
        if invitation is None:
            continue
        state = _state(invitation, told.get(invitation.id, "sent"), letter.id in gone, now)
        if state in _OPEN and invitation.staff in newer:
            state = "replaced"
        newer.add(invitation.staff)
        found.append(SentInvitation(invitation, state))
    return found


def is_named(store: Store, node: str, staff: str) -> bool | None:
    """Say whether the campaign that a site told of names a staff code; None: it told of none."""
    campaign = told_campaign(store, node)
    if campaign is None:
        return None
    members = campaign.get("staff")
    listed = members if isinstance(members, list) else []
    return any(as_mapping(member).get("code") == staff for member in listed)


def _opened(letter: Letter, identities: Sequence[str]) -> Invitation | None:
    try:
        return open_sent(as_mapping(read_entry(letter.body)), identities)
    except ProtocolError:
        return None


def _state(invitation: Invitation, told: State, gone: bool, now: str) -> State:
    if told in ("taken", "refused"):
        return told
    if gone or told == "withdrawn":
        return "withdrawn"
    return "expired" if invitation.expires <= now else told


def _told(store: Store, node: str) -> dict[str, State]:
    """Give what a site says became of each invitation, by its own entries in their order."""
    found: dict[str, State] = {}
    after: Place = ("", "", 0)
    while stored := store.mentions([told_key("invitations", node)], _MOST, after):
        for entry in stored:
            document = read_entry(entry.content)
            body = as_mapping(document.get("body"))
            state = _SAYS.get(str(document.get("type")))
            id_ = body.get("invitation")
            if not isinstance(id_, str):  # a PIN that was set without one
                continue
            if state is None:
                state = _ended(body)
            if _ORDER.index(state) > _ORDER.index(found.get(id_, "sent")):
                found[id_] = state
        last = stored[-1]
        after = (last.node, last.epoch, last.number)
    return found


_SAYS: Mapping[str, State] = {
    "StaffInvited": "delivered",
    "StaffInvitationTaken": "waiting",
    "PinSet": "taken",
}
_ORDER: tuple[State, ...] = ("sent", "delivered", "waiting", "withdrawn", "refused", "taken")


def _ended(body: Mapping[str, Any]) -> State:
    return "refused" if body.get("why") == "refused" else "withdrawn"
