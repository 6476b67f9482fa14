"""To whom a message goes: what is recorded of a person that decides whether and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.contact import (
    HANDED_OUT,
    SENDS_NOTHING,
    ContactPreference,
    DistributionPlan,
    channel_for,
    phone_on_record,
)
from edge.domain.errors import BadInput, Refusal
from edge.domain.people import Person
from edge.domain.phones import e164
from edge.journal import views
from edge.journal.views.contact import contact_preference
from edge.plugins.distribution.contract import AddressKind
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database

ChannelAddresses = Mapping[str, AddressKind]
"""The channels that a site has, each with the kind of address it writes to."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, what they said of being told, and their address by channel."""

    person: Person
    preference: ContactPreference
    addresses: Mapping[str, str]

    def channel(self, catalogue: Catalogue) -> str:
        """Give the channel on which they are told, or nothing."""
        return channel_for(
            catalogue.distribution, self.preference, frozenset(self.addresses.keys())
        )


def plan_in_force(site: Site, db: Database) -> DistributionPlan:
    """Give what the campaign sends people; nothing before the first campaign."""
    try:
        return site.catalogues.current(db).distribution
    except Refusal:
        return SENDS_NOTHING


def recipient(
    db: Database, person_id: str, channels: ChannelAddresses, catalogue: Catalogue
) -> Recipient | None:
    """Look somebody up; None: nobody has this id."""
    person = views.person(db, person_id)
    if person is None:
        return None
    addresses = {}
    for name, kind in channels.items():
        address = address_of(person, kind, catalogue.issuer.country)
        if address or kind == "none":
            addresses[name] = address
    addresses |= {name: "" for name in HANDED_OUT if name not in channels}
    return Recipient(person, contact_preference(db, person_id), addresses)


def typed_address(text: str, kind: AddressKind) -> str:
    """Read an address that somebody typed, a number with its country's code.

    Raises :class:`BadInput` for a text that is no telephone number.
    """
    found = e164(text, "") if kind == "phone" else text.strip()
    if kind == "phone" and not found:
        raise BadInput(
            "message.address",
            "{address} is no telephone number.",
            hint="Write it with + and the country code.",
            field="address",
            address=text,
        )
    return found


def reachable_by(person: Person, catalogue: Catalogue) -> bool:
    """Say whether any address is recorded that a message may go to."""
    country = catalogue.issuer.country
    return bool(address_of(person, "phone", country) or address_of(person, "email", country))


def address_of(person: Person, kind: AddressKind, country: str) -> str:
    """Give somebody's address of a kind as networks take it, or nothing."""
    if kind == "phone":
        return e164(phone_on_record(person), country)
    return person.email if kind == "email" else ""
