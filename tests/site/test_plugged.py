"""What is plugged in while the node runs is offered, and a printer of the site goes on by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from site_factory import fill

from edge.adapters.settings import PrinterSettings, Settings
from edge.cli.site import make_site
from edge.node import Node
from edge.services.printing.hotplug import Hotplug
from edge.wiring.jobs import look_for_printers
from printers.connections import Connection
from printers.discovery import Device

RECEIPT = Device("usb:///dev/certprn/1-1", "/dev/usb/lp0", "EPSON", "TM-T20III")
PORT = Device("serial:///dev/ttyUSB0?baud=auto", "/dev/ttyUSB0", sure=False)
DESK = Device("usb:///dev/certprn/1-2", "/dev/usb/lp1", "EPSON", "TM-T88VI")


def test_what_was_there_at_the_start_is_shown_and_what_comes_is_told() -> None:
    looks = iter([[PORT], [PORT], [PORT, RECEIPT], [RECEIPT], [RECEIPT, PORT]])
    plugged = Hotplug(lambda: next(looks), [])
    assert plugged.others() == []
    assert [plugged.look(), plugged.others()] == [False, [PORT]]
    assert [plugged.look(), plugged.others()] == [False, [PORT]]
    assert [plugged.look(), plugged.others()] == [True, [RECEIPT, PORT]]
    assert [plugged.look(), plugged.others()] == [False, [RECEIPT]]
    assert [plugged.look(), plugged.others()] == [True, [RECEIPT, PORT]]


def test_a_printer_of_the_site_is_not_offered_by_whichever_name() -> None:
    addresses = ["usb:///dev/usb/lp1", "serial:///dev/ttyUSB0?baud=9600&flow=none"]
    plugged = Hotplug(lambda: [DESK, PORT, RECEIPT], addresses)
    plugged.look()
    assert plugged.others() == [RECEIPT]


def test_a_printer_that_comes_back_is_looked_at_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "lp1"
    desk = PrinterSettings("desk", f"file://{device}", "virtual-80")
    make_site(tmp_path / "site", Settings("DEMO01", printers=(desk,)))
    node = Node(tmp_path / "site")
    fill(node)
    looks = iter([[], [DESK], [DESK]])
    printing = replace(node.printing, hotplug=Hotplug(lambda: next(looks), []))
    node.print_room.open()
    spooler = node.print_room.spoolers["desk"]
    opened: list[bool] = []
    connect = spooler._connect

    def counted() -> Connection:
        opened.append(True)
        return connect()

    monkeypatch.setattr(spooler, "_connect", counted)
    for _ in range(3):
        look_for_printers(printing, node.jobs)
        spooler.run()
    assert len(opened) == 2  # at the start, and when it came: otherwise only every 15 s
    node.close()
