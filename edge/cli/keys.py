"""``divoc-edge keys``: the name and key under which this site signs."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.cli.common import data_folder, data_option, show_json
from edge.cli.verify import site_trust
from edge.credentials.trust import base58
from edge.domain.errors import Unavailable


@click.group()
def keys() -> None:
    """The keys of the site."""


@keys.command()
@data_option
def show(data: Path) -> None:
    """Print this site's public key as a trust file: for divoc-edge verify --trust elsewhere."""
    named = site_trust(data_folder(data)).named
    if not named:
        raise Unavailable(
            "campaign.none",
            "No campaign has been applied at this site yet.",
            hint="The technician applies one with: divoc-edge import campaign FOLDER",
        )
    show_json(
        {
            method: base58(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
            for method, key in named.items()
        }
    )
