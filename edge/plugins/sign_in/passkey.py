"""The passkey: a key in a tablet or telephone, which verifies its person itself (WebAuthn)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from edge.domain.errors import BadInput, NotAllowed
from edge.plugins.contract import READY, Health, Need
from edge.plugins.sign_in.contract import (
    Attempt,
    Claimed,
    MethodSetup,
    NewRegistration,
    Place,
    Prompt,
    Proof,
)
from sync.protocol.counted import Counted
from sync.sign_in.passkeys import (
    Party,
    PublicPasskey,
    asked_to_register,
    asked_to_sign,
    counted,
    registered,
    shown_id,
)

_CHALLENGE = 32
MOST = 5
"""Passkeys of one person: each of their tablets and telephones may have one."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """Checks what a browser answers to a challenge (``passkey``, JSON)."""

    setup: MethodSetup
    needs: frozenset[Need] = frozenset({"device"})

    def health(self) -> Health:
        """It needs nothing of the site, and works where the site has a name and TLS."""
        return READY

    def claimed(self, shown: Mapping[str, str]) -> Claimed:
        """Whoever registered the passkey that answers."""
        return Claimed(registered=_id(shown_id(shown.get("passkey", ""))))

    def begin(self, attempt: Attempt, /) -> Prompt:
        """Make a challenge for any passkey of this site: it is not told who has one."""
        challenge = self.setup.random(_CHALLENGE)
        return Prompt(
            asked_to_sign(_party(attempt.place), challenge), {"challenge": challenge.hex()}
        )

    def check(self, attempt: Attempt, /) -> Proof:
        """Check the answer's signature, its challenge, its origin, its count, its verification."""
        answer = attempt.shown.get("passkey", "")
        found = {row.id: row for row in attempt.account.registered}.get(_id(shown_id(answer)))
        if found is None or not attempt.state.get("challenge"):
            return Proof(False)
        kept = json.loads(found.verifier)
        before = PublicPasskey(kept["id"], kept["key"], int(found.used or kept["count"]))
        count = counted(
            _party(attempt.place), bytes.fromhex(attempt.state["challenge"]), answer, before
        )
        if count is None:
            return Proof(False)
        return Proof(True, found.id, used=str(count))

    def begin_registration(self, attempt: Attempt, /) -> Prompt:
        """Make a challenge for a new passkey of somebody, and none that has one already."""
        if len(attempt.account.registered) >= MOST:
            raise NotAllowed(
                "passkey.most",
                Counted(
                    "Nobody has more than {most} passkey here.",
                    "Nobody has more than {most} passkeys here.",
                ),
                hint="Remove one that is not used any more.",
                most=MOST,
            )
        challenge = self.setup.random(_CHALLENGE)
        user = base64.b64decode(self.setup.bind(attempt.account.staff, "passkey"))
        ids = [json.loads(row.verifier)["id"] for row in attempt.account.registered]
        show = asked_to_register(_party(attempt.place), attempt.account.staff, user, challenge, ids)
        return Prompt(show, {"challenge": challenge.hex()})

    def register(self, attempt: Attempt, /) -> NewRegistration:
        """Give the public key of a new passkey; raises :class:`BadInput` where it does not fit."""
        challenge = bytes.fromhex(attempt.state.get("challenge", ""))
        found = registered(_party(attempt.place), challenge, attempt.shown.get("passkey", ""))
        if found is None or not challenge:
            raise BadInput(
                "passkey.unfit",
                "What the tablet answered does not fit what it was asked.",
                hint="Begin again. The tablet must ask for your finger, your face or its own PIN.",
                field="passkey",
            )
        kept = {"id": found.id, "key": found.key, "count": found.count}
        return NewRegistration(_id(found.id), json.dumps(kept))


def _party(place: Place) -> Party:
    if not place.host:
        raise NotAllowed(
            "passkey.name",
            "Passkeys work under the site's name alone, and over HTTPS.",
            hint="Open the site by its name, as on the set-up sheet, not by its number.",
        )
    return Party(place.host, place.origin)


def _id(shown: str) -> str:
    return hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()[:32] if shown else ""
