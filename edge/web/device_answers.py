"""What the API answers of paired tablets: each answer's type is also its schema."""

from __future__ import annotations

from datetime import datetime

from edge.web.answer import Answer


class DeviceKeyAnswer(Answer, frozen=True):
    """The key of a device that was just paired: a secret, shown in ``Divoc-Device`` from now on."""

    key: str


class DeviceAnswer(Answer, frozen=True):
    """A paired tablet or program; ``revokedAt`` if it is let in no more."""

    id: str
    name: str
    paired_at: datetime
    paired_by: str
    seen_at: datetime
    revoked_at: datetime | None = None
