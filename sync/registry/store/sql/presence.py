"""Counts tries at proofs and questions, and remembers who was present with the paper of whom."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from sync.registry.store.records import CarriedQuestion
from sync.registry.store.sql.database import Session, StoreComponent, marks


class Presence(StoreComponent):
    """Counts tries, and knows who is the same person by having been present."""

    def try_once(self, who: str, day: str, most: int) -> bool:
        """Count a try of a day; false, and nothing counted, if there were so many already."""
        return most > 0 and bool(
            self._run(
                "INSERT INTO proof_try (who, day, tries) VALUES (?, ?, 1)"
                " ON CONFLICT (who, day) DO UPDATE SET tries = proof_try.tries + 1"
                " WHERE proof_try.tries < ?",
                *(who, day, most),
            )
        )

    def give_back(self, who: str, day: str) -> None:
        """Take one try back: it was right."""
        self._run(
            "UPDATE proof_try SET tries = tries - 1 WHERE who = ? AND day = ? AND tries > 0",
            *(who, day),
        )

    def forget_tries(self, before: str) -> None:
        """Forget the tries of the days before one."""
        self._run("DELETE FROM proof_try WHERE day < ?", before)

    def carried(self, node: str) -> list[CarriedQuestion]:
        """Give a node's latest questions by stick: those with one ``after``."""
        sql = "SELECT digest, after, people FROM carried_question WHERE node = ? ORDER BY digest"
        return [
            CarriedQuestion(node, digest, after, frozenset(json.loads(people)))
            for digest, after, people in self._rows(sql, node)
        ]

    def keep_carried(self, question: CarriedQuestion) -> None:
        """Keep a question by stick, in place of those of its node with an earlier ``after``."""
        people = json.dumps(sorted(question.people))

        def work(session: Session) -> None:
            session.run(
                "DELETE FROM carried_question WHERE node = ? AND after < ?",
                *(question.node, question.after),
            )
            session.run(
                "INSERT INTO carried_question (node, digest, after, people) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (node, digest) DO NOTHING",
                *(question.node, question.digest, question.after, people),
            )

        self._database.write(work)

    def link(self, person: str, others: Sequence[str], node: str, now: str) -> None:
        """Remember that a node's person was present with the paper of others."""
        rows = [
            row
            for other in others
            for row in ((person, other, node, now), (other, person, node, now))
        ]
        self._database.write(
            lambda session: session.many(
                "INSERT INTO present (person, other, node, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (person, other) DO NOTHING",
                rows,
            )
        )

    def linked(self, people: Collection[str]) -> set[str]:
        """Give who was present with the paper of any of these, and whose paper these had."""
        some = sorted(people)
        if not some:
            return set()
        sql = f"SELECT DISTINCT other FROM present WHERE person IN ({marks(len(some))})"
        return {str(other) for (other,) in self._rows(sql, *some)}
