"""Makes verifiers of PINs and passwords, and checks these: always at the same cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from edge.domain.errors import BadInput
from edge.domain.numbers import in_ascii_digits
from sync.protocol.invitations import plain_code

_PASSES, _MEMORY = 2, 19456
"""RFC 9106: 19 MiB, two passes."""
_MOST_MEMORY, _MOST_PASSES = 64 * 1024, 8
"""KiB and passes of a verifier: what a campaign asks for is taken from the site."""
_BOUND = "bound:"
_LONGEST, _LONGEST_CODE = 12, 64
Bind = Callable[[str, str], str]
"""Gives a digest of a staff code and a secret under a key of the node alone."""
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


def bound_verifier(bind: Bind, staff: str, pin: str) -> str:
    """Make the verifier of a PIN that is of use at its own node only."""
    return bound_secret(bind, staff, in_ascii_digits(pin))


def bound_secret(bind: Bind, staff: str, secret: str) -> str:
    """Make the verifier of what somebody keeps in mind, of use at its own node only."""
    return _BOUND + _hasher().hash(bind(staff, secret))


def check(bind: Bind, staff: str, verifier: str, pin: str) -> CheckedPin:
    """Check a PIN against its verifier.

    With an empty one, or one that can fit nothing, as much is computed as with any other.
    """
    return check_secret(bind, staff, verifier, in_ascii_digits(pin), _LONGEST)


def check_secret(bind: Bind, staff: str, verifier: str, secret: str, longest: int) -> CheckedPin:
    """Check what somebody keeps in mind, of so many characters at the most, likewise."""
    bound = verifier.startswith(_BOUND)
    verifier = verifier.removeprefix(_BOUND)
    possible = _modest(verifier) and len(secret) <= longest
    told = bind(staff, secret[: longest + 1]) if bound else secret[:longest]
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
