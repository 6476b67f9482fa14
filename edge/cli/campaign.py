"""``divoc-edge campaign`` and ``divoc-edge staff``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from edge.cli.at_site import do_at_site
from edge.cli.campaign_folders import campaign_at, checked_campaign, checked_region
from edge.cli.campaign_new import new
from edge.cli.campaign_tables import list_commands
from edge.cli.campaign_try import diff, try_
from edge.cli.common import data_option
from edge.cli.pins import pin_option
from edge.cli.vouchers import vouchers
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit


@click.group()
def campaign() -> None:
    """Write, check and try a campaign before it is applied."""


campaign.add_command(new)
campaign.add_command(list_commands("staff"))
campaign.add_command(list_commands("facilities"))
campaign.add_command(diff)
campaign.add_command(try_)
campaign.add_command(vouchers)


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="End with 1 also where there is something to look at.")
@json_option
def check(folder: Path, strict: bool, as_json: bool) -> None:
    """Name every mistake in the campaign in FOLDER, or in a packed one; change nothing.

    What is no mistake and hardly meant is told behind them, as something to look at.
    """
    from edge.campaign.parts import named_in
    from edge.wiring.campaigns import campaign_reader

    reader = campaign_reader()
    checked = campaign_at(folder, reader)
    body = checked.body
    remarks = reader.remarks(checked, date.today())  # noqa: DTZ011  (the clerk's day)
    counts = {part: len(names) for part, names in named_in(body).items()}
    if as_json:
        show_json(
            {
                "id": body["id"],
                "version": body["version"],
                **counts,
                "remarks": [remark.document() for remark in remarks],
            }
        )
    else:
        for remark in remarks:
            click.echo(f"Look at {remark}", err=True)
        told = ", ".join(f"{part} {count}" for part, count in counts.items())
        click.echo(f"The campaign {body['id']} {body['version']} is in order: {told}.")
    if strict and remarks:
        raise SystemExit(Exit.FAILED)


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("language")
@json_option
def words(folder: Path, language: str, as_json: bool) -> None:
    """Write words/LANGUAGE.po in FOLDER with every text there is; keep what it says already.

    Only what is translated there changes a word: what stays empty is said as in the product.
    """
    from edge.campaign.new_words import write_words

    count = write_words(folder, language)
    if as_json:
        show_json({"file": f"words/{language}.po", "untranslated": count})
    else:
        click.echo(f"words/{language}.po: texts to translate: {count}.")


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option(
    "--region", is_flag=True, help="FOLDER holds facilities.yaml and staff.yaml of a region alone."
)
def pack(folder: Path, out: Path, region: bool) -> None:
    """Check the campaign in FOLDER and write it as one file, for divoc-registry publish campaign.

    Its folder trust is not in it: divoc-registry campaign lists puts its lists beside it.
    Nor are the PINs of its staff: a site keeps those that it has, and divoc-edge staff set-pin sets
    the others there.
    """
    from edge.services.pins import packed_campaign

    if region:
        part = checked_region(folder)
        out.write_text(packed_campaign(part), encoding="utf-8")
        counts = f"facilities {len(part['facilities'])}, staff {len(part['staff'])}"
        click.echo(f"The region is in {out}: {counts}.")
        return
    body = checked_campaign(folder).body
    out.write_text(packed_campaign(body), encoding="utf-8")
    click.echo(f"The campaign {body['id']} {body['version']} is in {out}.")


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@json_option
def contexts(folder: Path, out: Path, as_json: bool) -> None:
    """Write what the documents of the campaign in FOLDER mean, for whoever is to read them.

    A JSON-LD context for each type that is certified: publish it at the address that it prints.
    """
    from edge.campaign.catalogue import to_catalogue

    types = to_catalogue(checked_campaign(folder).body).documents.values()
    out.mkdir(parents=True, exist_ok=True)
    written = {}
    for type_ in types:
        if type_.mapping is not None:
            path = out / f"{type_.id}.jsonld"
            text = json.dumps(type_.mapping.document(), ensure_ascii=False, indent=1)
            path.write_text(f"{text}\n", encoding="utf-8")
            written[str(path)] = type_.mapping.context
    if as_json:
        show_json([{"file": file, "address": address} for file, address in written.items()])
        return
    for file, address in written.items():
        click.echo(f"{file}  {address}")


@click.group()
def staff() -> None:
    """PINs and sessions of those who work at the site."""


@staff.command()
@pin_option(confirmed=True)
@json_option
def pin(pin: str, as_json: bool) -> None:
    """Make the verifier of a PIN, for a campaign's staff.yaml."""
    from edge.plugins.sign_in.verifiers import make_verifier

    made = make_verifier(pin)
    if as_json:
        show_json({"verifier": made})
    else:
        click.echo(made)


@staff.command(name="set-pin")
@click.argument("code")
@pin_option(confirmed=True)
@data_option
def set_pin(code: str, pin: str, data: Path) -> None:
    """Give the staff member CODE a PIN at this site, which ends the sessions under the old one.

    The node may be running or not.
    """
    from edge.tasks import SET_PIN

    do_at_site(data, SET_PIN, {"staff": code, "pin": pin})
    click.echo(f"{code} can sign in with the new PIN.")


@staff.command()
@data_option
@json_option
def sessions(data: Path, as_json: bool) -> None:
    """List who is signed in at the site, the one seen last first.

    End one with: divoc-edge staff end-session NAME
    """
    from edge.tasks import SESSIONS

    for session in do_at_site(data, SESSIONS, {})["sessions"]:
        if as_json:
            show_json(session)
        else:
            click.echo(
                "  ".join(session[key] or "-" for key in ("name", "staff", "address", "seen"))
            )


@staff.command(name="end-session")
@click.argument("name")
@data_option
def end_session(name: str, data: Path) -> None:
    """End the session NAME, as "staff sessions" lists it; its tablet asks for a PIN again."""
    from edge.tasks import END_SESSION

    do_at_site(data, END_SESSION, {"session": name})
    click.echo("The session has ended.")
