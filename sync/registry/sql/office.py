"""Knows who may use the registry's pages, and what they did."""

from __future__ import annotations

from sync.registry.sql.database import Part
from sync.registry.store import AuditLine, Operator


class Office(Part):
    """Knows who may use the pages, and what they did."""

    def add_operator(self, operator: Operator) -> None:
        """Let somebody in, or change their role and token."""
        self._run(
            "INSERT INTO operator (name, role, digest, added_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET role = excluded.role, digest = excluded.digest",
            *(operator.name, operator.role, operator.digest, operator.added_at),
        )

    def remove_operator(self, name: str) -> None:
        """Let somebody in no more."""
        self._run("DELETE FROM operator WHERE name = ?", name)

    def operators(self) -> list[Operator]:
        """Give everybody who may use the pages, by name."""
        rows = self._rows("SELECT name, role, digest, added_at FROM operator ORDER BY name")
        return [Operator(*row) for row in rows]

    def audit(self, line: AuditLine) -> None:
        """Write down what somebody did."""
        self._run(
            "INSERT INTO audit (who, at, place, what, whom)"
            " SELECT ?, ?, coalesce(max(place), 0) + 1, ?, ? FROM audit WHERE who = ? AND at = ?",
            *(line.who, line.at, line.what, line.whom, line.who, line.at),
        )

    def audited(self, who: str, what: str, since: str) -> int:
        """Count how often somebody did something at or after an instant."""
        sql = "SELECT count(*) FROM audit WHERE who = ? AND at >= ? AND what = ?"
        return int(self._rows(sql, who, since, what)[0][0])

    def audits(self, limit: int = 200) -> list[AuditLine]:
        """Give the newest lines first."""
        rows = self._rows(
            "SELECT at, who, what, whom FROM audit ORDER BY at DESC, who, place DESC LIMIT ?", limit
        )
        return [AuditLine(*row) for row in rows]
