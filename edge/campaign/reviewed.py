"""A campaign without mistakes, by its files, as whoever looks at it needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A campaign without mistakes, by its files; ``languages`` are those paper is translated to."""

    files: Mapping[str, YamlFile]
    schedules: Mapping[str, YamlFile]
    today: date
    languages: frozenset[str]

    def remark(
        self, file: str, path: tuple[str | int, ...], code: str, sentence: str, /, **values: object
    ) -> Mistake:
        """Make a remark on a part of a file."""
        return self.files[file].mistake(path, code, sentence, **values)

    def each(self, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Give each active item of a list with its place."""
        for index, item in enumerate(self.files[name].value):
            if item.get("active", True):
                yield index, item

    def has_role(self, role: str) -> bool:
        """Say whether somebody who is active has a role."""
        return any(role in member["roles"] for _, member in self.each("staff"))
