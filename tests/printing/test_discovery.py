"""Finding printers and asking them what they can do, on made-up machines and in software."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from pulses import Pulse

from printers.condition import Condition
from printers.connections import Connection, connect
from printers.discovery import Device, changes, device_id, find, rules_installed, watch
from printers.interpreter.tables import Abilities as Does
from printers.probe import LADDER, Abilities, probe, suggested_profile
from printers.profile import read_profile
from printers.virtual import Fault, Model, VirtualPrinter
from sync.resources import resource

RULES = "systemd/70-divoc-edge-printers.rules"


class Machine:
    """A made-up machine: files and links where Linux and udev would put them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def plug_usb(self, number: int, told: str = "", name: str = "") -> None:
        self.file(f"dev/usb/lp{number}")
        if told:
            self.file(f"sys/class/usbmisc/lp{number}/device/ieee1284_id", told + "\n")
        if name:
            self.link(f"dev/certprn/{name}", f"../usb/lp{number}")

    def file(self, path: str, text: str = "") -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def link(self, path: str, to: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(to)

    def find(self) -> list[Device]:
        return find(self.root, ports=list)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_printers_has_none(machine: Machine) -> None:
    assert machine.find() == []


def test_a_usb_printer_is_found_with_what_it_says_of_itself(machine: Machine) -> None:
    machine.plug_usb(0, "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;")
    assert machine.find() == [
        Device("usb:///dev/usb/lp0", "/dev/usb/lp0", "EPSON", "TM-T88V", "ESC/POS")
    ]


def test_a_printer_is_called_by_its_socket_where_udev_names_it(machine: Machine) -> None:
    machine.plug_usb(1, name="pci-0000:01:00.0-usb-0:1.3:1.0")
    (found,) = machine.find()
    assert found.address == "usb:///dev/certprn/pci-0000:01:00.0-usb-0:1.3:1.0"
    assert found.device == "/dev/usb/lp1"


def test_serial_ports_are_found_once_by_the_name_that_stays(machine: Machine) -> None:
    machine.file("dev/ttyUSB0")
    machine.file("dev/ttyACM1")
    machine.link("dev/serial/by-id/usb-Prolific_Controller-if00-port0", "../../ttyUSB0")
    found = find(machine.root, ports=lambda: ["/dev/ttyUSB0", "/dev/ttyS0"])
    assert [one.address for one in found] == [
        "serial:///dev/ttyACM1?baud=auto",
        "serial:///dev/ttyS0?baud=auto",
        "serial:///dev/serial/by-id/usb-Prolific_Controller-if00-port0?baud=auto",
    ]
    assert not any(one.sure for one in found)


def test_what_is_plugged_in_and_out_is_seen_at_the_next_look(machine: Machine) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            machine.plug_usb(0)
        elif len(pauses) == 3:
            (machine.root / "dev/usb/lp0").unlink()

    seen = list(islice(watch(machine.find, pause), 5))
    printer = Device("usb:///dev/usb/lp0", "/dev/usb/lp0")
    assert [(one.came, one.gone) for one in seen] == [
        ((), ()), ((printer,), ()), ((), ()), ((), (printer,)), ((), ()),
    ]  # fmt: skip
    assert set(pauses) == {2.0}


def test_another_printer_in_the_same_place_is_one_gone_and_one_come() -> None:
    old, new = Device("usb:///a", "/a", model="X"), Device("usb:///a", "/a", model="Y")
    assert changes([old], [new]).came == (new,)
    assert changes([old], [new]).gone == (old,)


@pytest.mark.parametrize(("text", "known"), [
    ("MANUFACTURER:Star;COMMAND SET:STAR;MODEL:TSP143;", {"MFG": "Star", "CMD": "STAR", "MDL": "TSP143"}),
    ("mfg: HP ; no colon; MDL:a:b", {"MFG": "HP", "MDL": "a:b"}),
    ("", {}),
    ("\x00\xff", {}),
])  # fmt: skip
def test_a_device_id_is_read_whatever_stands_in_it(text: str, known: dict[str, str]) -> None:
    assert device_id(text) == known


def test_the_udev_rules_are_known_when_they_are_installed(machine: Machine) -> None:
    assert not rules_installed(machine.root)
    machine.file("etc/udev/rules.d/70-divoc-edge-printers.rules", resource(RULES).read_text())
    assert rules_installed(machine.root)


def test_every_udev_rule_has_a_comment_that_says_why() -> None:
    comment = False
    for line in resource(RULES).read_text().splitlines():
        directive = bool(line) and not line.startswith("#")
        assert not directive or comment or line.startswith("LABEL="), line
        comment = line.startswith("#")


# asking one what it can do


@pytest.fixture
def ask() -> Iterator[Callable[..., tuple[Abilities, VirtualPrinter]]]:
    pulse = Pulse()
    printers: list[VirtualPrinter] = []

    def asked(*faults: Fault, **can: object) -> tuple[Abilities, VirtualPrinter]:
        printer = VirtualPrinter(model=Model(**can))  # type: ignore[arg-type]
        printers.append(printer)
        printer.start()
        for fault in faults:
            printer.arm(fault)
        connection = connect(printer.uri)
        try:
            return probe(connection, patience=0.4, clock=clock), printer
        finally:
            connection.close()

    with pulse as clock:
        yield asked
    for printer in printers:
        printer.stop()


def nothing_printed(printer: VirtualPrinter) -> bool:
    return printer.settle() and not printer.machine.roll.rows and not printer.tape()


def test_an_able_printer_is_known_without_printing_anything(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]],
) -> None:
    abilities, printer = ask(identity=("ACME", "A-80"))
    assert abilities == Abilities(
        real_time=True, condition=Condition(heard=True), automatic=True, transmit=True,
        process_id=True,
        maker="ACME", model="A-80", firmware="1.00", serial_number="000001",
        cutter=True, native_qr=2000,
    )  # fmt: skip
    assert abilities.confirmation == "process-id"
    assert nothing_printed(printer)


