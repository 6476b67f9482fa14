"""A name that no font here can print is told before paper is used, with what helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from forms import newcomer

from edge.cli.printing import _tell_missing
from edge.node import Node
from printers.document import Document, Text

SignedIn = Callable[[str], FlaskClient]
VITHKUQI = "\U00010570\U00010571"
"""Letters that came in 2021: no package of Debian 12 has them."""


def test_who_registers_a_name_that_no_font_has_reads_it_on_the_next_page(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    page = browser.get(newcomer(browser, f"Zoë {VITHKUQI}")).text
    assert f"boxes on the paper: <bdi>{VITHKUQI}</bdi>" in page
    assert "No package of Debian has them" in page
    plain = browser.get(newcomer(browser, "Zoë ᱥᱟᱱᱛᱟᱲᱤ")).text
    assert "boxes on the paper" not in plain


def test_the_package_that_has_the_letters_is_named(
    vouched: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in("V1")
    fonts = vouched.print_room._fonts
    monkeypatch.setattr(type(fonts), "missing", lambda _, text: "王" if "王" in text else "")
    page = browser.get(newcomer(browser, "王小明")).text
    assert "The technician installs the Debian package fonts-noto-cjk." in page


def test_a_command_tells_it_before_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _tell_missing(Document((Text(f"Riverside {VITHKUQI}"),)), tmp_path)
    _tell_missing(Document((Text("Riverside"),)), tmp_path)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"No font of this machine has {VITHKUQI}, which will be boxes on the paper:"
        " no Debian package has them."
    ]
