"""Make a site, run it, ask how it is."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import click

from edge.adapters.disk import disk_space
from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.settings import FILE, PrinterSettings, Settings, read_settings, write_settings
from edge.adapters.site_database import reading
from edge.cli.backup_status import backup_told, say_backup
from edge.cli.common import data_folder, data_option
from edge.cli.enrol import code_options, taken_code, with_code
from edge.cli.key_place import IN_A_FILE, KeyPlaceChoice, chosen_place, tell_place
from edge.cli.tls import plain_beside, state_of, with_tls
from edge.domain.disk import MB, disk_state
from edge.domain.errors import BadInput, Conflict
from edge.journal import print_jobs
from edge.journal.attention import count_to_put_right
from edge.journal.counts import count_given_here, count_people
from edge.journal.delivery import REGISTRY, delivery, heard_by_stick
from edge.journal.devices import count_in_use
from edge.journal.kept_checks import KEPT, kept_check
from edge.journal.letter_troubles import troubles
from edge.journal.list_progress import list_progress
from edge.journal.receipts import proven_places
from edge.journal.settings import setting
from sync.commands.answers import json_option, show_json
from sync.own_files import private_files, private_folder


@click.command()
@data_option
@click.option("--facility", required=True, help="The facility's code, as in the campaign.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone, such as Asia/Kolkata.")
@click.option(
    "--listen", default="127.0.0.1:8080", show_default=True, help="host:port for tablets."
)
@click.option("--name", default="", help="Found as NAME.local; by default the facility's code.")
@click.option(
    "--plain-http-reason",
    default="",
    help="Why tablets are spoken to without TLS, if they are.",
)
@click.option(
    "--registry",
    default="",
    help="file:///FOLDER for a site without a line; else the enrolment code brings the address.",
)
@code_options
@click.option(
    "--key-store",
    default="file",
    show_default=True,
    help="Where the journal's key is: as keys move --to takes it.",
)
@click.option("--printer", "printers", multiple=True, help="NAME=URI=PROFILE; may be repeated.")
def init(
    data: Path,
    facility: str,
    zone: str,
    listen: str,
    name: str,
    plain_http_reason: str,
    registry: str,
    asked: bool,
    code_file: BinaryIO | None,
    key_store: str,
    printers: tuple[str, ...],
) -> None:
    """Make the data folder of a new site: settings, keys, an empty journal.

    At an address that other machines reach the site speaks HTTPS with a certificate of its own.
    """
    _check_new(data)
    code = taken_code(code_file, asked=asked)
    settings = Settings(
        facility=facility,
        zone=zone,
        listen=listen,
        plain_http_reason=plain_http_reason,
        registry=registry,
        printers=tuple(_printer(text) for text in printers),
    )
    if code is not None:
        settings = with_code(settings, code)
    if settings.is_bare:
        settings = with_tls(settings, name=name, listen=listen, plain=plain_beside(listen))
    make_site(data, settings, chosen_place(key_store))
    click.echo(f"The site {facility} is ready in {data}.")
    tell_place(data)
    click.echo(f"Next: divoc-edge import campaign FOLDER --data {data}")


def _check_new(data: Path) -> None:
    if (data / FILE).exists():
        raise Conflict(
            "site.exists",
            "{folder} is a site already.",
            hint="Change its {file}, or choose another folder.",
            folder=data,
            file=FILE,
        )


def make_site(data: Path, settings: Settings, place: KeyPlaceChoice = IN_A_FILE) -> None:
    """Make the folder, its keys and its settings; then open it once.

    The journal's key is made in its ``place``, before anything is written that is encrypted with
    it: a set-up that is broken off leaves it nowhere else, and can be begun again. One that is
    refused leaves nothing in the folder, nor the folder where there was none.
    """
    from edge.extensions import installed
    from edge.node import Node

    before = set(data.iterdir()) if data.is_dir() else None
    try:
        with private_files():
            private_folder(data)
            keys = FileKeys(data / "keys", SystemEntropy())
            keys.create(place.kind, place.where, place.passphrase)
            write_settings(data, settings)
            installed().check(data, read_settings(data))
            Node(data).close()
    except Exception:
        _take_away(data, before)
        raise


def _take_away(data: Path, before: set[Path] | None) -> None:
    """Take away what was made in a folder, and the folder if there was none (``before``)."""
    if before is None:
        shutil.rmtree(data, ignore_errors=True)
        return
    for path in set(data.iterdir()) - before:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _printer(text: str) -> PrinterSettings:
    name, _, rest = text.partition("=")
    uri, _, profile = rest.rpartition("=")
    if not (name and uri and profile):
        raise BadInput(
            "printer.form",
            "{text} is not NAME=URI=PROFILE.",
            hint="For example desk=tcp://192.0.2.9:9100=escpos-80",
            text=text,
        )
    return PrinterSettings(name, uri, profile)


@click.command()
@data_option
def run(data: Path) -> None:
    """Run the site until it is stopped (Ctrl-C, or SIGTERM)."""
    from edge.cli.serving import serve
    from edge.node import Node

    with private_files():
        node = Node(data_folder(data))
        try:
            serve(node)
        finally:
            node.close()


@click.command()
@data_option
@json_option
def status(data: Path, as_json: bool) -> None:
    """Say how the site is, also while it runs."""
    settings = read_settings(data_folder(data))
    with reading(data) as db:
        held = delivery(db, REGISTRY)
        by_stick = heard_by_stick(db)
        counts = print_jobs.counts(db)
        attention = count_to_put_right(db)
        letters = [
            {
                "kind": trouble.kind,
                "trouble": trouble.sentence.format(**trouble.values),
                "detail": trouble.detail,
            }
            for trouble in troubles(db)
        ]
        lists = list_progress(db)
        people = count_people(db)
        tablets = count_in_use(db)
        doses = count_given_here(db)
        checked = kept_check(setting(db, KEPT))
        receipts = [
            {"epoch": epoch, "number": number, "hash": hash_}
            for epoch, number, hash_ in proven_places(db, REGISTRY)
        ]
    told = {
        "facility": settings.facility,
        "entries": held.recorded,
        "delivered": held.delivered,
        "lastReceipt": held.heard_at,
        "byStick": by_stick,
        "receipts": receipts,
        "people": people,
        "doses": doses,
        "attention": attention,
        "prints": counts,
        "letters": letters,
        "lists": [dataclasses.asdict(expected) for expected in lists],
        "tablets": tablets,
        "tls": _tls(data, settings),
        "disk": _disk(data, settings),
        "journal": dataclasses.asdict(checked),
        "backup": backup_told(data, settings, held.recorded),
    }
    if as_json:
        show_json(told)
    else:
        _say(told, settings)


def _disk(data: Path, settings: Settings) -> dict[str, Any]:
    limits, space = settings.disk_limits, disk_space(data)
    state = disk_state(space, limits)
    told = state.told
    return {
        "free": state.free,
        "records": state.records,
        "trouble": str(told) if told else "",
        "hint": told.hint if told else "",
    }


def _tls(data: Path, settings: Settings) -> dict[str, Any] | None:
    state = state_of(data)
    if state is None:
        return None
    return {
        "host": state.host,
        "days": state.days,
        "authorityDays": state.authority_days,
        "announced": settings.announce,
    }


def _say(told: Mapping[str, Any], settings: Settings) -> None:
    recorded, delivered, tls = told["entries"], told["delivered"], told["tls"]
    click.echo(f"Facility      {told['facility']}")
    click.echo(f"People        {told['people']}")
    click.echo(f"Doses given   {told['doses']}")
    click.echo(f"Entries       {recorded}")
    if settings.registry or told["byStick"]:
        word = "all of them" if delivered == recorded else f"{delivered} of {recorded}"
        click.echo(f"In registry   {word}, proven {told['lastReceipt'] or 'never yet'}")
        if not (told["lastReceipt"] or told["byStick"]):
            click.echo("              why is on the page Site, or divoc-edge sync now says it")
        if told["byStick"]:
            click.echo(f"By stick      as of {told['byStick']}")
        click.echo(f"To put right  {told['attention']}")
    if tls:
        word = "announced" if tls["announced"] else "not announced"
        click.echo(f"Name          {tls['host']}, {word}")
        click.echo(f"Certificate   good for {tls['days']} days more, renewed by itself")
        click.echo(f"Authority     good for {tls['authorityDays']} days more")
    word = "alone" if settings.pairing_demanded else "and others"
    click.echo(f"Tablets       {told['tablets']} paired; staff sign in on these {word}")
    for expected in told["lists"]:
        held = f", {expected['held']} rows not taken" if expected["held"] else ""
        came = f"{expected['taken']} of {expected['people']} people"
        click.echo(f"Expected      {expected['name']}: {came}{held}")
    for letter in told["letters"]:
        click.echo(
            f"Not taken     {letter['kind']}: {letter['trouble']} {letter['detail']}".rstrip()
        )
    disk = told["disk"]
    click.echo(f"Disk          {disk['free'] // MB} MB free, records {disk['records']}")
    for sentence in filter(None, (disk["trouble"], disk["hint"])):
        click.echo(f"              {sentence}")
    checked = told["journal"]
    if checked["at"]:
        word = checked["trouble"] or "every page in order"
        click.echo(f"Journal       {word} ({checked['at'][:16]})")
    say_backup(told["backup"])
    for printer, states in sorted(told["prints"].items()):
        word = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        click.echo(f"Printer       {printer}: {word}")
