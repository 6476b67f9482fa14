"""Which formats are issued, and which of them go on which paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CertificatePlan:
    """Which formats a programme issues, and which of them go on which width of paper (mm)."""

    formats: tuple[str, ...] = ("divoc",)
    paper: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def on_paper(self, millimetres: int) -> tuple[str, ...]:
        """Give the formats for one width; all of them where the campaign does not say."""
        return self.paper.get(millimetres, self.formats)


USUAL_CERTIFICATES = CertificatePlan()
NOTHING = CertificatePlan(())
