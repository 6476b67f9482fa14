"""Knows the nodes, their one-time codes and their alarms."""

from __future__ import annotations

from sync.registry.store.records import Alarm, Code, NodeRecord, SigningRequest
from sync.registry.store.sql.database import StoreComponent

_NODE = (
    "node, key, facility, name, enrolled_at, heard_at, entries, alarms, state, waiting, software,"
    " day, today, stopped_at"
)


class Fleet(StoreComponent):
    """Knows the nodes."""

    def enrol(self, node: str, key: str, facility: str, name: str, now: str) -> NodeRecord:
        """Remember a node, and give it; one that is known stays at its facility, whoever asks."""
        rows = self._database.write(
            lambda session: session.rows(
                "INSERT INTO node (node, key, facility, name, enrolled_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (node) DO UPDATE SET name = CASE WHEN node.facility ="
                f" excluded.facility THEN excluded.name ELSE node.name END RETURNING {_NODE}",
                *(node, key, facility, name, now),
            )
        )
        return NodeRecord(*rows[0])

    def move(self, node: str, facility: str) -> None:
        """Put a node at another facility, as an officer decided."""
        self._run("UPDATE node SET facility = ? WHERE node = ?", facility, node)

    def node(self, node: str) -> NodeRecord | None:
        """Find a node."""
        rows = self._rows(f"SELECT {_NODE} FROM node WHERE node = ?", node)
        return NodeRecord(*rows[0]) if rows else None

    def nodes(self, after: str = "", limit: int = 1000) -> list[NodeRecord]:
        """Give a page of nodes in order of their ids, behind one."""
        sql = f"SELECT {_NODE} FROM node WHERE node > ? ORDER BY node LIMIT ?"
        return [NodeRecord(*row) for row in self._rows(sql, after, limit)]

    def heard_last(self, limit: int, *, longest_silent: bool = False) -> list[NodeRecord]:
        """Give the nodes heard most recently, or those not heard from for longest, first.

        Reads every node: an index on the instant would have to be changed with every batch.
        """
        order = "ASC" if longest_silent else "DESC"
        sql = f"SELECT {_NODE} FROM node ORDER BY heard_at {order}, node LIMIT ?"
        return [NodeRecord(*row) for row in self._rows(sql, limit)]

    def silent(
        self, after: tuple[str, str] | None, limit: int, *, newest_first: bool = False
    ) -> list[NodeRecord]:
        """Give a page of nodes by the hour they were heard in and their ids.

        Reads one page of the index ``node_heard``. By the hour, because an index on the instant
        would have to be changed with every question of every site.
        """
        way, order = ("<", "DESC") if newest_first else (">", "ASC")
        where = f"WHERE (heard_hour, node) {way} (?, ?)" if after else ""
        sql = f"SELECT {_NODE} FROM node {where} ORDER BY heard_hour {order}, node {order} LIMIT ?"
        return [NodeRecord(*row) for row in self._rows(sql, *(after or ()), limit)]

    def of_facility(
        self, prefix: str, after: tuple[str, str] = ("", ""), limit: int = 1000
    ) -> list[NodeRecord]:
        """Give the nodes whose facility begins so; reads one page of ``node_facility``."""
        sql = (
            f"SELECT {_NODE} FROM node WHERE facility >= ? AND facility < ?"
            " AND (facility, node) > (?, ?) ORDER BY facility, node LIMIT ?"
        )
        rows = self._rows(sql, prefix, prefix + "\U0010ffff", *after, limit)
        return [NodeRecord(*row) for row in rows]

    def note(self, node: str, waiting: int, software: str, now: str) -> None:
        """Remember that a node was heard, and what it said of itself."""
        self._run(
            "UPDATE node SET waiting = ?, software = ?, heard_at = ?, heard_hour = ?"
            " WHERE node = ?",
            *(waiting, software, now, now[:13], node),
        )

    def asked(self, node: str) -> str:
        """Give the latest instant that a question of a node has named; empty: none."""
        rows = self._rows("SELECT asked_at FROM node WHERE node = ?", node)
        return str(rows[0][0]) if rows else ""

    def ask_once(self, node: str, at: str) -> bool:
        """Remember the instant that a question names; false if one has named it or a later one."""
        rows = self._database.write(
            lambda session: session.rows(
                "UPDATE node SET asked_at = ? WHERE node = ? AND asked_at < ? RETURNING node",
                *(at, node, at),
            )
        )
        return bool(rows)

    def set_state(self, node: str, state: str, now: str) -> None:
        """Bar a node (``stopped``) or let it in again (``active``); the first stop counts."""
        self._run(
            "UPDATE node SET stopped_at = CASE WHEN ? <> 'stopped' THEN ''"
            " WHEN state = 'stopped' THEN stopped_at ELSE ? END, state = ? WHERE node = ?",
            *(state, now, state, node),
        )

    def alarms(self, node: str = "", limit: int = 100) -> list[Alarm]:
        """Give the alarms of a node, or of all, newest first."""
        rows = self._rows(
            f"SELECT node, epoch, number, kind, at FROM alarm{' WHERE node = ?' if node else ''}"
            " ORDER BY at DESC, node, epoch, number, kind LIMIT ?",
            *((node, limit) if node else (limit,)),
        )
        return [Alarm(*row) for row in rows]

    def add_code(self, digest: str, facility: str, expires_at: str, made_at: str = "") -> None:
        """Remember a one-time code by the SHA-256 of it in hex; one that was used stays used."""
        self._run(
            "INSERT INTO code (digest, facility, expires_at, made_at, node, used_at)"
            " VALUES (?, ?, ?, ?, '', '') ON CONFLICT (digest) DO UPDATE"
            " SET facility = excluded.facility, expires_at = excluded.expires_at"
            " WHERE code.node = ''",
            *(digest, facility, expires_at, made_at),
        )

    def codes(self, behind: tuple[str, str] | None = None, limit: int = 100) -> list[Code]:
        """Give the codes, newest first; reads a page of ``code_made``."""
        rows = self._rows(
            "SELECT digest, facility, expires_at, made_at, node, used_at FROM code"
            f"{' WHERE (made_at, digest) < (?, ?)' if behind else ''}"
            " ORDER BY made_at DESC, digest DESC LIMIT ?",
            *(*(behind or ()), limit),
        )
        return [Code(*row) for row in rows]

    def ask_certificate(self, request: SigningRequest) -> None:
        """Keep a node's request in place of the one before; the same again changes nothing."""
        self._run(
            "INSERT INTO csr (node, pem, at, signed_at) VALUES (?, ?, ?, '')"
            " ON CONFLICT (node) DO UPDATE SET pem = excluded.pem, at = excluded.at,"
            " signed_at = '' WHERE csr.pem <> excluded.pem",
            *(request.node, request.pem, request.at),
        )

    def asked_certificate(self, node: str) -> SigningRequest | None:
        """Find a node's request, signed or not."""
        rows = self._rows("SELECT node, pem, at, signed_at FROM csr WHERE node = ?", node)
        return SigningRequest(*rows[0]) if rows else None

    def asked_certificates(self, after: str = "", limit: int = 1000) -> list[SigningRequest]:
        """Give the requests that are not signed, by node, behind one."""
        rows = self._rows(
            "SELECT node, pem, at, signed_at FROM csr WHERE signed_at = '' AND node > ?"
            " ORDER BY node LIMIT ?",
            *(after, limit),
        )
        return [SigningRequest(*row) for row in rows]

    def answered_certificate(self, node: str, now: str) -> None:
        """Remember that a node's request was signed."""
        self._run("UPDATE csr SET signed_at = ? WHERE node = ?", now, node)

    def take_code(self, digest: str, facility: str, node: str, now: str) -> bool:
        """Use a code up for a node of a facility; false if it is unknown, used, over or another's.

        The node that used it may use it again, even later than its end: it is in already.
        """
        if not self._rows("SELECT 1 FROM code WHERE digest = ?", digest):
            return False  # a guess: those must not keep the ones that write waiting
        rows = self._database.write(
            lambda session: session.rows(
                "UPDATE code SET node = ?, used_at = ? WHERE digest = ?"
                " AND (facility = '' OR facility = ?)"
                " AND (node = '' AND expires_at > ? OR node = ?) RETURNING digest",
                *(node, now, digest, facility, now, node),
            )
        )
        return bool(rows)
