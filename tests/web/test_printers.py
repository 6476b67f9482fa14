"""The printers' pages: which one a tablet prints on, and the slip read back by its camera."""

from __future__ import annotations

import io
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageFilter
from site_factory import fill

from edge.adapters.profiles import site_profile
from edge.adapters.settings import PrinterSettings, Settings
from edge.cli.site import make_site
from edge.journal import print_jobs, views
from edge.node import Node
from edge.web.app import create_app
from printers.calibration import payload
from printers.interpreter.tables import Abilities
from printers.jobs import PrintState
from printers.virtual import Model, VirtualPrinter

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def paper() -> Iterator[VirtualPrinter]:
    """A printer that says it takes any QR code, and leaves those over 700 bytes blank."""
    model = Model(
        millimetres_per_second=4000,
        cut_seconds=0,
        print_ahead=0,
        abilities=Abilities(native_qr=700, qr_excess="blank"),
    )
    printer = VirtualPrinter(model=model)
    printer.start()
    yield printer
    printer.stop()


@pytest.fixture
def node(tmp_path: Path, paper: VirtualPrinter) -> Iterator[Node]:
    printers = (
        PrinterSettings("desk", paper.uri, "escpos-80"),
        PrinterSettings("Fenêtre 2", f"file://{tmp_path}/other.bin", "virtual-58"),
        PrinterSettings("labels", f"file://{tmp_path}/labels.bin", "zebra-203"),
    )
    make_site(tmp_path / "site", Settings("DEMO01", printers=printers))
    node = Node(tmp_path / "site")
    fill(node)
    yield node
    node.close()


@pytest.fixture
def browser(node: Node) -> SignIn:
    app = create_app(node.backend())

    def sign_in(code: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/sign-in", data={"code": code, "pin": "2468"}).status_code == 303
        return client

    return sign_in


def tally(node: Node, tablet: FlaskClient) -> str:
    """Print the tally sheet from a tablet; give the printer it went to."""
    today = node.site.clock.today().isoformat()
    sent = tablet.post(f"/slips/tally?of={today}", data={"id": node.site.ids.new()})
    assert sent.status_code == 303
    with node.journal.reading() as db:
        return print_jobs.jobs_of(db, today, "tally")[-1].printer


# the tablet's own printer


def test_a_tablet_prints_where_it_was_told_and_another_one_does_not(
    node: Node, browser: SignIn
) -> None:
    here, there = browser("S1"), browser("S1")
    assert tally(node, here) == "desk"
    assert here.post("/printers", data={"printer": "Fenêtre 2"}).status_code == 303
    assert tally(node, here) == "Fenêtre 2"
    assert tally(node, there) == "desk"
    page = here.get("/printers").text
    assert page.count("This tablet prints here") == 1
    assert page.index("Fenêtre 2") < page.index("This tablet prints here") < page.index("labels")


@pytest.mark.slow
def test_a_dose_and_a_copy_go_to_the_tablets_printer_too(node: Node, browser: SignIn) -> None:
    tablet = browser("S1")
    tablet.post("/printers", data={"printer": "Fenêtre 2"})
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    form = {"id": node.site.ids.new(), "programme": "covid-19",
            "lot": "coviprotect|CP2611A", "vaccinator": "V1"}  # fmt: skip
    assert tablet.post(f"/people/{person}/give", data=form).status_code == 303
    with node.journal.reading() as db:
        certificate = views.certificates_of(db, person)[0].id
    tablet.post(f"/certificates/{certificate}/copy", data={"id": node.site.ids.new()})
    with node.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, certificate)
    assert [one.printer for one in jobs] == ["Fenêtre 2"] * 2
    picture = Image.open(io.BytesIO(tablet.get(f"/slips/certificate.png?of={certificate}").data))
    assert picture.width == 384


