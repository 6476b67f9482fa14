"""The technician's door: the command ``divoc-edge``."""

from __future__ import annotations

import click

from edge.cli.campaign import campaign, staff
from edge.cli.common import Worded
from edge.cli.demo import demo
from edge.cli.imports import import_
from edge.cli.journal import journal
from edge.cli.keys import keys
from edge.cli.printing import print_
from edge.cli.recall import recall
from edge.cli.schedule import schedule
from edge.cli.site import init, run, status
from edge.cli.sync import sync
from edge.cli.trust import trust
from edge.cli.verify import verify


@click.group(
    cls=Worded,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="To see it work on this machine: divoc-edge demo",
)
@click.version_option(package_name="divoc-edge")
def main() -> None:
    """A vaccination site that works without a network.

    Records doses, prints certificates with a QR code, and delivers to the national registry when
    the line returns.
    """


for command in (
    demo,
    init,
    import_,
    run,
    status,
    sync,
    verify,
    journal,
    keys,
    trust,
    print_,
    schedule,
    recall,
    campaign,
    staff,
):
    main.add_command(command)
