"""Passkeys (W3C WebAuthn Level 3): what a browser is asked, and whether what it answers fits.

The person is verified by the authenticator each time, by finger, face or its own PIN, so that a
passkey is two factors. Attestation is not asked for: any authenticator will do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 8192
"""Characters of an answer; the longest that is known, with an RSA key, has half of that."""
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a passkey is for: the host name it is bound to, and the origin of the pages."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class PublicPasskey:
    """What is kept of a passkey: its id, its COSE key, how often it was used as it says itself."""

    id: str
    key: str
    count: int = 0


def asked_to_sign(party: Party, challenge: bytes, ids: Sequence[str] = ()) -> dict[str, Any]:
    """Give what ``navigator.credentials.get`` is asked with; without ids any passkey of the host.

    Binary values are base64url, as ``PublicKeyCredential.parseRequestOptionsFromJSON`` reads them.
    """
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.host,
        challenge=challenge,
        timeout=_SECONDS * 1000,
        allow_credentials=_described(ids),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def asked_to_register(
    party: Party, name: str, user: bytes, challenge: bytes, ids: Sequence[str] = ()
) -> dict[str, Any]:
    """Give what ``navigator.credentials.create`` is asked with: a passkey that is found by itself.

    ``user`` are up to 64 bytes that stand for the account ``name``; ``ids`` are registered already.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=party.host,
        rp_name=party.host,
        user_name=name,
        user_id=user,
        challenge=challenge,
        timeout=_SECONDS * 1000,
        exclude_credentials=_described(ids),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json_dict(options)


def shown_id(answer: str) -> str:
    """Give the id of the passkey that an answer speaks of; empty for what is no answer."""
    found = _read(answer).get("id")
    return found if isinstance(found, str) and len(found) <= _LONGEST_ID else ""


def registered(party: Party, challenge: bytes, answer: str) -> PublicPasskey | None:
    """Give what is kept of a new passkey; None for an answer that does not fit."""
    from webauthn import verify_registration_response

    try:
        found = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception:  # whatever strangers' CBOR makes the library do
        return None
    return PublicPasskey(
        _text(found.credential_id), _text(found.credential_public_key), found.sign_count
    )


def counted(party: Party, challenge: bytes, answer: str, kept: PublicPasskey) -> int | None:
    """Give the passkey's count after a right answer; None for one that does not fit.

    One whose count did not rise since the last time may be a copy, and does not fit (section 6.1.1;
    those that always say 0 do not count).
    """
    from webauthn import verify_authentication_response

    if shown_id(answer) != kept.id:
        return None
    try:
        found = verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=_bytes(kept.key),
            credential_current_sign_count=kept.count,
            require_user_verification=True,
        )
    except Exception:  # whatever strangers' CBOR makes the library do
        return None
    return int(found.new_sign_count)


_LONGEST_ID = 1400
"""Characters of base64url: an id has at most 1023 bytes (section 4)."""


def _read(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer) if len(answer) <= LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _described(ids: Sequence[str]) -> list[Any]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=_bytes(id_)) for id_ in ids]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
