"""Knows who may use the registry's pages, and what they did."""

from __future__ import annotations

from dataclasses import replace

from sync.registry.store.records import AuditLine, Operator, Ruling
from sync.registry.store.sql.database import Session, StoreComponent
from sync.registry.store.sql.second_factors import forget_second_factor


class Office(StoreComponent):
    """Knows who may use the pages, and what they did."""

    def add_operator(self, operator: Operator) -> None:
        """Let somebody in, or change their role and token; who was signed in must do so again."""

        def work(session: Session) -> None:
            session.run(
                "INSERT INTO operator (name, role, digest, added_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET role = excluded.role, digest = excluded.digest",
                *(operator.name, operator.role, operator.digest, operator.added_at),
            )
            session.run("DELETE FROM sign_in WHERE name = ?", operator.name)

        self._database.write(work)

    def remove_operator(self, name: str) -> None:
        """Let somebody in no more, also where they are signed in now."""

        def work(session: Session) -> None:
            session.run("DELETE FROM operator WHERE name = ?", name)
            session.run("DELETE FROM sign_in WHERE name = ?", name)
            forget_second_factor(session, name)

        self._database.write(work)

    def operator(self, name: str) -> Operator | None:
        """Find somebody by name."""
        rows = self._rows("SELECT name, role, digest, added_at FROM operator WHERE name = ?", name)
        return Operator(*rows[0]) if rows else None

    def open_session(self, digest: str, name: str, expires_at: str, now: str) -> None:
        """Remember a sign-in by the SHA-256 of its cookie; those that are over are dropped."""

        def work(session: Session) -> None:
            session.run("DELETE FROM sign_in WHERE expires_at <= ?", now)
            session.run(
                "INSERT INTO sign_in (digest, name, expires_at) VALUES (?, ?, ?)",
                *(digest, name, expires_at),
            )

        self._database.write(work)

    def session(self, digest: str, now: str) -> str:
        """Give whose sign-in it is; empty if it is over or unknown."""
        sql = "SELECT name FROM sign_in WHERE digest = ? AND expires_at > ?"
        rows = self._rows(sql, digest, now)
        return str(rows[0][0]) if rows else ""

    def close_session(self, digest: str) -> None:
        """Forget a sign-in."""
        self._run("DELETE FROM sign_in WHERE digest = ?", digest)

    def operators(self) -> list[Operator]:
        """Give everybody who may use the pages, by name."""
        rows = self._rows("SELECT name, role, digest, added_at FROM operator ORDER BY name")
        return [Operator(*row) for row in rows]

    def rule(self, ruling: Ruling) -> None:
        """Remember what an officer decided, in place of the decision before."""
        self._run(
            "INSERT INTO ruling (node, hash, state, ruled_by, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (node, hash) DO UPDATE SET state = excluded.state,"
            " ruled_by = excluded.ruled_by, at = excluded.at",
            *(ruling.node, ruling.hash, ruling.state, ruling.by, ruling.at),
        )

    def ruled(self, node: str, hash_: str) -> Ruling | None:
        """Find what an officer decided of an entry."""
        rows = self._rows(
            "SELECT state, ruled_by, at FROM ruling WHERE node = ? AND hash = ?", node, hash_
        )
        return (
            Ruling(node=node, hash=hash_, state=rows[0][0], by=rows[0][1], at=rows[0][2])
            if rows
            else None
        )

    def ruled_nodes(self, state: str) -> list[str]:
        """Give the nodes of any entry of which an officer decided so."""
        rows = self._rows("SELECT DISTINCT node FROM ruling WHERE state = ?", state)
        return [node for (node,) in rows]

    def audit(self, line: AuditLine) -> None:
        """Write down what somebody did."""
        self._database.write(lambda session: _write(session, line))

    def audits(self, limit: int = 200, before: AuditLine | None = None) -> list[AuditLine]:
        """Give the newest lines first; reads a page of ``audit_at``."""
        place = (before.at, before.who, before.place) if before else ()
        rows = self._rows(
            "SELECT at, who, what, whom, place FROM audit"
            f"{' WHERE (at, who, place) < (?, ?, ?)' if before else ''}"
            " ORDER BY at DESC, who DESC, place DESC LIMIT ?",
            *(*place, limit),
        )
        return [AuditLine(*row) for row in rows]

    def trim_audit(self, before: str, line: AuditLine) -> int:
        """Forget the lines from before an instant, and write down in ``line`` how many; give it."""

        def work(session: Session) -> int:
            count = session.run("DELETE FROM audit WHERE at < ?", before)
            if count:
                _write(session, replace(line, whom=f"{count} {line.whom}"))
            return count

        return self._database.write(work)


def _write(session: Session, line: AuditLine) -> None:
    session.run(
        "INSERT INTO audit (who, at, place, what, whom)"
        " SELECT ?, ?, coalesce(max(place), 0) + 1, ?, ? FROM audit WHERE who = ? AND at = ?",
        *(line.who, line.at, line.what, line.whom, line.who, line.at),
    )
