"""Tables as people have them: every dialect of text, Excel's workbooks, and how people write."""

from __future__ import annotations

import contextlib
import io
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from shares import share

from edge.campaign.cells import DayError, read_day
from edge.campaign.divoc_csv import read_certificates, read_enrolments
from edge.campaign.files import workbook as workbooks
from edge.campaign.files.table_file import TableFile
from edge.campaign.mistakes import Mistake
from edge.campaign.phones import phone_of
from edge.campaign.stock_csv import DeliveryLine, read_stock
from edge.campaign.tables import RowError, ValidRow, read_table
from edge.domain.errors import BadInput
from sync.resources import resource


def moment(*parts: int) -> datetime:
    """A moment as a workbook holds it: without a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


DEMO = resource("config/demo/data")
TODAY = date(2026, 11, 24)
HEADER = "vaccine,lot,expiry,quantity\n"


def stock(content: bytes, encoding: str = "") -> list[ValidRow[DeliveryLine] | Mistake]:
    return list(read_stock(TableFile.of("stock.csv", content, encoding)))


def lots(found: list[ValidRow[DeliveryLine] | Mistake]) -> list[tuple[int, str, str, date, int]]:
    assert not [str(one) for one in found if isinstance(one, Mistake)]
    return [
        (one.row, lot.vaccine, lot.lot, lot.expiry, lot.quantity)
        for one in found
        if isinstance(one, ValidRow) and (lot := one.value.lot)
    ]


def mistakes(found: list[ValidRow[DeliveryLine] | Mistake]) -> list[Mistake]:
    return [one for one in found if isinstance(one, Mistake)]


PLAIN = HEADER + "bcg,B1,2027-06-30,20\n\nMéasles,Ü2,2028-01-31,10\n"
WANTED = [(2, "bcg", "B1", date(2027, 6, 30), 20), (4, "Méasles", "Ü2", date(2028, 1, 31), 10)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_reads_the_same_in_every_dialect(delimiter: str, end: str, encoding: str) -> None:
    text = PLAIN.replace(",", delimiter).replace("\n", end)
    assert lots(stock(text.encode(encoding))) == WANTED


def test_a_first_line_may_say_the_delimiter() -> None:
    text = "sep=;\n" + PLAIN.replace(",", ";")
    assert lots(stock(text.encode())) == [(row + 1, *rest) for row, *rest in WANTED]


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "mac_roman"])
def test_text_in_another_encoding_is_named_and_read_when_it_is_said(encoding: str) -> None:
    written = PLAIN.encode(encoding)
    *before, broken = stock(written)
    assert [one.row for one in before if isinstance(one, ValidRow)] == [2]
    assert isinstance(broken, Mistake)
    assert (broken.line, broken.final) == (4, True)
    assert "perhaps cp1252" in str(broken)
    assert lots(stock(written, encoding)) == WANTED


def test_utf8_is_not_read_as_something_else_when_somebody_says_so() -> None:
    with pytest.raises(BadInput, match="is UTF-8: read as cp1252"):
        stock(PLAIN.encode(), "cp1252")


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "utf-7", "\0", ""])
def test_an_encoding_that_is_none_is_refused_with_those_there_are(name: str) -> None:
    if not name:
        assert lots(stock(PLAIN.encode(), name)) == WANTED
        return
    with pytest.raises(BadInput, match="is not known") as refused:
        stock(HEADER.encode() + b"x\xff,1,1,1\n", name)
    assert "cp1252" in str(refused.value.values["known"])


def test_a_row_is_named_by_the_line_in_which_it_begins_also_behind_a_broken_cell() -> None:
    text = HEADER + '"b\nc\ng",L1,2027-06-30,5\nbcg,L2,soon,5\n'
    first, second = stock(text.encode())
    assert isinstance(first, ValidRow)
    assert (first.row, first.value.lot.vaccine) == (2, "b\nc\ng")
    assert isinstance(second, Mistake)
    assert (second.line, second.column) == (5, "expiry")


def test_empty_cells_behind_the_last_column_do_no_harm() -> None:
    text = "Vaccine,LOT,expiry,quantity,,\nbcg,B1,2027-06-30,20,,\nbcg,B2,2027-06-30,20,x,\n"
    first, second = stock(text.encode())
    assert isinstance(first, ValidRow)
    assert isinstance(second, Mistake)
    assert second.code == "csv.cells"


BROKEN: dict[str, bytes] = {
    "a quotation mark that is never closed": b'bcg,"L,2027-01-01,5\nbcg,L9,2027-01-01,5\n',
    "a quotation mark in the middle": b'bcg,"L"x,2027-01-01,5\nbcg,L9,2027-01-01,5\n',
    "letters of another encoding": b"bcg,L\xe9,2027-01-01,5\nbcg,L9,2027-01-01,5\n",
    "a line without an end": b"bcg," + b"L" * 2_000_000,
    "half a letter at the end": b"bcg,L\xc3",
}


@pytest.mark.parametrize("rest", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("before", [1, 451, 4000])
def test_a_file_that_breaks_says_where_and_loses_nothing_before(before: int, rest: bytes) -> None:
    rows = [
        f"bcg,L{number},{'soon' if number % 3 else '2027-01-01'},5\n" for number in range(before)
    ]
    found = stock((HEADER + "".join(rows)).encode() + rest)
    assert len(found) == before + 1
    last = found[-1]
    assert isinstance(last, Mistake)
    assert (last.line, last.final) == (before + 2, True)
    assert last.hint
    assert [one.line for one in mistakes(found[:-1])] == [
        number + 2 for number in range(before) if number % 3
    ]


def workbook(rows: list[list[object]], other: list[list[object]] | None = None) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    if other is not None:
        for row in other:
            sheet.append(row)
        sheet = book.create_sheet("delivery")
    for row in rows:
        sheet.append(row)
    book.save(stream)
    return stream.getvalue()


COLUMNS: list[object] = ["vaccine", "lot", "expiry", "quantity"]


def test_a_workbook_is_read_with_its_days_and_numbers_whichever_sheet_the_table_is_on() -> None:
    rows: list[list[object]] = [
        COLUMNS,
        ["bcg", 4711, moment(2027, 6, 30), 20],
        [],
        ["bcg", "B2", date(2028, 1, 31), 10.0],
        ["bcg", "B3", 46568, "5"],
        ["bcg", "B4", moment(2028, 1, 31, 12, 30), 1],
    ]
    wanted = [
        (2, "bcg", "4711", date(2027, 6, 30), 20),
        (4, "bcg", "B2", date(2028, 1, 31), 10),
        (5, "bcg", "B3", date(2027, 6, 30), 5),
        (6, "bcg", "B4", date(2028, 1, 31), 1),
    ]
    assert lots(stock(workbook(rows))) == wanted
    assert lots(stock(workbook(rows, [["Ministry of Health"], ["read me"]]))) == wanted


def test_a_workbook_that_counts_from_1904_gives_the_same_days() -> None:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    sheet.append(["bcg", "B1", moment(2027, 6, 30), 20])
    book.save(stream)
    assert lots(stock(stream.getvalue())) == [(2, "bcg", "B1", date(2027, 6, 30), 20)]


def test_a_stray_cell_in_the_last_row_and_column_does_no_harm() -> None:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    sheet.append(["bcg", "B1", moment(2027, 6, 30), 20])
    sheet["XFD70000"] = " "
    book.save(stream)
    assert lots(stock(stream.getvalue())) == [(2, "bcg", "B1", date(2027, 6, 30), 20)]


def test_of_a_workbook_so_many_cells_are_read_and_what_stands_before_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "_MOST_CELLS", 40)
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    for number in range(20):
        sheet.append(["bcg", f"B{number}", moment(2027, 6, 30), 20])
    book.save(stream)
    *rows, last = stock(stream.getvalue())
    assert [row.row for row in rows if isinstance(row, ValidRow)] == list(range(2, 11))
    assert isinstance(last, Mistake)
    assert (last.line, last.sentence) == (11, "The workbook is too large.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and nothing behind it", "The workbook cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "an old Excel file, or one with a password"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_refused_with_a_remedy(
    content: bytes, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence) as refused:
        stock(content)
    assert "save it again as .xlsx" in refused.value.hint


@pytest.mark.parametrize("cell", ["2.54701E+11", "1,5E+15", "1E+06"])
def test_a_number_that_a_spreadsheet_has_shortened_is_refused(cell: str) -> None:
    (found,) = stock((HEADER.replace(",", ";") + f"bcg;{cell};2027-01-01;5\n").encode())
    assert isinstance(found, Mistake)
    assert (found.code, found.column) == ("csv.shortened", "lot")


def test_a_number_too_long_for_a_workbook_is_refused() -> None:
    (found,) = stock(workbook([COLUMNS, ["bcg", 1234567890123456, "2027-01-01", 5]]))
    assert isinstance(found, Mistake)
    assert (found.code, found.column) == ("csv.shortened", "lot")


DAY = date(2026, 11, 24)


@pytest.mark.parametrize("text", [
    "2026-11-24", "2026/11/24", "2026.11.24", "20261124", "24-Nov-2026", "24 November 2026",
    "24. nov. 2026", "Nov 24, 2026", "November 24 2026", "24/11/2026", "11/24/2026", "24.11.2026",
    "46350", "46350.75", "2026-11-24T00:00:00", "2026-11-24 00:00:00", "٢٠٢٦-١١-٢٤", "२०२६-११-२४",
    "２０２６／１１／２４", "2026‑11‑24", "\u200e2026-11-24\u200f", "24 novembre 2026",
    "24 noviembre 2026", "24 نوفمبر 2026", "2026-11-4".replace("-4", "-24"),
])  # fmt: skip
def test_a_day_is_read_as_people_and_spreadsheets_write_it(text: str) -> None:
    assert read_day(text) == DAY


@pytest.mark.parametrize(("text", "code"), [
    ("31-Dec-26", "csv.two-digit-year"), ("31/12/26", "csv.two-digit-year"),
    ("26-11-24", "csv.two-digit-year"), ("Dec 31, 26", "csv.two-digit-year"),
    ("1.1.26", "csv.two-digit-year"), ("٣١/١٢/٢٦", "csv.two-digit-year"),
    ("05/11/2026", "csv.ambiguous-date"), ("1-2-2026", "csv.ambiguous-date"),
    ("2569-11-24", "csv.year"), ("1405-09-03", "csv.year"), ("0026-12-31", "csv.year"),
    ("2026", "csv.date"), ("2026-11", "csv.date"), ("2026-02-30", "csv.date"), ("soon", "csv.date"),
    ("24 Nob 2026", "csv.date"), ("2026-W48-2", "csv.date"), ("44/44/2026", "csv.date"),
    ("2026-11-24T99:00:00Z", "csv.date"), ("", "csv.date"), ("123456", "csv.date"),
])  # fmt: skip
def test_a_day_that_can_be_misread_is_refused_and_never_guessed(text: str, code: str) -> None:
    with pytest.raises(DayError) as refused:
        read_day(text, ZoneInfo("Asia/Kolkata"))
    assert refused.value.code == code
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-11-23T23:30:00Z", "Asia/Kolkata", DAY),
        ("2026-11-24T00:30:00+05:30", "Asia/Kolkata", DAY),
        ("2026-11-24T00:30:00+0530", "UTC", date(2026, 11, 23)),
        ("2026-11-25t03:00:00.000z", "America/New_York", DAY),
        ("2026-11-24T23:30:00", "Asia/Kolkata", DAY),
        ("2026-11-24", "Pacific/Auckland", DAY),
    ],
)
def test_a_moment_with_a_zone_is_of_the_sites_own_day(text: str, zone: str, day: date) -> None:
    assert read_day(text, ZoneInfo(zone)) == day


def test_the_day_of_a_certificate_is_the_sites(tmp_path: Path) -> None:
    text = (DEMO / "certificates.csv").read_text().replace("T10:00:00Z", "T23:30:00Z")
    file = TableFile.of("c.csv", text.encode())
    zone = ZoneInfo("Asia/Kolkata")
    days = [
        one.value.on
        for one in read_certificates(file, TODAY, zone=zone)
        if isinstance(one, ValidRow)
    ]
    assert days[0] == date(2026, 9, 21)


@pytest.mark.parametrize(("text", "region", "number"), [
    ("0712 345678", "KE", "+254712345678"), ("+254 (0)712-345-678", "KE", "+254712345678"),
    ("00254712345678", "", "+254712345678"), ("tel: 0712.345.678", "KE", "+254712345678"),
    ("712345678", "KE", "+254712345678"), ("٠٧١٢٣٤٥٦٧٨", "KE", "+254712345678"),
    ("+91 98765 43210", "KE", "+919876543210"), ("555010000", "", "555010000"),
    ("555 01-00", "IN", "5550100"), ("n/a", "KE", ""), ("-", "", ""), ("", "KE", ""),
    ("\u202a+254712345678\u202c", "", "+254712345678"),
])  # fmt: skip
def test_a_phone_number_is_read_as_people_write_it(text: str, region: str, number: str) -> None:
    assert phone_of(text, region, "phone") == number


@pytest.mark.parametrize(
    "text", ["0712345678 / 0711222333", "0712345678; 0711222333", "call me", "12"]
)
def test_a_phone_number_that_is_none_or_two_is_refused(text: str) -> None:
    with pytest.raises(RowError) as refused:
        phone_of(text, "KE", "phone")
    assert refused.value.hint


@pytest.mark.parametrize("cell", ["1,000", "1.000", "5²", "1e3", "-5", "0", "100001", "five"])
def test_a_number_that_can_be_misread_is_refused(cell: str) -> None:
    (found,) = stock((HEADER.replace(",", ";") + f"bcg;L1;2027-01-01;{cell}\n").encode())
    assert isinstance(found, Mistake)
    assert (found.column, found.code) == ("quantity", "csv.number")


@pytest.mark.parametrize("cell", ["100", "100.0", "١٠٠", "१००", "１００"])
def test_a_number_is_read_in_digits_of_every_script(cell: str) -> None:
    assert lots(stock((HEADER + f"bcg,L1,2027-01-01,{cell}\n").encode()))[0][-1] == 100


def _any_workbook(data: st.DataObject) -> bytes:
    cell = st.one_of(
        st.none(), st.text(max_size=8), st.integers(), st.floats(), st.booleans(),
        st.datetimes(min_value=moment(1900, 3, 1)), st.dates(min_value=date(1900, 3, 1)),
    )  # fmt: skip
    rows = data.draw(st.lists(st.lists(cell, max_size=5), max_size=6))
    with contextlib.suppress(Exception):
        return workbook([COLUMNS, *rows])
    return workbook([COLUMNS])  # openpyxl writes no control characters


def _spoiled(content: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(content)))
    return content[:place] + data.draw(st.binary(max_size=20)) + content[place + 3 :]


@pytest.mark.slow
@settings(max_examples=share(300), suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), encoding=st.sampled_from(["", "cp1252", "utf-16", "gb18030", "cp874"]))
def test_whatever_a_table_holds_its_rows_come_out_or_are_named(
    data: st.DataObject, encoding: str
) -> None:
    """Text of any kind, text with a spoiled place, workbooks, spoiled workbooks."""
    text = data.draw(st.text(max_size=200))
    kinds: list[Callable[[], bytes]] = [
        lambda: data.draw(st.binary(max_size=300)),
        lambda: (HEADER + text).encode("utf-8", "surrogatepass"),
        lambda: (HEADER + text).encode("utf-16", "surrogatepass"),
        lambda: _spoiled((PLAIN + text).encode("utf-8", "surrogatepass"), data),
        lambda: _any_workbook(data),
        lambda: _spoiled(_any_workbook(data), data),
    ]
    content = data.draw(st.sampled_from(kinds))()
    found: list[ValidRow[DeliveryLine] | Mistake] = []
    refusals: list[BadInput] = []
    try:
        found = stock(content, encoding)
    except BadInput as refused:
        refusals.append(refused)
    assert all(refused.hint or refused.code == "csv.empty" for refused in refusals)
    lines = [one.row if isinstance(one, ValidRow) else one.line for one in found]
    assert lines == sorted(lines)
    assert [one for one in mistakes(found) if one.final] == [
        one for one in found[-1:] if isinstance(one, Mistake) and one.final
    ]
    for one in mistakes(found):
        assert str(one)


@pytest.mark.slow
@settings(max_examples=share(200))
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
            min_size=3,
            max_size=3,
        ),
        max_size=8,
    ),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_spreadsheet_writes_is_what_is_read(
    rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    import csv

    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["a", "b", "c"], *rows])
    file = TableFile.of("t.csv", text.getvalue().encode(encoding))
    found = list(read_table(file, [["a", "b", "c"]], lambda row: [row["a"], row["b"], row["c"]]))
    told = [[unicodedata.normalize("NFC", cell.strip()) for cell in row] for row in rows]
    wanted = [row for row in told if any(row)]
    sound = [one.value for one in found if isinstance(one, ValidRow)]
    assert sound == [row for row in wanted if row in sound]
    assert all(one.code == "csv.shortened" for one in found if isinstance(one, Mistake))
    assert len(found) == len(wanted)


def test_an_enrolment_is_read_from_a_workbook_with_numbers_for_phones() -> None:
    head = (DEMO / "enrolments.csv").read_text().splitlines()[0].split(",")
    row: dict[str, object] = {
        "phone": 712345678, "dob": moment(1990, 5, 1), "gender": "female", "name": "Asha Devi",
        "doseNumber": 1.0, "enrollmentScopeId": "DEMO01",
    }  # fmt: skip
    content = workbook([list(head), [row.get(name) for name in head]])
    (found,) = read_enrolments(TableFile.of("people.xlsx", content), TODAY, "KE")
    assert isinstance(found, ValidRow)
    person = found.value.person
    assert (person.phone, person.birth_date) == ("+254712345678", date(1990, 5, 1))


def test_a_stick_that_is_pulled_out_in_the_middle_loses_nothing_before() -> None:
    class Pulled(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise OSError
            return super().read(size)

    text = HEADER + "".join(f"bcg,L{number},2027-01-01,5\n" for number in range(20_000))
    found = list(read_stock(TableFile("s.csv", lambda: Pulled(text.encode()))))
    *before, last = found
    assert isinstance(last, Mistake)
    assert (last.code, last.final) == ("csv.cut", True)
    assert len(before) > 1000
    assert last.line == len(before) + 2
