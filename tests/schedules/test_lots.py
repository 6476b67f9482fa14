"""A lot is one thing however it is typed or scanned, and has one expiry."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.errors import BadInput
from edge.domain.gs1 import gs1_day, read_gs1
from edge.domain.lots import (
    LONGEST_LOT,
    LotLabel,
    agreed_expiry,
    expiry_day,
    lot_key,
    lot_number,
    read_label,
)

TODAY = date(2026, 11, 29)
GTIN = "09506000134352"
GS = "\x1d"


@pytest.mark.parametrize(
    "typed",
    [
        "CP2503Z", "cp2503z", " cP2503z ", "CP 2503 Z", "CP\u00a02503Z", "CP\u20092503\u3000Z",
        "\uff23\uff30\uff12\uff15\uff10\uff13\uff3a", "cp\u0662\u0665\u0660\u0663z", "CP\u202f2503Z",
    ],
)  # fmt: skip
def test_a_lot_is_the_same_in_capitals_or_not_with_blanks_or_not_in_any_digits(typed: str) -> None:
    assert lot_number(typed) == "CP2503Z"
    assert read_label(typed, TODAY) == LotLabel("CP2503Z")


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d"])
def test_every_dash_is_one(dash: str) -> None:
    assert lot_number(f"ab{dash}1") == "AB-1"


@pytest.mark.parametrize(
    "typed",
    [
        "CP\u200b2503Z", "\u202eCP2503Z", "CP\x002503Z", "CP\t2503Z", "CP\u00ad2503Z",
        "\ufeffCP2503Z", "CP\u20662503Z\u2069", "CP2503Z\u200d", "CP\x1d2503Z",
    ],
)  # fmt: skip
def test_what_nobody_sees_in_a_lot_is_refused_and_changes_no_lot_on_record(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        lot_number(typed)
    assert (refused.value.code, refused.value.field) == ("lot.forbidden-character", "lot")
    assert lot_key(typed) == "CP2503Z"


@pytest.mark.parametrize("typed", ["", "  ", "\u00a0", "X" * (LONGEST_LOT + 1)])
def test_a_lot_of_nothing_or_of_too_much_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        lot_number(typed)


@given(st.text(max_size=30))
def test_the_one_form_of_a_lot_has_one_form_itself(text: str) -> None:
    key = lot_key(text)
    assert lot_key(key) == key == lot_key(f" {text}\u00a0")
    plain = text.encode("ascii", "ignore").decode()
    assert lot_key(plain.lower()) == lot_key(plain.upper()) == lot_key(" ".join(plain))


@given(st.text(max_size=30))
def test_whatever_is_typed_for_a_lot_is_read_or_refused_in_words(text: str) -> None:
    refused, label = None, None
    try:
        label = read_label(text, TODAY)
    except BadInput as error:
        refused = error
    assert (label is None) is bool(refused and refused.code.startswith("lot.") and refused.hint)
    assert label is None or label.lot == lot_key(label.lot) != ""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03", date(2027, 3, 31)),
        ("2027-02", date(2027, 2, 28)),
        ("2028-02", date(2028, 2, 29)),
        ("02/2028", date(2028, 2, 29)),
        ("2.2028", date(2028, 2, 29)),
        ("2027-12-00", date(2027, 12, 31)),
        ("2027/4/0", date(2027, 4, 30)),
        ("2027-03-31", date(2027, 3, 31)),
        (" \u0662\u0660\u0662\u0667-\u0660\u0663 ", date(2027, 3, 31)),
    ],
)
def test_a_month_alone_and_a_day_of_nothing_mean_the_months_last_day(text: str, day: date) -> None:
    assert expiry_day(text) == day


@pytest.mark.parametrize("text", ["", "27-03", "2027", "2027-13", "2027-02-30", "soon", "31/12/27"])
def test_what_is_no_expiry_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        expiry_day(text)
    assert refused.value.field == "expiry"


@given(st.dates(date(1980, 1, 1), date(2076, 11, 30)))
def test_gs1s_date_of_six_digits_is_the_day_it_was_made_of(day: date) -> None:
    near = TODAY.replace(year=day.year) if abs(day.year - TODAY.year) > 49 else TODAY
    assert gs1_day(f"{day:%y%m%d}", near) == day
    last = calendar.monthrange(day.year, day.month)[1]
    assert gs1_day(f"{day:%y%m}00", near) == day.replace(day=last)


@pytest.mark.parametrize(
    "text", ["271300", "270231", "2703", "27030a", "", "\u0662\u0667\u0660\u0663\u0660\u0660"]
)
def test_what_is_no_date_of_gs1_is_none(text: str) -> None:
    assert gs1_day(text, TODAY) is None


@pytest.mark.parametrize(
    "code",
    [
        f"]d201{GTIN}1727030010cp2503z",
        f"01{GTIN}1727030010CP2503Z",
        f"01{GTIN}10CP2503Z{GS}17270300",
        f"]C101{GTIN}10CP2503Z{GS}17270300{GS}21SERIAL",
        f"{GS}01{GTIN}21SERIAL17{GS}1727030010CP2503Z",
        f"(01){GTIN}(17)270300(10)CP2503Z",
        f"(01) {GTIN} (10) cp 2503z (17) 270331",
        f"01{GTIN}10CP2503Z<GS>17270331",
        f"]d210CP2503Z{GS}17270331",
        f"01{GTIN}3103000123{GS}10CP2503Z{GS}17270300",
    ],
)
def test_a_scanned_package_tells_its_lot_and_expiry_in_any_order(code: str) -> None:
    assert read_label(code, TODAY) == LotLabel("CP2503Z", date(2027, 3, 31))


def test_a_code_that_lost_its_separators_is_not_taken_for_a_long_lot() -> None:
    with pytest.raises(BadInput) as refused:
        read_label(f"01{GTIN}10CP2503Z17270300", TODAY)
    assert refused.value.code == "lot.scan-unclear"


@pytest.mark.parametrize(
    "text", ["0112345", "01" + "1" * 14 + "10A", f"01{GTIN}", "(10)", "10A17270300", "]d2"]
)
def test_what_only_looks_like_a_code_is_not_one(text: str) -> None:
    assert read_gs1(text, TODAY) is None


def test_a_lot_has_one_expiry_whoever_tells_it() -> None:
    day, other = TODAY, TODAY + timedelta(days=1)
    assert agreed_expiry("A", None, None, None) is None
    assert agreed_expiry("A", day, None, day) == agreed_expiry("A", None, day) == day
    for known, *told in ((day, other), (day, None, other), (None, day, other)):
        with pytest.raises(BadInput) as refused:
            agreed_expiry("A", known, *told)
        assert refused.value.code == "lot.expiry-differs"
