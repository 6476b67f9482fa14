"""The command line of the technician: ``divoc-edge``."""

from __future__ import annotations

import click

from edge.domain.errors import EdgeError
from printers.errors import PrinterError
from sync.commands.groups import CommandLine, Row
from sync.protocol.errors import SyncError

_COMMANDS = {
    "access": Row(
        "edge.cli.access:access", "Who saw whom at the site: its own chain, beside the journal."
    ),
    "backup": Row(
        "edge.cli.backups:backup",
        "Back the site up to a new FILE, or into a FOLDER where it gets a name; the node may run.",
    ),
    "campaign": Row(
        "edge.cli.campaign:campaign", "Write, check and try a campaign before it is applied."
    ),
    "demo": Row(
        "edge.cli.demo_command:demo",
        "Run a site, a national registry and a printer in software, with invented people.",
    ),
    "doctor": Row(
        "edge.cli.site_doctor:doctor",
        "Look whether tablets reach the site safely, and say what is wrong and what helps.",
    ),
    "enrol": Row(
        "edge.cli.enrol:enrol",
        "Take the enrolment code that the registry's office gave: address, fingerprint and secret.",
    ),
    "followers": Row(
        "edge.cli.followers:followers",
        "Show what reads the journal, and try again what it could not deliver.",
    ),
    "import": Row(
        "edge.cli.imports:import_",
        "Take in a campaign, DIVOC's tables, or a delivery of vaccine.",
    ),
    "init": Row(
        "edge.cli.site:init",
        "Make the data folder of a new site: settings, keys, an empty journal.",
    ),
    "journal": Row(
        "edge.cli.journal:journal",
        "The journal: the one place where what happened is written.",
    ),
    "keys": Row("edge.cli.keys:keys", "The keys of the site."),
    "lists": Row(
        "edge.cli.lists:lists",
        "The ministry's desk of lists: prove whose a list is, and sign it for the sites.",
    ),
    "man": Row(
        "sync.commands.manual:man",
        "Write the manual pages of this program and its commands into FOLDER.",
    ),
    "messages": Row(
        "edge.cli.messages:messages",
        "Say how the channels to people stand, try one, and send again what waits.",
    ),
    "people": Row(
        "edge.cli.people:people",
        "People who are recorded twice, and doses that were not given as they are recorded.",
    ),
    "plugins": Row(
        "edge.cli.plugins:plugins",
        "List plug-ins: table, name, package, version, whether it is used, and its last trouble.",
    ),
    "print": Row("edge.cli.printing:print_", "The printers of the site."),
    "recall": Row("edge.cli.recall:recall", "Write who is due or overdue as CSV."),
    "restore": Row(
        "edge.cli.backups:restore_",
        "Bring a site back from a backup into a folder that is not there yet.",
    ),
    "run": Row("edge.cli.site:run", "Run the site until it is stopped (Ctrl-C, or SIGTERM)."),
    "schedule": Row(
        "edge.cli.schedule:schedule",
        "Which dose, when, and why not: CDC's CDSi logic over a country's data.",
    ),
    "staff": Row("edge.cli.campaign:staff", "PINs and sessions of those who work at the site."),
    "status": Row("edge.cli.site:status", "Say how the site is, also while it runs."),
    "sync": Row("edge.cli.sync:sync", "Deliver to the national registry, and prove what it holds."),
    "tablet": Row(
        "edge.cli.tablet:tablet", "The tablets of the site: pair one, list them, put one out."
    ),
    "tls": Row("edge.cli.tls:tls", "HTTPS for the tablets: the site's own certificate."),
    "trust": Row(
        "edge.cli.trust:trust", "Lists from others: trusted keys, revocations, names of codes."
    ),
    "verify": Row(
        "edge.cli.verify:verify",
        "Judge the certificate in FILE: a picture, a QR code's bytes, or text; - reads the input.",
    ),
}
"""Where each command is, and what the help says of it."""


def _disk_words(error: Exception) -> Exception | None:
    """Say what a database tells of the disk, or of damage."""
    from edge.adapters.disk import disk_words

    return disk_words(error)


@click.group(
    name="divoc-edge",
    cls=CommandLine,
    table=_COMMANDS,
    errors=(EdgeError, PrinterError, SyncError),
    words=_disk_words,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="To see it work on this machine: divoc-edge demo",
)
@click.version_option(package_name="divoc-edge")
def main() -> None:
    """A vaccination site that works without a network.

    Records doses, prints certificates with a QR code, and delivers to the national registry when
    the line returns.
    """
