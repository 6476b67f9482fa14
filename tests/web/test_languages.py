"""Every word a tablet shows is in every catalogue, and means the same."""

from __future__ import annotations

import copy
import re
import sqlite3
from collections import Counter
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

from edge.domain.errors import BadInput
from edge.web import catalogues
from edge.web.translations import load_languages
from sync.protocol.counted import Counted, Said
from sync.registry.web.catalogues import messages as office_messages
from sync.resources import resource
from sync.web.sentences import in_code, in_pages
from sync.web.translations import Language, bring_up_to_date, choose

ROOT = resource("templates").parent
CATALOGUES = sorted((ROOT / "config/locale").glob("*.po"))
SignedIn = Callable[[str], FlaskClient]


@cache
def messages() -> Sequence[Said]:
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
        assert isinstance(found.string, str) is isinstance(text, str), text
        single, several = (text, text) if isinstance(text, str) else text
        forms = [found.string] if isinstance(found.string, str) else list(found.string or ())
        assert len(forms) == (1 if isinstance(text, str) else catalogue.num_plurals), text
        for form in forms:
            assert form, text
            lacks = names(several) - names(form)
            assert not names(form) - names(several), text
            if isinstance(text, str):
                assert not lacks, text
            elif lacks:  # zero, one and two may be said in a word
                assert len(lacks) == 1, text
                assert form in forms[:3], text
        assert names(single) == names(several), text


def names(text: str) -> Counter[str]:
    return Counter(re.findall(r"{\w+}", text))


NOUNS = (
    "bytes|cells|characters|codes|copies|days|doses|dots|drafts|entries|files|hours|letters|lines"
    "|messages|minutes|months|parts|passkeys|people|places|rows|seconds|signatures|sites|slips"
    "|times|vaccines|weeks|years"
)


def test_a_number_before_what_it_counts_stands_in_a_sentence_that_counts() -> None:
    """Only so can a language say one, two, a few and many as it says them."""
    counts = re.compile(rf"{{\w+}} (short |more )?({NOUNS})\b")
    assert counts.search("There are {most} drafts.")
    left = [
        text
        for text in [*messages(), *office_messages()]
        if isinstance(text, str) and counts.search(text)
    ]
    labels = [text for text in left if "Brother label" not in text]  # 306 dots and more
    assert labels == []


DAYS = Counted("{count} day", "{count} days")


@pytest.mark.parametrize(
    ("code", "count", "said"),
    [
        ("en", 0, "0 days"), ("en", 1, "1 day"), ("en", 2, "2 days"),
        ("fr", 0, "0 jour"), ("fr", 1, "1 jour"), ("fr", 2, "2 jours"),
        ("ar", 0, "0 يوم"), ("ar", 1, "يوم واحد"), ("ar", 2, "يومان"), ("ar", 7, "7 أيام"),
        ("ar", 11, "11 يومًا"), ("ar", 99, "99 يومًا"), ("ar", 100, "100 يوم"),
        ("ar", 103, "103 أيام"),
    ],
)  # fmt: skip
def test_each_number_has_the_form_of_its_language(code: str, count: int, said: str) -> None:
    language = load_languages(ROOT / "config/locale")[code]
    assert language.say(DAYS, {"count": count}) == said
    assert language.say(str(DAYS), {"count": count}) == said  # as it comes back from a database
    if code == "en":
        assert DAYS.format(count=count) == said


def test_a_sentence_that_counts_says_which_of_its_numbers_counts() -> None:
    parts = Counted("{taken} of {parts} part", "{taken} of {parts} parts")
    assert parts.format(taken=3, parts=1) == "3 of 1 part"
    assert parts.format(taken=1, parts=3) == "1 of 3 parts"
    of = Counted("dose {number} of {most}", "doses {number} of {most}", "number")
    assert of.format(number=1, most=3) == "dose 1 of 3"
    assert Counted("{count} day", "{count} days").format(count="some") == "some days"
    error = BadInput("x", DAYS, count=1)
    kept = copy.deepcopy(error.sentence)
    assert isinstance(kept, Counted)
    assert (str(error), kept.single) == ("1 day", "{count} day")
    assert sqlite3.connect(":memory:").execute("SELECT ?", [DAYS]).fetchone() == ("{count} days",)


def test_a_form_that_is_missing_is_counted_as_untranslated(tmp_path: Path) -> None:
    header = (
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"\n\n'
    )
    path = tmp_path / "ar.po"
    pair = ("{count} dose", "{count} doses")
    entry = f'msgid "{pair[0]}"\nmsgid_plural "{pair[1]}"\n'
    forms = 'msgstr[0] "a"\nmsgstr[1] "b"\n'
    path.write_text(header + entry + forms + 'msgstr[2] ""\n', encoding="utf-8")
    assert bring_up_to_date(tmp_path, "x", [pair]) == {"ar": 1}
    assert forms + 'msgstr[2] ""' in path.read_text(encoding="utf-8")
    path.write_text(header + entry + forms + 'msgstr[2] "c"\n', encoding="utf-8")
    assert bring_up_to_date(tmp_path, "x", [pair]) == {"ar": 0}
    # what becomes a sentence that counts, or was one, is translated anew
    assert bring_up_to_date(tmp_path, "x", [pair[0]]) == {"ar": 1}
    assert bring_up_to_date(tmp_path, "x", [pair]) == {"ar": 1}


def test_the_scanner_finds_what_counts_in_code_and_pages(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        'A = Counted("{count} dose is left.", "{count} doses are left.")\nB = "A sentence stands."\n'
    )
    (tmp_path / "page.html").write_text(
        '{{ say(counted("{n} day", "{n} days"), {"n": 1}) }}{{ _("A word") }}'
    )
    found = [*in_code(tmp_path / "code.py", lambda *_: []), *in_pages(tmp_path)]
    assert sorted(map(str, found)) == sorted(
        map(
            str,
            [
                ("{count} dose is left.", "{count} doses are left."),
                "A sentence stands.",
                ("{n} day", "{n} days"),
                "A word",
            ],
        )
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
    assert language.written(date(2026, 3, 31)) == written
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
        if isinstance(text, str) and len(text) > 6 and " " in text and "{" not in text:
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
