"""A name on paper that travels is the one a passport has: ICAO Doc 9303 part 3, section 6."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_factory import demonstration

from edge.campaign.catalogue import to_catalogue
from edge.credentials.facts import facts
from edge.domain.certificate import as_signed
from edge.domain.errors import BadInput
from edge.domain.names.icao_letters import is_written_in_full
from edge.domain.names.passports import check_passport_name, machine_readable, passport_name
from edge.domain.names.texts import as_seen
from edge.domain.people import Address
from edge.services.printing.paper_fit import sample_claims

TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = "\u00ad\u034f\u200b\u2060\ufeff\u115f\u3164\uffa0\ufe0f\U000e0041\u0000\u180e"


@pytest.mark.parametrize(
    ("name", "state", "zone"),
    [
        ("Müller", "", "MUELLER"),
        ("Ångström", "", "AANGSTROEM"),
        ("Łukasz Żółć", "", "LUKASZ<ZOLC"),
        ("Þór Æneas Ðorđe", "", "THOR<AENEAS<DORDE"),
        ("Ŋ ħ Ŧ ß ı İ", "", "N<H<T<SS<I<I"),
        ("O’Connor-Smith", "", "OCONNOR<SMITH"),
        ("Kawenaʻulaokalā", "", "KAWENAULAOKALA"),
        ("Nguyễn Thị", "", "NGUYEN<THI"),
        ("Юлия Щеглова", "RU", "IULIIA<SHCHEGLOVA"),
        ("Подъячев Хёй", "", "PODIEIACHEV<KHEI"),
        ("Щерев", "BG", "SHTEREV"),
        ("Юрій Згурський", "UA", "YURII<ZHURSKYI"),
        ("Євгенія Гончар", "", "YEVHENIIA<HONCHAR"),
        ("Гаўрыла Ёш", "", "HAURYLA<IOSH"),
        ("Ђорђе Чолић", "", "DORDE<COLIC"),
        ("Ќурчиев Хаџи", "", "KJURCHIEV<HADJI"),
        ("Ғалым", "KZ", "GALYM"),
        ("Горан Хрћан", "RS", "GORAN<HRCAN"),
        ("Ѓорѓи Цветан", "MK", "GJORGJI<CVETAN"),
        ("عبّاس", "", "EBBAS"),
        ("ڤيكتور فضّة ڥ", "", "VYKTWR<FXDZXDZXAH<XF"),
        ("ڢڧڨڜس", "", "S"),
        ("عبَّاس", "", "EBBAS"),
        ("فاطمة الزهراء", "", "FAXTTMXAH<ALZHRAXE"),
        ("محمـــد", "", "MXHMD"),
        ("گلزار پرویز", "", "XGGLZAR<PRWXYAZ"),
    ],
)
def test_each_letter_is_written_as_a_passport_writes_it_in_whatever_form_it_was_typed(
    name: str, state: str, zone: str
) -> None:
    assert machine_readable(name, state) == zone
    assert machine_readable(unicodedata.normalize("NFD", name), state) == zone


def test_a_certificate_takes_the_way_of_the_persons_state_and_else_of_the_issuers() -> None:
    claims = replace(sample_claims(to_catalogue(demonstration().body)), name="Григорій")
    ukrainian = facts(replace(claims, nationality="UA"))
    assert (ukrainian["familyNameMrz"], ukrainian["latinName"]) == ("HRYHORII", "Hryhorii")
    assert facts(replace(claims, nationality="", country="UA"))["familyNameMrz"] == "HRYHORII"
    assert facts(replace(claims, nationality="RU", country="UA"))["familyNameMrz"] == "GRIGORII"


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("Grace Wanjiru", True),
        ("Nguyễn O’Neill-Ŵynne", True),
        ("Юлия", True),
        ("Γιώργος", True),
        ("فاطمة", False),
        ("שרה", False),
        ("अशोक", False),
        ("Ana অনন্যা", False),
        ("王小明", False),
        ("สมชาย", False),
        ("ሰላም", False),
    ],
)
def test_a_name_that_would_lose_sounds_in_latin_letters_is_known_as_one(
    name: str, full: bool
) -> None:
    assert is_written_in_full(name) is full


@pytest.mark.parametrize(
    "line",
    [
        "ERIKSSON<<ANNA<MARIA",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "p<utoeriksson<<anna<maria<<<<<<<<<<<<<<<<<<<",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "VNUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    ],
)
def test_the_line_of_a_passport_is_read_with_or_without_what_stands_before_the_name(
    line: str,
) -> None:
    assert passport_name(line) == "ERIKSSON, ANNA MARIA"


@pytest.mark.parametrize("name", ["Анна", "Anna 2", "A" * 40, "Anna\u202e", "-", "Anna;"])
def test_a_name_that_no_passport_can_have_is_refused_in_words(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_passport_name(name)
    assert refused.value.values.get("field") or refused.value.field == "passportName"


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from(TURNS + UNSEEN)))
def test_what_turns_the_line_or_is_unseen_is_in_no_text_that_is_signed(text: str) -> None:
    kept = as_seen(text)
    assert not set(kept) & set(TURNS + UNSEEN)
    assert as_seen(kept) == kept == unicodedata.normalize("NFC", kept)
    assert all(
        before.isalpha() or unicodedata.combining(before)
        for before, joiner in pairwise(kept)
        if joiner in "\u200c\u200d"
    )


@pytest.mark.parametrize("name", ["ශ්‍රී", "علی‌رضا", "ᠠ᠋", "O’Neill", "Zoë"])
def test_a_joiner_that_shapes_letters_stays(name: str) -> None:
    assert as_seen(name) == unicodedata.normalize("NFC", name)


def test_every_text_of_a_certificate_is_signed_as_it_is_seen() -> None:
    bad = "A\u202eb\u200d\u00ad\u200e"
    claims = replace(
        sample_claims(to_catalogue(demonstration().body)),
        name=bad,
        vaccine=bad,
        lot=bad,
        vaccinator=bad,
        facility=bad,
        issuer_name=bad,
        address=Address(bad, bad, bad, bad, bad, bad),
        facility_address=Address(district=bad),
        codes={"cvx": bad},
    )
    signed = as_signed(claims)
    assert signed.name == signed.lot == signed.vaccinator == signed.codes["cvx"] == "Ab"
    assert signed.address == Address(*["Ab"] * 6)
    assert not set(repr(signed)) & set(TURNS + UNSEEN)
    assert as_signed(signed) == signed
