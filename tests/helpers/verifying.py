"""A verifier that stands at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from page_verifier import PageVerifier, difference

from edge.credentials.pictures import codes_in_picture
from edge.credentials.trust import Trust
from edge.credentials.verdict import Verdict
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import Formats

LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)


class StandingVerifier:
    """Verifies as of one moment, the day after the certificates of the tests by default.

    Where a ``page`` is given, the offline page is shown the same, and must say the same.
    """

    page: ClassVar[PageVerifier | None] = None

    def __init__(
        self, formats: Formats, trust: Trust, at: datetime = LATER, **more: object
    ) -> None:
        self._verifier = Verifier(formats.reading, trust, **more)  # type: ignore[arg-type]
        self._trust = trust
        self._at = at

    def verify(self, payload: bytes, after: timedelta = timedelta()) -> Verdict:
        at = self._at + after
        verdict = self._verifier.verify(payload, at, codes_in_picture)
        if self.page is not None:
            self._ask_page(self.page, payload, at, verdict)
        return verdict

    def _ask_page(self, page: PageVerifier, payload: bytes, at: datetime, verdict: Verdict) -> None:
        try:
            text = payload.decode()
        except UnicodeDecodeError:  # a page is given text
            return
        found = difference(verdict, page.verify(text, self._trust, at))
        assert found == "", f"the offline page says {found}: {verdict}"
