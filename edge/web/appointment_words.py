"""What pages say of appointments."""

from __future__ import annotations

from collections.abc import Mapping

from edge.journal.views import AppointmentState

APPOINTMENT_WORDS: Mapping[AppointmentState, str] = {
    "expected": "expected",
    "came": "came",
    "vaccinated": "vaccinated",
    "missed": "did not come",
    "cancelled": "cancelled",
}
"""How an appointment stands."""
FREED_WORDS: Mapping[str, str] = {"died": "Died", "moved": "Moved away"}
"""The status of a person that freed a place."""
CANCEL_REASONS = ("Cannot come", "Comes another day", "Booked by mistake")
"""What a tap says of why somebody is expected no more."""
CAME_EARLIER = "Came earlier"
"""What a tap says after a dose that was given before the day."""
