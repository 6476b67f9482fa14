"""Every word a tablet shows is in every catalogue, and means the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from edge.web import catalogues
from edge.web.translations import load_languages
from sync.resources import resource
from sync.web.translations import Language, bring_up_to_date, choose

ROOT = resource("templates").parent
CATALOGUES = sorted((ROOT / "config/locale").glob("*.po"))
SignedIn = Callable[[str], FlaskClient]


@cache
def messages() -> Sequence[str]:
    """Give every sentence of the code and the pages; they are looked for once."""
    return tuple(catalogues.messages(ROOT))


@pytest.mark.slow
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_an_update_leaves_the_header_of_a_catalogue_as_it_is(path: Path, tmp_path: Path) -> None:
    body = path.read_bytes().split(b"\n\n", 1)[1]
    header = (
        b'# Words of a site.\n\n# The plural rules are the translator\'s.\nmsgid ""\nmsgstr ""\n'
        b'"Project-Id-Version: of their own 7\\n"\n'
        b'"Content-Type: text/plain; charset=utf-8\\n"\n'
        b'"Plural-Forms: nplurals=3; plural=(n == 1 ? 0 : n == 2 ? "\n"1 : 2);\\n"\n\n'
    )
    copy = tmp_path / path.name
    copy.write_bytes(header + body)
    bring_up_to_date(tmp_path, "divoc-edge", ["A sentence that is new.", *messages()])
    written = copy.read_bytes()
    assert written.startswith(header)
    assert b'msgid "A sentence that is new."\nmsgstr ""\n' in written
    assert written.count(b"Plural-Forms") == 1
    old, new = (read_po(BytesIO(text), locale=path.stem) for text in (header + body, written))
    kept = [text for text in messages() if old.get(text)]
    assert [new[text].string for text in kept] == [old[text].string for text in kept]


def test_there_is_a_language_that_reads_from_right_to_left() -> None:
    assert {"ar", "fr"} <= {path.stem for path in CATALOGUES}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
@pytest.mark.slow
def test_a_catalogue_has_every_message_and_keeps_every_placeholder(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    wanted = messages()
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
    assert languages["en"].say(sentence, values) == "Lot A1 expired on 31 Mar 2026."
    assert languages["fr"].say(sentence, values) == "Le lot A1 est périmé depuis le 31 mars 2026."
    assert "A1" in languages["ar"].say(sentence, values)
    assert languages["ar"].direction == "rtl"


@pytest.mark.parametrize(
    ("code", "country", "written"),
    [
        ("en", "", "31 Mar 2026"),
        ("en", "XD", "31 Mar 2026"),
        ("en", "KE", "31 Mar 2026"),
        ("en", "US", "Mar 31, 2026"),
        ("en", "ZA", "31 Mar 2026"),
        ("en", "SE", "31 Mar 2026"),
        ("fr", "CA", "31 mars 2026"),
        ("fr", "CI", "31 mars 2026"),
        ("en", "nonsense", "31 Mar 2026"),
    ],
)
def test_a_date_is_written_as_the_country_of_the_campaign_writes_it(
    code: str, country: str, written: str
) -> None:
    language = replace(load_languages(ROOT / "config/locale")[code], region=country)
    assert language.day(date(2026, 3, 31)) == written
    assert language.written("2026-03-31") == written
    assert language.written("2026-03-31T10:00:00Z") == written
    for text in ("2026-02-31", "2026", "A 2026-03-31", "", 7, None):
        assert language.written(text) == text


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
    for text in messages():
        if len(text) > 6 and " " in text and "{" not in text:
            assert text not in shown, text


def spoken(*codes: str) -> dict[str, Language]:
    return {code: Language(code, code, "ltr", NullTranslations()) for code in ("en", *codes)}


WORLD = spoken("ar", "fr", "pt", "zh", "zh_Hant", "sr_Latn", "pt_AO")


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("ar;q=0.2, fr;q=0.9", "fr"),
        ("ar;q=0.2, fr", "fr"),
        ("ar, fr", "ar"),
        ("fr;q=0", "en"),
        ("fr;q=0.000, ar;q=0.001", "ar"),
        ("fr;q=0, *", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("pt-BR", "pt"),
        ("pt-AO", "pt_AO"),
        ("pt_AO", "pt_AO"),
        ("PT-br, en;q=0.9", "pt"),
        ("fr-CA, en-US;q=0.9, en;q=0.8", "fr"),
        ("pt-BR, fr;q=0.5", "pt"),
        ("zh-Hant-TW", "zh_Hant"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW", "zh"),
        ("sr-Latn-RS, fr;q=0.3", "sr_Latn"),
        ("sr, fr;q=0.3", "fr"),
        ("sr-Cyrl-RS", "en"),
        ("ar-EG-u-nu-latn", "ar"),
        ("frr, frx-FR", "en"),
        ("f", "en"),
        ("*", "en"),
        ("*;q=0.9, ar;q=0.1", "ar"),
        ("*-FR", "en"),
        ("", "en"),
        (" , ;q=1, ;;, -, --, fr", "fr"),
        ("fr;q=2", "en"),
        ("fr;q=-1, ar", "ar"),
        ("fr;q=nan, ar;q=0.1", "ar"),
        ("fr;q=1e999, ar;q=0.1", "ar"),
        ("fr;q=x", "en"),
        ("../../fr", "en"),
        ("fr\x00", "en"),
        ("\u0641\u0631, \xe9, ar", "ar"),
        ("fr ar", "en"),
    ],
)
def test_the_language_a_browser_likes_best_is_spoken(accepted: str, code: str) -> None:
    assert choose(WORLD, "", accepted).code == code


@given(st.text())
def test_whatever_a_browser_accepts_there_is_a_language(accepted: str) -> None:
    assert choose(WORLD, "", accepted).code in WORLD
    assert choose(WORLD, "ar", accepted).code == "ar"


@given(st.permutations(["fr;q=0.4", "ar;q=0.5", "pt-BR;q=0.6", "tlh", "en;q=0.1", "*;q=0.7"]))
def test_the_order_of_the_weights_counts_and_not_that_of_the_words(accepted: list[str]) -> None:
    assert choose(WORLD, "", ", ".join(accepted)).code == "pt"
