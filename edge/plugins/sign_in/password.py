"""The password: a sentence that somebody keeps in mind, by NIST SP 800-63B-4, section 3.1.1."""

from __future__ import annotations

import itertools
import re
import unicodedata

from edge.domain.errors import BadInput
from edge.plugins.sign_in.contract import Attempt, NewRegistration, Proof, SecretMethod
from edge.plugins.sign_in.verifiers import bound_secret, check_secret
from sync.protocol.counted import Counted

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


class Password(SecretMethod):
    """Checks a staff code (``code``) and a password (``password``)."""

    __slots__ = ()

    def check(self, attempt: Attempt, /) -> Proof:
        """Check the password, at the same cost for somebody who has none."""
        kept, staff = self.kept(attempt), attempt.account.staff
        typed = plain_password(attempt.shown.get("password", ""))
        found = check_secret(self.setup.bind, staff, kept.verifier, typed, LONGEST)
        return Proof(found.right, kept.id)

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Make the verifier of a new password; raises :class:`BadInput` for one that is guessed."""
        password = plain_password(attempt.shown.get("password", ""))
        check_password(password, attempt.account.staff)
        return NewRegistration(
            self.number(), bound_secret(self.setup.bind, attempt.account.staff, password)
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
            Counted(
                "A password has {least} to {most} character.",
                "A password has {least} to {most} characters.",
                "most",
            ),
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
