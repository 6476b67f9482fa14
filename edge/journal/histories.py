"""Other sites' entries of a person, as the registry told them, and as of when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from edge.journal.views.people import OF_ONE
from sync.protocol.histories import ForeignEntry
from sync.protocol.proofs import Proof

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
                    {
                        "facility": entry.facility,
                        "node": entry.node,
                        "order": order,
                        "entry": entry.entry,
                    },
                    ensure_ascii=False,
                ),
                "as_of": as_of,
            }
            for order, entry in enumerate(told)
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
    """Give what others recorded of a person's details.

    Each with ``facility``, ``node`` and ``entry``, in the order in which it was told.
    """
    rows = db.execute(
        "SELECT DISTINCT content FROM history JOIN person ON person.id = history.person"  # noqa: S608
        f" WHERE {OF_ONE} AND type LIKE 'Person%'",
        (person,),
    ).fetchall()
    told = [json.loads(content) for (content,) in rows]
    # what was told by older protocols has its node and its order in the entry
    for item in told:
        item.setdefault("node", str(item["entry"].get("node", "")))
        item.setdefault("order", item["entry"].get("number", 0))
    return sorted(told, key=lambda item: item["order"])


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


def keep_proof(db: Database, person: str, proof: Proof) -> None:
    """Keep the proof by which the registry told of a person, in place of the one before."""
    text = msgspec.json.encode(proof).decode()
    db.execute(
        "INSERT INTO history_proof (person, proof) VALUES (?, ?)"
        " ON CONFLICT (person) DO UPDATE SET proof = excluded.proof",
        (person, text),
    )


def kept_proof(db: Database, person: str) -> Proof | None:
    """Give the proof that is kept of a person's id, if any."""
    row = db.execute("SELECT proof FROM history_proof WHERE person = ?", (person,)).fetchone()
    return msgspec.json.decode(row[0], type=Proof) if row and row[0] else None


def forget_proof(db: Database, person: str, proof: Proof) -> None:
    """Forget a proof by which the registry knows nobody; another that was right is kept."""
    if kept_proof(db, person) == proof:
        db.execute("UPDATE history_proof SET proof = '' WHERE person = ?", (person,))


def has_proof(db: Database, person: str) -> bool:
    """Say whether a proof is kept of somebody, under any of their ids."""
    row = db.execute(
        "SELECT 1 FROM history_proof JOIN person ON person.id = history_proof.person"  # noqa: S608
        f" WHERE proof <> '' AND {OF_ONE}",
        (person,),
    ).fetchone()
    return row is not None


def note_asked(db: Database, person: str, at: str) -> None:
    """Remember when the registry was asked of somebody last, whatever it said."""
    db.execute(
        "INSERT INTO history_proof (person, asked_at) VALUES (?, ?)"
        " ON CONFLICT (person) DO UPDATE SET asked_at = excluded.asked_at",
        (person, at),
    )


def last_asked(db: Database, person: str) -> str:
    """Give when the registry was asked of somebody's id last, by its clock; empty: never."""
    row = db.execute("SELECT asked_at FROM history_proof WHERE person = ?", (person,)).fetchone()
    return str(row[0]) if row else ""


def expected_people(db: Database, facility: str, before: str, limit: int) -> list[str]:
    """Name people who wait here, and those enrolled for a facility who have shown a proof.

    Only those who were asked for before an instant, or never; these come first.
    """
    asked = "max(ifnull(history_proof.asked_at, ''), ifnull(history_age.as_of, ''))"
    rows = db.execute(
        "SELECT person.id FROM person JOIN entry ON entry.id = person.id"  # noqa: S608
        " LEFT JOIN history_age ON history_age.person = person.id"
        " LEFT JOIN history_proof ON history_proof.person = person.id"
        f" WHERE {asked} < ? AND person.status = 'active'"
        " AND (person.id IN (SELECT person FROM queue WHERE waits = 1)"
        " OR person.source = 'enrolment' AND ifnull(history_proof.proof, '') <> ''"
        " AND ifnull(json_extract(entry.content, '$.body.facility'), '') IN ('', ?))"
        f" ORDER BY {asked}, person.id LIMIT ?",
        (before, facility, limit),
    ).fetchall()
    return [id_ for (id_,) in rows]
