"""Lists of people that the nation expects here: what is missing, and whom they name no more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.journal.projections.people import person_from
from edge.journal.views.people import recorded_people

if TYPE_CHECKING:
    from sqlite_utils import Database

_WHOLE = (
    "NOT EXISTS (SELECT 1 FROM enrolment_piece AS piece"
    " WHERE piece.list = {list} AND piece.taken_at = '')"
)
_TRACES = ("dose", "queue", "arrival", "appointment", "observation", "history_request")
"""Tables in which somebody stands who was here, or is about to come."""
_SEEN = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} WHERE {table}.person = person.id)"  # noqa: S608
    for table in _TRACES
)
_NAMED_NO_MORE = f"""
SELECT person.id, person.programme, {_SEEN} OR person.kept <> person.id OR person.others > 0
OR person.status_position > 0
OR EXISTS (SELECT 1 FROM history_proof AS shown WHERE shown.person = person.id AND proof <> '')
OR person.id IN (SELECT kept FROM merge UNION SELECT merged FROM merge)
OR person.id IN (SELECT one FROM distinguished UNION SELECT other FROM distinguished)
OR person.id IN
    (SELECT json_extract(guardian, '$.person') FROM person WHERE guardian LIKE '%"person"%')
FROM enrolment_member AS member
JOIN enrolment_list AS list ON list.name = member.list
JOIN person ON person.id = member.person
WHERE member.list = ? AND member.edition <> list.edition AND {_WHOLE.format(list="list.name")}
AND person.id > ? AND person.source = 'enrolment'
AND NOT EXISTS (
    SELECT 1 FROM enrolment_member AS named
    JOIN enrolment_list AS another ON another.name = named.list
    WHERE named.person = person.id AND named.list <> member.list
    AND (named.edition = another.edition OR NOT {_WHOLE.format(list="another.name")}))
ORDER BY person.id LIMIT ?
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class MissingPiece:
    """A piece that is still to be fetched."""

    list: str
    edition: str
    programme: str
    hash: str


def edition_of(db: Database, name: str) -> str:
    """Give the edition of a list that is known here, or empty."""
    row = db.execute("SELECT edition FROM enrolment_list WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def missing_pieces(db: Database) -> dict[str, MissingPiece]:
    """Give the pieces that are still to be fetched, by their hashes, in order."""
    rows = db.execute(
        "SELECT list.name, list.edition, list.programme, piece.hash FROM enrolment_piece AS piece"
        " JOIN enrolment_list AS list ON list.name = piece.list"
        " WHERE piece.taken_at = '' ORDER BY list.told_at, list.name, piece.place"
    )
    return {row[3]: MissingPiece(*row) for row in rows}


def list_names(db: Database) -> list[str]:
    """Give the names of all lists, also of those that were withdrawn."""
    return [str(name) for (name,) in db.execute("SELECT name FROM enrolment_list ORDER BY name")]


def named_no_more(db: Database, name: str, after: str, most: int) -> list[tuple[str, str, bool]]:
    """Give who is expected for which programme and named no more in any list, and if seen here.

    In order of their ids, behind one; none before the list is here whole.
    """
    rows = db.execute(_NAMED_NO_MORE, (name, after, most))
    return [(str(id_), str(programme), bool(seen)) for id_, programme, seen in rows]


def registered_by_list(db: Database, id_: str) -> tuple[bool, bool]:
    """Say whether a list of the nation registered somebody, and whether they were corrected."""
    (content,) = db.execute("SELECT content FROM entry WHERE id = ?", (id_,)).fetchone()
    body = json.loads(content)["body"]
    return "list" in body, recorded_people(db, [id_]) != [person_from(body["person"])]