def test_what_is_signed_later_or_anew_goes_to_the_tablets_printer_too(
    node: Node, browser: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet = browser("S1")
    tablet.post("/printers", data={"printer": "Fenêtre 2"})
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A", "vaccinator": "V1"}
    with monkeypatch.context() as doubt:
        doubt.setattr(node.clock, "believed", lambda: False)
        answer = tablet.post(f"/people/{person}/give", data={"id": node.site.ids.new(), **form})
    dose = answer.headers["Location"]
    why = {"reason": "read wrongly"}
    for path, more in (
        (f"{dose}/sign", {}),
        (f"{dose}/correct", {"lot": "CP2611B", "expiry": "2027-12-31", **why}),
        (f"/people/{person}/correct", {"name": "Grace Njeri Wanjiru", **why}),
    ):
        answer = tablet.post(path, data={"id": node.site.ids.new(), **more})
        assert answer.status_code == 303, (path, answer.text)
    with node.journal.reading() as db:
        certificates = views.certificates_of(db, person)
        jobs = [job for one in certificates for job in print_jobs.jobs_of(db, one.id)]
    assert [job.printer for job in jobs] == ["Fenêtre 2"] * 3


@pytest.mark.slow
def test_a_printer_that_is_gone_leaves_the_tablet_the_sites_usual_one(
    node: Node, browser: SignIn
) -> None:
    tablet = browser("S1")
    tablet.set_cookie("printer", "scrapped")
    assert tally(node, tablet) == "desk"
    tablet.post("/printers", data={"printer": "never-there"})
    assert tally(node, tablet) == "desk"


def test_the_button_moves_a_slip_from_a_printer_that_is_off(
    node: Node, browser: SignIn, paper: VirtualPrinter
) -> None:
    tablet = browser("S1")
    tally(node, tablet)
    paper.faults.cover_open = True
    node.print_room.spoolers["desk"].run()
    today = node.site.clock.today().isoformat()
    page = tablet.get(f"/slips/tally?of={today}").text
    number = re.search(r'action="/print-jobs/(\d+)/move"', page)
    assert number
    form = {"id": node.site.ids.new(), "printer": "Fenêtre 2"}
    moved = tablet.post(f"/print-jobs/{number[1]}/move", data=form)
    assert moved.headers["Location"] == f"/slips/tally?of={today}"
    with node.journal.reading() as db:
        assert print_jobs.jobs_of(db, today, "tally")[-1].printer == "Fenêtre 2"
    assert "/move" not in tablet.get(f"/slips/tally?of={today}").text


def test_the_slips_of_a_printer_that_is_gone_are_told_and_moved(
    node: Node, browser: SignIn
) -> None:
    tablet = browser("T1")
    tally(node, tablet)
    node.journal.run(lambda unit: print_jobs.give(unit.db, 1, "scrapped", "2026-11-25T08:00:00Z"))
    page = tablet.get("/printers").text
    assert "The site no longer has this printer." in page
    assert page.count('value="scrapped"') == 0  # nobody prints there
    today = node.site.clock.today().isoformat()
    assert 'action="/print-jobs/1/move"' in tablet.get(f"/slips/tally?of={today}").text
    form = {"id": node.site.ids.new(), "printer": "desk"}
    assert tablet.post("/print-jobs/1/move", data=form).status_code == 303
    assert "no longer has this printer" not in tablet.get("/printers").text


@pytest.mark.slow
def test_a_paper_that_nobody_is_sure_of_is_asked_about_also_after_a_copy_was_printed(
    node: Node, browser: SignIn
) -> None:
    tablet = browser("S1")
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    form = {"id": node.site.ids.new(), "programme": "covid-19",
            "lot": "coviprotect|CP2611A", "vaccinator": "V1"}  # fmt: skip
    dose = tablet.post(f"/people/{person}/give", data=form).headers["Location"]
    with node.journal.reading() as db:
        certificate = views.certificates_of(db, person)[0].id
    for _ in range(2):
        tablet.post(f"/certificates/{certificate}/copy", data={"id": node.site.ids.new()})
    store = node.print_room.spoolers["desk"]._store
    for end in (PrintState.UNKNOWN, PrintState.UNKNOWN, PrintState.PRINTED):
        job = store.next_job()
        assert job is not None
        for state in (PrintState.SENDING, PrintState.SENT, end):
            store.move(job, state, "", "5f")
    page = tablet.get(dose).text
    assert re.findall(r'action="/print-jobs/(\d+)/settle"', page) == ["2", "1"]
    assert "And the first paper: did it come out whole?" in page
    assert "Look" in tablet.get("/records").text
    for number in (1, 2):
        form = {"id": node.site.ids.new(), "cameOut": "no"}
        tablet.post(f"/print-jobs/{number}/settle", data=form)
    assert "/settle" not in tablet.get(dose).text
    assert "Look" not in tablet.get("/records").text


# calibration


def photographed(paper: VirtualPrinter) -> Image.Image:
    for _ in range(200):  # it was sent; the paper comes a moment later
        if paper.papers():
            break
        time.sleep(0.05)
    picture = paper.papers()[-1].image.convert("L")
    whole = Image.new("L", (picture.width + 80, picture.height + 80), 235)
    whole.paste(picture, (40, 40))
    return whole


def uploaded(tablet: FlaskClient, *pictures: Image.Image, read: str = "") -> str:
    files = []
    for number, picture in enumerate(pictures):
        file = io.BytesIO()
        picture.save(file, "PNG")
        file.seek(0)
        files.append((file, f"{number}.png"))
    form = {"do": "read", "read": read, "picture": files}
    return tablet.post("/printers/desk/calibration", data=form).text


def best(page: str) -> int:
    found = re.search(r'name="size" value="(\d+)"', page)
    assert found
    return int(found[1])


@pytest.mark.slow
def test_the_largest_code_that_the_camera_reads_becomes_the_printers_value_at_once(
    node: Node, browser: SignIn, paper: VirtualPrinter
) -> None:
    tablet = browser("T1")
    sent = tablet.post("/printers/desk/calibration", data={"do": "print"})
    assert "The slip was sent to the printer." in sent.text
    page = uploaded(tablet, photographed(paper))
    # the code of 1000 bytes came out blank, and it had said yes
    assert 'data-read="310 600 C W384 W512 W576 H0 R1"' in page
    assert best(page) == 600
    form = {"do": "keep", "size": "600", "read": "310 600 C W384 W512 H1 R0 F0", "cut": "no"}
    kept = tablet.post("/printers/desk/calibration", data=form)
    assert kept.status_code == 303
    known = node.print_room.profiles["desk"]
    assert (known.native_qr, known.width, known.columns, known.dots_per_inch) == (600, 512, 42, 180)
    assert (known.code_page, known.feeds, known.raster_alignment) == ("ascii", False, False)
    assert known.cut == "ESC i"
    shown = tablet.get("/printers/desk/calibration").text
    assert all(told in shown for told in ("<bdi>512</bdi>", "are drawn", "ESC i"))
    assert site_profile(node.folder, node.settings.printers[0]).native_qr == 600


@pytest.mark.slow
@pytest.mark.parametrize("how", ["blurred", "small", "cut"])
def test_what_a_bad_picture_does_not_show_does_not_count_until_a_better_one_shows_it(
    node: Node, browser: SignIn, paper: VirtualPrinter, how: str
) -> None:
    tablet = browser("S1")
    tablet.post("/printers/desk/calibration", data={"do": "print"})
    good = photographed(paper)
    if how == "blurred":
        bad = good.filter(ImageFilter.GaussianBlur(2.5))
    elif how == "small":
        bad = good.resize((good.width // 2, good.height // 2), Image.Resampling.BOX)
        bad = bad.filter(ImageFilter.GaussianBlur(1.2))
    else:
        bad = good.crop((0, 0, good.width, good.height * 6 // 10))
    first = uploaded(tablet, bad)
    assert best(first) < 600
    so_far = re.search(r'name="read" value="([\w ]*)"', first)
    assert so_far
    assert best(uploaded(tablet, good, read=so_far[1])) == 600
    assert node.print_room.profiles["desk"].native_qr == 0  # nothing counts until it is kept


def test_a_picture_without_a_code_of_the_slip_is_said(browser: SignIn) -> None:
    page = uploaded(browser("S1"), Image.new("L", (200, 200), 255))
    assert "No code that the printer made can be read in this picture." in page


def test_what_the_tablet_reads_itself_counts_only_whole(browser: SignIn) -> None:
    tablet = browser("S1")
    texts = [
        payload(255).decode(),
        payload(600).decode()[:-1],
        payload(1000, "drawn").decode(),
        "1000",
    ]
    form = {"do": "read", "text": "\r\n".join(texts)}
    assert best(tablet.post("/printers/desk/calibration", data=form).text) == 255


@pytest.mark.slow
def test_none_that_is_read_means_that_every_code_is_drawn(node: Node, browser: SignIn) -> None:
    tablet = browser("S1")
    for size, status in (("255", 303), ("0", 303), ("256", 409), ("", 409), ("x", 409)):
        form = {"do": "keep", "size": size}
        assert tablet.post("/printers/desk/calibration", data=form).status_code == status
    assert node.print_room.profiles["desk"].native_qr == 0


@pytest.mark.slow
def test_only_receipt_printers_and_only_by_those_who_may(browser: SignIn) -> None:
    assert browser("S1").get("/printers/labels/calibration").status_code == 404
    assert browser("S1").get("/printers/nowhere/calibration").status_code == 404
    assert browser("R1").get("/printers/desk/calibration").status_code == 403
    assert "/calibration" not in browser("R1").get("/printers").text


@pytest.mark.slow
def test_a_printer_that_refuses_is_said_and_nothing_else_happens(
    browser: SignIn, paper: VirtualPrinter
) -> None:
    paper.stop()
    with socket.socket() as shut:  # kept from whoever would listen there next, and shut
        shut.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shut.bind(("127.0.0.1", paper.port))
        answer = browser("T1").post("/printers/desk/calibration", data={"do": "print"})
    assert answer.status_code == 409
    assert "another computer may hold this printer, its port" in answer.text


def test_the_page_of_a_slip_says_how_much_paper_it_takes(node: Node, browser: SignIn) -> None:
    tablet = browser("S1")
    drawn = Image.open(io.BytesIO(tablet.get("/slips/setup.png?of=DEMO01").data))
    length = round(drawn.height / 203 * 25.4)
    assert f"Length of the paper: {length} mm" in tablet.get("/slips/setup?of=DEMO01").text
