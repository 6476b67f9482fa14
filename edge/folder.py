"""What can be read of a site's data folder without holding it, also while its node runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from edge.adapters.settings import read_settings
from edge.credentials.trust import Trust
from edge.domain.errors import NotAllowed, Refusal
from edge.extensions import installed
from edge.journal.schema import check_shape
from edge.slips.slip_maker import SlipMaker
from edge.wiring.certificates import Certificates, known_lists, wire_certificates
from edge.wiring.journal import readers
from edge.wiring.keys import wire_keys, wire_signers
from edge.wiring.printing import wire_slips


@contextlib.contextmanager
def site_certificates(folder: Path, also: Trust = Trust()) -> Iterator[Certificates]:  # noqa: B008
    """Make what the site in a folder signs and judges with; ``also`` is trusted beside it."""
    settings, more = read_settings(folder), installed()
    with readers(folder) as journal, known_lists(folder) as lists:
        with journal.reading() as db:
            check_shape(db)
        keys = wire_keys(folder, settings)
        signers = wire_signers(folder, settings, more.key_stores)
        yield wire_certificates(
            settings, keys, signers, journal, lists, more.formats, more.conditions, also
        )


def public_names(folder: Path) -> dict[str, str]:
    """Give the site's public keys by name, as PEM, or base58 for Ed25519 as DIVOC writes them.

    None before the first campaign, which says under which name the site signs.
    """
    try:
        with site_certificates(folder) as certificates:
            return certificates.certifier.public_names()
    except Refusal:
        return {}


def reading_slips(folder: Path) -> SlipMaker:
    """Make a site's slips without holding its folder, also while it runs; no certificates."""
    settings = read_settings(folder)

    def no_payload(_format: str, _credential: str) -> bytes:
        raise NotAllowed("slip.at-the-site", "A certificate is printed from the site's pages.")

    return wire_slips(settings, wire_keys(folder, settings), no_payload)
