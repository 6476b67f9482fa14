"""``divoc-edge verify``: judge a certificate, without a network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.settings import FILE, read_settings
from edge.campaign.catalogue import to_catalogue
from edge.cli.common import FAILED, data_option, json_option, show_json
from edge.credentials.packing import LARGEST_PAYLOAD
from edge.credentials.rdf import Canonicaliser
from edge.credentials.trust import Trust, read_trust
from edge.credentials.verification import Verifier
from edge.domain.errors import BadInput, EdgeError
from edge.journal import views
from edge.node import reading
from edge.resources import resource
from edge.services.certifier import SiteCertifier


@click.command()
@click.argument("file")
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of keys: PEM, or JSON of verification method to key. May be repeated.",
)
@click.option("--lines", is_flag=True, help="One certificate a line; one JSON verdict a line.")
@json_option
@data_option
def verify(file: str, trusted: tuple[Path, ...], lines: bool, as_json: bool, data: Path) -> None:
    """Judge the certificate in FILE: a picture, a QR code's bytes, or text; - reads the input.

    Trusts the site's own key when there is a data folder, and the keys of --trust. Ends with 0
    only if every certificate is valid.
    """
    trust = site_trust(data)
    for path in trusted:
        trust = trust.joined(read_trust(path))
    verifier = Verifier(Canonicaliser(resource("edge/credentials/contexts")), trust)
    stream = _opened(file)
    valid = True
    if lines:
        for line in stream:
            if line.strip():
                valid &= _show(verifier.verify(line.strip(b"\r\n")).document(), as_json=True)
    else:
        payload = stream.read(LARGEST_PAYLOAD + 1)
        valid = _show(verifier.verify(payload).document(), as_json=as_json)
    if not valid:
        raise SystemExit(FAILED)


def _opened(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError:
        raise BadInput("verify.file", "The file {file} cannot be read.", file=file) from None


def site_trust(data: Path) -> Trust:
    """Trust the key of the site in this folder; no site, no campaign: trust nobody."""
    if not (data / FILE).exists():
        return Trust()
    try:
        keys = FileKeys(data / "keys", SystemEntropy())
        with reading(data, keys) as db:
            issuer = to_catalogue(views.catalogue_body(db)).issuer
        facility = read_settings(data).facility
        key = keys.signing_key("certificates")
    except (EdgeError, KeyError):
        return Trust()
    canonicaliser = Canonicaliser(resource("edge/credentials/contexts"))
    return SiteCertifier(key, canonicaliser, facility, lambda: issuer.did).trust()


def _show(verdict: dict[str, Any], *, as_json: bool) -> bool:
    if as_json:
        show_json(verdict)
    else:
        click.secho(verdict["verdict"].upper(), bold=True)
        click.echo(verdict["reason"])
        for name, outcome in verdict["checks"].items():
            click.echo(f"  {name:12} {outcome}")
        for name, value in verdict["claims"].items():
            click.echo(f"  {name:16} {value}")
    return bool(verdict["verdict"] == "valid")
