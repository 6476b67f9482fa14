"""Doctor and spooler judge alike: what is well for one prints for the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from simulated import Clock, Line, Store
from slips import profile

from edge.adapters.profiles import own_file, site_profile
from edge.adapters.settings import PrinterSettings, Settings, write_settings
from edge.cli import main
from printers.condition import Condition
from printers.connections import connect
from printers.doctor import Examination, Machine, examine
from printers.errors import ConnectionFailed
from printers.findings import fitting, fitting_identity, identity_troubles, printer_troubles
from printers.identity import Identity
from printers.jobs import RenderedSlip
from printers.languages.escpos import INIT
from printers.probe import Abilities
from printers.profile import Confirmation, Profile
from printers.spooler import Spooler
from printers.virtual import Machine as Printer
from printers.virtual import Model, VirtualPrinter
from printers.virtual.habits import HABITS

USUAL = profile("escpos-80")
WAYS: tuple[Confirmation, ...] = ("process-id", "transmit-status", "real-time-status", "none")


def examined(model: Model, profile: Profile) -> Examination:
    clock = Clock()
    return examine(
        "tcp://10.0.0.9", profile, lambda _: Line(Printer(model), clock), patience=0.4, clock=clock
    )


def spooled(model: Model, profile: Profile) -> tuple[str, str]:
    """Print one slip; give its state and the printer's trouble."""
    clock, machine, store = Clock(), Printer(model), Store()
    store.queue(1)
    slip = RenderedSlip(INIT + b"SLIP\n\n\n")
    spooler = Spooler(
        profile, store, lambda _: slip, lambda: Line(machine, clock), patience=5, clock=clock
    )
    spooler.run()
    return store.states[1], spooler.health.code


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name",
    ["transmit-status-only", "mute", *(pytest.param(n, marks=pytest.mark.slow) for n in HABITS)],
)
def test_what_the_doctor_says_is_what_becomes_of_a_slip(name: str, way: Confirmation) -> None:
    model, usual = HABITS[name].model, replace(USUAL, confirmation=way)
    result = examined(model, usual)
    codes = {trouble.code for trouble in result.troubles}
    state, trouble = spooled(model, usual)
    if "printer.no-answer" in codes:
        assert (state, trouble) == ("queued", "printer.silent")
    elif "profile.promises-proof" in codes or way == "none":
        assert (state, trouble) == ("unknown", "")
    else:
        assert (state, trouble) == ("printed", "")


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", HABITS)
def test_with_the_fields_that_fit_there_is_no_trouble_left(name: str, way: Confirmation) -> None:
    model, usual = HABITS[name].model, replace(USUAL, confirmation=way)
    fits = examined(model, usual).fits
    better = replace(usual, **fits)  # type: ignore[arg-type]
    again = examined(model, better)
    assert (again.troubles, again.fits) == ((), {})
    wanted = "unknown" if better.confirmation == "none" else "printed"
    assert spooled(model, better)[0] == wanted


def test_a_printer_that_stands_still_is_given_no_other_profile() -> None:
    abilities = Abilities(condition=Condition(heard=True, cause=ConnectionFailed("x", "y")))
    assert fitting(abilities, USUAL) == {}


def test_a_model_that_the_database_knows_is_told_its_own_dots() -> None:
    told = Abilities(condition=Condition(heard=True), transmit=True, model="TM-T88IV")
    troubles = printer_troubles(told, USUAL)
    assert [one.code for one in troubles] == ["profile.other-resolution", "profile.too-wide"]
    assert fitting(told, USUAL) == {"width": 512, "columns": 42, "dots_per_inch": 180}
    mended = replace(USUAL, width=512, columns=42, dots_per_inch=180)
    assert printer_troubles(told, mended) == []
    unknown = replace(told, model="NO-SUCH-80")
    assert (printer_troubles(unknown, USUAL), fitting(unknown, USUAL)) == ([], {})


def test_a_narrow_roll_in_a_model_for_wide_ones_stays_narrow() -> None:
    told = Abilities(condition=Condition(heard=True), transmit=True, model="TM-T88IV")
    narrow = profile("escpos-58")
    fits = fitting(told, narrow)
    assert fits == {"width": 336, "columns": 27, "dots_per_inch": 180}
    mended = replace(narrow, width=336, columns=27, dots_per_inch=180)
    assert printer_troubles(told, mended) == []
    assert mended.width / 180 <= narrow.width / narrow.dots_per_inch  # inches of paper


