"""Which of the nation's letters could not be taken here, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.journal.settings import keep_setting, settings_under

if TYPE_CHECKING:
    from sqlite_utils import Database

    from edge.journal.unit import Unit

_TROUBLE = "letter.trouble."


@dataclass(frozen=True, slots=True)
class LetterTrouble:
    """The last letter of a kind that could not be taken: a sentence template with its values.

    ``detail`` is what is told beside it, in English; ``at`` when the letter was written.
    """

    kind: str
    at: str
    sentence: str
    values: Mapping[str, Any]
    detail: str = ""


def tell(unit: Unit, kind: str, trouble: LetterTrouble | None) -> None:
    """Remember what is wrong with the last letter of a kind, or that nothing is."""
    name = _TROUBLE + kind
    if trouble is None:
        keep_setting(unit.db, name, "")
        return
    told = [trouble.at, trouble.sentence, dict(trouble.values), trouble.detail]
    keep_setting(unit.db, name, json.dumps(told, ensure_ascii=False))


def troubles(db: Database) -> tuple[LetterTrouble, ...]:
    """Give what is wrong with the last letter of each kind."""
    kept = settings_under(db, _TROUBLE)
    return tuple(LetterTrouble(kind, *json.loads(value)) for kind, value in kept.items())
