"""Hands requests to the desk: a supervisor's PIN is checked here, and goes no further."""

from __future__ import annotations

from typing import Any

import msgspec

from edge.domain.catalogue import Staff
from edge.journal.entry import Entry
from edge.services.commands import SIGNED, Command, HandOverCash
from edge.services.desk import Look, Outcome, no_look
from edge.web.asking import pin_asker
from edge.web.backend import Backend


def take(
    backend: Backend, id_: str, command: Command, staff: Staff, look: Look[Any] = no_look
) -> Outcome[Any]:
    """Check a supervisor's PIN here, then hand the request to the desk without it."""
    outcome = backend.desk.take(id_, _with_checked_pin(backend, command, staff), staff, look)
    backend.wake_printers()
    return outcome


def rehearse(backend: Backend, command: Command, staff: Staff) -> tuple[Entry, ...]:
    """Give what a request would record, as :func:`take` would hand it over."""
    return backend.desk.rehearse(_with_checked_pin(backend, command, staff), staff)


def _with_checked_pin(backend: Backend, command: Command, staff: Staff) -> Command:
    if isinstance(command, HandOverCash):
        if command.receiver != staff.code:  # oneself is refused at the desk
            backend.authenticator.check_pin(command.receiver, command.pin, pin_asker(backend))
        command = msgspec.structs.replace(command, pin="")
    if isinstance(command, SIGNED) and command.override:
        override = command.override
        if override.supervisor and override.supervisor != staff.code:
            backend.authenticator.check_pin(override.supervisor, override.pin, pin_asker(backend))
        cleared = msgspec.structs.replace(override, pin="")
        command = msgspec.structs.replace(command, override=cleared)
    return command
