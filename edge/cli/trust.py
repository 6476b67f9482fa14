"""``divoc-edge trust``: whose certificates this site believes, and what was revoked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.common import data_folder, data_option
from edge.domain.errors import BadInput, NotAllowed, NotFound
from sync.commands.answers import json_option, show_json
from sync.commands.paths import FILE

if TYPE_CHECKING:
    from edge.adapters.trust_store import TrustStore


@click.group()
def trust() -> None:
    """Lists from others: trusted keys, revocations, names of codes.

    A list replaces the one of the same name. The node may be running; it sees them at once.
    """


@trust.command(name="import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--name", default="", help="What the list is called here; the file's name.")
@click.option("--issuer", default="", help="Whose rows these are: a DID, for DIVOC's lists.")
@click.option("--as-of", default="", help="Of which time an unsigned list is, if it does not say.")
@click.option(
    "--unsigned",
    is_flag=True,
    help="Take lists that no ministry signed, on your own word: at a site that has pinned no key.",
)
@click.option("--dry-run", is_flag=True, help="Only say what is in them; nothing is taken in.")
@data_option
@json_option
def import_(
    files: tuple[Path, ...],
    name: str,
    issuer: str,
    as_of: str,
    unsigned: bool,
    dry_run: bool,
    data: Path,
    as_json: bool,
) -> None:
    """Take in lists that the ministry signed (divoc-edge lists), each if it is the newest.

    In them stand trusted keys: PEM, JWKS, GDHCN DID documents, DCC and VCI lists; revocations: DCC
    batches, SMART Health Card lists, DIVOC's rows, what divoc-registry authority published; and
    value sets. Entries that cannot be read are named and left out; the others count.
    """
    from edge.adapters.settings import read_settings
    from edge.services.certificates.signed_intake import SignedIntake
    from edge.services.certificates.trust_lists import take_list, taken_document

    issued_at = _time(as_of)
    ministry = frozenset(read_settings(data_folder(data)).ministry_keys)
    if unsigned and ministry:
        raise NotAllowed(
            "list.unsigned",
            "This site takes only lists that the ministry has signed.",
            hint="The ministry signs one on an officer's word: divoc-edge lists vouch.",
        )
    if name and not unsigned:
        raise BadInput(
            "trust.name",
            "A signed list has its name in it.",
            hint="Leave --name out.",
            field="--name",
        )
    with _draft_store(data) if dry_run else open_store(data) as store:
        intake = SignedIntake(store, ministry, lambda: datetime.now(UTC))
        for file in files:
            if unsigned:
                now = datetime.now(UTC)
                taken = take_list(store, file, now, name=name, issuer=issuer, issued_at=issued_at)
                store.put_provenance(name or file.stem, None)
            else:
                taken = intake.take(file, issuer)
            if as_json:
                show_json(taken_document(file.name, taken))
            else:
                show_taken(taken_document(file.name, taken))


def show_taken(taken: Mapping[str, Any]) -> None:
    """Say what a list came to."""
    file, left_out = taken["file"], taken["leftOut"]
    for sentence in left_out:
        click.echo(f"{file} {sentence}", err=True)
    told = ", ".join(f"{count} {_KINDS[kind]}" for kind, count in taken["counts"].items())
    told = told or "withdrawn"
    left = f", {len(left_out)} left out" if left_out else ""
    click.echo(f"{file}: {told}{left}.")


_KINDS = {
    "trust": "trusted keys",
    "revocations": "revoked names",
    "codes": "names of codes",
    "contexts": "contexts",
}


@trust.command(name="list")
@json_option
@data_option
def list_(as_json: bool, data: Path) -> None:
    """List what was taken in, with its age, and whose word it is."""
    with open_store(data) as store:
        found = [(source, store.provenance(_signed_as(source.name))) for source in store.sources()]
    now = datetime.now(UTC)
    for source, word in found:
        late = word is not None and word.good_until < now
        if as_json:
            show_json(
                {
                    "name": source.name,
                    "kind": source.kind,
                    "at": source.imported_at,
                    "count": source.count,
                    "publisher": word.publisher if word else "",
                    "officer": word.officer if word else "",
                    "version": word.version if word else "",
                    "signed": word is not None,
                    "outOfDate": late,
                }
            )
            continue
        days = (now - source.imported_at).days
        whose = "signed by nobody"
        if word:
            whose = f"of {word.publisher}" if word.publisher else f"on the word of {word.officer}"
        age = ", out of date" if late else ""
        click.echo(
            f"{source.kind:12} {source.count:>9}  {days:>3} days  {source.name}, {whose}{age}"
        )


def _signed_as(name: str) -> str:
    """Give the name of the list that a source came with: a snapshot's revocations stand apart."""
    return name.removesuffix(" revocations")


@trust.command()
@click.argument("name")
@data_option
def forget(name: str, data: Path) -> None:
    """Drop a list."""
    with open_store(data) as store:
        if not store.forget(name):
            raise NotFound(
                "trust.unknown",
                "There is no list called {name}.",
                hint="See: divoc-edge trust list",
                name=name,
            )
    click.echo(f"{name} is dropped.")


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("trust.as-of", "{text} is not a time.", field="--as-of", text=text) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def open_store(data: Path) -> Iterator[TrustStore]:
    """Open a site's lists, also while its node runs."""
    from edge.adapters.trust_store import TrustStore

    store = TrustStore(data_folder(data) / "trust.db")
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _draft_store(data: Path) -> Iterator[TrustStore]:
    """Make a store that nobody keeps; it knows which editions the site has."""
    from edge.adapters.trust_store import TrustStore

    with open_store(data) as site:
        known = {source.name: site.provenance(source.name) for source in site.sources()}
    with tempfile.TemporaryDirectory() as folder:
        store = TrustStore(Path(folder) / "trust.db")
        try:
            for name, found in known.items():
                store.put_provenance(name, found)
            yield store
        finally:
            store.close()
