"""The password: a sentence that somebody keeps in mind, by NIST SP 800-63B-4, section 3.1.1."""

from __future__ import annotations

import itertools
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from edge.domain.errors import BadInput
from edge.plugins.contract import READY, Health, Need
from edge.plugins.sign_in.contract import (
    NOTHING_FIRST,
    Attempt,
    Claimed,
    MethodSetup,
    NewRegistration,
    Prompt,
    Proof,
)
from edge.plugins.sign_in.verifiers import bound_secret, check_secret

SHORTEST, LONGEST = 15, 128
"""Characters: 15 is what a password needs that may be the only thing somebody shows."""
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "password passwort motdepasse letmein welcome iloveyou sunshine princess "
        "football monkey dragon qwerty qwertyuiop azerty asdfgh asdfghjkl "
        "zxcvbn abc abcdef abcdefgh admin administrator login secret "
        "changeme divoc divocedge vaccine vaccination vaccinator supervisor clinic "
        "hospital health ministry covid nurse doctor ",
    )
)
"""What passwords of nothing else are guessed with first."""


@dataclass(frozen=True, slots=True)
class Password:
    """Checks a staff code (``code``) and a password (``password``)."""

    setup: MethodSetup
    needs: frozenset[Need] = frozenset()

    def health(self) -> Health:
        """It needs nothing, and works."""
        return READY

    def claimed(self, shown: Mapping[str, str]) -> Claimed:
        """The code that was typed."""
        return Claimed(staff=shown.get("code", "").strip())

    def begin(self, _: Attempt, /) -> Prompt:
        """Nothing is asked first."""
        return NOTHING_FIRST

    def check(self, attempt: Attempt, /) -> Proof:
        """Check the password, at the same cost for somebody who has none."""
        kept = attempt.account.registered[0] if attempt.account.registered else None
        typed = plain_password(attempt.shown.get("password", ""))
        verifier = kept.verifier if kept else ""
        found = check_secret(self.setup.bind, attempt.account.staff, verifier, typed, LONGEST)
        return Proof(found.right, kept.id if kept else "")

    def begin_registration(self, _: Attempt, /) -> Prompt:
        """Nothing is asked first."""
        return NOTHING_FIRST

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Make the verifier of a new password; raises :class:`BadInput` for one that is guessed."""
        password = plain_password(attempt.shown.get("password", ""))
        check_password(password, attempt.account.staff)
        number = str(uuid.UUID(bytes=self.setup.random(16), version=4))
        return NewRegistration(
            number, bound_secret(self.setup.bind, attempt.account.staff, password)
        )


def plain_password(typed: str) -> str:
    """Give a password as it is compared, however a keyboard writes its letters (NFKC)."""
    return unicodedata.normalize("NFKC", typed[: 4 * LONGEST])


def check_password(password: str, staff: str) -> None:
    """Refuse a password that is too short, too long or guessed first; any letters will do.

    Raises :class:`BadInput`.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(
            "password.length",
            "A password has {least} to {most} characters.",
            hint="Take four words that have nothing to do with each other.",
            field="password",
            least=SHORTEST,
            most=LONGEST,
        )
    if _is_guessed(password.casefold(), staff.casefold()):
        raise BadInput(
            "password.common",
            "This password is one of the first that somebody would guess.",
            hint="Take four words that have nothing to do with each other.",
            field="password",
        )


def _is_guessed(password: str, staff: str) -> bool:
    """Say whether nothing is in it but common words, digits, the staff code, or one short piece."""
    if re.fullmatch(r"(.{1,4})\1*.{0,3}", password, re.DOTALL) and len(set(password)) <= 4:
        return True
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(password)}
    if len(steps) == 1:
        return True
    words = [word for word in re.split(r"[\W\d_]+", password.replace(staff, " ")) if word]
    return all(_of_common_words(word) for word in words)


def _of_common_words(word: str) -> bool:
    """Say whether a word is made of common ones alone, however often."""
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(end - len(common) in reached and word[:end].endswith(common) for common in _COMMON):
            reached.add(end)
    return len(word) in reached
