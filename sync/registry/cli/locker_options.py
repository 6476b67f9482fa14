"""The options of ``divoc-registry run`` for a digital locker: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sync.bounded_files import read_bounded
from sync.commands.paths import FILE
from sync.registry.locker.settings import MOST_KEY, LockerSettings


def locker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a locker; it takes ``locker``, which is None without them."""

    @click.option(
        "--locker-issuer",
        metavar="ID",
        help="Serve a digital locker: the registry's id there, such as in.gov.demoland.",
    )
    @click.option(
        "--locker-document", metavar="TYPE", help="The locker's document type, such as VACER."
    )
    @click.option("--locker-org", metavar="ID", help="The orgId with which the locker asks.")
    @click.option(
        "--locker-key",
        type=FILE,
        help="The file with the API key that the locker signs its requests with.",
    )
    @wraps(command)
    def with_locker(
        locker_issuer: str | None,
        locker_document: str | None,
        locker_org: str | None,
        locker_key: Path | None,
        **others: Any,
    ) -> Any:
        locker = None
        if locker_issuer and locker_document and locker_org and locker_key:
            key = read_bounded(locker_key, MOST_KEY + 2).strip()
            locker = LockerSettings(locker_issuer, locker_document, locker_org, key)
        elif locker_issuer or locker_document or locker_org or locker_key:
            raise click.UsageError(
                "A digital locker needs --locker-issuer, --locker-document, --locker-org and"
                " --locker-key."
            )
        return command(locker=locker, **others)

    return with_locker
