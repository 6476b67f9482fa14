"""Demoland's campaign with two types of documents more: files of a campaign, and not a line of code."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from next_edition import put_in_force

from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.services.commands import RecordDocument
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

TYPES = Path(__file__).parents[1] / "site/documents"
TEST, CARD = "test-certificate", "training-card"
TEST_CONTENTS: dict[str, Any] = {
    "name": "Grace Wanjiru",
    "birthDate": "1991-04-02",
    "gender": "Female",
    "testName": "rt-pcr",
    "sampleOrigin": "nasal swab",
    "result": "Negative",
    "contact": ["tel:+254700000001"],
    "laboratory": "Demoland Central Laboratory",
}
CARD_CONTENTS: dict[str, Any] = {
    "name": "Samuel Otieno",
    "staffCode": "V7",
    "courses": ["cold chain", "injection safety"],
    "score": 91,
    "trainer": True,
    "trainedUntil": "2099-12-31",
}


def campaign_with(types: Path, folder: Path) -> Path:
    """Write Demoland's campaign into a folder with the types of another."""
    shutil.copytree(resource("config/demo/campaign"), folder)
    shutil.copytree(types, folder / "documents")
    return folder


def describe_documents(node: Node, folder: Path) -> None:
    """Bring a campaign with both types into force, as a ministry would."""
    put_in_force(node, campaign_reader().folder(campaign_with(TYPES, folder)))


def record(node: Node, by: Staff, type_: str, contents: dict[str, Any]) -> tuple[str, str]:
    """Record a document and give its id, and the number of its certificate, if it has one."""
    id_ = node.site.ids.new()
    if type_ == TEST:
        contents = {"sampleCollected": node.clock.today().isoformat(), **contents}
    node.desk.take(id_, RecordDocument(document_type=type_, contents=contents), by)
    papers = certificates(node, id_)
    return id_, papers[-1].id if papers else ""


def certificates(node: Node, document: str) -> list[views.IssuedCertificate]:
    """Give the certificates of a document, oldest first."""
    with node.journal.reading() as db:
        return views.certificates_of_document(db, document)
