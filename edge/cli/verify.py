"""``divoc-edge verify``: judge a certificate, without a network."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from edge.cli.common import data_option, picture_reader
from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.credentials.reading import ReadPicture
    from edge.credentials.trust import Trust
    from edge.credentials.trust_files import TrustFile
    from edge.credentials.verdict import Verdict

    Judge = Callable[[bytes, datetime, ReadPicture], Verdict]

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
    from edge.credentials.reading import LARGEST_PAYLOAD, no_pictures
    from edge.credentials.trust import Trust

    at = _moment(moment)
    keys = Trust()
    for path in trusted:
        for name, found in _trust_in(path):
            keys = keys.joined(found.trust)
            for sentence in found.left_out:
                click.echo(f"{name} {sentence}", err=True)
    with _judging(data, keys) as judge, _opened(file) as stream:
        good = True
        if lines:
            for line in _lines(stream, LARGEST_PAYLOAD):
                if line.strip(b"\r\n"):
                    verdict = judge(line.rstrip(b"\r\n"), at, no_pictures)
                    show_json(verdict.document())
                    good &= verdict.good
        else:
            with picture_reader() as read:
                verdict = judge(stream.read(LARGEST_PAYLOAD + 1), at, read)
            _show(verdict, as_json=as_json)
            good = verdict.good  # of several codes the gravest
    if not good:
        raise SystemExit(Exit.FAILED)


def _trust_in(path: Path) -> Iterator[tuple[str, TrustFile]]:
    """Read a trust list, or those of a folder; what holds no key there (revocations) is said.

    Raises :class:`BadInput` where nothing holds one.
    """
    from edge.credentials.trust_files import read_trust

    if not path.is_dir():
        yield path.name, read_trust(path)
        return
    refused: BadInput | None = None
    count = 0
    for file in sorted(file for file in path.iterdir() if file.is_file()):
        try:
            yield file.name, read_trust(file)
            count += 1
        except BadInput as error:
            refused = refused or error
            click.echo(f"{file.name}: left out, for it holds no key.", err=True)
    if not count:
        raise refused or BadInput("trust.empty", "The folder {file} is empty.", file=path.name)


@contextlib.contextmanager
def _judging(data: Path, keys: Trust) -> Iterator[Judge]:
    """Give what judges; with a data folder it is the site's own verifier."""
    from edge.adapters.settings import FILE
    from edge.credentials.verifier import Verifier
    from edge.extensions import installed
    from edge.folder import site_certificates
    from edge.services.certificates.formats import load_formats

    if not (data / FILE).exists():
        yield Verifier(load_formats(installed().formats).reading, keys).verify
        return
    with site_certificates(data, keys) as certificates:
        yield certificates.verifier.verify


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


def _lines(stream: BinaryIO, longest: int) -> Iterator[bytes]:
    """Give each line; one that is longer than any code ends it, as nobody says where it ends."""
    while line := stream.readline(longest + 2):
        yield line
        if not line.endswith(b"\n") and len(line) > longest:
            raise BadInput(
                "verify.line",
                "A line is longer than any certificate.",
                hint="Write one certificate a line.",
                field="--lines",
            )


def _show(verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        show_json(verdict.document())
        return
    for number, shown in enumerate(verdict.all_shown, 1):
        if verdict.others:
            click.echo(f"Code {number} of {len(verdict.all_shown)}:")
        _tell(shown)


def _tell(verdict: Verdict) -> None:
    from edge.credentials.verdict import GOOD

    document: dict[str, Any] = verdict.document()
    click.secho(verdict.verdict.upper(), bold=True, fg=_COLOURS.get(verdict.verdict, "red"))
    click.echo(document["reason"])
    for name, label in (("validFrom", "valid from"), ("validUntil", "valid until")):
        if document[name]:
            click.echo(f"  {label:12} {document[name]}")
    for name, outcome in document["checks"].items():
        click.echo(f"  {name:12} {outcome}")
    if verdict.claims and verdict.verdict not in GOOD:
        click.echo("What it says (does not count):")
    for name, value in document["claims"].items():
        for other in value if isinstance(value, list) else [value]:
            click.echo(f"  {name:16} {_in_a_line(other)}")


def _in_a_line(value: Any) -> str:
    """Write a dose or a code in one line: its values, without their names."""
    if not isinstance(value, dict):
        return str(value)
    return " · ".join(_in_a_line(other) for other in value.values() if not isinstance(other, list))
