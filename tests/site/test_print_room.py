"""A site and its printers: who owns one, and that a printer never keeps the site from stopping."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from next_edition import put_in_force
from PIL import Image
from site_factory import fill, filled_site, vouch_for

from edge.adapters.lock import own_printer
from edge.adapters.print_store import PrintStore
from edge.adapters.settings import PrinterSettings, Settings, write_settings
from edge.campaign.loader import read_campaign
from edge.cli.site import make_site
from edge.domain.catalogue import Staff
from edge.journal import print_jobs, views
from edge.journal.unit import Unit
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import GiveDose, PrintCopy, SettlePrint
from edge.services.printing.print_room import NO_PRINTER, drawn_as, paper_length
from edge.slips.slip_maker import SlipRequest
from printers import proof
from printers.document import Block, Document, Field, Qr, Text
from printers.drivers import Drivers
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.jobs import Job, PrintState
from printers.languages import encode
from printers.profile import Profile
from printers.virtual import Fault, VirtualPrinter
from sync.protocol.instants import instant
from sync.resources import resource


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    printer = VirtualPrinter()
    printer.start()
    yield printer
    printer.stop()


@pytest.fixture
def folder(tmp_path: Path, printer: VirtualPrinter) -> Path:
    settings = Settings(
        facility="DEMO01", printers=(PrinterSettings("desk", printer.uri, "virtual-80"),)
    )
    make_site(tmp_path / "site", settings)
    return tmp_path / "site"


def given(node: Node, **of: str) -> str:
    """Give a dose whose certificate waits for the printer; give the certificate's number."""
    person = _given(node, **of)
    with node.journal.reading() as db:
        return views.certificates_of(db, person)[0].id


def dose(node: Node) -> str:
    """Give a dose; give its number."""
    person = _given(node)
    with node.journal.reading() as db:
        return views.history(db, person)[0].id


def _given(node: Node, **of: Any) -> str:
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    of = of or {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A"}
    command = GiveDose(person=person, **of)
    node.desk.take(node.site.ids.new(), command, vaccinator(node))
    return person


def vaccinator(node: Node) -> Staff:
    with node.journal.reading() as db:
        return node.site.catalogues.current(db).staff["V1"]


def queued(node: Node) -> None:
    """Queue one more slip, as it stands beside the journal."""

    def work(unit: Unit) -> None:
        print_jobs.queue(unit.db, "tally", "2026-11-25", 1, "desk", instant(unit.stamp.at))

    node.journal.run(work)


def state(node: Node, certificate: str) -> tuple[str, str]:
    with node.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, certificate)
    return job.state, job.cause


