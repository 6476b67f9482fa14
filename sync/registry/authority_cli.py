"""``divoc-registry authority``: the national side of signing, on a machine without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from sync.errors import SyncError
from sync.registry.authority import (
    SIGNER_DAYS,
    SIGNER_USE_DAYS,
    Authority,
    Revocation,
    kid,
    revocation_of,
)
from sync.registry.sqlite import SqliteStore

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("authority"),
    show_default=True,
    help="The authority's folder: on a stick in a safe, not on the registry.",
)
_passphrase = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the root's passphrase; asked for by default.",
)
_out = click.option("--out", type=click.Path(path_type=Path), required=True)
_did = click.option("--did", required=True, help="The issuer's DID, as in the campaign.")


class _Worded(click.Group):
    """A group whose commands may raise our errors."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say in words what went wrong."""
        try:
            return super().invoke(ctx)
        except SyncError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Worded)
def authority() -> None:
    """Vouch for the keys of sites, and publish whom to believe."""


@authority.command()
@_folder
@click.option("--country", required=True, help="ISO 3166-1 alpha-2.")
@click.option("--name", required=True, help="The ministry or agency.")
@_passphrase
def init(folder: Path, country: str, name: str, passphrase_file: Path | None) -> None:
    """Make the nation's root: once, at a ceremony (see docs/ceremony.md)."""
    root = Authority(folder).create(
        country, name, _secret(passphrase_file, confirm=True), datetime.now(UTC)
    )
    click.echo(f"The root is in {folder}; it counts until {root.not_valid_after_utc.date()}.")


@authority.command()
@click.argument("request", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_folder
@_out
@click.option("--days", default=SIGNER_DAYS, show_default=True, help="How long it counts.")
@click.option("--use-days", default=SIGNER_USE_DAYS, show_default=True, help="How long it signs.")
@_passphrase
def sign(
    request: Path,
    folder: Path,
    out: Path,
    days: int,
    use_days: int,
    passphrase_file: Path | None,
) -> None:
    """Sign a site's request (divoc-edge keys request) into OUT, to be carried back."""
    signed = Authority(folder).sign(
        request.read_bytes(),
        _secret(passphrase_file),
        datetime.now(UTC),
        days=days,
        use_days=use_days,
    )
    out.write_bytes(signed.public_bytes(Encoding.PEM))
    subject = signed.subject.rfc4514_string()
    click.echo(f"{subject}: key id {kid(signed).hex()}, until {signed.not_valid_after_utc.date()}.")


@authority.command(name="list")
@_folder
def list_(folder: Path) -> None:
    """List the certificates that count."""
    for one in Authority(folder).issued():
        until = one.not_valid_after_utc.date()
        click.echo(f"{kid(one).hex()}  until {until}  {one.subject.rfc4514_string()}")


@authority.command()
@click.argument("kid_hex")
@_folder
def withdraw(kid_hex: str, folder: Path) -> None:
    """Take the certificate with this key id off the list: a site's machine was stolen."""
    Authority(folder).withdraw(kid_hex)
    click.echo(f"{kid_hex} is off the list. Publish it again.")


@authority.command()
@_folder
@_out
@_did
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The registry's folder: publishes what sites revoked as well.",
)
def publish(folder: Path, out: Path, did: str, data: Path | None) -> None:
    """Write the trust list into OUT: a DID document, a JWKS, PEM; with --data the revocations.

    Put OUT into the campaign as its folder trust.
    """
    now, own = datetime.now(UTC), Authority(folder)
    click.echo(f"{own.publish(out, did, now)} keys.")
    if data is not None:
        count = own.publish_revocations(out, _revoked(data), did, now)
        click.echo(f"{count} revoked names.")


def _revoked(data: Path) -> Iterator[Revocation]:
    path = data / "registry.db"
    if not path.exists():
        raise click.ClickException(f"There is no registry in {data}.")
    store = SqliteStore(path)
    try:
        for entry in store.of_type("CertificateRevoked"):
            yield revocation_of(json.loads(entry.content)["body"])
    finally:
        store.close()


def _secret(file: Path | None, *, confirm: bool = False) -> bytes:
    if file is not None:
        return file.read_bytes().strip()
    text: str = click.prompt("Passphrase of the root", hide_input=True, confirmation_prompt=confirm)
    return text.encode()
