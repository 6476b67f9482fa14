"""Days of a document, on its paper and its pages: as the campaign writes them, and the site's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from documents import TEST, TEST_CONTENTS, TYPES, campaign_with, record
from next_edition import put_in_force

from edge.domain.catalogue import Staff
from edge.domain.document_types import DocumentType, ValidPeriod
from edge.journal import views
from edge.node import Node
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.documents import document_values
from edge.slips.slip_maker import SlipRequest
from edge.slips.speech import Speech
from edge.web.app import create_app
from edge.wiring.campaigns import campaign_reader
from printers.document import Field


def test_every_day_of_a_document_is_written_as_the_campaign_writes_days(
    vouched: Node, staff: Callable[[str], Staff], tmp_path: Path
) -> None:
    folder = campaign_with(TYPES, tmp_path / "dates")
    campaign = folder / "campaign.yaml"
    campaign.write_text(campaign.read_text(encoding="utf-8") + "\ndates: {form: d MMMM y}\n")
    put_in_force(vouched, campaign_reader().folder(folder))
    id_, number = record(
        vouched, staff("V1"), TEST, {**TEST_CONTENTS, "sampleCollected": "2026-11-20"}
    )
    slip = vouched.print_room.slip(SlipRequest("certificate", number), NO_PRINTER)
    fields = {block.label: block.value for block in slip.blocks if isinstance(block, Field)}
    assert fields["Date of birth"] == "2 April 1991"
    assert fields["Valid until"] == "23 November 2026"
    client = create_app(vouched.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = client.get(f"/document/{id_}").text
    assert all(said in page for said in ("2 April 1991", "20 November 2026")), page
    listed = client.get(f"/documents/{TEST}").text
    assert "20 November 2026" in listed
    assert "1991-04-02" not in page
    assert "2026-11-20" not in page + listed


def test_paper_counts_the_days_of_a_document_from_the_day_on_which_it_was_signed_here() -> None:
    type_ = DocumentType(
        id="card", name={}, schema={}, fields=(), columns=(), roles={}, valid=ValidPeriod(days=1)
    )
    at = "2026-11-25T20:00:00.000Z"
    told = document_values(
        views.DocumentRecord("1", "card", {}, at, "V1", "", "", "", 1),
        type_,
        views.IssuedCertificate("7Q4W", "", "", "1", at, "", "", "", "", {}),
        {},
        "en",
        Speech(str),
        ZoneInfo("Asia/Kolkata"),
    )
    assert (told["recorded_on"], told["valid_until"]) == ("2026-11-26", "2026-11-27")
