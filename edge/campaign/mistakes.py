"""Mistakes in what somebody wrote: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.domain.errors import EdgeError


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: ``line`` counts from 1 (in a table the header is row 1).

    ``sentence`` and ``hint`` are templates for translation; ``column`` names a table's column or a
    field. ``final``: the file breaks here, and nothing behind it was read.
    """

    file: str
    line: int
    code: str
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)
    column: str = ""
    hint: str = ""
    final: bool = False

    def __str__(self) -> str:
        """Write the mistake as a technician reads it."""
        place = f"{self.file}, line {self.line}"
        if self.column:
            place += f", {self.column}"
        told = " ".join(part.format(**self.values) for part in (self.sentence, self.hint) if part)
        return f"{place}: {told}"

    def document(self) -> dict[str, object]:
        """Give it as a JSON object, worded."""
        return {
            "file": self.file,
            "line": self.line,
            "code": self.code,
            "sentence": self.sentence.format(**self.values),
            "hint": self.hint.format(**self.values),
        }


class CampaignErrors(EdgeError):
    """A campaign that cannot be applied: every mistake in it, in order of file and line."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(
            "campaign.mistakes",
            "Mistakes in the campaign: {count}. Nothing was applied.",
            hint="Mend each of them and apply it again.",
            count=len(mistakes),
        )
        self.mistakes = _in_order(mistakes)


class ScheduleErrors(CampaignErrors):
    """A schedule that was read by itself, and is applied by nobody: every mistake in it."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        EdgeError.__init__(
            self,
            "schedule.mistakes",
            "Mistakes in this schedule: {count}.",
            hint="Mend each of them and try again.",
            count=len(mistakes),
        )
        self.mistakes = _in_order(mistakes)


def _in_order(mistakes: Sequence[Mistake]) -> tuple[Mistake, ...]:
    return tuple(sorted(mistakes, key=lambda one: (one.file, one.line, one.column)))
