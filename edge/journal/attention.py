"""What the registry makes of entries, kept while it is anything but stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_LOST = (
    "SELECT count(*) FROM payment JOIN dose ON dose.id = payment.dose WHERE payment.counts = 0"
    " AND payment.replaced_by = '' AND payment.returned_at = '' AND dose.withdrawn_at = ''"
    " AND (payment.state = 'owed' OR payment.spent_also <> '')"
)
"""What ``views.lost_vouchers`` lists; ``divoc-edge status`` counts it without loading the views."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state`` of an entry: ``rejected``, ``held`` or ``conflict``; ``at`` in ISO 8601.

    ``sentence`` is the registry's template about ``field``; ``waits`` names the entry that a held
    one waits for. The entry of a conflict is a person's id, a space and the name of a field.
    """

    entry: str
    state: str
    field: str
    sentence: str
    at: str
    waits: str = ""


def count_to_put_right(db: Database) -> int:
    """Count the verdicts that somebody must act on, and doses whose voucher pays for another.

    What only waits is not counted.
    """
    (unpaid,) = db.execute(_LOST).fetchone()
    return int(db.table("attention").count_where("state <> 'held'")) + int(unpaid)


def verdicts(db: Database, limit: int) -> list[Verdict]:
    """Give the verdicts, and behind them those of what is held; the oldest first."""
    return [
        Verdict(*row)
        for row in db.execute(
            "SELECT entry, state, field, sentence, at, waits FROM attention"
            " ORDER BY state = 'held', at, entry LIMIT ?",
            (limit,),
        )
    ]


def keep_verdict(db: Database, verdict: Verdict) -> None:
    """Keep a verdict in place of the one before on the same entry."""
    db.table("attention").upsert(_row(verdict), pk="entry")


def forget_verdict(db: Database, entry: str) -> None:
    """Forget the verdict on an entry, if there is one."""
    db.table("attention").delete_where("entry = ?", [entry])


def replace_conflicts(db: Database, person: str, conflicts: Iterable[Verdict]) -> None:
    """Keep these conflicts of a person in place of those before."""
    db.table("attention").delete_where(
        "state = 'conflict' AND entry BETWEEN ? AND ?", [f"{person} ", f"{person} ~"]
    )
    db.table("attention").insert_all(map(_row, conflicts), ignore=True)


def _row(verdict: Verdict) -> dict[str, str]:
    return {
        "entry": verdict.entry,
        "state": verdict.state,
        "field": verdict.field,
        "sentence": verdict.sentence,
        "waits": verdict.waits,
        "at": verdict.at,
    }