@pytest.mark.parametrize("name", ["zebra-203", "star-mc-print3", "brother-ql-62"])
def test_whatever_its_language_a_silent_printer_may_be_held_by_another_computer(name: str) -> None:
    (trouble,) = identity_troubles(None, profile(name), "tcp://10.0.0.9")
    assert "another computer may hold this printer" in str(trouble)
    (trouble,) = identity_troubles(None, profile(name), "serial:///dev/ttyS0?baud=38400")
    assert "set to 38400 baud" in str(trouble)


def test_labels_of_another_kind_and_another_resolution_are_told_with_what_fits() -> None:
    brother, zebra = profile("brother-ql-62"), profile("zebra-203")
    narrow = Identity("Brother QL-800", labels=(29, 90))
    assert [one.code for one in identity_troubles(narrow, brother, "")] == ["profile.other-labels"]
    assert fitting_identity(narrow, brother) == {
        "paper_width": 29, "paper_length": 90, "width": 306,
    }  # fmt: skip
    strange = Identity("Brother QL-800", labels=(33, 0))  # nobody knows its dots
    assert fitting_identity(strange, brother) == {}
    finer = fitting_identity(Identity("ZD421", dots_per_inch=300), zebra)
    assert finer == {"dots_per_inch": 300, "width": 591}
    assert fitting_identity(None, zebra) == {"confirmation": "none"}


def test_a_second_computer_on_one_printer_is_guessed() -> None:
    printer = VirtualPrinter(model=HABITS["one-connection"].model)
    printer.start()
    try:
        first = connect(printer.uri)
        first.write(b"\x10\x04\x01")
        assert first.read(5)
        (trouble,) = examine(printer.uri, USUAL).troubles
        first.close()
    finally:
        printer.stop()
    assert "another computer may hold this printer" in str(trouble)
    (trouble,) = examine(printer.uri, USUAL).troubles
    assert trouble.code == "printer.unreachable"
    assert "another computer may hold this printer" in str(trouble)


# the command


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Model, str], Path]:
    monkeypatch.setattr("printers.doctor.look", lambda fonts: Machine())

    def make(model: Model, name: str) -> Path:
        clock, machine = Clock(), Printer(model)

        def asked(address: str, profile: Profile, *_: object) -> Examination:
            return examine(
                address, profile, lambda _: Line(machine, clock), patience=0.4, clock=clock
            )

        monkeypatch.setattr("printers.doctor.examine", asked)
        settings = PrinterSettings("desk", "tcp://10.0.0.9", name)
        write_settings(tmp_path, Settings(facility="DEMO01", printers=(settings,)))
        return tmp_path

    return make


def run(data: Path, *more: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["print", "doctor", "--data", str(data), *more], input=answer)


@pytest.mark.parametrize(
    ("habit", "name", "wanted"),
    [("mute", "escpos-80", "none"), ("transmit-status-only", "virtual-80", "transmit-status")],
)
def test_what_fits_is_kept_by_one_confirmed_step(
    desk: Callable[[Model, str], Path], habit: str, name: str, wanted: str
) -> None:
    data = desk(HABITS[habit].model, name)
    settings = PrinterSettings("desk", "tcp://10.0.0.9", name)
    told = run(data)
    assert told.exit_code == 1
    assert f"What fits it: confirmation: {wanted}" in told.output
    assert "print doctor --printer desk --apply" in told.output
    assert run(data, "--apply", answer="n\n").exit_code == 1
    assert not own_file(data, "desk").exists()
    kept = run(data, "--apply", answer="y\n")
    assert f"desk: keep confirmation: {wanted}?" in kept.output
    assert site_profile(data, settings).confirmation == wanted
    again = run(data, "--apply")
    assert again.exit_code == 0, again.output
    assert "There is nothing to keep." in again.output


def test_a_mute_printer_that_a_person_looks_after_is_noted_and_no_trouble(
    desk: Callable[[Model, str], Path],
) -> None:
    data = desk(HABITS["mute"].model, "escpos-80")
    run(data, "--apply", answer="y\n")
    told = run(data)
    assert "  - It answers nothing, as its profile says: a person looks" in told.output
    assert "All is well" not in told.output
    assert told.exit_code == 0


def test_all_is_never_well_where_there_is_no_site_or_no_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("printers.doctor.look", lambda fonts: Machine())
    none = run(tmp_path / "none")
    assert (none.exit_code, "All is well" in none.output) == (1, False)
    assert "No site was found in" in none.output
    write_settings(tmp_path, Settings(facility="DEMO01"))
    bare = run(tmp_path)
    assert (bare.exit_code, "All is well" in bare.output) == (1, False)
    assert "No printer of the site is set up" in bare.output


def test_what_is_asked_of_a_person_is_not_for_scripts(tmp_path: Path) -> None:
    assert run(tmp_path, "--apply", "--json").exit_code == 2