def test_an_able_printer_on_a_serial_line_is_known_too(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]],
) -> None:
    abilities, printer = ask(serial=True)
    assert abilities.process_id
    assert abilities.native_qr == 2000
    assert nothing_printed(printer)


@pytest.mark.parametrize(("can", "confirmation"), [
    ({"process_id": False}, "transmit-status"),
    ({"process_id": False, "transmit_status": False}, "real-time-status"),
    ({"real_time_status": False}, "process-id"),
    ({"process_id": False, "transmit_status": False, "real_time_status": False}, "none"),
])  # fmt: skip
def test_the_best_proof_a_printer_gives_is_found(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]],
    can: dict[str, bool],
    confirmation: str,
) -> None:
    abilities, printer = ask(**can)
    assert abilities.confirmation == confirmation
    assert nothing_printed(printer)


@pytest.mark.parametrize("most", [0, 99, 255, 1021])
@pytest.mark.parametrize("excess", ["refused", "blank", "text"])
def test_the_largest_qr_code_of_its_own_is_found_and_no_letter_is_printed(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]], most: int, excess: str
) -> None:
    abilities, printer = ask(abilities=Does(native_qr=most, qr_excess=excess))  # type: ignore[arg-type]
    if most == 0:
        assert abilities.native_qr is None
    elif excess != "text":  # such a printer believes that it has taken everything
        assert abilities.native_qr == max((n for n in LADDER if n <= most), default=0)
    assert nothing_printed(printer)


@pytest.mark.parametrize(("kind", "code"), [
    ("paper-out", "printer.paper-out"),
    ("cover-open", "printer.cover-open"),
    ("broken", "printer.broken"),
])  # fmt: skip
def test_a_printer_that_stands_still_says_why_and_is_asked_no_more(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]], kind: str, code: str
) -> None:
    abilities, printer = ask(Fault(kind))  # type: ignore[arg-type]
    assert abilities.trouble is not None
    assert abilities.trouble.code == code
    assert printer.machine.received == 12  # four questions of three bytes


def test_a_silent_printer_is_sent_two_short_questions_only(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]],
) -> None:
    abilities, printer = ask(Fault("silent"))
    assert abilities.silent
    assert printer.machine.received == 6


@pytest.mark.slow
def test_noise_on_the_line_is_not_taken_for_a_printer_of_many_talents(
    ask: Callable[..., tuple[Abilities, VirtualPrinter]],
) -> None:
    abilities, _ = ask(Fault("garbage"))
    assert not abilities.process_id
    assert abilities.native_qr is None


def test_asking_ends_even_when_a_printer_never_stops_talking() -> None:
    class Talker:
        answers = True
        now = 0.0

        def write(self, data: bytes) -> None:
            pass

        def read(self, seconds: float) -> bytes:
            self.now += 0.05
            return b"\x12\x00"

        def close(self) -> None:
            pass

    talker = Talker()
    line: Connection = talker
    probe(line, clock=lambda: talker.now)
    assert talker.now <= 20.1


def test_a_suggested_profile_is_one_that_is_read(tmp_path: Path) -> None:
    abilities = Abilities(transmit=True, maker="ACME", model="A-80", cutter=False, native_qr=310)
    (tmp_path / "acme.yaml").write_text(suggested_profile(abilities, 576, 48))
    profile = read_profile(tmp_path, "acme")
    assert (profile.width, profile.columns) == (576, 48)
    assert (profile.confirmation, profile.cutter) == ("transmit-status", False)
    assert profile.native_qr == 0  # what it says is not what paper has shown
    assert "# ACME A-80" in (tmp_path / "acme.yaml").read_text()
