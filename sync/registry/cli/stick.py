"""``divoc-registry stick``: what couriers carry, for sites without a line."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import click

from sync.protocol import keys
from sync.protocol.bundles import files
from sync.protocol.bundles.headers import (
    Invitation,
    check_recipient,
    sign_invitation,
    sign_recipient,
)
from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.entries import canonical
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import stores
from sync.registry.codes import make_code
from sync.registry.keys import age_identities, registry_key
from sync.registry.registry import Registry, instant
from sync.registry.sticks import Taken
from sync.registry.sticks import take as take_folder
from sync.registry.store.records import NATION, AuditLine
from sync.registry.store.stores import embedded, open_store

_data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("registry-data"),
    show_default=True,
    help="Folder for the registry's records and keys.",
)
_database = click.option(
    "--database",
    envvar="DIVOC_REGISTRY_DATABASE",
    show_envvar=True,
    metavar="URI",
    help="postgresql://user@host/name instead of a file in the data folder.",
)
_folder = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
_BAD = 1


class _Worded(click.Group):
    """A group whose commands may raise our errors."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say in words what went wrong."""
        try:
            return super().invoke(ctx)
        except SyncError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Worded)
def stick() -> None:
    """Take in what couriers carry, and answer it (docs/protocol.md, By stick)."""


@stick.command()
@_folder
@_data
@_database
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder for the answers; the same one by default.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def take(folder: Path, data: Path, database: str | None, out: Path | None, as_json: bool) -> None:
    """Take in every site's bundles in FOLDER, and write each site's answer.

    Ends with 1 if anything was refused; everything else was taken nevertheless.
    """
    if not (data / "registry.pem").exists():  # a slip of the pen must not found a new registry
        raise click.ClickException(f"There is no registry in {data}.")
    registry, identities = _registry(data, database)
    try:
        report = take_folder(
            registry,
            identities,
            folder,
            out or folder,
            lambda name: None if as_json else click.echo(f"{name} ..."),
        )
    finally:
        registry.store.close()
    if as_json:
        click.echo(json.dumps([_document(one) for one in report], ensure_ascii=False))
    else:
        _tell(report)
    if any(one.refused for one in report):
        raise SystemExit(_BAD)


@stick.command()
@click.argument("facility")
@_data
@_database
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    show_default=True,
    help="The stick's folder.",
)
@click.option("--days", default=30, show_default=True, help="How long the invitation counts.")
def invite(facility: str, data: Path, database: str | None, out: Path, days: int) -> None:
    """Write an invitation for a FACILITY that never had a line.

    It holds a one-time code: whoever holds it can enrol for this facility. Give the fingerprint
    that is shown on another way, by letter or telephone.
    """
    registry, _ = _registry(data, database)
    try:
        now = registry.instant()
        code = make_code(registry.store, facility, days, registry.now())
        expires = instant(registry.now() + timedelta(days=days))
        registry.store.audit(AuditLine(now, "command line", "made an invitation for", facility))
    finally:
        registry.store.close()
    key = registry.key.public_key()
    invitation = Invitation(
        facility=facility,
        key=keys.public_text(key),
        recipient=check_recipient(sign_recipient(registry.recipient, now, registry.key), key),
        code=code,
        expires=expires,
    )
    path = out / files.invitation_name(facility)
    files.write(path, canonical(sign_invitation(invitation, registry.key)))
    click.echo(f"{path} lets {facility} enrol until {expires[:10]}.")
    click.echo(f"Fingerprint of the registry: {keys.fingerprint(key)}")


def announce(registry: Registry) -> None:
    """Tell every site, once, where bundles are sealed to: for those enrolled before there was any.

    A letter with the same id is there once; a new recipient or ability makes a new one.
    """
    document = sign_recipient(registry.recipient, registry.instant(), registry.key)
    lasting = {name: value for name, value in document.items() if name not in ("at", "signature")}
    id_ = "recipient-" + hashlib.sha256(canonical(lasting)).hexdigest()[:24]
    registry.store.post(NATION, "recipient", id_, canonical(document).decode(), registry.instant())


def _registry(data: Path, database: str | None) -> tuple[Registry, list[str]]:
    data.mkdir(parents=True, exist_ok=True)
    identities = age_identities(data)
    key, store = registry_key(data), open_store(database or embedded(data), stores())
    return Registry(store, key, recipient=recipient_of(identities[0])), identities


def _document(one: Taken) -> dict[str, object]:
    return {
        "node": one.node,
        "facility": one.facility,
        "enrolled": one.enrolled,
        "taken": one.stored,
        "had": one.had,
        "answered": one.answered,
        "refused": [
            {"file": bad.file, "code": bad.code, "sentence": bad.sentence} for bad in one.refused
        ],
    }


def _tell(report: list[Taken]) -> None:
    for one in report:
        name = one.facility or one.node
        new = " (newly enrolled)" if one.enrolled else ""
        answered = "its answer is written" if one.answered else "no answer"
        click.echo(f"{name:12}{new} {one.stored:8} taken, {one.had} had; {answered}")
        for bad in one.refused:
            click.echo(f"    {bad.file}: {bad.sentence}")
    if not report:
        click.echo("There are no bundles of sites in this folder.")
