"""Whose history somebody asked for that comes with a stick, and the questions that were carried."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from edge.journal.views.people import OF_ONE
from sync.protocol.histories import PersonQuery
from sync.protocol.proofs import Proof

if TYPE_CHECKING:
    from sqlite_utils import Database

_KEPT = 50
"""Questions of which an answer is still taken: as many sticks may be on their way."""


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """A history that somebody asked for, by which proof, and when (ISO 8601, UTC).

    ``outcome`` is empty while the answer is on its way; ``wrong``: the proof is of nobody;
    ``nothing``: nothing is linked to this site's own record.
    """

    proof: Proof
    asked_by: str
    asked_at: str
    outcome: str = ""


def keep_request(db: Database, person: str, request: HistoryRequest) -> None:
    """Keep what was asked of a person, in place of what was asked before."""
    db.execute(
        "INSERT INTO history_request (person, proof, asked_by, asked_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (person) DO UPDATE SET proof = excluded.proof, asked_by = excluded.asked_by,"
        " asked_at = excluded.asked_at, outcome = ''",
        (person, _written(request.proof), request.asked_by, request.asked_at),
    )


def requests_waiting(db: Database, limit: int) -> dict[str, HistoryRequest]:
    """Give what was asked and not answered, by the person's id: first who was looked up least."""
    rows = db.execute(
        "SELECT person, history_request.proof, asked_by, history_request.asked_at"
        " FROM history_request LEFT JOIN history_proof USING (person) WHERE outcome = ''"
        " ORDER BY ifnull(history_proof.asked_at, ''), history_request.asked_at, person LIMIT ?",
        (limit,),
    ).fetchall()
    return {person: HistoryRequest(_read(proof), by, at) for person, proof, by, at in rows}


def request_of(db: Database, person: str) -> HistoryRequest | None:
    """Give what was asked last of somebody, under any of their ids, and waits or found nothing."""
    row = db.execute(
        "SELECT proof, asked_by, asked_at, outcome FROM history_request"  # noqa: S608
        " JOIN person ON person.id = history_request.person"
        f" WHERE {OF_ONE} ORDER BY outcome, asked_at DESC LIMIT 1",
        (person,),
    ).fetchone()
    return HistoryRequest(_read(row[0]), *row[1:]) if row else None


def answer_request(db: Database, person: str, proof: Proof, outcome: str) -> None:
    """Note what became of a request by this proof; empty: it was answered, and is no more."""
    values = (person, _written(proof))
    if outcome:
        db.execute(
            "UPDATE history_request SET outcome = ? WHERE person = ? AND proof = ?",
            (outcome, *values),
        )
    else:
        db.execute("DELETE FROM history_request WHERE person = ? AND proof = ?", values)


def request_mark(db: Database) -> str:
    """Write down which requests wait, so that one that is new is seen."""
    row = db.execute(
        "SELECT count(*), max(asked_at) FROM history_request WHERE outcome = ''"
    ).fetchone()
    return f"{row[0]} {row[1] or ''}"


def carried_nonce(
    db: Database, people: Sequence[PersonQuery], after: str, nonce: str, now: str
) -> str:
    """Give the nonce of a question that is carried: the same one for the same question.

    So two sticks with one question use up one try. ``nonce`` is for a new one.
    """
    text = json.dumps({query.id: _written(query.proof) for query in people}, sort_keys=True)
    row = db.execute(
        "SELECT nonce FROM carried_question WHERE after = ? AND people = ?", (after, text)
    ).fetchone()
    if row:
        return str(row[0])
    db.execute(
        "INSERT INTO carried_question (nonce, after, asked_at, people) VALUES (?, ?, ?, ?)",
        (nonce, after, now, text),
    )
    db.execute(
        "DELETE FROM carried_question WHERE rowid NOT IN"
        " (SELECT rowid FROM carried_question ORDER BY rowid DESC LIMIT ?)",
        (_KEPT,),
    )
    return nonce


def carried_question(db: Database, nonce: str) -> Mapping[str, Proof]:
    """Give by which proof a carried question asked for each person; none: it was never asked."""
    row = db.execute("SELECT people FROM carried_question WHERE nonce = ?", (nonce,)).fetchone()
    return {person: _read(proof) for person, proof in json.loads(row[0]).items()} if row else {}


def _written(proof: Proof) -> str:
    return msgspec.json.encode(proof).decode()


def _read(text: str) -> Proof:
    return msgspec.json.decode(text, type=Proof)
