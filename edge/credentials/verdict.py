"""What the node says of something it was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

VALID, STALE = "valid", "valid-stale"
REVOKED, EXPIRED, NOT_YET = "revoked", "expired", "not-yet-valid"
UNKNOWN_ISSUER, INVALID, UNREADABLE = "unknown-issuer", "invalid", "unreadable"
VERDICTS = (VALID, STALE, REVOKED, EXPIRED, NOT_YET, UNKNOWN_ISSUER, INVALID, UNREADABLE)
GOOD = (VALID, STALE)
"""The verdicts under which the claims count."""

_GRAVEST_FIRST = (INVALID, REVOKED, UNKNOWN_ISSUER, EXPIRED, NOT_YET, STALE, VALID, UNREADABLE)

YES, NO, UNCHECKED = "yes", "no", "not checked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``verdict`` is one of :data:`VERDICTS`; ``reason`` a sentence template with ``values``.

    ``format`` is the name of one (:class:`edge.credentials.evidence.Format`) or empty; ``profile``
    the table that the contents were read by. ``checks`` say ``yes``, ``no`` or more, by name.
    ``claims`` are what the paper says; they count only under a verdict of :data:`GOOD`.
    ``payload`` is what the code holds that was judged. ``valid_from`` and ``valid_until`` are the
    first and the last day on which a rightly signed certificate counts, None without limit.
    ``others`` are the verdicts of the other codes that were shown in the same picture.
    """

    verdict: str
    format: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    profile: str = ""
    payload: bytes = field(default=b"", repr=False)
    valid_from: date | None = None
    valid_until: date | None = None
    others: tuple[Verdict, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the claims count."""
        return self.verdict in GOOD

    @property
    def all_shown(self) -> tuple[Verdict, ...]:
        """Give the verdict of each code that was shown, this one's first."""
        return (self, *self.others)

    def document(self) -> dict[str, Any]:
        """Give the verdict as a JSON object, the reason in English."""
        return {
            "verdict": self.verdict,
            "format": self.format,
            "profile": self.profile,
            "reason": self.reason.format(**self.values),
            "validFrom": self.valid_from.isoformat() if self.valid_from else "",
            "validUntil": self.valid_until.isoformat() if self.valid_until else "",
            "checks": dict(self.checks),
            "claims": dict(self.claims),
            "others": [other.document() for other in self.others],
        }


def together(verdicts: Sequence[Verdict], formats: Sequence[str]) -> Verdict:
    """Give the verdicts of all codes of one picture as one: the gravest, with the others beside it.

    Whoever looks at one word only never hears of the good code beside the forged one. What is no
    certificate (a link beside it on the same slip) decides only where nothing else is shown. Where
    the codes lie in the picture decides nothing: among equals the format that comes first in
    ``formats`` is told first, then what the code holds.
    """
    rank = {name: place for place, name in enumerate(formats)}
    first, *others = sorted(
        verdicts,
        key=lambda found: (
            _GRAVEST_FIRST.index(found.verdict),
            rank.get(found.format, len(rank)),
            found.payload,
        ),
    )
    return replace(first, others=tuple(others))


class CheckError(Exception):
    """A check said no: its name, the verdict that follows, and why, as a sentence template."""

    def __init__(
        self, check: str, reason: str, /, verdict: str = INVALID, **values: object
    ) -> None:
        self.check = check
        self.verdict = verdict
        self.reason = reason
        self.values = values
        super().__init__(check)


class UnreadableError(Exception):
    """The bytes hold nothing that can be a certificate; the text says why, in one sentence."""
