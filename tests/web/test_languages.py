"""Every word a tablet shows is in every catalogue, and means the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from edge.resources import resource
from edge.web.catalogues import messages
from edge.web.translations import load_languages
from sync.web.translations import choose

ROOT = resource("templates").parent
CATALOGUES = sorted((ROOT / "config/locale").glob("*.po"))
SignedIn = Callable[[str], FlaskClient]


def test_there_is_a_language_that_reads_from_right_to_left() -> None:
    assert {"ar", "fr"} <= {path.stem for path in CATALOGUES}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_message_and_keeps_every_placeholder(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    wanted = messages(ROOT)
    assert len(wanted) > 250
    for text in wanted:
        found = catalogue.get(text)
        assert found is not None, text
        assert found.string, text
        assert isinstance(found.string, str), text
        assert sorted(re.findall(r"{\w+}", found.string)) == sorted(re.findall(r"{\w+}", text)), (
            text
        )


def test_a_refusal_is_said_in_the_readers_language_with_dates_as_they_are_read_there() -> None:
    languages = load_languages(ROOT / "config/locale")
    sentence = "Lot {lot} expired on {expiry}."
    values = {"lot": "A1", "expiry": date(2026, 3, 31)}
    assert languages["en"].say(sentence, values) == "Lot A1 expired on Mar 31, 2026."
    assert languages["fr"].say(sentence, values) == "Le lot A1 est périmé depuis le 31 mars 2026."
    assert "A1" in languages["ar"].say(sentence, values)
    assert languages["ar"].direction == "rtl"


@pytest.mark.parametrize(
    ("chosen", "accepted", "code"),
    [
        ("fr", "ar", "fr"),
        ("", "ar-EG,ar;q=0.9", "ar"),
        ("", "tlh, fr;q=0.5", "fr"),
        ("xx", "", "en"),
    ],
)
def test_the_language_chosen_by_hand_comes_before_the_browsers(
    chosen: str, accepted: str, code: str
) -> None:
    assert choose(load_languages(ROOT / "config/locale"), chosen, accepted).code == code


@pytest.mark.parametrize(
    "path", ["/", "/register", "/records", "/recall", "/site", "/stock", "/verify"]
)
def test_no_english_word_of_ours_is_left_on_an_arabic_page(signed_in: SignedIn, path: str) -> None:
    browser = signed_in("S1")
    browser.set_cookie("language", "ar")
    page = browser.get(path).text
    assert 'dir="rtl"' in page
    shown = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    for text in messages(ROOT):
        if len(text) > 6 and " " in text and "{" not in text:
            assert text not in shown, text
