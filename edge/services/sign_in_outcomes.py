"""What a sign-in takes and gives: a signature, a session's token, what is missing, a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.domain.errors import NotAllowed
from edge.domain.sign_in_rules import BADGE, OIDC, PASSKEY, PASSWORD, PIN


@dataclass(frozen=True, slots=True)
class SignInOutcome:
    """What came of it: a session's ``token``; or ``step``, in which one of ``missing`` goes on.

    ``staff`` is the code of whoever has shown something right. ``waiting``: somebody is asked
    elsewhere as ``show`` says, and has not answered yet.
    """

    token: str = ""
    step: str = ""
    missing: tuple[str, ...] = ()
    staff: str = ""
    waiting: bool = False
    show: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a method asks first: ``show`` is for the tablet, ``step`` comes back with the answer."""

    step: str
    show: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signature:
    """What a second person signs with: what they typed, or a passkey's answer of a step."""

    secret: str = field(default="", repr=False)
    passkey: str = ""
    step: str = ""


def not_so(instead: Sequence[str]) -> NotAllowed:
    """Say that what was shown is right, and not how somebody's role signs in or signs."""
    first = instead[0] if instead else ""
    if first == BADGE:
        sentence = "Your role signs in with a badge: scan it, and type the PIN."
    elif first == PASSKEY:
        sentence = "Your role signs in, and signs, with a passkey."
    elif first == PASSWORD:
        sentence = "Your role signs in, and signs, with a password."
    elif first == OIDC:
        sentence = "Your role signs in with the national account."
    elif first == PIN:
        sentence = "Your role signs in, and signs, with a PIN."
    else:
        sentence = "Your role signs in in another way."
    return NotAllowed(
        "sign-in.method", sentence, hint="A supervisor registers what you need for it, or has done."
    )
