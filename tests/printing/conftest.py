"""A printer in software, and fonts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from printer_faults import numbered_slips

from printers.fonts import Fonts
from printers.virtual import Model, VirtualPrinter


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Fonts:
    base = tmp_path_factory.getbasetemp()
    # Those who test side by side share one folder: to merge a face takes seconds.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    fonts = Fonts(shared / "fonts")
    fonts.check()
    return fonts


@pytest.fixture(scope="session")
def slip_bytes(fonts: Fonts) -> Callable[[int], bytes]:
    """Give the bytes of a job's slip, whose closing line has the job's number."""
    return numbered_slips(fonts, words=6)


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    # what was read is on paper at once, so that tests of the way to it need not wait
    model = Model(millimetres_per_second=4000, cut_seconds=0, print_ahead=0)
    printer = VirtualPrinter(model=model)
    printer.start()
    yield printer
    printer.stop()
