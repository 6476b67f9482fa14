"""A verifier that stands at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edge.credentials.pictures import codes_in_picture
from edge.credentials.trust import Trust
from edge.credentials.verdict import Verdict
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import Formats

LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)


class StandingVerifier:
    """Verifies as of one moment, the day after the certificates of the tests by default."""

    def __init__(
        self, formats: Formats, trust: Trust, at: datetime = LATER, **more: object
    ) -> None:
        self._verifier = Verifier(formats.reading, trust, **more)  # type: ignore[arg-type]
        self._at = at

    def verify(self, payload: bytes, after: timedelta = timedelta()) -> Verdict:
        return self._verifier.verify(payload, self._at + after, codes_in_picture)
