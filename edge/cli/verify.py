"""``divoc-edge verify``: judge a certificate, without a network."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from edge.adapters.settings import FILE
from edge.adapters.trust_store import TrustStore
from edge.cli.common import FAILED, data_option, json_option, show_json
from edge.credentials.pictures import codes_in_picture
from edge.credentials.reading import LARGEST_PAYLOAD
from edge.credentials.revocation import NoRevocations, Revocations
from edge.credentials.trust import Trust
from edge.credentials.trust_files import read_trust
from edge.credentials.verdict import GOOD, Verdict
from edge.credentials.verifier import Verifier
from edge.domain.errors import BadInput
from edge.folder import reading, site_trust
from edge.journal import views
from edge.plugins import installed
from edge.services.certificates.formats import load_formats
from edge.services.certificates.site_verifier import SiteRevocations

_COLOURS = {"valid": "green", "valid-stale": "yellow", "unknown-issuer": "yellow"}


@click.command()
@click.argument("file", default="-")
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    type=click.Path(path_type=Path),
    help=(
        "Whose signatures count: PEM certificates or keys, a JWKS, a DID document, a DCC or VCI"
        " list, or a folder of such files. May be repeated."
    ),
)
@click.option(
    "--at", "moment", default="", help="Judge as of this time (ISO 8601); now by default."
)
@click.option("--lines", is_flag=True, help="One certificate a line; one JSON verdict a line.")
@json_option
@data_option
def verify(
    file: str, trusted: tuple[Path, ...], moment: str, lines: bool, as_json: bool, data: Path
) -> None:
    """Judge the certificate in FILE: a picture, a QR code's bytes, or text; - reads the input.

    Trusts the site's own keys and lists when there is a data folder, and the keys of --trust. Ends
    with 0 only if every certificate is valid.
    """
    at = _moment(moment)
    keys = Trust()
    for path in trusted:
        for one in sorted(path.iterdir()) if path.is_dir() else [path]:
            found = read_trust(one)
            keys = keys.joined(found.trust)
            for sentence in found.left_out:
                click.echo(f"{one.name} {sentence}", err=True)
    with _verifier(data, keys) as verifier, _opened(file) as stream:
        good = True
        if lines:
            for line in stream:
                if line.strip(b"\r\n"):
                    verdict = verifier.verify(line.rstrip(b"\r\n"), at)
                    show_json(verdict.document())
                    good &= verdict.good
        else:
            verdict = verifier.verify(stream.read(LARGEST_PAYLOAD + 1), at, codes_in_picture)
            _show(verdict, as_json=as_json)
            good = verdict.good
    if not good:
        raise SystemExit(FAILED)


@contextlib.contextmanager
def _verifier(data: Path, keys: Trust) -> Iterator[Verifier]:
    """Make the verifier; with a data folder it knows what the site knows."""
    formats = load_formats(installed().formats).reading
    if not (data / FILE).exists():
        yield Verifier(formats, keys)
        return
    lists = TrustStore(data / "trust.db") if (data / "trust.db").exists() else None
    try:
        trust = keys.joined(site_trust(data))
        if lists is not None:
            trust = trust.joined(lists.trust())
        known: Revocations = lists or NoRevocations()
        with reading(data) as db:
            revocations = SiteRevocations(lambda names: views.is_revoked(db, names), known)
            codes = lists.codes() if lists else {}
            yield Verifier(formats, trust, revocations, value_sets=codes)
    finally:
        if lists is not None:
            lists.close()


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "verify.at",
            "{text} is not a time.",
            hint="Write for example 2021-05-03T18:00:00Z",
            field="--at",
            text=text,
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextlib.contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except OSError:
            raise BadInput("verify.file", "The file {file} cannot be read.", file=file) from None
        yield stream


def _show(verdict: Verdict, *, as_json: bool) -> None:
    document: dict[str, Any] = verdict.document()
    if as_json:
        show_json(document)
        return
    click.secho(verdict.verdict.upper(), bold=True, fg=_COLOURS.get(verdict.verdict, "red"))
    click.echo(document["reason"])
    for name, outcome in document["checks"].items():
        click.echo(f"  {name:12} {outcome}")
    if verdict.claims and verdict.verdict not in GOOD:
        click.echo("What it says (does not count):")
    for name, value in document["claims"].items():
        for one in value if isinstance(value, list) else [value]:
            click.echo(f"  {name:16} {_in_a_line(one)}")


def _in_a_line(value: Any) -> str:
    """Write a dose or a code in one line: its values, without their names."""
    if not isinstance(value, dict):
        return str(value)
    return " · ".join(_in_a_line(one) for one in value.values() if not isinstance(one, list))
