"""A printer in software, and fonts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from printers.fonts import Fonts
from printers.virtual import VirtualPrinter


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Fonts:
    fonts = Fonts(tmp_path_factory.mktemp("fonts"))
    fonts.check()
    return fonts


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    printer = VirtualPrinter(576)
    printer.start()
    yield printer
    printer.stop()
