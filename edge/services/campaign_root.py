"""The ministry's root that a site believes: remembered in the journal, whatever site.toml says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.journal.entries import newest_of
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from sync.protocol.enrolment_codes import same_root

if TYPE_CHECKING:
    from sqlite_utils import Database

_TYPE = "CampaignRootSet"


def kept_root(db: Database) -> str:
    """Give the root's fingerprint, or its beginning, that a site was told last; empty for none."""
    entry = newest_of(db, _TYPE)
    return str(entry.body["root"]) if entry else ""


def believed_root(journal: Journal, told: str, new_id: Callable[[], str]) -> str:
    """Give the root that counts: the one told in the settings, else the one remembered.

    Another one than before is an entry, so that the registry's office sees it too. Who takes it out
    of the settings changes nothing: a site that has once known its ministry's keys demands them.
    """
    with journal.reading() as db:
        before = kept_root(db)
    if not told or same_root(before, told):
        return told or before

    def work(unit: Unit) -> None:
        unit.append(_TYPE, {"root": told, "before": before}, id_=new_id(), by="site")

    journal.run(work)
    return told
