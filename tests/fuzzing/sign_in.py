"""Readers of what strangers show to sign in with: a browser's answers for passkeys."""

from __future__ import annotations

from authenticators import SoftAuthenticator

from sync.sign_in.passkeys import Party, counted, registered
from tests.fuzzing.target import Target

_PARTY = Party("clinic.local", "https://clinic.local")
_CHALLENGE = bytes(32)
_SHOWN = {"challenge": "A" * 43}


def sign_in_targets() -> tuple[Target, ...]:
    """Give them: what a browser answers when a passkey is made, and when it signs."""
    made = SoftAuthenticator(_PARTY.host, _PARTY.origin)
    new = made.register(_SHOWN)
    kept = registered(_PARTY, _CHALLENGE, new)
    assert kept is not None
    signed = made.sign(_SHOWN)

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        registered(_PARTY, _CHALLENGE, text)
        counted(_PARTY, _CHALLENGE, text, kept)

    modules = ("sync/sign_in/passkeys.py", "edge/plugins/sign_in/passkey.py")
    return (Target("passkey", modules, read, (new.encode(), signed.encode()), ()),)
