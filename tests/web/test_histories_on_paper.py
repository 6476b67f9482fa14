"""The slips of a whole history: a child's card, and the certificate with the codes of all doses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from forms import give, newcomer

from edge.domain.errors import Conflict
from edge.journal import views
from edge.node import Node
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest
from printers.document import Document, Field, Qr, Text
from printers.languages import encode
from printers.profile import read_profile
from sync.resources import resource

SignedIn = Callable[[str], FlaskClient]
NARROW = replace(NO_PRINTER, name="58 mm", width=384, columns=32)


def laid(node: Node, slip: str, subject: str, *, narrow: bool = False) -> Document:
    return node.print_room.slip(SlipRequest(slip, subject), NARROW if narrow else NO_PRINTER)


def said(document: Document) -> list[str]:
    return [
        f"{block.label}: {block.value}" if isinstance(block, Field) else block.text
        for block in document.blocks
        if isinstance(block, Field | Text)
    ]


@pytest.fixture(scope="module")
def vaccinated(vouched: Node, signed_in: SignedIn) -> str:
    """Vaccinate somebody; give the person's id."""
    browser = signed_in("V1")
    path = newcomer(browser, "Ravi Fresh")
    give(browser, path)
    return path.rpartition("/")[2]


@pytest.mark.slow
def test_a_card_has_every_dose_and_the_next_visits_and_a_code_that_finds_the_person(
    vouched: Node, vaccinated: str
) -> None:
    for narrow in (False, True):
        document = laid(vouched, "card", vaccinated, narrow=narrow)
        words = said(document)
        given, coming = words.index("Doses given"), words.index("Coming visits")
        assert "CoviProtect: 1 / 2" in words[given:coming]
        assert any(word.endswith(": CP2611A") for word in words[given:coming])
        assert "CoviProtect: 2 / 2" in words[coming:]
        (code,) = [block for block in document.blocks if isinstance(block, Qr)]
        with vouched.journal.reading() as db:
            person = views.person(db, vaccinated)
        assert person is not None
        assert code.payload == person.code.encode()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["page-a5", "page-a6"])
def test_a_card_is_a_page_of_a5_or_a6(vouched: Node, vaccinated: str, page: str) -> None:
    profile = read_profile(resource("config/printers"), page)
    document = vouched.print_room.slip(SlipRequest("card", vaccinated), profile)
    data = encode(document, profile, vouched.print_room._fonts)
    assert data.startswith(b"%PDF")
    points = rb"MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]"
    ((width, height),) = {found.groups() for found in re.finditer(points, data)}
    assert round(float(width) / 72 * 25.4) == profile.paper_width
    assert round(float(height) / 72 * 25.4) == profile.paper_length
    assert data.count(b"/Type /Page\n") == 1


@pytest.mark.slow
def test_a_whole_history_has_the_codes_of_every_certificate_that_counts_and_no_other(
    vouched: Node, signed_in: SignedIn, vaccinated: str
) -> None:
    document = laid(vouched, "history", vaccinated)
    codes = [block.payload for block in document.blocks if isinstance(block, Qr)]
    assert [vouched.verify(code).verdict for code in codes] == ["valid", "valid"]
    words = said(document)
    assert "For travel in Europe and other countries" in words
    assert sum(word.startswith("CoviProtect 1 / 2, ") for word in words) == 2
    narrow = laid(vouched, "history", vaccinated, narrow=True)
    assert sum(isinstance(block, Qr) for block in narrow.blocks) == 1
    assert f"/slips/history?of={vaccinated}" in signed_in("V1").get(f"/people/{vaccinated}").text


@pytest.mark.slow
def test_without_a_certificate_that_counts_there_is_no_certificate_of_a_history(
    vouched: Node, signed_in: SignedIn
) -> None:
    nobody = newcomer(signed_in("V1"), "Ngozi Fresh").rpartition("/")[2]
    with pytest.raises(Conflict, match="No dose of this person"):
        laid(vouched, "history", nobody)
    assert said(laid(vouched, "card", nobody))[0] == "Vaccination card"
