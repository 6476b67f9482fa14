"""What all requests are made of."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=200)]


Year = Annotated[int, Meta(ge=0, le=9999)]


Count = Annotated[int, Meta(ge=1, le=2**53 - 1)]


Code = Annotated[str, Meta(min_length=1, max_length=64)]


Reason = Annotated[str, Meta(min_length=3, max_length=200)]


class CommandStruct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Fields are camelCase on the wire; unknown ones are refused, so that no typo is ignored."""


class DecidedObjection(CommandStruct, frozen=True):
    """One objection that is set aside: its ``id`` as the refusal has it, and why.

    Without a reason of its own it is the override's.
    """

    id: Text
    reason: Annotated[str, Meta(max_length=200)] = ""


class Override(CommandStruct, frozen=True):
    """A supervisor's decision to give a dose against a rule: who, and why.

    ``objections`` are those that were seen: nothing else is set aside. None named stands for the
    only one there is. ``supervisor`` and ``pin`` may be empty when a supervisor is signed in.
    ``pin`` is a PIN or a password; ``passkey`` is a passkey's answer (JSON) in its place, to what
    ``/session/steps`` asked as ``step``. They are checked at the web application and go no further.
    """

    reason: Reason
    supervisor: Text = ""
    pin: Annotated[str, Meta(max_length=128)] = ""
    passkey: Annotated[str, Meta(max_length=8192)] = ""
    step: Text = ""
    objections: Annotated[tuple[DecidedObjection, ...], Meta(max_length=50)] = ()
