"""What people answer: the word that ends messages is kept as what they said."""

from __future__ import annotations

from edge.domain.contact import ends_messages
from edge.domain.phones import e164
from edge.journal import views
from edge.journal.outbox import is_new_reply, people_told_at
from edge.journal.unit import Unit
from edge.journal.views.contact import contact_preference
from edge.plugins.distribution.contract import Reply
from edge.services.people.contact import preference_body
from edge.services.site import Site
from sync.protocol.instants import instant


def take_reply(site: Site, channel: str, reply: Reply, unit: Unit) -> int:
    """Write ``ContactPreferenceRecorded`` for everybody who was told at an address that asks so.

    One telephone is often a family's: it ends for all of them. Networks write a number with its
    country's code or without. Count those for whom it was new.
    """
    if not is_new_reply(unit.db, channel, reply.id, instant(unit.stamp.at)):
        return 0
    catalogue = site.catalogues.current(unit.db)
    if not ends_messages(reply.text, catalogue.distribution.stop):
        return 0
    address = e164(reply.address, catalogue.issuer.country) or reply.address
    people = dict.fromkeys(
        person.id
        for id_ in people_told_at(unit.db, channel, address)
        if (person := views.person(unit.db, id_)) is not None
    )
    count = 0
    for id_ in people:
        said = contact_preference(unit.db, id_)
        if said.consent == "no":
            continue
        body = preference_body(id_, "no", "reply", said.channel, said.language)
        unit.append("ContactPreferenceRecorded", body, id_=site.ids.new(), by="site")
        count += 1
    return count
