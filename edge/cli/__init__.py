"""The command line of the technician: ``divoc-edge``."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import click

from edge.cli.common import Worded

_COMMANDS = {
    "campaign": "campaign:campaign",
    "demo": "demo:demo",
    "followers": "followers:followers",
    "import": "imports:import_",
    "init": "site:init",
    "journal": "journal:journal",
    "keys": "keys:keys",
    "plugins": "plugins:plugins",
    "print": "printing:print_",
    "recall": "recall:recall",
    "run": "site:run",
    "schedule": "schedule:schedule",
    "staff": "campaign:staff",
    "status": "site:status",
    "sync": "sync:sync",
    "trust": "trust:trust",
    "verify": "verify:verify",
}
"""Where each command is: its module here, and its name in there."""


class _Commands(UserDict[str, Any]):
    """Loads the command that is asked for: all of them take seconds on a small computer."""

    def __getitem__(self, key: str) -> click.Command:
        module, _, name = self.data[key].partition(":")
        found: click.Command = getattr(import_module(f"edge.cli.{module}"), name)
        return found


@click.group(
    cls=Worded,
    commands=_Commands(_COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="To see it work on this machine: divoc-edge demo",
)
@click.version_option(package_name="divoc-edge")
def main() -> None:
    """A vaccination site that works without a network.

    Records doses, prints certificates with a QR code, and delivers to the national registry when
    the line returns.
    """
