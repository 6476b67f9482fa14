"""A digital locker's PDF says what was signed, and its code is the signed one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from pages import drawn_pages, text_of

from edge.domain.catalogue import Staff
from edge.domain.numbers import grouped
from edge.journal import views
from edge.node import Node
from edge.office.locker_papers import locker_papers
from edge.services.commands import GiveDose
from sync.protocol.errors import SyncError


def test_the_pdf_of_a_locker_says_what_was_signed_and_its_code_is_good_at_the_site(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    outcome = node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    with node.journal.reading() as db:
        issued = views.certificate(db, outcome.entries[1].body["certificate"])
        assert issued is not None
        record = views.recorded(db, issued.dose)
    assert record is not None
    said = {"name": record.person.name, "lot": record.dose.lot, "certificate": issued.id}
    pdf = locker_papers()(said, issued.credentials)
    text = text_of(pdf, tmp_path)
    for words in ("Vaccination certificate", *list(said.values())[:2], grouped(issued.id)):
        assert words in text
    (page,) = drawn_pages(pdf, tmp_path, dots=300)
    codes = zxingcpp.read_barcodes(page)
    assert codes
    assert node.site.judge(codes[0].bytes).good


@pytest.mark.parametrize(
    ("language", "title"),
    [("fr", "Certificat de vaccination"), ("xx", "Vaccination certificate"), ("ar", "")],
)
def test_the_pdf_of_a_locker_speaks_the_persons_language_where_there_are_words_for_it(
    vouched: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose], tmp_path: Path,
    language: str, title: str,
) -> None:  # fmt: skip
    outcome = vouched.desk.take(vouched.site.ids.new(), dose(), staff("V1"))
    with vouched.journal.reading() as db:
        issued = views.certificate(db, outcome.entries[1].body["certificate"])
    assert issued is not None
    pdf = locker_papers()({"certificate": issued.id, "language": language}, issued.credentials)
    (tmp_path / "paper.pdf").write_bytes(pdf)
    text = text_of(pdf, tmp_path)
    assert title in text
    assert ("Vaccination certificate" in text) == (language == "xx")


def test_a_certificate_of_formats_that_are_not_known_is_refused_in_words() -> None:
    with pytest.raises(SyncError, match="format that is not known"):
        locker_papers()({"certificate": "7Q4WZK2M9XDEA0TB"}, {"x-other": "text"})
