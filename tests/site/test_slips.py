"""The paper says what the record says, in the campaign's language."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.campaign.loader import read_campaign
from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.resources import resource
from edge.services.commands import GiveDose
from printers.document import Document, Field, Qr, Text


@pytest.fixture
def slip(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> Callable[[int], Document]:
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    with node.journal.reading() as db:
        issued = views.certificate(db, outcome.entries[1].body["certificate"])
    assert issued is not None
    return lambda copy: node.print_room._slip(issued, copy, 17, 576)


def texts(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks if isinstance(block, Text))


def test_a_slip_names_person_vaccine_lot_dose_and_the_next_date(
    node: Node, slip: Callable[[int], Document]
) -> None:
    fields = {one.label: one.value for one in slip(1).blocks if isinstance(one, Field)}
    assert fields["Name"] == "Grace Wanjiru"
    assert (fields["Vaccine"], fields["Lot"], fields["Dose"]) == ("CoviProtect", "CP2611A", "1 / 2")
    assert fields["Come back on"] > fields["Date"] == node.clock.today().isoformat()
    (code,) = [one for one in slip(1).blocks if isinstance(one, Qr)]
    assert node.verify(code.payload).verdict == "valid"


def test_the_closing_line_repeats_certificate_and_serial_and_a_copy_says_so(
    slip: Callable[[int], Document],
) -> None:
    original, copy = texts(slip(1)), texts(slip(2))
    assert "COPY" not in original
    assert "COPY 2   20" in copy
    assert original.splitlines()[-1].startswith("END ")
    assert original.splitlines()[-1].endswith(" 17")


def test_the_labels_are_in_the_campaigns_language_and_read_its_way(
    node: Node, slip: Callable[[int], Document], tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    with (folder / "campaign.yaml").open("a") as file:
        file.write("language: ar\n")
    assert not slip(1).rtl
    node.importer.campaign(read_campaign(folder, resource("config/schemas")))
    labels = [one.label for one in slip(1).blocks if isinstance(one, Field)]
    assert labels[0] == "الاسم"
    assert slip(1).rtl
