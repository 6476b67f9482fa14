"""Eyes on what a site keeps: each receipt and each letter is compared with what was truly said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clockwork import Violation

from edge.adapters.journal_source import JournalSource
from edge.journal.journal import Journal
from edge.services.registry import link as registry_link
from edge.services.registry import sticks
from edge.services.registry.inbox import SiteInbox, take_verdict
from edge.services.registry.stick_memory import take_recipient
from sync.protocol.entries import own_epoch
from sync.protocol.keys import fits
from sync.protocol.letters import Letter
from sync.protocol.receipts import Receipt

if TYPE_CHECKING:
    from boxes import Box


class WatchedJournal(Journal):
    """A journal that knows the box it is in, so that what reads it can be watched."""

    box: Box


class WatchedSource(JournalSource):
    """Compares each receipt that is kept with what the registry has truly said."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        assert isinstance(journal, WatchedJournal)
        self._box = journal.box

    def keep(self, receipt: Receipt | None) -> None:
        """Check it, then keep it."""
        box = self._box
        box.heard = box.road.answered
        if receipt is not None:
            _check_receipt(box, receipt, self.find(own_epoch(receipt.epoch), receipt.number))
            given = box.country.nation.issued[receipt.signature][3]
            # A receipt has no nonce: on a line without TLS, and by stick, one from before a rewind
            # can come again. The next question, which has one, puts it right.
            box.fooled = box.fooled or given < box.heard
            box.heard = given
        super().keep(receipt)


class WatchedInbox(SiteInbox):
    """Compares each page of letters with what was posted."""

    def __init__(self, box: Box, journal: Journal) -> None:
        super().__init__(journal, {"verdict": take_verdict, "recipient": take_recipient})
        self._box = box

    def take(self, letters: Sequence[Letter]) -> None:
        """Check that they follow the cursor, then take them."""
        nation, node = self._box.country.nation, self._box.identity.node
        before = self.cursor(letters[0].feed).number
        rewound = letters[0].number == 1 and nation.generation > 0
        if letters[0].number != before + 1 and not rewound:
            raise Violation(f"letter {letters[0].number} was taken behind letter {before}")
        for letter in letters:
            feed = nation.feeds(node)[letter.feed]
            if (feed, letter.id, letter.number, letter.kind) not in nation.posted:
                raise Violation(f"letter {letter.number} was taken and never posted")
        super().take(letters)


def _check_receipt(box: Box, receipt: Receipt, ours: tuple[int, str] | None) -> None:
    """A receipt that is kept was given by the registry, and is of our own history."""
    nation = box.country.nation
    said = nation.issued.get(receipt.signature)
    place = (receipt.node, receipt.epoch, receipt.number)
    if said is None or said[:3] != place:
        raise Violation(f"{box.name} keeps a receipt that the registry never gave")
    if not fits(nation.key.public_key(), receipt.document(), receipt.signature):
        raise Violation(f"{box.name} keeps a receipt whose signature does not fit")
    if ours is None or ours[1] != receipt.hash:
        raise Violation(f"{box.name} keeps a receipt of another history than its own")


def watch() -> list[tuple[object, str, object]]:
    """Give the places where a site's services find its source, for a patch."""
    return [(module, "JournalSource", WatchedSource) for module in (registry_link, sticks)]


def letters_of(db: Any) -> dict[tuple[str, int], Any]:
    """Give the letters that were kept for newer software."""
    return {
        (feed, number): json.loads(body)
        for feed, number, body in db.execute("SELECT feed, number, body FROM letter")
    }
