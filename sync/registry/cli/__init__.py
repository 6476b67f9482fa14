"""The command ``divoc-registry``."""

from __future__ import annotations

import click

from sync.commands.groups import CommandLine, Row
from sync.own_files import private_files
from sync.protocol.errors import SyncError

_COMMANDS = {
    "audit": Row(
        "sync.registry.cli.audit:audit",
        "The audit: who did or looked at what in the registry.",
    ),
    "authority": Row(
        "sync.registry.cli.authority:authority",
        "Vouch for the keys of sites, and publish whom to believe.",
    ),
    "code": Row("sync.registry.cli.people:code", "One-time codes with which sites enrol."),
    "documents": Row(
        "sync.registry.cli.documents:documents",
        "Documents that sites have recorded, of the kinds that their campaigns describe.",
    ),
    "enrolments": Row(
        "sync.registry.cli.enrolments:enrolments",
        "Lists of people who are expected at sites: each site fetches its own, sealed, in pieces.",
    ),
    "histories": Row(
        "sync.registry.cli.histories:histories",
        "List which site was told of whom, by which proof; and what was refused.",
    ),
    "judge": Row(
        "sync.registry.cli.judge:judge",
        "Judge what is not judged yet, and what is held; also while the registry runs.",
    ),
    "campaign": Row(
        "sync.registry.cli.campaign:campaign",
        "A campaign that the ministry signs offline, and the registry only carries.",
    ),
    "keys": Row(
        "sync.registry.cli.keys:keys",
        "The key of the registry's own database; registry.pem is a file of its own beside it.",
    ),
    "man": Row(
        "sync.commands.manual:man",
        "Write the manual pages of this program and its commands into FOLDER.",
    ),
    "merges": Row(
        "sync.registry.cli.merges:merges",
        "Merges of people, and undone ones, that are not the site's own: an officer decides.",
    ),
    "migrate": Row(
        "sync.registry.cli.judge:migrate",
        "Bring the registry's database up to date; what is up to date is left as it is.",
    ),
    "move": Row(
        "sync.registry.cli.nodes:move",
        "Move the site NODE to FACILITY: a site cannot do that itself.",
    ),
    "nodes": Row("sync.registry.cli.nodes:nodes", "List the sites, and what each has delivered."),
    "operator": Row(
        "sync.registry.cli.people:operator",
        "People and systems that may use the registry, each with a token and a role.",
    ),
    "publish": Row(
        "sync.registry.cli.publish:publish",
        "Tell the sites something: they take it with their next pass.",
    ),
    "revocations": Row(
        "sync.registry.cli.revocations:revocations",
        "Revocations that are not of the site that issued the certificate, and who approved them.",
    ),
    "run": Row(
        "sync.registry.cli.run:run",
        "Run the registry until it is stopped (Ctrl-C, or SIGTERM).",
    ),
    "staff": Row(
        "sync.registry.cli.staff:staff",
        "Invite members of staff whom the campaign names to set a first PIN of their own.",
    ),
    "stick": Row(
        "sync.registry.cli.stick:stick",
        "Take in what couriers carry, and answer it (docs/protocol.md, By stick).",
    ),
}
"""Where each command is, and what the help says of it."""
_FOR_ALL = ("man",)
"""What these write is for everybody; all other files are their owner's alone."""


@click.group(
    name="divoc-registry",
    cls=CommandLine,
    table=_COMMANDS,
    errors=(SyncError,),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="divoc-edge")
@click.pass_context
def main(ctx: click.Context) -> None:
    """The national registry: takes what sites deliver, and signs for it."""
    if ctx.invoked_subcommand not in _FOR_ALL:
        ctx.with_resource(private_files())
