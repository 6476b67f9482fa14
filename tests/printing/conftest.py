"""A printer in software, and fonts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from printers.fonts import Fonts
from printers.virtual import Model, VirtualPrinter


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Fonts:
    fonts = Fonts(tmp_path_factory.mktemp("fonts"))
    fonts.check()
    return fonts


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    # what was read is on paper at once, so that tests of the way to it need not wait
    model = Model(millimetres_per_second=4000, cut_seconds=0, print_ahead=0)
    printer = VirtualPrinter(model=model)
    printer.start()
    yield printer
    printer.stop()
