"""``divoc-edge campaign`` and ``divoc-edge staff``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from edge.cli.at_site import do_at_site
from edge.cli.common import data_option
from edge.cli.imports import checked_campaign
from edge.cli.pins import pin_option
from sync.commands.answers import json_option, show_json


@click.group()
def campaign() -> None:
    """Check a campaign before it is applied."""


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def check(folder: Path, as_json: bool) -> None:
    """Name every mistake in the campaign in FOLDER; change nothing."""
    from edge.campaign.words import untranslated

    body = checked_campaign(folder).body
    left = {code: untranslated(code, item["texts"]) for code, item in body.get("words", {}).items()}
    if as_json:
        counted = ("programmes", "vaccines", "facilities", "staff")
        show_json(
            {
                "id": body["id"],
                "version": body["version"],
                **{name: len(body[name]) for name in counted},
                "untranslated": left,
            }
        )
        return
    click.echo(
        f"The campaign {body['id']} {body['version']} is in order:"
        f" {len(body['programmes'])} programmes, {len(body['vaccines'])} vaccines,"
        f" {len(body['facilities'])} facilities, {len(body['staff'])} staff."
    )
    for code, count in left.items():
        if count:
            click.echo(f"words/{code}.po: {count} texts are not translated, and stay in English.")


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
        click.echo(f"words/{language}.po: {count} texts to translate.")


@campaign.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def pack(folder: Path, out: Path) -> None:
    """Check the campaign in FOLDER and write it as one file, for divoc-registry publish campaign.

    Its folder trust is not in it: divoc-registry publish list carries them.
    Nor are the PINs of its staff: a site keeps those that it has, and divoc-edge staff set-pin sets
    the others there.
    """
    from edge.services.pins import without_pins

    body = without_pins(checked_campaign(folder).body)
    out.write_text(json.dumps(body, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    click.echo(f"The campaign {body['id']} {body['version']} is in {out}.")


@click.group()
def staff() -> None:
    """PINs and sessions of those who work at the site."""


@staff.command()
@pin_option(confirmed=True)
@json_option
def pin(pin: str, as_json: bool) -> None:
    """Make the verifier of a PIN, for a campaign's staff.yaml."""
    from edge.services.verifiers import make_verifier

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
