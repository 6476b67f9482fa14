"""What pages say of messages to people."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.messages import Event, MessageState
from edge.journal.handed_out import Way

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
WAY_WORDS: Mapping[Way, str] = {
    "printed": "Printed",
    "perhaps": "Sent to the printer; nobody knows whether it came out",
    "shown": "Shown on the screen",
    "taken": "Opened on a telephone in the Wi-Fi",
}
"""How a certificate was handed out at the site."""
CHANNEL_WORDS: Mapping[str, str] = {
    "sms": "SMS",
    "email": "E-mail",
    "paper": "on paper",
    "screen": "from the screen",
}
"""Channels as people call them; another has the name that the campaign gives it."""
DETAIL_WORDS = ("Signal", "Network", "Credit", "No report yet", "Mail server")
"""What the project's own channels say of themselves (``details`` of their contract)."""
EVENT_WORDS: Mapping[Event, str] = {
    "certificate": "The certificate is ready",
    "due": "A dose is due soon",
    "overdue": "A dose is late",
}
"""What a message is about."""
