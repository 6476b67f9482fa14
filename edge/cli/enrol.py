"""``divoc-edge enrol``, and how a command takes an enrolment code: never on a command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from edge.adapters.settings import FILE, Settings, read_settings, write_settings
from edge.adapters.site_database import reading
from edge.cli.common import data_folder, data_option
from edge.cli.secret_files import secret_of
from edge.domain.errors import BadInput, Conflict
from edge.journal.delivery import REGISTRY_KEY
from edge.journal.settings import setting
from sync.protocol.enrolment_codes import (
    EnrolmentCode,
    check_address,
    has_fingerprint,
    read_code,
    same_root,
)
from sync.protocol.errors import ProtocolError
from sync.protocol.keys import public_key

_TIMES = 3


def code_options(command: Callable[..., None]) -> Callable[..., None]:
    """Take the code of the registry from a file, or ask for it."""
    for option in (
        click.option(
            "--enrolment-code-file",
            "code_file",
            type=click.File("rb"),
            help="The file with that code; - reads the input.",
        ),
        click.option(
            "--enrolment-code",
            "asked",
            is_flag=True,
            help="Ask for the code that the registry gave: others see command lines.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@data_option
@click.option(
    "--enrolment-code-file",
    "code_file",
    type=click.File("rb"),
    help="The file with the code; - reads the input. Without it the code is asked for.",
)
def enrol(data: Path, code_file: BinaryIO | None) -> None:
    """Take the enrolment code that the registry's office gave: address, fingerprint and secret.

    The site enrols when it is started next, once the registry has proven its key.
    """
    from edge.services.campaign_root import kept_root

    folder = data_folder(data)
    settings = read_settings(folder)
    code = taken_code(code_file, asked=code_file is None)
    if code is None:  # pragma: no cover  (it was asked for)
        return
    with reading(folder) as db:
        pinned, root = setting(db, REGISTRY_KEY), kept_root(db)
    if pinned and not has_fingerprint(public_key(pinned), code.fingerprint):
        raise Conflict(
            "registry.pinned",
            "This site is enrolled with a registry that has another key.",
            hint="Call the national help desk: a site goes on with the registry it knows.",
        )
    _refuse_other_root(settings.campaign_root or root, code.root)
    write_settings(folder, with_code(settings, code))
    click.echo("The code is taken.")
    click.echo("Next: start the site again, or divoc-edge sync now")


def _refuse_other_root(here: str, told: str) -> None:
    """Let nobody move a site to other keys by handing it a code."""
    if here and told and not same_root(here, told):
        raise Conflict(
            "campaign.root-here",
            "This site believes campaigns under the ministry's root {here}, and the code names the"
            " root {told}.",
            hint="Call the ministry. If it began anew, write campaign_root = {told} into {file},"
            " in quotation marks, start the site, and enter the code again.",
            here=here[:32],
            told=told,
            file=FILE,
        )


def taken_code(file: BinaryIO | None, *, asked: bool) -> EnrolmentCode | None:
    """Read the code from a file, or ask for it until it can be read; None: neither is wanted.

    It is shown as it is typed, for nobody types so many signs unseen, and is worth nothing once
    the site has used it. Raises :class:`ProtocolError` naming what is mistyped.
    """
    if file is not None:
        return read_code(secret_of(file, "--enrolment-code-file"))
    for left in range(_TIMES, 0, -1) if asked else ():
        try:
            return read_code(click.prompt("Enrolment code"))
        except ProtocolError as error:
            if left == 1:
                raise
            click.echo(str(error), err=True)
    return None


def with_code(settings: Settings, code: EnrolmentCode) -> Settings:
    """Put a code into the settings; raises :class:`BadInput` where they name another registry."""
    told = settings.registry
    by_line = told and not told.startswith("file://")
    if code.by_stick and by_line:
        raise BadInput(
            "registry.by-stick",
            "The enrolment code is for a site without a line.",
            hint="Write file:///FOLDER as registry in {file}: the folder where sticks are mounted.",
            field="registry",
            file=FILE,
        )
    if not code.by_stick and by_line and check_address(told) != code.address:
        raise BadInput(
            "registry.differs",
            "{told} is not the address in the enrolment code, {address}.",
            hint="Leave the address out: the code brings it.",
            field="registry",
            told=told,
            address=code.address,
        )
    told_before = not code.root or same_root(settings.campaign_root, code.root)
    return replace(
        settings,
        registry=told if told and not by_line else "" if code.by_stick else code.address,
        registry_fingerprint=code.fingerprint,
        enrolment_code=code.secret,
        campaign_root=settings.campaign_root if told_before else code.root,
    )
