"""``divoc-edge backup`` and ``restore``: one encrypted file, and a site made of it again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from edge.adapters.settings import read_settings
from edge.cli.common import data_folder, data_option
from edge.cli.key_place import KeyPlaceChoice, chosen_place, tell_place
from edge.cli.secret_files import secret_of
from sync.bounded_files import MB
from sync.commands.answers import json_option, show_json
from sync.commands.paths import FILE
from sync.own_files import private_files

if TYPE_CHECKING:
    from edge.adapters.backups.manifest import Manifest


@click.command()
@click.argument("where", type=click.Path(path_type=Path))
@data_option
@json_option
def backup(where: Path, data: Path, as_json: bool) -> None:
    """Back the site up to a new FILE, or into a FOLDER where it gets a name; the node may run.

    The file is encrypted to the recovery key. In it are the journal with its people, the keys, the
    settings, the campaign and the lists. It is tried at once, as a restore would be.
    """
    from edge.adapters.backups.making import make_backup
    from edge.adapters.backups.state import keep_backup_state
    from edge.adapters.backups.trying import try_backup
    from edge.adapters.clock import SystemClock
    from edge.adapters.keys import file_keys
    from edge.domain.backups import BackupState

    folder = data_folder(data)
    settings, keys = read_settings(folder), file_keys(folder)
    now = SystemClock("UTC").now()
    path, manifest = make_backup(
        folder, keys, settings.recovery, where, settings.facility, now, settings.backup_keep
    )
    try_backup(path, keys, folder)
    made = BackupState(now, str(path.absolute()), manifest.entries, now)
    with private_files():
        keep_backup_state(folder, made)
    size = path.stat().st_size
    if as_json:
        show_json({"file": str(path), "bytes": size, **_told(manifest)})
        return
    click.echo(f"The backup is {path} ({-(-size // MB)} MB), and was tried: it can be restored.")
    _tell(manifest)
    click.echo(
        f"The site itself can open it, and who has the key of: {', '.join(settings.recovery)}"
    )


@click.command(name="restore")
@click.argument("file", type=FILE)
@data_option
@click.option(
    "--recovery-key-file",
    "key_file",
    type=click.File("rb"),
    help="The file with the recovery key; - reads the input. Without it the key is asked for.",
)
@click.option(
    "--key-store",
    default="file",
    show_default=True,
    help="Where the journal's key is to be: as keys move --to takes it.",
)
@click.option("--check", is_flag=True, help="Try the backup with the key, and restore nothing.")
@json_option
def restore_(
    file: Path,
    data: Path,
    key_file: BinaryIO | None,
    key_store: str,
    check: bool,
    as_json: bool,
) -> None:
    """Bring a site back from a backup into a folder that is not there yet.

    Nothing is restored over a site. Slips that waited for a printer are not printed; what was
    recorded after the backup is not in it.
    """
    from edge.adapters.backups.recovery import read_recovery_key
    from edge.adapters.backups.restoring import restore
    from edge.adapters.backups.trying import try_with
    from edge.adapters.clock import SystemClock

    text = (
        click.prompt("Recovery key", hide_input=True)
        if key_file is None
        else secret_of(key_file, "recovery-key")
    )
    identities = [read_recovery_key(text)]
    if check:
        manifest = try_with(file, identities)
        if as_json:
            show_json(_told(manifest))
        else:
            click.echo("This backup is whole, and this key opens it.")
            _tell(manifest)
        return
    place = chosen_place(key_store)
    done = restore(file, identities, data, partial(_keep_key, place), SystemClock("UTC").now())
    if as_json:
        show_json({**_told(done.manifest), "calledOff": done.called_off, "folder": str(data)})
        return
    click.echo(f"The site {done.manifest.facility} is back in {data}.")
    _tell(done.manifest)
    click.echo("What was recorded after that is not here. See that the old machine never starts")
    click.echo("again: two machines with one key are two sites under one name.")
    if done.called_off:
        click.echo(f"{done.called_off} slips that waited for a printer are not printed by itself.")
    tell_place(data)
    click.echo(f"Next: divoc-edge run --data {data}")


def _keep_key(place: KeyPlaceChoice, folder: Path, key: bytes) -> None:
    from edge.adapters.entropy import SystemEntropy
    from edge.adapters.journal_key import JournalKey

    JournalKey(folder).put(key, SystemEntropy(), place.kind, place.where, place.passphrase)


def _told(manifest: Manifest) -> dict[str, Any]:
    last = manifest.last
    return {
        "facility": manifest.facility,
        "node": manifest.node,
        "at": manifest.at,
        "entries": manifest.entries,
        "last": last and {"epoch": last.epoch, "number": last.number, "at": last.at},
    }


def _tell(manifest: Manifest) -> None:
    last = manifest.last
    until = f", the last of {last.at}" if last else ""
    click.echo(f"It holds {manifest.entries} entries of {manifest.facility}{until}.")
