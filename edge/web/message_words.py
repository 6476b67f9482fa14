"""What pages say of messages to people."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.messages import Event, MessageState

MESSAGE_WORDS: Mapping[MessageState, str] = {
    MessageState.QUEUED: "waits to be sent",
    MessageState.HANDING: "is being sent",
    MessageState.HANDED: "sent; nothing is known yet of its arrival",
    MessageState.DELIVERED: "delivered",
    MessageState.BOUNCED: "cannot be delivered",
    MessageState.UNKNOWN: "may have arrived; it is not sent again",
    MessageState.DROPPED: "was not sent",
    MessageState.DECLINED: "was not sent, as the person did not agree",
}
"""How far a message is."""
EVENT_WORDS: Mapping[Event, str] = {
    "certificate": "The certificate is ready",
    "due": "A dose is due soon",
    "overdue": "A dose is late",
}
"""What a message is about."""
