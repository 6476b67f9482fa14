"""Which formats are issued, and which of them go on which paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CertificatePlan:
    """Which formats a programme issues, and which of them go on which width of paper (mm)."""

    formats: tuple[str, ...] = ("divoc",)
    paper: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def on_paper(self, millimetres: int) -> tuple[str, ...]:
        """Give the formats for one width; all of them where the campaign does not say."""
        return self.paper.get(millimetres, self.formats)

    def in_order(self, formats: Iterable[str]) -> list[str]:
        """Put formats in the order in which they matter: as on the widest paper, then the rest."""
        widest = self.paper[max(self.paper)] if self.paper else ()
        found = list(formats)
        wanted = [*widest, *self.formats, *found]
        return sorted(found, key=wanted.index)


USUAL_CERTIFICATES = CertificatePlan()
NOTHING = CertificatePlan(())
