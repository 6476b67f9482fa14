"""Keeps operators' second factors, and which sign-ins were confirmed with one."""

from __future__ import annotations

from collections.abc import Sequence

from sync.registry.store.records import OperatorPasskey, SecondFactor
from sync.registry.store.sql.database import Session, StoreComponent

_NO_TRIES = "tries = 0, tried_at = ''"


class SecondFactors(StoreComponent):
    """Keeps operators' second factors, and which sign-ins were confirmed with one."""

    def second_factor(self, name: str) -> SecondFactor | None:
        """Find the second factor of an operator, confirmed or not."""
        rows = self._rows(
            "SELECT secret, confirmed_at, last_step, tries, tried_at FROM second_factor"
            " WHERE name = ?",
            name,
        )
        if not rows:
            return None
        secret, confirmed_at, last_step, tries, tried_at = rows[0]
        return SecondFactor(
            name=name,
            secret=secret,
            confirmed_at=confirmed_at,
            last_step=last_step,
            tries=tries,
            tried_at=tried_at,
        )

    def begin_second_factor(self, name: str, secret: str) -> bool:
        """Keep a sealed secret in place of one that was not confirmed; false: one was."""
        return bool(
            self._run(
                "INSERT INTO second_factor (name, secret) VALUES (?, ?) ON CONFLICT (name) DO"
                f" UPDATE SET secret = excluded.secret, last_step = 0, {_NO_TRIES}"
                " WHERE second_factor.confirmed_at = ''",
                *(name, secret),
            )
        )

    def confirm_second_factor(self, name: str, step: int, codes: Sequence[str], now: str) -> bool:
        """Have a second factor count from now on, with the digests of its recovery codes."""

        def work(session: Session) -> bool:
            done = session.run(
                f"UPDATE second_factor SET confirmed_at = ?, last_step = ?, {_NO_TRIES}"
                " WHERE name = ? AND confirmed_at = ''",
                *(now, step, name),
            )
            if done:
                session.run("DELETE FROM recovery_code WHERE name = ?", name)
                session.many(
                    "INSERT INTO recovery_code (name, digest) VALUES (?, ?)",
                    [(name, digest) for digest in codes],
                )
            return bool(done)

        return self._database.write(work)

    def count_try(self, name: str, before: int, now: str) -> bool:
        """Count a try as a wrong one; false if there were not so many before."""
        sql = "UPDATE second_factor SET tries = ?, tried_at = ? WHERE name = ? AND tries = ?"
        return bool(self._run(sql, before + 1, now, name, before))

    def use_step(self, name: str, step: int) -> bool:
        """Use up the codes through a step, and forget wrong ones; false if they were used."""
        sql = (
            f"UPDATE second_factor SET last_step = ?, {_NO_TRIES} WHERE name = ? AND last_step < ?"
        )
        return bool(self._run(sql, step, name, step))

    def use_recovery_code(self, name: str, digest: str, now: str) -> bool:
        """Use up a recovery code, and forget wrong ones; false if it is none, or was used."""

        def work(session: Session) -> bool:
            done = session.run(
                "UPDATE recovery_code SET used_at = ? WHERE name = ? AND digest = ?"
                " AND used_at = ''",
                *(now, name, digest),
            )
            if done:
                session.run(f"UPDATE second_factor SET {_NO_TRIES} WHERE name = ?", name)
            return bool(done)

        return self._database.write(work)

    def recovery_codes(self, name: str) -> int:
        """Count the recovery codes that were not used."""
        sql = "SELECT count(*) FROM recovery_code WHERE name = ? AND used_at = ''"
        return int(self._rows(sql, name)[0][0])

    def remove_second_factor(self, name: str) -> bool:
        """Forget a second factor with its recovery codes; false if there is none."""
        return self._database.write(lambda session: forget_second_factor(session, name))

    def add_passkey(self, passkey: OperatorPasskey) -> bool:
        """Keep a passkey of an operator; false if it is there already."""
        return bool(
            self._run(
                "INSERT INTO operator_passkey (id, name, key, count, added_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                *(passkey.id, passkey.name, passkey.key, passkey.count, passkey.added_at),
            )
        )

    def passkeys(self, name: str) -> list[OperatorPasskey]:
        """Give an operator's passkeys, the oldest first."""
        sql = (
            "SELECT id, name, key, count, added_at FROM operator_passkey WHERE name = ?"
            " ORDER BY added_at, id"
        )
        return [OperatorPasskey(*row) for row in self._rows(sql, name)]

    def use_passkey(self, id_: str, before: int, count: int) -> bool:
        """Remember how often a passkey was used; false if it was used otherwise meanwhile."""
        sql = "UPDATE operator_passkey SET count = ? WHERE id = ? AND count = ?"
        return bool(self._run(sql, count, id_, before))

    def confirm_session(self, digest: str, now: str) -> None:
        """Remember that a sign-in was confirmed with the second factor."""
        self._run("UPDATE sign_in SET confirmed_at = ? WHERE digest = ?", now, digest)

    def session_confirmed(self, digest: str) -> bool:
        """Say whether a sign-in was confirmed with the second factor."""
        sql = "SELECT 1 FROM sign_in WHERE digest = ? AND confirmed_at <> ''"
        return bool(self._rows(sql, digest))


def forget_second_factor(session: Session, name: str) -> bool:
    """Forget it, and that any sign-in was confirmed with it, in a transaction that goes on.

    The sign-ins of the file's token bear its name and a digest.
    """
    session.run("DELETE FROM recovery_code WHERE name = ?", name)
    passkeys = session.run("DELETE FROM operator_passkey WHERE name = ?", name)
    session.run(
        "UPDATE sign_in SET confirmed_at = '' WHERE name = ? OR substr(name, 1, ?) = ?",
        *(name, len(name) + 1, f"{name} "),
    )
    return bool(session.run("DELETE FROM second_factor WHERE name = ?", name) + passkeys)
