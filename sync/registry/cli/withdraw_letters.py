"""``divoc-registry publish letters`` and ``withdraw``: what was told, and taking it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.commands.answers import json_option, printable, show_json
from sync.commands.numbers import POSITIVE, ROWS
from sync.protocol.campaign_parts import CAMPAIGN
from sync.protocol.errors import SyncError
from sync.protocol.letters import WITHDRAWN
from sync.registry.cli.opening import data_option, database_option, instant, opening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.registry.store.interface import Store
    from sync.registry.store.records import Letter

_REMEDIES = {
    "campaign": "Sites that took it keep it until a campaign with a higher version comes.",
    "list": "Sites that took it keep it: sign divoc-edge lists withdraw, and publish that list.",
    "enrolments": "Who was registered by it is no longer expected, once the sites have asked.",
}
"""What can be withdrawn, and what becomes of it where it was taken."""
_node = click.option("--node", default="", help="Letters to this site alone; else to all sites.")


@click.command()
@_node
@click.option("--most", type=ROWS, default=20, show_default=True, help="How many, the newest.")
@data_option
@database_option
@json_option
def letters(node: str, most: int, data: Path, database: str | None, as_json: bool) -> None:
    """List what was told to all sites, or to one, by its numbers."""
    with opening(data, database) as store:
        feed = _feed(store, node)
        last = store.last_letter(feed)
        found = store.letters(feed, max(0, last.number - most), most) if last else []
    gone = {_body(letter).get("letter") for letter in found if letter.kind == WITHDRAWN}
    for letter in found:
        name = _named(letter)
        told = {"number": letter.number, "kind": letter.kind, "name": name, "at": letter.at}
        if as_json:
            show_json({**told, "withdrawn": letter.id in gone})
            continue
        state = "  withdrawn" if letter.id in gone else ""
        click.echo(f"{letter.number:6} {letter.at[:16]} {letter.kind:12} {printable(name)}{state}")


@click.command()
@click.argument("number", type=POSITIVE)
@_node
@data_option
@database_option
@json_option
def withdraw(number: int, node: str, data: Path, database: str | None, as_json: bool) -> None:
    """Take the letter NUMBER back: who has not taken it is never told it.

    See the numbers with divoc-registry publish letters.
    """
    from sync.protocol.enrolment_lists import LETTER as EXPECTED
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        feed = _feed(store, node)
        letter = store.letter(feed, number)
        if letter is None:
            raise SyncError(
                "withdraw.unknown",
                "There is no letter {number}. See: divoc-registry publish letters",
                number=number,
            )
        if letter.kind == EXPECTED:
            raise SyncError(
                "withdraw.people",
                "This letter tells of a list of people. Take back the list: divoc-registry"
                " enrolments withdraw {name}",
                name=_named(letter),
            )
        if letter.kind not in _REMEDIES:
            raise SyncError(
                "withdraw.kind",
                "A letter of the kind {kind} cannot be withdrawn; these can: {kinds}.",
                kind=letter.kind,
                kinds=", ".join(_REMEDIES),
            )
        posted = store.post(
            feed, WITHDRAWN, f"withdrawn:{letter.id}", _withdrawal(letter), instant()
        )
        store.audit(AuditLine(instant(), "command line", "withdrew a letter", _named(letter)))
    if as_json:
        show_json({"letter": posted.number, "withdraws": number, "kind": letter.kind})
        return
    click.echo(f"Letter {posted.number} withdraws letter {number}. {_REMEDIES[letter.kind]}")


def _withdrawal(letter: Letter) -> str:
    from sync.protocol.entries import canonical

    body: dict[str, Any] = {"letter": letter.id, "kind": letter.kind}
    if letter.kind == "enrolments":  # a site knows the people by the rows, not by the letter
        body |= {name: _body(letter)[name] for name in ("name", "programme", "text")}
    return canonical(body).decode()


def _feed(store: Store, node: str) -> str:
    from sync.registry.store.records import NATION

    if node and store.node(node) is None:
        raise SyncError("withdraw.node", "No site {node} has enrolled.", node=node)
    return node or NATION


def _named(letter: Letter) -> str:
    body = _body(letter)
    campaign = body.get("campaign") or _signed(body.get("files", {}))
    if isinstance(campaign, dict):
        return f"{campaign.get('id')} {campaign.get('version')}"
    return str(body.get("name", ""))


def _signed(files: Mapping[str, str]) -> Any:
    """Give the nation's campaign of a letter's files."""
    found = (text for name, text in files.items() if name.endswith(f".{CAMPAIGN}"))
    return json.loads(next(found, "null"))


def _body(letter: Letter) -> dict[str, Any]:
    body = json.loads(letter.body)
    return body if isinstance(body, dict) else {}
