"""A PIN for a command: asked for unseen, or read from a file. Others see command lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import click

from edge.cli.secret_files import secret_of


def pin_option(*, confirmed: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command its ``pin``; ``confirmed``: one that is asked for is typed twice."""

    def pin(context: click.Context, _: click.Parameter, file: BinaryIO | None) -> str:
        if file is not None:
            return secret_of(file, "--pin-file")
        if context.resilient_parsing:  # the shell completes a word
            return ""
        return str(click.prompt("PIN", hide_input=True, confirmation_prompt=confirmed))

    return click.option(
        "--pin-file",
        "pin",
        type=click.File("rb"),
        callback=pin,
        help="The file with the PIN; - reads the input. Without it the PIN is asked for.",
    )
