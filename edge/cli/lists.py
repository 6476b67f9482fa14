"""``divoc-edge lists``: the ministry's desk of lists, on a machine without a network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.trust import show_taken
from sync.bounded_files import SMALL, read_bounded
from sync.commands.answers import json_option, show_json
from sync.commands.passphrases import passphrase_option, read_passphrase
from sync.commands.paths import FILE

if TYPE_CHECKING:
    from edge.services.certificates.list_signing import ListSigner, SignedEdition

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("lists"),
    show_default=True,
    help="Where the list-signing key lies, and the table of publishers.",
)
_out = click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the signed list, such as a campaign's folder trust.",
)
_file = click.argument("file", type=FILE)


@click.group()
def lists() -> None:
    """The ministry's desk of lists: prove whose a list is, and sign it for the sites.

    Made for a machine without a network. What is signed goes into a campaign's folder trust, or
    to every site by divoc-registry publish list.
    """


@lists.command()
@_folder
@passphrase_option
@json_option
def key(folder: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make the list-signing key, and print its public half for the sites' site.toml."""
    from edge.adapters.ministry_folder import MinistryFolder
    from sync.own_files import private_files
    from sync.protocol import keys

    with private_files():
        public = MinistryFolder(folder).create_key(
            read_passphrase(passphrase_file, "the list-signing key", confirm=True)
        )
    fingerprint = keys.fingerprint(keys.public_key(public))
    if as_json:
        show_json({"key": public, "fingerprint": fingerprint})
        return
    click.echo(f"The key is in {folder}. In each site's site.toml:")
    click.echo(f'ministry_keys = ["{public}"]')
    click.echo(f"To compare by telephone: {fingerprint}")


