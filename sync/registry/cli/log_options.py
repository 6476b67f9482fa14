"""How a command that runs for long writes its log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from sync.logs import FORMS, LEVELS


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--log`` and ``--log-level``."""
    level = click.option(
        "--log-level",
        type=click.Choice(LEVELS),
        default="warning",
        show_default=True,
        help="Write what is at least so grave; info: a line for each request.",
    )
    form = click.option(
        "--log",
        type=click.Choice(FORMS),
        default="text",
        show_default=True,
        help="How a line of the log is written, on the standard error.",
    )
    return form(level(command))
