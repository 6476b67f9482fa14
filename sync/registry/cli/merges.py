"""``divoc-registry merges``: who is one, where a site says so that may not decide it alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, printable, show_json
from sync.registry.cli.opening import by_option, data_option, database_option, instant, opening

if TYPE_CHECKING:
    from sync.registry.judging.own_merges import MergeStatus

_reference = click.argument("reference")


@click.group()
def merges() -> None:
    """Merges of people, and undone ones, that are not the site's own: an officer decides."""


@merges.command()
@data_option
@database_option
@json_option
def pending(data: Path, database: str | None, as_json: bool) -> None:
    """List what counts for nobody until an officer approves it, each with its reference."""
    from sync.registry.judging.own_merges import waiting

    count = 0
    with opening(data, database) as store:
        for status in waiting(store):
            if as_json:
                show_json(_document(status))
            else:
                click.echo(f"{status.reference}\n  {_line(status)}")
            count += 1
    if not count and not as_json:
        click.echo("No merge waits for an officer.")


@merges.command()
@_reference
@by_option
@data_option
@database_option
def approve(reference: str, by: str, data: Path, database: str | None) -> None:
    """Let the merge or the undoing REFERENCE count, and tell the sites that know either person."""
    told = _decide(reference, "published", by, data, database)
    click.echo(f"It counts. Told to {told} sites.")


@merges.command()
@_reference
@by_option
@data_option
@database_option
def refuse(reference: str, by: str, data: Path, database: str | None) -> None:
    """Let the merge or the undoing REFERENCE count no more, also one of the site's own people."""
    _decide(reference, "refused", by, data, database)
    click.echo("It does not count. Sites that were told of it before undo it themselves.")


def _decide(reference: str, state: str, by: str, data: Path, database: str | None) -> int:
    from sync.registry.judging.own_merges import find, rule
    from sync.registry.judging.telling import tell_others
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        entry, now = find(store, reference), instant()
        rule(store, entry, state, by, now)
        what = "approved a merge" if state == "published" else "refused a merge"
        store.audit(AuditLine(now, f"{by} (command line)", what, reference))
        return tell_others(store, entry, now)


def _line(status: MergeStatus) -> str:
    return printable(f"{status.entry.received_at[:10]}  {status.entry.type}  {status.why}")


def _document(status: MergeStatus) -> dict[str, object]:
    body = json.loads(status.entry.content)["body"]
    return {
        "reference": status.reference,
        "type": status.entry.type,
        "people": [body[name] for name in ("kept", "merged") if name in body],
        "receivedAt": status.entry.received_at,
        "why": status.why,
    }
