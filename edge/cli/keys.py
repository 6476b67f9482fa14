"""``divoc-edge keys``: the names and keys under which this site signs."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.common import catalogue_in_force, data_folder, data_option, no_campaign
from edge.cli.identity_key import identity
from edge.cli.key_place import move, place_
from edge.cli.recovery_key import recovery
from edge.domain.errors import BadInput
from sync.bounded_files import SMALL, read_bounded
from sync.commands.answers import json_always, json_option, show_json
from sync.commands.paths import FILE

if TYPE_CHECKING:
    import qrcode
    from cryptography import x509

    from edge.credentials.document_signer import DocumentSigner


@click.group()
def keys() -> None:
    """The keys of the site."""


keys.add_command(place_)
keys.add_command(move)
keys.add_command(identity)
keys.add_command(recovery)


@keys.command()
@data_option
@json_always
def show(data: Path) -> None:
    """Print this site's public keys as a trust file: for divoc-edge verify --trust elsewhere."""
    from edge.folder import public_names

    named = public_names(data_folder(data))
    if not named:
        raise no_campaign()
    show_json(named)


@keys.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the request is written; on the screen as well.",
)
@click.option("--qr", is_flag=True, help="Draw it as a QR code, for a telephone.")
@data_option
@json_option
def request(out: Path | None, qr: bool, data: Path, as_json: bool) -> None:
    """Make a request for the next signing certificate; the key stays at the site.

    Send the request to the authority, and take what comes back with: divoc-edge keys install.
    Asking again gives the same request until its certificate is installed.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.extensions import installed
    from edge.wiring.keys import wire_signers

    folder = data_folder(data)
    settings = read_settings(folder)
    with reading(folder) as db:
        issuer = catalogue_in_force(db).issuer
    signers = wire_signers(folder, settings, installed().key_stores)
    made = signers.request(issuer.country, issuer.name, settings.facility)
    pem = made.public_bytes(Encoding.PEM)
    click.echo(f"The key: {_digits(made)}", err=True)
    if out is not None:
        out.write_bytes(pem)
        _picture(made.public_bytes(Encoding.DER), out.with_suffix(".png"))
    if as_json:
        show_json({"request": pem.decode(), "key": _digits(made), "file": out})
    elif out is not None:
        click.echo(f"The request is in {out}. Send it to the authority.")
        click.echo(f"The same as a QR code: {out.with_suffix('.png')}")
    else:
        click.echo(pem.decode(), nl=False)
    if qr and not as_json:
        _draw(made.public_bytes(Encoding.DER))


@keys.command()
@click.argument("file", type=FILE)
@data_option
@json_option
def install(file: Path, data: Path, as_json: bool) -> None:
    """Take the signing certificate that the authority sent back (PEM or DER).

    A running node uses it within half a minute; the one in use stays until its time is over.
    """
    from edge.adapters.settings import read_settings
    from edge.extensions import installed
    from edge.wiring.keys import wire_signers

    folder = data_folder(data)
    signers = wire_signers(folder, read_settings(folder), installed().key_stores)
    signer = signers.install(read_bounded(file, SMALL))
    if as_json:
        show_json(_signer(signer))
        return
    click.echo(
        f"Installed: signs from {signer.sign_from.date()} until {signer.sign_until.date()}, counts"
        f" until {signer.facts.not_after.date()} (key id {signer.kid.hex()})."
    )


@keys.command(name="list")
@json_option
@data_option
def list_(as_json: bool, data: Path) -> None:
    """List the signing certificates, and say until when the site can sign."""
    from edge.adapters.clock import SystemClock
    from edge.adapters.settings import read_settings
    from edge.credentials.document_signer import signer_state
    from edge.extensions import installed
    from edge.wiring.keys import wire_signers

    folder = data_folder(data)
    signers = wire_signers(folder, read_settings(folder), installed().key_stores)
    found, now = signers.all(), SystemClock("UTC", None).now()
    state = signer_state(found, now)
    if as_json:
        show_json(
            {
                "canSign": state.can_sign,
                "until": state.until,
                "warning": state.warning,
                "waiting": signers.waiting(),
                "signers": [_signer(signer) for signer in found],
            }
        )
        return
    for signer in found:
        use = "in use" if signer.may_sign(now) else "not now"
        span = f"signs {signer.sign_from.date()} to {signer.sign_until.date()}"
        click.echo(f"{signer.kid.hex()}  {span}  {use}")
    if signers.waiting():
        click.echo("A request waits for its certificate: divoc-edge keys request")
    click.echo(state.warning or f"The site can sign until {state.until:%Y-%m-%d}.")


def _signer(signer: DocumentSigner) -> dict[str, object]:
    return {
        "kid": signer.kid.hex(),
        "from": signer.sign_from,
        "until": signer.sign_until,
        "counts": signer.facts.not_after,
    }


def _digits(made: x509.CertificateSigningRequest) -> str:
    """Write the key's SHA-256 as the authority's commands do, to be compared by telephone."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(der).hexdigest()
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def _code(data: bytes) -> qrcode.QRCode:
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=4)
    code.add_data(data, optimize=0)
    try:
        code.make(fit=True)
    except ValueError:
        raise BadInput("keys.qr", "The request does not fit into a QR code.") from None
    return code


def _picture(data: bytes, path: Path) -> None:
    _code(data).make_image().save(str(path))


def _draw(data: bytes) -> None:
    buffer = io.StringIO()
    _code(data).print_ascii(out=buffer, invert=True)
    click.echo(buffer.getvalue())
