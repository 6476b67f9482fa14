"""Whole sites for tests, with Demoland's campaign, people, earlier doses and stock.

Demoland is the invented country of ``config/demo``; its names and numbers stand in many tests.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from edge.adapters.settings import Settings
from edge.campaign.divoc_csv import read_certificates, read_enrolments
from edge.campaign.stock_csv import read_stock
from edge.cli.site import make_site
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.wiring.campaigns import campaign_reader
from sync.registry.authority import Authority
from sync.registry.lifetimes import SIGNER_DAYS, SIGNER_USE_DAYS
from sync.resources import resource

PROGRAMME = "covid-19"
PASSPHRASE = b"of the tests' authority"


def filled_site(folder: Path, settings: Settings) -> Node:
    """Make a site in a folder and fill it; whoever asks closes it."""
    make_site(folder, settings)
    node = Node(folder)
    fill(node)
    return node


@cache
def demonstration() -> CheckedCampaign:
    """Read Demoland's campaign, once in a process: its YAML and codes take a sixth of a second."""
    return campaign_reader().folder(resource("config/demo/campaign"))


def fill(node: Node) -> None:
    """Import Demoland's tables into a site; their days move with the site's clock."""
    campaign = demonstration()
    node.campaigns.apply(campaign)
    data, today = resource("config/demo/data"), node.clock.today()
    shift = today - date.fromisoformat(campaign.body["reference_date"])
    people = read_enrolments(data / "enrolments.csv", today)
    node.importer.enrolments("enrolments.csv", people, PROGRAMME, _unseen)
    earlier = read_certificates(data / "certificates.csv", today, shift)
    node.importer.certificates("certificates.csv", earlier, PROGRAMME, _unseen)
    node.importer.stock("stock.csv", read_stock(data / "stock.csv"), _unseen)


def vouch_for(node: Node, folder: Path) -> None:
    """Play the nation's authority in a folder: a root, the site's certificate, its document."""
    issuer, now = node.issuer(), node.clock.now()
    authority = Authority(folder)
    authority.create(issuer.country, issuer.name, PASSPHRASE, now)
    request = node.signers.request(issuer.country, issuer.name, node.settings.facility)
    signed = authority.sign(
        request.public_bytes(Encoding.PEM),
        PASSPHRASE,
        now,
        days=SIGNER_DAYS,
        use_days=SIGNER_USE_DAYS,
    )
    node.signers.install(signed.public_bytes(Encoding.PEM))
    node.certifier.look_again()
    authority.publish(folder / "published", issuer.did, now)


def _unseen(rows: int) -> None:
    """Take the progress of an import that nobody watches."""
