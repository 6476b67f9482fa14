"""Which schedule answers a case: a folder of packs by WHO's tables, or of plain schedules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from edge.campaign.chosen import PackChoice
from edge.campaign.merging import merged
from edge.campaign.mistakes import Mistake, ScheduleErrors
from edge.campaign.packs import PackStore, chosen_pack, is_pack, read_pack
from edge.campaign.schedules import read_schedule, schedule_mistakes, to_schedule
from edge.domain.schedule.conditions import AddedConditions
from edge.domain.schedule.model import Schedule

_FIRST_LINES = 50
"""In which a pack says that it is one."""


@dataclass(frozen=True, slots=True)
class MissingTableError(Exception):
    """No schedule of the folder answers a case: which was looked for, and what there is."""

    sentence: str


@dataclass(slots=True)
class WhoSchedules:
    """The schedules of a folder, by antigen and by the variant of WHO's table.

    In a folder of packs an antigen is a pack, and a variant one of its ``tables``: the options that
    are it. All packs are there together, so the vaccines of each know the others'. In a folder of
    plain schedules the file is ``ANTIGEN-VARIANT.yaml``, else ``ANTIGEN.yaml``.
    """

    folder: Path
    schemas: Path
    conditions: AddedConditions
    _packs: Mapping[str, Any] | None = None
    _made: dict[tuple[str, str], Schedule] = field(default_factory=dict)

    def schedule(self, antigen: str, variant: str) -> Schedule:
        """Give the schedule of a table: the antigens of its pack, with the vaccines of all packs.

        Raises :class:`MissingTableError`, and :class:`ScheduleErrors` for a wrong file.
        """
        key = (antigen, variant)
        if key not in self._made:
            self._made[key] = self._of_packs(*key) if self.packs else self._plain(*key)
        return self._made[key]

    @property
    def packs(self) -> Mapping[str, Any]:
        """The packs of the folder, by name; raises :class:`ScheduleErrors`."""
        if self._packs is None:
            mistakes: list[Mistake] = []
            self._packs = dict(self._read(mistakes))
            if mistakes:
                raise ScheduleErrors(mistakes)
        return self._packs

    def _read(self, mistakes: list[Mistake]) -> Iterator[tuple[str, Any]]:
        pack_store = PackStore([self.folder], self.schemas)
        for path in sorted(self.folder.glob("*.yaml")):
            if path.stem.endswith(".cases") or not _names_a_pack(path):
                continue
            file = read_pack(path, pack_store, path.stem, mistakes)
            if file is not None and is_pack(file.value):
                yield file.value["pack"], file

    def _of_packs(self, antigen: str, variant: str) -> Schedule:
        if antigen not in self.packs:
            known = ", ".join(self.packs)
            raise MissingTableError(f"no pack {antigen}; there are {known}")
        options = _options(self.packs[antigen].value.get("tables", {}), antigen, variant)
        own = chosen_pack(self.packs[antigen], options)
        others = [chosen_pack(file, {}) for name, file in self.packs.items() if name != antigen]
        file = merged(f"{antigen}.yaml", antigen, antigen, [own, *others])
        mistakes = list(schedule_mistakes(file, self.schemas, self.conditions))
        if mistakes:
            raise ScheduleErrors(mistakes)
        return _only(to_schedule(file.value, self.conditions), own)

    def _plain(self, antigen: str, variant: str) -> Schedule:
        for name in (f"{antigen}-{variant}", antigen):
            path = self.folder / f"{name}.yaml"
            if path.is_file():
                return read_schedule(path, self.schemas, self.conditions)
        raise MissingTableError(
            f"neither {antigen}-{variant}.yaml nor {antigen}.yaml is in the folder"
        )


def _options(tables: Mapping[str, Any], antigen: str, variant: str) -> Mapping[str, Any]:
    """Give the options that are a table; a name that only one table's begins with is that table."""
    if variant in tables:
        found: Mapping[str, Any] = tables[variant]
        return found
    near = [name for name in tables if name.startswith(variant) or variant.startswith(name)]
    if len(near) == 1:
        return _options(tables, antigen, near[0])
    raise MissingTableError(
        f"the pack {antigen} has no table {variant}; there are {', '.join(tables)}"
    )


def _only(schedule: Schedule, own: PackChoice) -> Schedule:
    """Leave of a schedule what one pack has series against, with every vaccine still known."""
    names = {series["against"] for series in own.value["series"]}
    return replace(
        schedule,
        antigens={name: one for name, one in schedule.antigens.items() if name in names},
        groups={
            name: group for name, group in schedule.groups.items() if set(group.antigens) <= names
        },
    )


def _names_a_pack(path: Path) -> bool:
    """Say whether a file may be a pack: what it is in full is said where it is read."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(line.startswith("pack:") for line in islice(file, _FIRST_LINES))
