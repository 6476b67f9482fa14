"""The whole store in one database that speaks SQL; a database adds how it is opened."""

from __future__ import annotations

from sync.registry.store.sql.changes import Changes
from sync.registry.store.sql.drafts import Drafts
from sync.registry.store.sql.enrolment_lists import EnrolmentLists
from sync.registry.store.sql.fleet import Fleet
from sync.registry.store.sql.intake import Intake
from sync.registry.store.sql.judging import Judging
from sync.registry.store.sql.mailbox import Mailbox
from sync.registry.store.sql.office import Office
from sync.registry.store.sql.presence import Presence
from sync.registry.store.sql.reading import Reading
from sync.registry.store.sql.second_factors import SecondFactors
from sync.registry.store.sql.signing import Signing


class SqlStore(
    Intake,
    Fleet,
    Reading,
    Changes,
    Mailbox,
    Judging,
    Office,
    SecondFactors,
    Presence,
    Drafts,
    Signing,
    EnrolmentLists,
):
    """What every store in SQL is made of: each part asks the same database."""
