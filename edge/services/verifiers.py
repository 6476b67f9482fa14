"""Makes verifiers of PINs, and checks PINs against them: always at the same cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from edge.domain.errors import BadInput
from edge.domain.numbers import in_ascii_digits
from edge.services.pins import PinSeal
from sync.protocol.invitations import plain_code

_PASSES, _MEMORY = 2, 19456
"""RFC 9106: 19 MiB, two passes."""
_MOST_MEMORY, _MOST_PASSES = 64 * 1024, 8
"""KiB and passes of a verifier: what a campaign asks for is taken from the site."""
_BOUND = "bound:"
_LONGEST, _LONGEST_CODE = 12, 64
_NOBODY = f"$argon2id$v=19$m={_MEMORY},t={_PASSES},p=1${'A' * 22}${'A' * 43}"
"""What a PIN of nobody is checked against; nothing fits it."""


@dataclass(frozen=True, slots=True)
class CheckedPin:
    """Whether a PIN is right, and whether its verifier is to be made anew."""

    right: bool
    old: bool = False


def check_form(pin: str) -> None:
    """Refuse what is no PIN: 4 to 12 digits, of any script."""
    if not (pin.isdecimal() and 4 <= len(pin) <= _LONGEST):
        raise BadInput(
            "pin.form", "A PIN has 4 to 12 digits.", hint="Choose digits only.", field="pin"
        )


def make_verifier(pin: str) -> str:
    """Make the Argon2id verifier of a PIN (RFC 9106), for a campaign: bound to no node."""
    check_form(pin)
    return _hasher().hash(in_ascii_digits(pin))


def make_bound(seal: PinSeal, staff: str, pin: str) -> str:
    """Make the verifier of a PIN that is of use at its own node only, sealed."""
    return seal.seal(staff, _BOUND + _hasher().hash(seal.bound(staff, in_ascii_digits(pin))))


def check(seal: PinSeal, staff: str, kept: str, pin: str) -> CheckedPin:
    """Check a PIN against a verifier as it is kept.

    With an empty one, or one that can fit nothing, as much is computed as with any other.
    """
    verifier, pin = seal.open(staff, kept), in_ascii_digits(pin)
    bound = verifier.startswith(_BOUND)
    verifier = verifier.removeprefix(_BOUND)
    possible = _modest(verifier) and len(pin) <= _LONGEST
    told = seal.bound(staff, pin) if bound else pin[:_LONGEST]
    fits = _fits(verifier if possible else _NOBODY, told)
    return CheckedPin(possible and fits, old=not bound)


def check_code(verifier: str, typed: str) -> bool:
    """Check the one-time code of an invitation, at the cost of any check; none fits no code."""
    code = plain_code(in_ascii_digits(typed[:_LONGEST_CODE]))
    possible = _modest(verifier)
    return _fits(verifier if possible else _NOBODY, code) and possible


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY, parallelism=1)


def _modest(verifier: str) -> bool:
    try:
        asked = extract_parameters(verifier)
    except InvalidHashError:
        return False
    return asked.memory_cost <= _MOST_MEMORY and asked.time_cost <= _MOST_PASSES


def _fits(verifier: str, told: str) -> bool:
    compare: Callable[[str, bytes], bool] = PasswordHasher().verify
    try:
        return compare(verifier, told.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False
