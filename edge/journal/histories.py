"""Other sites' entries of a person, as the registry told them, and as of when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edge.journal.views.people import OF_ONE
from sync.protocol.histories import ForeignEntry

if TYPE_CHECKING:
    from sqlite_utils import Database


def keep_history(db: Database, person: str, told: Sequence[ForeignEntry], as_of: str) -> None:
    """Keep a person's history in place of the one before; ``as_of`` is an instant in ISO 8601."""
    db.table("history").delete_where("person = ?", [person])
    db.table("history").insert_all(
        (
            {
                "person": person,
                "id": str(entry.entry.get("id", "")),
                "node": entry.node,
                "type": str(entry.entry.get("type", "")),
                "content": json.dumps(
                    {"facility": entry.facility, "entry": entry.entry}, ensure_ascii=False
                ),
                "as_of": as_of,
            }
            for entry in told
        ),
        ignore=True,
    )
    db.table("history_age").upsert({"person": person, "as_of": as_of}, pk="person")


def history_as_of(db: Database, person: str) -> str:
    """Give the instant as of which a person's history is; empty: it was never asked for."""
    row = db.execute(
        "SELECT min(as_of) FROM history_age JOIN person ON person.id = history_age.person"  # noqa: S608
        f" WHERE {OF_ONE}",
        (person,),
    ).fetchone()
    return str(row[0] or "")


def told_by_node(db: Database, person: str) -> dict[tuple[str, str], str]:
    """Give the entries of a person's history by the id asked for and their own: who wrote each."""
    rows = db.execute(
        "SELECT history.person, history.id, node FROM history"  # noqa: S608
        f" JOIN person ON person.id = history.person WHERE {OF_ONE}",
        (person,),
    ).fetchall()
    return {(asked, id_): node for asked, id_, node in rows}


def told_of_person(db: Database, person: str) -> list[dict[str, Any]]:
    """Give what others recorded of a person's details: each with ``facility`` and ``entry``."""
    rows = db.execute(
        "SELECT DISTINCT content FROM history JOIN person ON person.id = history.person"  # noqa: S608
        f" WHERE {OF_ONE} AND type LIKE 'Person%'",
        (person,),
    ).fetchall()
    return [json.loads(content) for (content,) in rows]


def told_entries(db: Database, asked: str) -> list[dict[str, Any]]:
    """Give the entries that were told when one id was asked for, as the others wrote them."""
    rows = db.execute("SELECT content FROM history WHERE person = ?", (asked,)).fetchall()
    return [json.loads(content)["entry"] for (content,) in rows]


def asked_with(db: Database, entry: str) -> list[str]:
    """Give the ids for which an entry of another site was told."""
    rows = db.execute("SELECT person FROM history WHERE id = ?", (entry,)).fetchall()
    return [person for (person,) in rows]


def forget_age(db: Database, person: str) -> None:
    """Let a person's history be as one that was never asked for: it is not so any more."""
    db.table("history_age").delete_where("person = ?", [person])


def expected_people(db: Database, facility: str, before: str, limit: int) -> list[str]:
    """Name people with an identity who are enrolled for a facility or wait here.

    Only those whose history is from before an instant, or was never asked for; these come first.
    """
    rows = db.execute(
        "SELECT person.id FROM person JOIN entry ON entry.id = person.id"
        " LEFT JOIN history_age ON history_age.person = person.id"
        " WHERE person.identity <> '' AND ifnull(history_age.as_of, '') < ?"
        " AND person.status = 'active'"
        " AND (person.id IN (SELECT person FROM queue WHERE waits = 1)"
        " OR person.source = 'enrolment'"
        " AND ifnull(json_extract(entry.content, '$.body.facility'), '') IN ('', ?))"
        " ORDER BY ifnull(history_age.as_of, ''), person.id LIMIT ?",
        (before, facility, limit),
    ).fetchall()
    return [id_ for (id_,) in rows]
