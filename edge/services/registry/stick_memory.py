"""What a site remembers between sticks, in the journal's own database and encrypted with it.

None of it is made from the journal: the registry can say it again, and an age identity that is
lost costs one answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from edge.journal.delivery import REGISTRY_KEY
from edge.journal.settings import keep_setting, setting
from edge.journal.unit import Unit
from sync.protocol.bundles.headers import check_recipient
from sync.protocol.bundles.sealed import new_identity
from sync.protocol.errors import DivergedError, SyncError
from sync.protocol.keys import public_key
from sync.protocol.letters import Letter

if TYPE_CHECKING:
    from sqlite_utils import Database

RECIPIENT, IDENTITY = "registry-recipient", "stick-identity"
"""The settings of the registry's recipient as it signed it, and of the site's age identity."""
CODE, ANSWERED = "stick-code", "stick-code-answered"
"""The settings of the code of an older registry's invitation, and of the one that was answered."""
DIVERGED = "stick-diverged"
"""The setting of the number under which the last answer by stick holds another entry, if one."""


def keep_recipient(db: Database, document: Any) -> None:
    """Keep the newest recipient that the pinned registry signed; any other changes nothing."""
    key, known = setting(db, REGISTRY_KEY), setting(db, RECIPIENT)
    try:
        found = check_recipient(document, public_key(key))
    except SyncError:
        return
    if not known or found.at > json.loads(known)["at"]:
        keep_setting(db, RECIPIENT, json.dumps(dict(found.document)))


def own_identity(unit: Unit) -> str:
    """Give the site's age identity, made and kept before anything names it."""
    identity = setting(unit.db, IDENTITY) or new_identity()
    keep_setting(unit.db, IDENTITY, identity)
    return identity


def knows_recipient(db: Database) -> bool:
    """Say whether this site knows to whom a stick is to be sealed."""
    return bool(setting(db, REGISTRY_KEY) and setting(db, RECIPIENT))


def take_recipient(unit: Unit, letter: Letter) -> None:
    """Do what a letter of the kind ``recipient`` says."""
    keep_recipient(unit.db, letter.body)


def diverged_by_stick(db: Database) -> DivergedError | None:
    """Give what is wrong if the last answer by stick was of another history than ours."""
    number = setting(db, DIVERGED)
    return DivergedError(int(number)) if number else None


def invited_code(db: Database) -> str:
    """Give the code of an invitation that the registry has not answered yet, or empty."""
    return setting(db, CODE)
