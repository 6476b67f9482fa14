"""A message to a person: how far it is, from which state it may go to which, what is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from edge.domain.errors import Conflict
from sync.protocol.counted import Counted


class MessageState(StrEnum):
    """How far a message is; the values are what is stored and what the API answers."""

    QUEUED = "queued"
    HANDING = "handing"
    HANDED = "handed"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    DROPPED = "dropped"
    DECLINED = "declined"


_S = MessageState
MOVES: Mapping[MessageState, frozenset[MessageState]] = {
    _S.QUEUED: frozenset({_S.HANDING, _S.DROPPED, _S.DECLINED, _S.BOUNCED, _S.UNKNOWN}),
    _S.HANDING: frozenset({_S.QUEUED, _S.HANDED, _S.DELIVERED, _S.BOUNCED, _S.UNKNOWN}),
    _S.HANDED: frozenset({_S.DELIVERED, _S.BOUNCED}),
    _S.UNKNOWN: frozenset({_S.DELIVERED, _S.BOUNCED}),
    _S.DELIVERED: frozenset(),
    _S.BOUNCED: frozenset(),
    _S.DROPPED: frozenset({_S.QUEUED}),
    _S.DECLINED: frozenset(),
}
"""From which state a message may go to which.

Back to ``queued`` only where the channel took nothing of it, nothing was ever handed over, or the
other end takes the same message once; one that may have arrived so ends as ``unknown``.
"""

Event = Literal["certificate", "due", "overdue"]
"""What a person is told of: a certificate is ready; a dose is due soon; a dose is late."""
EVENTS: tuple[Event, ...] = ("certificate", "due", "overdue")
REMINDERS: tuple[Event, ...] = ("due", "overdue")


def moved(state: str, to: str) -> MessageState:
    """Give the state a message is in after a move; raises :class:`Conflict` where there is none."""
    if to not in MOVES[MessageState(state)]:
        raise Conflict(
            "message.forbidden-move",
            "A message that is “{state}” cannot become “{to}”.",
            hint="Look at what has become of it since.",
            state=state,
            to=to,
        )
    return MessageState(to)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a message is where it is: a code, and a template with ``values`` that hold nobody."""

    code: str = ""
    sentence: str = ""
    values: tuple[tuple[str, Any], ...] = ()


NO_CAUSE = Cause()
CUT_OFF = Cause("message.cut-off", "The site stopped while it was being sent.")
DIED = Cause("message.died", "The person died.")
MOVED = Cause("message.moved", "The person moved away, or is lost to follow-up.")
GIVEN = Cause("message.not-due", "The dose is not due any more.")
TOO_OLD = Cause("message.too-old", "It could not be sent in time.")
FULL = Cause("message.full", "Too many messages waited, and the oldest reminders were dropped.")
NO_ADDRESS = Cause("message.no-address", "No number or address is recorded for it.")
NOT_ALLOWED = Cause("message.not-allowed", "The campaign in force does not send it this way.")
NO_CONSENT = Cause("message.no-consent", "The person did not agree to messages.")
UNCLEAR = Cause("message.unclear", "It was handed over, and no clear answer came.")
TRIED_OFTEN = Cause(
    "message.tries",
    Counted("It was tried {count} time in vain.", "It was tried {count} times in vain."),
)
REVOKED = Cause("message.revoked", "The certificate does not count any more.")
CAUSES = (
    CUT_OFF, DIED, MOVED, GIVEN, TOO_OLD, FULL, NO_ADDRESS, NOT_ALLOWED, NO_CONSENT, TRIED_OFTEN,
    REVOKED, UNCLEAR,
)  # fmt: skip


def settled(parts: Iterable[str]) -> MessageState | None:
    """Say what the reports on all parts of a message come to; None: nothing is known yet.

    One part that bounced makes the whole message unreadable.
    """
    known = list(parts)
    if MessageState.BOUNCED in known:
        return MessageState.BOUNCED
    if known and all(state == MessageState.DELIVERED for state in known):
        return MessageState.DELIVERED
    return None
