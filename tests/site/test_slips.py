"""The paper says what the record says, in the campaign's language."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from desks import named
from next_edition import put_in_force
from site_factory import demonstration

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.print_store import PrintStore
from edge.campaign.loader import read_campaign
from edge.domain.catalogue import Staff
from edge.domain.errors import Conflict, NotAllowed
from edge.domain.session_days import WEEKDAYS
from edge.domain.slip_template import TemplateBlock
from edge.journal import database, print_jobs, views
from edge.journal.maintenance import rebuild
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import GiveDose, PrintSlip
from edge.services.doses.recall import RecallQuery, recall
from edge.services.printing.paper_scripts import campaign_scripts
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.layout import Print, lay_out
from edge.slips.slip_maker import SlipRequest
from edge.slips.speech import Speech
from edge.web.serializers import dose_answer, job_answer
from printers.bidi import isolated
from printers.document import Document, Field, Qr, Text
from printers.glyphs import MISSING_LETTERS
from printers.jobs import Job, PrintState
from sync.protocol.keys import fingerprint
from sync.resources import resource


@pytest.fixture
def slip(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> Callable[[int], Document]:
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    with node.journal.reading() as db:
        issued = views.certificate(db, outcome.entries[1].body["certificate"])
    assert issued is not None
    return lambda copy: node.print_room.slip(
        SlipRequest("certificate", issued.id, copy, 17), NO_PRINTER
    )


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


@pytest.mark.slow  # every script's font
def test_the_labels_are_in_the_campaigns_language_and_read_its_way(
    node: Node, slip: Callable[[int], Document], tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    with (folder / "campaign.yaml").open("a") as file:
        file.write("language: ar\n")
    assert not slip(1).rtl
    put_in_force(node, node.campaigns.reader.folder(folder))
    labels = [one.label for one in slip(1).blocks if isinstance(one, Field)]
    assert labels[0] == "الاسم"
    tally = node.print_room.slip(SlipRequest("tally", node.clock.today().isoformat()), NO_PRINTER)
    assert {one.align for one in tally.blocks if isinstance(one, Text)} == {"centre", "right"}
    assert slip(1).rtl


def given(node: Node, staff: Callable[[str], Staff], request: GiveDose) -> str:
    return node.desk.take(node.site.ids.new(), request, staff("V1")).id


def made(node: Node, slip: str, subject: str) -> str:
    document = node.print_room.slip(SlipRequest(slip, subject, serial=9), NO_PRINTER)
    fields = [f"{one.label}|{one.value}" for one in document.blocks if isinstance(one, Field)]
    return "\n".join([texts(document), *fields])


def test_an_appointment_says_when_and_its_code_finds_the_person(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    id_ = given(node, staff, dose())
    with node.journal.reading() as db:
        record = views.recorded(db, id_)
    assert record is not None
    document = node.print_room.slip(SlipRequest("appointment", id_), NO_PRINTER)
    (code,) = [one for one in document.blocks if isinstance(one, Qr)]
    with node.journal.reading() as db:
        assert views.person_by_code(db, code.payload.decode()) == record.person
    said = made(node, "appointment", id_)
    assert f"Come back on|{record.next_due}" in said
    assert "Next dose|2 / 2" in said


def test_slip_api_and_recall_list_tell_who_comes_back_the_same_day_of_a_session(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    id_ = given(node, staff, dose())
    with node.journal.reading() as db:
        record = views.recorded(db, id_)
    assert record is not None
    assert record.next_due is not None
    there = record.next_due + timedelta(days=2)
    body = json.loads(json.dumps(demonstration().body))
    (facility,) = [one for one in body["facilities"] if one["code"] == "DEMO01"]
    facility["session_days"] = [WEEKDAYS[there.weekday()]]
    put_in_force(node, CheckedCampaign({**body, "version": "2026.11.1"}))
    assert f"Come back on|{there}" in made(node, "appointment", id_)
    paper = node.print_room.slip(SlipRequest("certificate", record.certificate), NO_PRINTER)
    fields = {one.label: one.value for one in paper.blocks if isinstance(one, Field)}
    assert fields["Come back on"] == there.isoformat()
    with node.journal.reading() as db:
        assert views.recorded(db, id_).next_due == record.next_due  # type: ignore[union-attr]
        catalogue = node.site.catalogues.current(db)
    assert dose_answer(record.dose, record, catalogue).next_due == there
    today = node.clock.today()
    for until, as_of in ((there, today), (there, record.next_due)):
        found = recall(node.journal.reading, RecallQuery(catalogue, as_of, until, "DEMO01"))
        (call,) = [one for one in found if one.person.id == record.person.id and one.number == 2]
        assert (call.since, call.comes_back) == (record.next_due, there)


def test_no_appointment_is_made_where_no_dose_follows(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    given(node, staff, dose(on=node.clock.today() - timedelta(days=28)))
    last = given(node, staff, dose())
    command = PrintSlip(slip="appointment", subject=last)
    with pytest.raises(Conflict, match="No dose is planned"):
        node.desk.take(node.site.ids.new(), command, staff("V1"))
    with node.journal.reading() as db:
        assert print_jobs.jobs_of(db, last, "appointment") == []


def test_a_tally_counts_the_day_and_names_nobody(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    given(node, staff, dose())
    given(node, staff, named(node, dose(), staff("V1")))
    given(node, staff, dose("Tendai"))
    said = made(node, "tally", node.clock.today().isoformat())
    assert "Doses given|3" in said
    assert "Rules overridden|2" in said  # a second one on the day, and too early
    assert "2   CoviProtect · 1 / 2" in said
    assert "1   CoviProtect · 2 / 2" in said
    assert "CoviProtect CP2611A|Given 3, left 397" in said
    assert "Grace" not in said
    assert "Tendai" not in said


def test_a_dose_that_was_given_elsewhere_is_not_counted(node: Node) -> None:
    with node.journal.reading() as db:
        day = db.execute("SELECT given_on FROM dose WHERE reported = 1").fetchone()[0]
    assert "Doses given|0" in made(node, "tally", day)


def test_a_label_says_lot_and_expiry_and_the_sheet_of_the_site_shows_no_secret(
    node: Node,
) -> None:
    with node.journal.reading() as db:
        lot = views.lot(db, "coviprotect", "CP2611A")
    assert lot is not None
    label = made(node, "vial", "coviprotect|CP2611A")
    assert f"Lot|CP2611A\nExpiry date|{lot.expiry}" in label
    sheet = made(node, "setup", "DEMO01")
    assert "http://127.0.0.1:8080/" in sheet
    assert fingerprint(_node_key(node)) in sheet
    for secret in node.folder.joinpath("keys").iterdir():
        for line in secret.read_text().split():
            assert len(line) < 16 or line not in sheet


def _node_key(node: Node) -> Ed25519PublicKey:
    return FileKeys(node.folder / "keys", SystemEntropy()).signing_key("node").public_key()


def test_a_slip_goes_through_the_queue_once_for_each_number_and_says_copy_the_second_time(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    command, first = (
        PrintSlip(slip="sticker", subject=given(node, staff, dose())),
        node.site.ids.new(),
    )
    for number in (first, first, node.site.ids.new()):
        node.desk.take(number, command, staff("R1"))
    with node.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, command.subject, "sticker")
    assert [(one.slip, one.copy, one.state) for one in jobs] == [
        ("sticker", 1, "queued"), ("sticker", 2, "queued"),
    ]  # fmt: skip
    node.print_room.spoolers["desk"].run()
    with node.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, command.subject, "sticker")
    assert all(one.sha256 for one in jobs)
    second = node.print_room.slip(
        SlipRequest("sticker", command.subject, 2, jobs[1].id), NO_PRINTER
    )
    assert texts(second).startswith("COPY 2")


@pytest.mark.parametrize(
    ("slip", "role"), [("sticker", "T1"), ("appointment", "T1"), ("setup", "V1"), ("setup", "R1")]
)
def test_a_slip_is_refused_to_a_role_that_has_no_business_with_it(
    node: Node,
    staff: Callable[[str], Staff],
    dose: Callable[..., GiveDose],
    slip: Any,
    role: str,
) -> None:
    subject = "DEMO01" if slip == "setup" else given(node, staff, dose())
    with pytest.raises(NotAllowed):
        node.desk.take(node.site.ids.new(), PrintSlip(slip=slip, subject=subject), staff(role))


def test_a_countrys_own_template_replaces_the_shipped_one_and_comes_back_from_the_journal(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    (folder / "slips").mkdir()
    (folder / "slips/sticker.yaml").write_text('blocks:\n  - text: "Demoland {lot}"\n')
    id_ = given(node, staff, dose())
    put_in_force(node, node.campaigns.reader.folder(folder))
    assert made(node, "sticker", id_) == "Demoland CP2611A"
    node.close()
    key = FileKeys(node.folder / "keys", SystemEntropy()).journal_key()
    db = database.open_writer(node.folder / "journal.db", key)
    db.execute("DELETE FROM catalogue")
    rebuild(db)
    db.conn.close()
    again = Node(node.folder)
    assert made(again, "sticker", id_) == "Demoland CP2611A"
    again.close()


def test_a_certificate_that_came_without_its_closing_line_is_printed_with_the_shipped_template(
    node: Node, slip: Callable[[int], Document]
) -> None:
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    body["templates"] = {"certificate": {"blocks": [{"text": "{name}"}]}}
    before = slip(2)
    put_in_force(node, CheckedCampaign(body))
    assert slip(2) == before
    assert "END" in texts(before)


def test_a_lot_and_a_date_keep_their_order_inside_a_text_that_reads_from_right_to_left() -> None:
    template = (TemplateBlock(kind="text", words="التشغيلة {lot} في {date}"),)
    document = lay_out(
        template, {"lot": "4121Z025", "date": "2026-11-23"}, Print(1, 1, ""), str, rtl=False
    )
    (text, _) = document.blocks
    assert isinstance(text, Text)
    assert isolated("4121Z025") in text.text
    assert isolated("2026-11-23") in text.text


@pytest.mark.slow
def test_a_job_whose_paper_has_boxes_is_remarked_on_and_its_page_names_the_letters(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    id_ = given(node, staff, dose())
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    body["templates"] = {"sticker": {"blocks": [{"text": "{lot} \U00010570"}]}}
    put_in_force(node, CheckedCampaign(body))
    assert node.print_room.missing_letters("sticker", id_) == "\U00010570"
    node.desk.take(node.site.ids.new(), PrintSlip(slip="sticker", subject=id_), staff("V1"))
    with node.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, id_, "sticker")
    node.print_room.spoolers["desk"].run()

    def remarks(id_: int) -> dict[str, tuple[str, str, bool, str]]:
        with node.journal.reading() as db:
            found = [print_jobs.job(db, number) for number in range(1, id_ + 1)]
        return {
            one.slip: (one.state, one.cause, one.missing_letters, job_answer(one).cause)
            for one in found
            if one is not None
        }

    assert remarks(job.id) == {
        "certificate": ("unknown", "no-answer", False, "no-answer"),
        "sticker": ("unknown", "no-answer", True, "no-answer"),  # it was lost behind the cause once
    }
    store = PrintStore(node.journal, "desk", node.clock)
    assert store.move(Job(job.id), PrintState.PRINTED, "", "")
    assert remarks(job.id)["sticker"] == ("printed", "", True, MISSING_LETTERS)


def test_rendering_a_slip_writes_nothing(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    id_ = given(node, staff, dose())
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    body["templates"] = {"sticker": {"blocks": [{"text": "{lot} \U00010570"}]}}
    put_in_force(node, CheckedCampaign(body))
    node.desk.take(node.site.ids.new(), PrintSlip(slip="sticker", subject=id_), staff("V1"))
    store = PrintStore(node.journal, "desk", node.clock)
    seen: list[str] = []
    node.journal.run(lambda unit: unit.db.conn.set_trace_callback(seen.append))
    with node.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, id_, "sticker")
    seen.clear()
    assert node.print_room._render("desk", Job(job.id)).missing_letters
    node.print_room.slip_image("sticker", id_)
    node.print_room.missing_letters("sticker", id_)
    assert seen == []
    store.hold(Job(job.id), "printer.paper-out")
    assert seen  # what is written is seen


def test_the_fonts_a_campaign_needs_are_those_of_its_language_and_its_names() -> None:
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    shipped = {"vial": (TemplateBlock(kind="field", words="Lot"),)}
    assert campaign_scripts(body, shipped, lambda _: Speech(str)) == []
    assert campaign_scripts(body, shipped, lambda _: Speech({"Lot": "التشغيلة"}.__getitem__)) == [
        "Arabic"
    ]
    body["facilities"][0]["name"] = "नदी केंद्र"
    assert campaign_scripts(body, shipped, lambda _: Speech(str)) == ["Devanagari"]
