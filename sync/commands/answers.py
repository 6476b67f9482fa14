"""Answers for scripts."""

from __future__ import annotations

import json
from typing import Any

import click

json_option = click.option(
    "--json", "as_json", is_flag=True, help="As JSON, for scripts; an error as well."
)
json_always = click.option(
    "--json", is_flag=True, expose_value=False, help="An error as JSON as well, for scripts."
)
"""Of a command whose answer is JSON anyway."""


def show_json(document: Any) -> None:
    """Print a document as one line of JSON."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


def printable(text: str) -> str:
    """Write what others said so that it neither steers a terminal nor begins a line of its own."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
