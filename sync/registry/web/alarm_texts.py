"""What the registry's figures mean, in words, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.protocol.entries import Head, own_epoch
from sync.protocol.instants import read_instant
from sync.registry.store.records import Alarm, NodeRecord

_LATE, _LOST = timedelta(days=1), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class ContactStatus:
    """How long a site has not been heard from: a colour's name, a sign and a word."""

    look: str
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an alarm means and what to do: sentence templates."""

    title: str
    what: str
    remedy: str


NEVER = ContactStatus("bad", "○", "not heard from yet")
HEARD = ContactStatus("good", "✓", "heard within a day")
LATE = ContactStatus("late", "▲", "silent for more than a day")
LOST = ContactStatus("bad", "⚠", "silent for more than three days")


def silence(node: NodeRecord, now: datetime) -> ContactStatus:
    """Say how long a site has been silent."""
    if not node.heard_at:
        return NEVER
    passed = now - read_instant(node.heard_at)
    return LOST if passed >= _LOST else LATE if passed >= _LATE else HEARD


_MEANINGS = {
    "fork": Meaning(
        "One number, two contents",
        "Two contents came for entry {number} of epoch {epoch}. The one that is held here stays as"
        " it is; the other was not put in its place.",
        "Call the site. Compare the proof lines on its page here with what divoc-edge sync prove"
        " shows there."
        " Stop the site until it is clear which machine is the right one.",
    ),
    "siblings": Meaning(
        "Two machines or two pasts",
        "Epoch {epoch} follows an entry that another epoch follows too: a card was copied, or a"
        " backup was restored. Both are kept; nothing is lost.",
        "Call the site. Was a backup restored? Then nothing needs to be done. Are two machines"
        " running with one key? Switch one off, and enrol it anew with a code of its own.",
    ),
}
_BRANCH = Meaning(
    "One number, two histories",
    "From entry {number} of epoch {epoch} on two machines have written under the same numbers: a"
    " machine was copied while it ran. Both histories are kept; nothing is lost.",
    "Call the site. Switch one of the two machines off, and enrol it anew with a code of its own.",
)
_OTHER = Meaning(
    "Something must not be",
    "An alarm of the kind {kind} was recorded for entry {number} of epoch {epoch}.",
    "Update the registry: this version does not know this kind of alarm.",
)


def meaning(alarm: Alarm, heads: Sequence[Head]) -> Meaning:
    """Say what an alarm means; ``heads`` are its node's, and a branch among them counts."""
    if alarm.kind == "fork" and any(
        own_epoch(head.epoch) == alarm.epoch != head.epoch for head in heads
    ):
        return _BRANCH
    return _MEANINGS.get(alarm.kind, _OTHER)
