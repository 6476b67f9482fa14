"""What a site tells of itself when it enrols, over a line or by stick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.protocol.keys import public_text
from sync.protocol.versions import NEWEST


@dataclass(frozen=True, slots=True)
class Introduction:
    """A site as the registry gets to know it.

    ``code`` is the secret of the enrolment code, and ``fingerprint`` what the same says of the
    registry's key (hex); each may be empty. ``name`` gives the facility's name of
    the moment. ``software`` is the version that runs here. ``request`` gives a request for a
    signing certificate (PKCS#10, PEM) and a name for its key, if the site needs one; both empty
    otherwise.
    """

    facility: str
    code: str
    name: Callable[[], str]
    request: Callable[[], tuple[str, str]] = lambda: ("", "")
    software: str = ""
    fingerprint: str = ""

    def enrolment(self, key: Ed25519PublicKey, code: str) -> dict[str, Any]:
        """Give the enrolment of a node's key with a code, to be signed."""
        return {
            "protocol": NEWEST,
            "key": public_text(key),
            "facility": self.facility,
            "name": self.name(),
            "code": code,
        }
