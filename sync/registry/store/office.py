"""What the registry's store keeps of those who use its pages: operators, factors, the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sync.registry.store.records import (
    AuditLine,
    Operator,
    OperatorPasskey,
    Ruling,
    SecondFactor,
)


class Office(Protocol):
    """Knows who may use the pages, and what they did."""

    def add_operator(self, operator: Operator) -> None:
        """Let somebody in, or change their role and token."""
        ...

    def remove_operator(self, name: str) -> None:
        """Let somebody in no more."""
        ...

    def operators(self) -> list[Operator]:
        """Give everybody who may use the pages, by name."""
        ...

    def operator(self, name: str) -> Operator | None:
        """Find somebody by name."""
        ...

    def open_session(self, digest: str, name: str, expires_at: str, now: str) -> None:
        """Remember a sign-in by the SHA-256 of its cookie; those that are over are dropped."""
        ...

    def session(self, digest: str, now: str) -> str:
        """Give whose sign-in it is; empty if it is over or unknown."""
        ...

    def close_session(self, digest: str) -> None:
        """Forget a sign-in."""
        ...

    def rule(self, ruling: Ruling) -> None:
        """Remember what an officer decided of an entry, in place of the decision before."""
        ...

    def ruled(self, node: str, hash_: str) -> Ruling | None:
        """Find what an officer decided of an entry, by its node and hash."""
        ...

    def ruled_nodes(self, state: str) -> list[str]:
        """Give the nodes of any entry of which an officer decided so."""
        ...

    def audit(self, line: AuditLine) -> None:
        """Write down what somebody did."""
        ...

    def audits(self, limit: int = 200, before: AuditLine | None = None) -> list[AuditLine]:
        """Give the newest lines first, behind one of them."""
        ...

    def trim_audit(self, before: str, line: AuditLine) -> int:
        """Forget the lines from before an instant, and write down in ``line`` how many; give it.

        Both or neither; nothing is written where there was none.
        """
        ...


class SecondFactors(Protocol):
    """Keeps operators' second factors, and which sign-ins were confirmed with one."""

    def second_factor(self, name: str) -> SecondFactor | None:
        """Find the second factor of an operator, confirmed or not."""
        ...

    def begin_second_factor(self, name: str, secret: str) -> bool:
        """Keep a sealed secret in place of one that was not confirmed; false: one was."""
        ...

    def confirm_second_factor(self, name: str, step: int, codes: Sequence[str], now: str) -> bool:
        """Have a second factor count from now on, with the digests of its recovery codes.

        False, and nothing done, if it counts already or there is none.
        """
        ...

    def count_try(self, name: str, before: int, now: str) -> bool:
        """Count a try as a wrong one; false if there were not so many ``before``."""
        ...

    def use_step(self, name: str, step: int) -> bool:
        """Use up the codes through a step, and forget wrong ones; false if they were used."""
        ...

    def use_recovery_code(self, name: str, digest: str, now: str) -> bool:
        """Use up a recovery code, and forget wrong ones; false if it is none, or was used."""
        ...

    def recovery_codes(self, name: str) -> int:
        """Count the recovery codes that were not used."""
        ...

    def remove_second_factor(self, name: str) -> bool:
        """Forget a second factor with its recovery codes; false if there is none.

        Sign-ins that were confirmed with it are so no more.
        """
        ...

    def add_passkey(self, passkey: OperatorPasskey) -> bool:
        """Keep a passkey of an operator; false if it is there already."""
        ...

    def passkeys(self, name: str) -> list[OperatorPasskey]:
        """Give an operator's passkeys, the oldest first."""
        ...

    def use_passkey(self, id_: str, before: int, count: int) -> bool:
        """Remember how often a passkey was used; false if it was used otherwise meanwhile."""
        ...

    def confirm_session(self, digest: str, now: str) -> None:
        """Remember that a sign-in was confirmed with the second factor."""
        ...

    def session_confirmed(self, digest: str) -> bool:
        """Say whether a sign-in was confirmed with the second factor."""
        ...