@lists.command()
@_file
@click.option("--publisher", required=True, help="Whose list it is: an id of publishers.yaml.")
@click.option(
    "--signature",
    type=FILE,
    help="The signature, where it is a file beside the list.",
)
@_out
@_folder
@passphrase_option
@json_option
def take(
    file: Path,
    publisher: str,
    signature: Path | None,
    out: Path,
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Sign a list of somebody else, if its publisher's signature holds.

    It must hold against a key that the ministry pinned in publishers.yaml, and be no older than
    the edition that was signed before.
    """
    from edge.adapters.ministry_folder import MinistryFolder
    from edge.services.certificates.list_signing import read_list
    from edge.services.certificates.publisher_table import publisher_of, read_table
    from sync.resources import resource

    table = read_table(MinistryFolder(folder).publishers, resource("config/schemas"))
    row = publisher_of(table, publisher)
    content = read_list(file)
    beside = read_bounded(signature, SMALL) if signature else b""
    edition = _desk(folder, passphrase_file).take(row, content, beside)
    _show(edition, out, as_json=as_json)


@lists.command()
@_file
@click.option("--name", required=True, help="What the list is called at the sites.")
@click.option("--by", "officer", required=True, help="The officer who answers for it.")
@click.option("--reason", required=True, help="How it was compared, or that it is the nation's.")
@click.option(
    "--good-days",
    type=click.IntRange(1, 3650),
    default=90,
    show_default=True,
    help="For how many days sites take it.",
)
@_out
@_folder
@passphrase_option
@json_option
def vouch(
    file: Path,
    name: str,
    officer: str,
    reason: str,
    good_days: int,
    out: Path,
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Sign a list on an officer's word: one that nobody signed, or the nation's own.

    The officer and the reason stand in the list, and at each site that takes it.
    """
    from edge.adapters.ministry_folder import MinistryFolder
    from edge.domain.errors import Conflict
    from edge.services.certificates.list_signing import read_list
    from edge.services.certificates.publisher_table import read_table
    from sync.resources import resource

    desk = MinistryFolder(folder)
    if desk.publishers.exists() and name in read_table(desk.publishers, resource("config/schemas")):
        raise Conflict(
            "lists.publisher",
            "{name} is a publisher whose signature is checked.",
            hint="Use lists take, or another name.",
            name=name,
        )
    content = read_list(file)
    edition = _desk(folder, passphrase_file).vouch(name, content, officer, reason, good_days)
    _show(edition, out, as_json=as_json)


@lists.command()
@click.option(
    "--context",
    "given",
    type=(str, FILE),
    multiple=True,
    required=True,
    metavar="ADDRESS FILE",
    help="An address, and the file with the JSON-LD context that stands there. Give several.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@json_option
def contexts(given: tuple[tuple[str, Path], ...], out: Path, as_json: bool) -> None:
    """Make a list of contexts, so that sites read certificates whose terms stand in them.

    They are DIVOC's certificates in another country's words, or W3C credentials of version 2.0, as
    Inji and Sunbird RC issue them. Compare each digest (SHA-256 of the file) with whoever issues
    them. Sign the list with lists vouch.
    """
    import hashlib
    import json

    from edge.credentials.added_contexts import CONTEXT_LIST, has_divocs_type, read_contexts
    from edge.domain.errors import BadInput
    from sync.bounded_files import MB

    found: dict[str, Any] = {}
    digests: dict[str, str] = {}
    for address, file in given:
        data = read_bounded(file, MB)
        digests[address] = hashlib.sha256(data).hexdigest()
        try:
            found[address] = json.loads(data)
        except (ValueError, RecursionError):
            raise BadInput(
                "contexts.file", "The file {file} is not JSON.", hint="", file=file.name
            ) from None
    document = {"type": CONTEXT_LIST, "contexts": found}
    read_contexts(document)
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if as_json:
        show_json({"file": out, "contexts": sorted(found), "digests": digests})
        return
    for address, context in found.items():
        kind = "DIVOC's certificates" if has_divocs_type(context) else "W3C credentials 2.0"
        click.echo(f"{address}  for {kind}, SHA-256 {digests[address]}")
    click.echo(f"{len(found)} contexts are in {out}. Sign it with: divoc-edge lists vouch {out}")


@lists.command()
@click.argument("name")
@click.option("--by", "officer", required=True, help="The officer who answers for it.")
@click.option("--reason", required=True, help="Why the list counts no more.")
@_out
@_folder
@passphrase_option
@json_option
def withdraw(
    name: str,
    officer: str,
    reason: str,
    out: Path,
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Sign that the list NAME counts no more: sites let go what it said.

    It goes where the list went: divoc-registry publish list, or a campaign's folder of lists.
    """
    _show(_desk(folder, passphrase_file).withdraw(name, officer, reason), out, as_json=as_json)


@lists.command()
@_file
@json_option
def show(file: Path, as_json: bool) -> None:
    """Say what a signed list is, who signed it, and whether it is whole."""
    from sync.protocol.signed_lists import checked, read_line

    found = checked(file, {read_line(file).key})
    told = {
        "name": found.name,
        "publisher": found.publisher,
        "publisherKey": found.publisher_key,
        "officer": found.officer,
        "reason": found.reason,
        "version": found.version,
        "sequence": found.sequence,
        "goodUntil": found.good_until,
        "bytes": found.length,
        "withdrawn": found.withdrawn,
        "key": found.key,
        "fingerprint": found.fingerprint,
    }
    if as_json:
        show_json(told)
        return
    size = "withdrawn" if found.withdrawn else f"{found.length} bytes"
    click.echo(f"{found.name}, edition {found.version or found.sequence}, {size}.")
    if found.publisher:
        click.echo(f"Of the publisher {found.publisher}, signed with {found.publisher_key}.")
    else:
        click.echo(f"On the word of {found.officer}: {found.reason}")
    click.echo(f"Counts until {found.good_until.date()}.")
    click.echo(f"The ministry's key: {found.fingerprint}")


def _desk(folder: Path, passphrase_file: Path | None) -> ListSigner:
    from edge.adapters.ministry_folder import MinistryFolder
    from edge.credentials.contexts import LIST_CONTEXTS, load_contexts
    from edge.services.certificates.list_signing import ListSigner
    from sync.resources import resource

    ministry = MinistryFolder(folder)
    key = ministry.key(read_passphrase(passphrase_file, "the list-signing key"))
    load = load_contexts(resource("edge/credentials/contexts"), LIST_CONTEXTS)
    return ListSigner(ministry, key, lambda: datetime.now(UTC), load)


def _show(edition: SignedEdition, out: Path, *, as_json: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    stated = edition.stated
    path = out / f"{stated.name.replace('/', '_')[:80]}.list"
    path.write_bytes(edition.file)
    told: dict[str, Any] = {
        "file": str(path),
        "name": stated.name,
        "version": stated.version,
        "sequence": stated.sequence,
        "counts": dict(edition.counts.counts),
        "leftOut": list(edition.counts.left_out),
    }
    if as_json:
        show_json(told)
        return
    show_taken({**told, "file": stated.name})
    click.echo(f"Signed: {path}")
