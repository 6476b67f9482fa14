"""Another printer takes over what waits for one that is out of action, and nothing else."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from print_states import bring
from site_factory import fill

from edge.adapters.settings import PrinterSettings, Settings, read_settings, write_settings
from edge.cli.site import make_site
from edge.domain.errors import BadInput, Conflict, NotAllowed
from edge.journal import print_jobs
from edge.node import Node
from edge.services.commands import MovePrint, PrintSlip
from edge.services.printing.failover import AFTER, out_of_action
from printers.condition import COVER_OPEN, OFFLINE, PAPER_OUT
from printers.document import Document
from printers.jobs import MOVABLE, MOVES, Job
from printers.spooler import PrinterHealth
from printers.virtual import VirtualPrinter

LONG = AFTER + 1
NUMBERS = itertools.count()


@pytest.fixture
def spare() -> Iterator[VirtualPrinter]:
    printer = VirtualPrinter(384)
    printer.start()
    yield printer
    printer.stop()


@pytest.fixture
def make(tmp_path: Path, spare: VirtualPrinter) -> Iterator[Callable[..., Node]]:
    """Make a site whose printer ``desk`` is not there, with a narrower one beside it."""
    made = []

    def node(failover: str = "spare") -> Node:
        with socket.create_server(("127.0.0.1", 0)) as free:
            gone = free.getsockname()[1]
        printers = (
            PrinterSettings("desk", f"tcp://127.0.0.1:{gone}", "virtual-80", failover),
            PrinterSettings("spare", spare.uri, "virtual-58"),
        )
        folder = tmp_path / f"site{next(NUMBERS)}"
        make_site(folder, Settings(facility="DEMO01", printers=printers))
        made.append(Node(folder))
        fill(made[-1])
        made[-1].print_room.open()
        return made[-1]

    yield node
    for one in made:
        one.close()


def asked(node: Node, command: PrintSlip | MovePrint, staff: str = "S1") -> None:
    with node.journal.reading() as db:
        actor = node.site.catalogues.current(db).staff[staff]
    node.desk.take(node.site.ids.new(), command, actor)


def queued(node: Node) -> int:
    today = node.site.clock.today().isoformat()
    asked(node, PrintSlip(slip="tally", subject=today))
    with node.journal.reading() as db:
        return print_jobs.jobs_of(db, today, "tally")[-1].id


def job(node: Node, id_: int) -> print_jobs.PrintJob:
    with node.journal.reading() as db:
        found = print_jobs.job(db, id_)
    assert found is not None
    return found


def test_what_waits_for_a_printer_that_is_off_is_printed_by_the_one_that_stands_in(
    make: Callable[..., Node], spare: VirtualPrinter
) -> None:
    node = make()
    jobs = [queued(node), queued(node)]
    node.print_room.spoolers["desk"].run()
    assert node.print_room.fail_over(0) == 0  # it may be on again in a moment
    assert node.print_room.fail_over(AFTER - 1) == 0
    assert node.print_room.fail_over(LONG) == 2
    assert node.print_room.spoolers["spare"].run() == 2
    assert [(job(node, one).printer, job(node, one).state) for one in jobs] == [
        ("spare", "printed")
    ] * 2
    papers = spare.papers()
    assert len(papers) == 2
    assert papers[0].image.width == 384  # made anew for the narrower paper


def test_without_a_word_in_the_settings_nothing_moves_by_itself(make: Callable[..., Node]) -> None:
    node = make(failover="")
    waiting = queued(node)
    node.print_room.spoolers["desk"].run()
    for now in (0, LONG, 100 * LONG):
        assert node.print_room.fail_over(now) == 0
    assert job(node, waiting).printer == "desk"


def test_a_printer_that_comes_back_in_time_keeps_its_slips(make: Callable[..., Node]) -> None:
    node = make()
    queued(node)
    desk = node.print_room.spoolers["desk"]
    desk.run()
    node.print_room.fail_over(0)
    trouble, desk.health = desk.health, PrinterHealth()
    node.print_room.fail_over(30)
    desk.health = trouble
    assert node.print_room.fail_over(LONG) == 0  # the minute begins anew
    assert node.print_room.fail_over(2 * LONG) == 1


def test_slips_do_not_go_to_a_printer_that_is_out_of_action_too(
    make: Callable[..., Node], spare: VirtualPrinter
) -> None:
    node = make()
    queued(node)
    node.print_room.spoolers["desk"].run()
    spare.faults.paper_out = True
    node.print_room.spoolers["spare"].run()
    node.print_room.fail_over(0)
    assert node.print_room.fail_over(LONG) == 0


@pytest.mark.parametrize("words", [PAPER_OUT, COVER_OPEN, OFFLINE])
def test_what_somebody_at_the_printer_puts_right_moves_nothing_by_itself(
    words: tuple[str, str],
) -> None:
    assert not out_of_action(PrinterHealth(f"printer.{words[0]}", words[1], held=True), 10 * LONG)
    assert out_of_action(PrinterHealth("printer.broken", "", held=True), LONG)
    assert not out_of_action(PrinterHealth("printer.paper-near-end", "", held=False), LONG)


def test_a_person_may_move_what_is_queued(make: Callable[..., Node]) -> None:
    node = make(failover="")
    waiting = queued(node)
    asked(node, MovePrint(print_job=waiting, printer="spare"), "T1")
    assert (job(node, waiting).printer, job(node, waiting).state) == ("spare", "queued")
    with pytest.raises(BadInput, match="no printer nowhere"):
        asked(node, MovePrint(print_job=waiting, printer="nowhere"))
    node.print_room.spoolers["spare"].run()
    assert job(node, waiting).state == "printed"


@pytest.mark.parametrize("state", sorted(set(MOVES) - set(MOVABLE)))
def test_a_slip_of_which_a_byte_may_have_gone_out_never_moves(
    make: Callable[..., Node], state: str
) -> None:
    node = make()
    waiting = queued(node)
    node.journal.run(lambda unit: bring(unit, waiting, state))
    with pytest.raises(Conflict):
        asked(node, MovePrint(print_job=waiting, printer="spare"))
    node.print_room.spoolers["desk"].health = PrinterHealth("printer.unreachable", "", held=True)
    node.print_room.fail_over(0)
    assert node.print_room.fail_over(LONG) == 0
    assert (job(node, waiting).printer, job(node, waiting).state) == ("desk", state)


def test_a_technician_moves_nobodys_certificate(make: Callable[..., Node]) -> None:
    node = make()
    waiting = queued(node)
    node.journal.run(
        lambda unit: unit.db.execute("UPDATE print_job SET slip = 'certificate'").fetchall()
    )
    with pytest.raises(NotAllowed):
        asked(node, MovePrint(print_job=waiting, printer="spare"), "T1")


def test_a_slip_that_moves_while_it_is_made_is_sent_by_its_new_printer_alone(
    make: Callable[..., Node], spare: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = make(failover="")
    waiting = queued(node)
    asked(node, MovePrint(print_job=waiting, printer="spare"))
    honest = node.print_room.slip
    moved: list[bool] = []

    def slow(*wanted: object) -> Document:
        if not moved:
            moved.append(True)
            asked(node, MovePrint(print_job=waiting, printer="desk"))
        return honest(*wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(node.print_room, "slip", slow)
    node.print_room.spoolers["spare"].run()
    assert moved
    assert spare.papers() == []
    assert (job(node, waiting).printer, job(node, waiting).state) == ("desk", "queued")
    store = node.print_room.spoolers["spare"]._store
    store.hold(Job(waiting), "printer.paper-out")
    assert job(node, waiting).cause == ""  # it is none of the old printer's any more


def test_the_settings_name_a_printer_that_there_is(tmp_path: Path) -> None:
    desk = PrinterSettings("desk", "file:///dev/null", "virtual-80", "spare")
    spare = PrinterSettings("spare", "file:///dev/null", "virtual-58")
    write_settings(tmp_path, Settings("DEMO01", printers=(desk, spare)))
    assert read_settings(tmp_path).printers == (desk, spare)
    write_settings(tmp_path, Settings("DEMO01", printers=(desk,)))
    with pytest.raises(BadInput, match="failover names no other printer"):
        read_settings(tmp_path)