@pytest.mark.slow
def test_a_site_stops_while_a_printer_holds_a_slip_and_asks_about_it_afterwards(
    folder: Path, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(folder)
    fill(node)
    certificate = given(node)
    printer.arm(Fault("paper-out", at_byte=printer.machine.received + 1000))
    spooler = node.print_room.spoolers["desk"]
    held = threading.Event()
    node.print_room.open()
    hold = spooler._store.hold

    def hold_and_say(job: Job, cause: str) -> None:
        hold(job, cause)
        held.set()

    monkeypatch.setattr(spooler._store, "hold", hold_and_say)
    thread = threading.Thread(target=spooler.run)
    thread.start()
    assert held.wait(30)
    assert state(node, certificate)[1] == "printer.paper-out"
    node.print_room.close()
    thread.join(30)
    assert not thread.is_alive()
    assert state(node, certificate)[0] in ("sending", "sent")
    node.close()
    again = Node(folder)
    again.print_room.open()
    assert state(again, certificate) == ("unknown", "restart")
    again.close()


@pytest.mark.slow
def test_a_printer_that_another_command_uses_gets_no_slip_meanwhile(
    folder: Path, printer: VirtualPrinter
) -> None:
    node = Node(folder)
    fill(node)
    certificate = given(node)
    node.print_room.open()
    spooler = node.print_room.spoolers["desk"]
    with own_printer(folder, "desk"):
        assert spooler.run() == 0
        assert state(node, certificate) == ("queued", "printer.owned")
        with pytest.raises(PrinterError, match="using this printer"), own_printer(folder, "desk"):
            pass
    assert spooler.run() == 1
    assert state(node, certificate) == ("printed", "")
    node.close()


def test_a_printer_is_known_to_be_in_the_middle_of_a_slip_until_one_after_it_is_printed(
    folder: Path,
) -> None:
    node = Node(folder)
    fill(node)
    store = PrintStore(node.journal, "desk", node.clock)
    assert not store.torn()
    for ways, torn in (
        (("sending", "unknown"), True),
        (("failed",), True),  # it could not be made: nothing was sent
        (("sending", "sent", "printed"), False),
        (("sending", "unknown", "settled"), True),
        (("sending", "sent", "printed"), False),
        (("sending", "unknown"), True),
        (("sending", "queued"), True),  # not one byte was taken: nothing has changed
    ):
        queued(node)
        job = store.next_job()
        assert job is not None
        for way in ways:
            if way == "settled":
                command = SettlePrint(print_job=job.id, came_out=True)
                node.desk.take(node.site.ids.new(), command, vaccinator(node))
            else:
                assert store.move(job, PrintState(way), "", "5f" if way == "sending" else "")
        assert store.torn() is torn, ways
    node.close()


def test_a_slip_that_was_on_its_way_to_a_printer_that_is_gone_is_asked_about(
    folder: Path,
) -> None:
    node = Node(folder)
    fill(node)
    certificate = given(node)
    store = PrintStore(node.journal, "desk", node.clock)
    job = store.next_job()
    assert job is not None
    store.move(job, PrintState.SENDING, "", "5f")
    node.close()
    (printer,) = node.settings.printers
    write_settings(folder, replace(node.settings, printers=(replace(printer, name="hall"),)))
    again = Node(folder)
    again.print_room.open()
    assert state(again, certificate) == ("unknown", "restart")
    again.close()


@pytest.mark.slow
def test_a_dose_of_a_programme_that_has_ended_still_has_its_paper(
    folder: Path, printer: VirtualPrinter
) -> None:
    node = Node(folder)
    fill(node)
    certificate = given(node)
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    programmes = [one for one in body["programmes"] if one["id"] != "covid-19"]
    put_in_force(node, CheckedCampaign({**body, "programmes": programmes}))
    node.print_room.spoolers["desk"].run()
    assert state(node, certificate) == ("printed", "")
    assert len(printer.papers()[0].codes) == 1
    node.close()


@pytest.mark.parametrize(
    ("profile", "width"), [("virtual-58", 384), ("brother-ql-62", 696), ("page-a4", 576)]
)
def test_a_slip_on_the_screen_is_drawn_in_the_language_of_the_printer(
    tmp_path: Path, profile: str, width: int
) -> None:
    folder = tmp_path / "site"
    desk = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", profile)
    node = filled_site(folder, Settings(facility="DEMO01", printers=(desk,)))
    drawn = node.print_room.slip_image("appointment", dose(node))
    picture = Image.open(io.BytesIO(drawn))
    assert picture.width == width
    # the length of its paper is told by the printer's own dots
    dots = drawn_as(node.print_room.profiles["desk"], Drivers()).dots_per_inch
    assert paper_length(drawn) == pytest.approx(picture.height / dots * 25.4, abs=0.51)
    # a label read as ESC/POS would be one black-speckled line after another
    ink = picture.convert("L").histogram()[0] / (picture.width * picture.height)
    assert 0.01 < ink < 0.25
    node.close()


@pytest.mark.parametrize("lost", ["text", "code"])
def test_a_slip_that_would_come_out_wrong_has_failed_and_not_a_byte_of_it_is_sent(
    folder: Path, printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    honest = encode

    def spoilt(document: Document, profile: Profile, fonts: Fonts) -> bytes:
        texts = [one for one in document.blocks if isinstance(one, Text | Field)]
        codes = [one for one in document.blocks if isinstance(one, Qr)]
        gone = texts[3] if lost == "text" else codes[0]
        kept: list[Block] = [one for one in document.blocks if one is not gone]
        if lost == "code":
            kept.insert(3, Qr(codes[0].payload[:-1]))
        return honest(replace(document, blocks=tuple(kept)), profile, fonts)

    monkeypatch.setattr(proof, "encode", spoilt)
    node = Node(folder)
    fill(node)
    certificate = given(node)
    node.print_room.open()
    node.print_room.spoolers["desk"].run()
    failed, cause = state(node, certificate)
    assert failed == "failed"
    assert cause in proof.WRONG
    assert printer.papers() == []
    assert printer.machine.received < 20  # it was asked how it is, and got nothing else
    monkeypatch.setattr(proof, "encode", honest)
    with node.journal.reading() as db:
        vaccinator = node.site.catalogues.current(db).staff["V1"]
    node.desk.take(node.site.ids.new(), PrintCopy(certificate=certificate), vaccinator)
    assert node.print_room.spoolers["desk"].run() == 1
    assert len(printer.papers()) == 1
    node.close()


def test_paper_with_finer_dots_has_the_codes_that_fit_in_millimetres(tmp_path: Path) -> None:
    desk = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    make_site(tmp_path / "site", Settings(facility="DEMO01", printers=(desk,)))
    node = Node(tmp_path / "site")
    fill(node)
    vouch_for(node, tmp_path / "authority")
    yellow = {"programme": "yellow-fever", "vaccine": "amarilia", "lot": "YF0091"}
    wanted = SlipRequest("certificate", given(node, **yellow))

    def codes(width: int, resolution: int) -> int:
        paper = replace(NO_PRINTER, width=width, dots_per_inch=resolution)
        blocks = node.print_room.slip(wanted, paper).blocks
        return sum(isinstance(one, Qr) for one in blocks)

    assert codes(384, 203) < codes(576, 203)
    assert codes(576, 304) == codes(384, 203)  # 48 mm of either
    node.close()
