"""The badge: a random token as a QR code, which somebody has and shows; a PIN goes with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from edge.plugins.sign_in.contract import Attempt, Claimed, LocalMethod, NewRegistration, Proof
from edge.plugins.sign_in.verifiers import Bind

MARK = "DEB1"
"""How the text of a badge begins. All of it is QR's alphanumeric set: scanners type it anywhere."""
_BYTES, _ID_DIGITS = 20, 32


class Badge(LocalMethod):
    """Checks the text of a badge (``badge``), which the node's key makes of what is kept."""

    __slots__ = ()

    def claimed(self, shown: Mapping[str, str]) -> Claimed:
        """Whoever the badge was printed for."""
        return Claimed(registered=_id(plain_badge(shown.get("badge", ""))))

    def check(self, attempt: Attempt, /) -> Proof:
        """Compare the badge with those that count."""
        text = plain_badge(attempt.shown.get("badge", "")).encode("utf-8", "replace")
        fits = [
            row.id
            for row in attempt.account.registered
            if hmac.compare_digest(self.text(attempt.account.staff, row.verifier).encode(), text)
        ]
        return Proof(bool(fits), fits[0] if fits else "")

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Make a badge; its text is made anew whenever it is printed, and kept nowhere."""
        seed = self.setup.random(_BYTES).hex()
        return NewRegistration(_id(self.text(attempt.account.staff, seed)), seed)

    def text(self, staff: str, verifier: str) -> str:
        """Give what the QR code of a badge says: of use at this node alone."""
        return badge_text(self.setup.bind, staff, verifier)


def badge_text(bind: Bind, staff: str, verifier: str) -> str:
    """Give what the QR code of a badge says, from what is kept of it."""
    made = base64.b64decode(bind(staff, f"badge {verifier}"))
    return MARK + base64.b32encode(made[:_BYTES]).decode()


def plain_badge(shown: str) -> str:
    """Give the text of a badge as it is compared: scanners may type small letters, and spaces."""
    return "".join(shown.split()).upper()[:100]


def is_badge(shown: str) -> bool:
    """Say whether what stands where the staff code belongs is the text of a badge."""
    text = plain_badge(shown)
    return text.startswith(MARK) and len(text) == len(MARK) + _BYTES * 8 // 5


def _id(text: str) -> str:
    return hashlib.sha256(b"badge id\0" + text.encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS]
