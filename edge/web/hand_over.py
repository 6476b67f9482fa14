"""Hands requests to the desk: a supervisor's signature is checked here, and goes no further."""

from __future__ import annotations

from typing import Any

import msgspec

from edge.domain.catalogue import Staff
from edge.journal.entry import Entry
from edge.services.commands import SIGNED, Command, HandOverCash
from edge.services.desk import Look, Outcome, no_look
from edge.services.sign_in_outcomes import Signature
from edge.web.asking import signed
from edge.web.backend import Backend


def take(
    backend: Backend, id_: str, command: Command, staff: Staff, look: Look[Any] = no_look
) -> Outcome[Any]:
    """Check a supervisor's signature here, then hand the request to the desk without it."""
    outcome = backend.desk.take(id_, _with_checked_signature(backend, command, staff), staff, look)
    backend.wake_printers()
    return outcome


def rehearse(backend: Backend, command: Command, staff: Staff) -> tuple[Entry, ...]:
    """Give what a request would record, as :func:`take` would hand it over."""
    return backend.desk.rehearse(_with_checked_signature(backend, command, staff), staff)


def _with_checked_signature(backend: Backend, command: Command, staff: Staff) -> Command:
    if isinstance(command, HandOverCash):
        if command.receiver != staff.code:  # oneself is refused at the desk
            signed(backend, command.receiver, Signature(command.pin))
        command = msgspec.structs.replace(command, pin="")
    if isinstance(command, SIGNED) and command.override:
        override = command.override
        if override.supervisor and override.supervisor != staff.code:
            signature = Signature(override.pin, override.passkey, override.step)
            signed(backend, override.supervisor, signature)
        cleared = msgspec.structs.replace(override, pin="", passkey="", step="")
        command = msgspec.structs.replace(command, override=cleared)
    return command
