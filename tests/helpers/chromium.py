"""The browser that pages are opened in: which, how it is started, and fixtures of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from requirements import missing

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
)  # fmt: skip
"""Names that end in ``.example`` are this machine; of a flag that is given twice the last counts."""


def launched(play: Playwright, *flags: str) -> Browser:
    """Start the browser, with flags of the test's own."""
    return play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="module")
def play() -> Iterator[Playwright]:
    """Give what starts browsers; skips where there is none."""
    if not Path(CHROMIUM).exists():
        missing("Chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(play: Playwright) -> Iterator[Browser]:
    """Give a browser of the file's own."""
    found = launched(play)
    yield found
    found.close()
