"""``divoc-registry stick``: what couriers carry, for sites without a line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, printable, show_json
from sync.commands.exits import Exit
from sync.own_files import private_folder
from sync.registry.cli.opening import (
    close_folder,
    data_option,
    database_option,
    no_registry,
    schemas_option,
    stores,
)

if TYPE_CHECKING:
    from sync.registry.registry import Registry
    from sync.registry.sticks import StickResult

_folder = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))


@click.group()
def stick() -> None:
    """Take in what couriers carry, and answer it (docs/protocol.md, By stick)."""


@stick.command()
@_folder
@data_option
@database_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder for the answers; the same one by default.",
)
@schemas_option
@json_option
def take(
    folder: Path,
    data: Path,
    database: str | None,
    out: Path | None,
    schemas: Path | None,
    as_json: bool,
) -> None:
    """Take in every site's bundles in FOLDER, and write each site's answer.

    Ends with 1 if anything was refused; everything else was taken nevertheless.
    """
    from sync.registry.cli.judge import judging
    from sync.registry.sticks import take as take_folder

    if not (data / "registry.pem").exists():  # a slip of the pen must not found a new registry
        raise no_registry(data)
    registry, identities = _registry(data, database)

    def judge() -> None:
        engine = judging(registry.store, schemas)
        while engine.run():
            pass

    try:
        report = take_folder(
            registry,
            identities,
            folder,
            out or folder,
            lambda name: None if as_json else click.echo(f"{name} ..."),
            judge,
        )
    finally:
        registry.store.close()
    if as_json:
        show_json([_document(result) for result in report])
    else:
        _tell(report)
    if any(result.refused for result in report):
        raise SystemExit(Exit.FAILED)


@stick.command()
@click.argument("facility")
@data_option
@database_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    show_default=True,
    help="The stick's folder.",
)
@click.option("--days", default=30, show_default=True, help="How long the code counts.")
@json_option
def invite(
    facility: str, data: Path, database: str | None, out: Path, days: int, as_json: bool
) -> None:
    """Make a code for a FACILITY that has no line, and write the invitation that goes with it.

    The invitation is for the stick, and holds no secret: any site may be given it. Hand the code
    on as it is, on paper or sealed: whoever has it first can enrol for the facility.
    """
    from sync.protocol import keys
    from sync.protocol.bundles import files
    from sync.protocol.bundles.headers import (
        Invitation,
        check_recipient,
        sign_invitation,
        sign_recipient,
    )
    from sync.protocol.enrolment_codes import STICK
    from sync.protocol.entries import canonical
    from sync.protocol.instants import instant
    from sync.registry.campaigns.told_root import told_root
    from sync.registry.codes import make_code, whole_code
    from sync.registry.store.records import AuditLine

    registry, _ = _registry(data, database)
    key, now = registry.key.public_key(), registry.instant()
    try:
        secret = make_code(registry.store, facility, days, registry.now())
        registry.store.audit(AuditLine(now, "command line", "made an invitation for", facility))
    finally:
        registry.store.close()
    recipient = check_recipient(sign_recipient(registry.recipient, now, registry.key), key)
    invitation = Invitation(keys.public_text(key), recipient)
    path, code = out / files.INVITATION, whole_code(secret, STICK, key, told_root(data))
    files.write(path, canonical(sign_invitation(invitation, registry.key)))
    if as_json:
        expires = instant(registry.now() + timedelta(days=days))
        show_json({"file": path, "facility": facility, "code": code, "expiresAt": expires})
        return
    click.echo(f"{path} goes with the stick, and this code with paper or sealed:")
    click.echo(code)


def _registry(data: Path, database: str | None) -> tuple[Registry, list[str]]:
    from sync.protocol.bundles.sealed import recipient_of
    from sync.registry.keys import age_identities, registry_key
    from sync.registry.registry import Registry
    from sync.registry.store.stores import embedded, open_store

    private_folder(data)
    close_folder(data)
    identities = age_identities(data)
    key, store = registry_key(data), open_store(database or embedded(data), stores())
    recipient = recipient_of(identities[0])
    return Registry(store, key, recipient=recipient, identities=identities), identities


def _document(one: StickResult) -> dict[str, object]:
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


def _tell(report: list[StickResult]) -> None:
    for result in report:
        name = result.facility or result.node
        new = " (newly enrolled)" if result.enrolled else ""
        answered = "its answer is written" if result.answered else "no answer"
        click.echo(f"{name:12}{new} {result.stored:8} taken, {result.had} had; {answered}")
        for bad in result.refused:
            click.echo(printable(f"    {bad.file}: {bad.sentence}"))
    if not report:
        click.echo("There are no bundles of sites in this folder.")
