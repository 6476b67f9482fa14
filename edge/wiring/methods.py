"""The ways of signing in of a site: each made with its settings, and a guard before some."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from edge.adapters.settings import Settings
from edge.domain.errors import EdgeError
from edge.plugins.guard import Guard
from edge.plugins.sign_in.contract import MakeMethod, MethodSetup, SignInMethod
from edge.plugins.sign_in.table import SIGN_IN_METHODS
from edge.services.methods_here import MethodsHere
from edge.services.pins import PinSeal
from edge.wiring.keys import Keys
from sync.key_places import handed_credentials

_log = logging.getLogger("divoc_edge")


def methods_here(
    settings: Settings,
    keys: Keys,
    makers: Mapping[str, MakeMethod],
    plugins: Mapping[tuple[str, str], Guard],
) -> MethodsHere:
    """Make every way of signing in; one that cannot be made is left out, and the log says why."""
    seal = PinSeal(keys.node)
    made: dict[str, SignInMethod] = {}
    guards: dict[str, Guard] = {}
    for name, make in makers.items():
        options = settings.sign_in.get(name, {})
        setup = MethodSetup(
            bind=seal.bound,
            random=keys.entropy.bytes,
            options=options,
            secret=partial(_secret, name, options.get("secret_file", "")),
        )
        guard = plugins["sign_in", name]
        try:
            made[name] = guard.call(partial(make, setup))
        except EdgeError as error:
            _log.error("nobody signs in by %s: %s", name, error)
            continue
        if "line" in made[name].needs or name not in SIGN_IN_METHODS:
            guards[name] = guard
    return MethodsHere(made, guards)


def _secret(name: str, file: str) -> str:
    """Read a method's secret: systemd's credential ``sign-in-NAME``, else its file."""
    folder = handed_credentials()
    handed = folder / f"sign-in-{name}" if folder else None
    path = handed if handed and handed.exists() else Path(file) if file else None
    return path.read_text(encoding="utf-8").strip() if path else ""
