"""``divoc-registry revocations``: those that an officer looks at before they are published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, printable, show_json
from sync.registry.cli.opening import by_option, data_option, database_option, instant, opening

if TYPE_CHECKING:
    from sync.registry.revocations import RevocationStatus

_reference = click.argument("reference")


@click.group()
def revocations() -> None:
    """Revocations that are not of the site that issued the certificate, and who approved them."""


@revocations.command()
@data_option
@database_option
@json_option
def pending(data: Path, database: str | None, as_json: bool) -> None:
    """List what is not published until an officer approves it, each with its reference."""
    from sync.registry.judging.schemas import Schemas, schemas_folder
    from sync.registry.revocations import PENDING, gathered

    count = 0
    with opening(data, database) as store:
        for status in gathered(store, Schemas(schemas_folder())):
            if status.state == PENDING:
                if as_json:
                    show_json(_document(status))
                else:
                    click.echo(_line(status))
                count += 1
    if not count and not as_json:
        click.echo("No revocation waits for an officer.")


@revocations.command()
@_reference
@by_option
@data_option
@database_option
def approve(reference: str, by: str, data: Path, database: str | None) -> None:
    """Publish the revocation REFERENCE with the next authority publish, whoever issued it."""
    from sync.registry.revocations import PUBLISHED

    _rule(reference, PUBLISHED, by, data, database)
    click.echo("It is published with the next: divoc-registry authority publish")


@revocations.command()
@_reference
@by_option
@data_option
@database_option
def refuse(reference: str, by: str, data: Path, database: str | None) -> None:
    """Leave the revocation REFERENCE out of what is published, also one that would be in it."""
    from sync.registry.revocations import REFUSED

    _rule(reference, REFUSED, by, data, database)
    click.echo("It is left out from the next: divoc-registry authority publish")


def _rule(reference: str, state: str, by: str, data: Path, database: str | None) -> None:
    from sync.registry.judging.schemas import Schemas, schemas_folder
    from sync.registry.revocations import PUBLISHED, find, rule
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        found = find(store, Schemas(schemas_folder()), reference)
        now = instant()
        rule(store, found, state, by, now)
        what = "approved a revocation" if state == PUBLISHED else "refused a revocation"
        store.audit(AuditLine(at=now, who=f"{by} (command line)", what=what, whom=found.reference))


def _line(one: RevocationStatus) -> str:
    return f"{one.reference}\n  {one.entry.received_at[:10]}  {printable(one.facility)}  {one.why}"


def _document(one: RevocationStatus) -> dict[str, str]:
    return {
        "reference": one.reference,
        "facility": one.facility,
        "certificate": one.certificate,
        "receivedAt": one.entry.received_at,
        "why": one.why,
    }
