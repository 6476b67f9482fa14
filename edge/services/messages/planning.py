"""Which entry leads to which message: a follower of the journal for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from edge.followers.follower import Result, Verdict
from edge.journal import views
from edge.journal.entries import last_position
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.outbox import NewMessage, queue_message
from edge.journal.settings import keep_setting, setting
from edge.journal.unit import Unit
from edge.services.messages.recipients import ChannelAddresses, recipient
from edge.services.site import Site
from sync.protocol.instants import instant, read_instant

_MOST, _EVERY = 200, 5.0
_VISIT = timedelta(hours=12)
KEPT_FOR = timedelta(days=90)
"""How long a person may still be told of a certificate; the certificate itself waits for ever."""


class ChannelFollower:
    """Queues what people are to be told by what is recorded from the channel's first start on.

    Each message is queued once for the channel chosen for its person, whichever channel's follower
    comes first.
    """

    types = frozenset({"CertificateIssued", "ContactPreferenceRecorded"})
    most = _MOST
    every = _EVERY

    def __init__(self, name: str, journal: Journal, site: Site, channels: ChannelAddresses) -> None:
        self._journal = journal
        self._site = site
        self._channels = channels
        self._first = _began(journal, name)

    def deliver(self, entries: Sequence[Entry]) -> Result:
        """Queue the messages of some entries in one unit of work."""
        news = [entry for entry in entries if entry.position > self._first]
        if news:
            self._journal.run(lambda unit: self._queue(unit, news))
        return Result([Verdict()] * len(entries))

    def _queue(self, unit: Unit, entries: Sequence[Entry]) -> None:
        for entry in entries:
            at, person = read_instant(entry.document["at"]), entry.body.get("person", "")
            if not person:  # a document's certificate
                continue
            numbers = [entry.body.get("certificate", "")]
            if entry.type == "ContactPreferenceRecorded":
                numbers = _of_that_visit(unit, person, at)
            for number in numbers:
                queue_for(
                    unit, self._site, self._channels, "certificate", number, person, at + KEPT_FOR
                )


def queue_for(
    unit: Unit,
    site: Site,
    channels: ChannelAddresses,
    event: str,
    subject: str,
    person: str,
    until: datetime,
) -> bool:
    """Queue a message for a person; False where they cannot be told, or were told already."""
    catalogue = site.catalogues.current(unit.db)
    if event not in catalogue.distribution.texts:
        return False
    known = recipient(unit.db, person, channels, catalogue)
    channel = known.channel(catalogue) if known else ""
    if not known or not catalogue.distribution.agreed(known.preference):
        return False
    if channel not in channels:  # nobody can tell them, or they get it at the site
        return False
    new = NewMessage(site.ids.new(), channel, event, subject, known.person.id, instant(until))
    return queue_message(unit.db, new, instant(site.clock.now()))


def _of_that_visit(unit: Unit, person: str, at: datetime) -> list[str]:
    """Give the certificates of the hours before somebody was asked, which they are told of."""
    return [
        issued.id
        for issued in views.certificates_of(unit.db, person)
        if not issued.revoked_at and at - read_instant(issued.issued_at) < _VISIT
    ]


def _began(journal: Journal, name: str) -> int:
    """Give the journal's last position when the channel started for the first time."""

    def work(unit: Unit) -> int:
        kept = setting(unit.db, f"channel.{name}.began")
        if not kept:
            kept = str(last_position(unit.db))
            keep_setting(unit.db, f"channel.{name}.began", kept)
        return int(kept)

    return journal.run(work)
