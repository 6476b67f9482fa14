"""The lists that come in a campaign's folder, for the command that applies it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.common import data_folder
from edge.cli.trust import open_store
from edge.domain.errors import BadInput

if TYPE_CHECKING:
    from edge.services.certificates.signed_intake import FolderResult


def tell_refused(refused: Sequence[str]) -> None:
    """Say which lists were not taken, and why; the command has failed then."""
    for sentence in refused:
        click.echo(sentence, err=True)
    raise BadInput(
        "lists.refused",
        "The campaign is in force; of its lists {count} were refused, and the last good ones stay.",
        hint="See docs/lists.md.",
        count=len(refused),
    )


def take_lists(data: Path, folder: Path) -> FolderResult:
    """Take in the lists that came with a campaign; their store is open to every process."""
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.cli.common import catalogue_in_force
    from edge.services.certificates.signed_intake import SignedIntake

    ministry = frozenset(read_settings(data_folder(data)).ministry_keys)
    with reading(data_folder(data)) as db:
        issuer = catalogue_in_force(db).issuer
    with open_store(data) as store:
        intake = SignedIntake(store, ministry, lambda: datetime.now(UTC))
        return intake.take_folder(folder, issuer.did)
