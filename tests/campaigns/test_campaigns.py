"""What a country writes by hand: read, or every mistake named with its file and line."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign import parts as parts_of
from edge.campaign.catalogue import to_catalogue
from edge.campaign.codes import read_codes, with_codes
from edge.campaign.divoc_csv import (
    read_certificates,
    read_enrolments,
    read_facilities,
    read_vaccinators,
)
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.stock_csv import read_stock
from edge.campaign.tables import ValidRow
from edge.domain.errors import BadInput
from edge.domain.schedule.calendar import Period
from edge.domain.slip_template import OFFERS
from sync.resources import resource

SCHEMAS = resource("config/schemas")
DEMO = resource("config/demo")
TODAY = date(2026, 11, 24)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO / "campaign", tmp_path / "campaign"))


def test_the_demonstration_campaign_is_in_order_and_becomes_a_catalogue() -> None:
    catalogue = to_catalogue(read_campaign(DEMO / "campaign", SCHEMAS))
    assert catalogue.vaccines["coviprotect"].total_doses == 2
    (first, *_) = catalogue.programmes["covid-19"].schedule.antigens["covid-19"].series[0].doses
    assert first.ages[0].min == Period(years=12)
    assert not catalogue.facilities["DEMO03"].active
    assert catalogue.staff["S1"].roles == {"supervisor", "vaccinator"}
    assert all(one.pin.startswith("$argon2id$") for one in catalogue.staff.values())
    assert "argon2" not in repr(catalogue.staff["S1"])


def test_fields_that_newer_software_adds_are_carried_and_do_no_harm() -> None:
    body = read_campaign(DEMO / "campaign", SCHEMAS)
    body["cold_chain"] = {"max": 8}
    body["vaccines"][0]["route"] = "intramuscular"
    assert to_catalogue(body).vaccines["coviprotect"].name == "CoviProtect"


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def write(file: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / file).write_bytes(content)


MISTAKES: list[tuple[str, Callable[[Path], object], str]] = [
    ("a missing file", lambda f: (f / "staff.yaml").unlink(), "staff.yaml, line 1: The file is missing."),
    ("an empty file", write("slips.yaml", b"# nothing\n"), "slips.yaml, line 1: The file is empty."),
    ("a file of bytes", write("slips.yaml", b"\xff\xfe\x00"), "slips.yaml, line 1: The file is not UTF-8 text. Save it again as UTF-8."),
    ("a tab", edit("vaccines.yaml", "  name: CoviProtect", "\tname: CoviProtect"), "vaccines.yaml, line 2: There is a tab here. Indent with spaces."),
    ("broken YAML", edit("campaign.yaml", "issuer:", "issuer: ["), "campaign.yaml, line 7: [ is opened here, and no ] closes it."),
    ("a field twice", edit("programmes.yaml", "  min_age: 12", "  name: Again"), "programmes.yaml, line 5: The same field stands here twice."),
    ("a strange file", lambda f: (f / "extra.yaml").write_text("a: 1"), "extra.yaml, line 1: This file is not part of a campaign."),
    ("a misspelt field", edit("vaccines.yaml", "manufacturer:", "manufactorer:"), "vaccines.yaml, line 3, manufactorer: The field manufactorer is not known here. Did you mean manufacturer?"),
    ("a field of nowhere", edit("facilities.yaml", "  name: Riverside Health Centre", "  name: Riverside Health Centre\n  zzz: 1"), "facilities.yaml, line 3, zzz: The field zzz is not known here. Known are: code, name, address, session_days, closed_days, active, kind, run_by, part_of, programmes."),
    ("a session day that is none", edit("facilities.yaml", "  name: Riverside Health Centre", "  name: Riverside Health Centre\n  session_days: [Monday]"), "facilities.yaml, line 3, session_days: session_days is not in the right form. A session day is one of Mon, Tue, Wed, Thu, Fri, Sat, Sun, or a day as year-month-day."),
    ("a session on a day of no calendar", edit("facilities.yaml", "  name: Riverside Health Centre", "  name: Riverside Health Centre\n  session_days: [Mon, \"2026-02-30\"]"), "facilities.yaml, line 3: 2026-02-30 is no day of the calendar."),
    ("a closed day of no calendar", edit("facilities.yaml", "  name: Riverside Health Centre", "  name: Riverside Health Centre\n  closed_days: [\"2026-02-30\"]"), "facilities.yaml, line 3, closed_days: closed_days must be a date written as year-month-day."),
    ("a missing field", edit("vaccines.yaml", "  manufacturer: Delta Biologicals\n", ""), "vaccines.yaml, line 1: The field manufacturer is missing."),
    ("a number for a text", edit("facilities.yaml", '"100101"', "100101"), "facilities.yaml, line 7, address.pincode: pincode must be text; put it in quotation marks."),
    ("a text for a number", edit("programmes.yaml", "min_age: 12", "min_age: twelve"), "programmes.yaml, line 5, min_age: min_age must be a whole number."),
    ("a negative age", edit("programmes.yaml", "min_age: 12", "min_age: -1"), "programmes.yaml, line 5, min_age: min_age is out of bounds: the least is 0."),
    ("a day that is none", edit("programmes.yaml", "start: 2026-01-01", "start: spring"), "programmes.yaml, line 4, start: start must be a date written as year-month-day."),
    ("a list for a text", edit("programmes.yaml", "name: COVID-19, two doses", "name: [a, b]"), "programmes.yaml, line 2, name: name must be text; put it in quotation marks."),
    ("a text for a list", edit("programmes.yaml", "vaccines: [coviprotect, adenovax]", "vaccines: coviprotect"), "programmes.yaml, line 3, vaccines: vaccines must be a list, each item on a line of its own with a dash before it."),
    ("an empty list", edit("programmes.yaml", "vaccines: [coviprotect, adenovax]", "vaccines: []"), "programmes.yaml, line 3, vaccines: vaccines is empty."),
    ("an empty name", edit("facilities.yaml", "name: Riverside Health Centre", 'name: ""'), "facilities.yaml, line 2, name: name is empty."),
    ("an unknown role", edit("staff.yaml", "roles: [registrar]", "roles: [janitor]"), "staff.yaml, line 5, roles: janitor must be one of: registrar, vaccinator, supervisor, clinician, technician."),
    ("a plain PIN", edit("staff.yaml", '"$argon2id$', '"2468'), "staff.yaml, line 6, pin: A PIN does not belong here. Write what divoc-edge staff pin prints for it."),
    ("a DID that is none", edit("campaign.yaml", "did: did:web:moh.demoland.example", "did: ministry"), "campaign.yaml, line 10, issuer.did: did is not in the right form."),
    ("a web address that is none", edit("campaign.yaml", "  url: https://moh.demoland.example/", "  url: moh.example"), "campaign.yaml, line 9, issuer.url: url is not in the right form. A web address."),
    ("a country in lower case", edit("campaign.yaml", "country: XD", "country: xd"), "campaign.yaml, line 12, issuer.country: country is not in the right form. ISO 3166-1 alpha-2."),
    ("a code with a space", edit("vaccines.yaml", "code: coviprotect", "code: covi protect"), "vaccines.yaml, line 1, code: code is not in the right form."),
    ("a wrong ICD-11 code", edit("vaccines.yaml", "icd11: XM0GQ8", "icd11: U07.1"), "vaccines.yaml, line 4, icd11: icd11 is not in the right form."),
    ("a code used twice", edit("facilities.yaml", "code: DEMO02", "code: DEMO01"), "facilities.yaml, line 8: The code DEMO01 is used twice; first on line 1."),
    ("a vaccine that is not there", edit("programmes.yaml", "[amarilia]", "[amarila]"), "programmes.yaml, line 8: The vaccine amarila is not in vaccines.yaml."),
    ("a facility that is not there", edit("staff.yaml", "facilities: [DEMO01]", "facilities: [DEMO09]"), "staff.yaml, line 4: The facility DEMO09 is not in facilities.yaml."),
    ("a programme that ends before it starts", edit("programmes.yaml", "start: 2026-01-01", "start: 2026-01-01\n  end: 2025-01-01"), "programmes.yaml, line 5: The programme ends before it starts."),
    ("ages turned round", edit("programmes.yaml", "  schedule: measles-rubella", "  active: true\n- id: x\n  name: X\n  vaccines: [duomorb]\n  start: 2026-01-01\n  min_age: 9\n  max_age: 3"), "line 30: The greatest age is below the least."),
    ("intervals turned round", edit("vaccines.yaml", "{min: 28, max: 84}", "{min: 84, max: 28}"), "vaccines.yaml, line 8: The longest interval is shorter than the shortest."),
    ("no active facility", lambda f: (f / "facilities.yaml").write_text("- code: DEMO01\n  name: A\n  active: false\n- code: DEMO02\n  name: B\n  active: false\n"), "facilities.yaml, line 1: No facility of the campaign is active."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "wanted"), [pytest.param(change, text, id=name) for name, change, text in MISTAKES]
)
def test_a_mistake_in_a_campaign_is_named_with_file_line_and_sentence(
    folder: Path, change: Callable[[Path], object], wanted: str
) -> None:
    change(folder)
    with pytest.raises(CampaignErrors) as errors:
        read_campaign(folder, SCHEMAS)
    assert any(wanted in str(one) for one in errors.value.mistakes), list(
        map(str, errors.value.mistakes)
    )


@pytest.mark.slow
def test_a_campaign_that_one_entry_cannot_hold_is_refused_with_its_longest_file(
    folder: Path,
) -> None:
    line = "1 River Road, " * 8
    place = f"{{addressLine1: {line!r}, addressLine2: {line!r}, district: {line!r}}}"
    rows = "".join(f"- {{code: F{number}, name: A, address: {place}}}\n" for number in range(3000))
    with (folder / "facilities.yaml").open("a") as file:
        file.write(rows)
    with pytest.raises(CampaignErrors) as errors:
        read_campaign(folder, SCHEMAS)
    (mistake,) = errors.value.mistakes
    assert (mistake.file, mistake.code) == ("facilities.yaml", "campaign.too-large")
    assert "At most 1020 kB can be sent to a site" in str(mistake)
    assert "divoc-registry campaign region" in mistake.hint


def test_half_a_character_in_a_campaign_is_a_mistake_of_its_file() -> None:
    body = json.loads(json.dumps(read_campaign(DEMO / "campaign", SCHEMAS)))
    body["vaccines"][0]["name"] = "Covi\ud800"
    with pytest.raises(CampaignErrors) as caught:
        read_packed(body, SCHEMAS)
    assert {(one.file, one.code) for one in caught.value.mistakes} == {
        ("vaccines.yaml", "yaml.half-character")
    }


def test_all_mistakes_of_all_files_are_named_at_once(folder: Path) -> None:
    edit("vaccines.yaml", "manufacturer:", "maker:")(folder)
    edit("staff.yaml", "roles: [registrar]", "roles: [janitor]")(folder)
    edit("campaign.yaml", "country: XD", "country: x")(folder)
    with pytest.raises(CampaignErrors) as errors:
        read_campaign(folder, SCHEMAS)
    assert {one.file for one in errors.value.mistakes} == {
        "vaccines.yaml",
        "staff.yaml",
        "campaign.yaml",
    }
    assert len(errors.value.mistakes) == 4


ENROLMENT = "phone,identity,nationality,dob,gender,name,email,addressLine1,addressLine2,district,state,pincode,doseNumber,enrollmentScopeId\n"
STOCK = "vaccine,lot,expiry,quantity\n"
ROWS: list[tuple[str, str, str]] = [
    ("an empty name", "555,did:a:b:1,,1990-01-01,Male,,,,,,,,1,D\n", "line 2, name: name is empty."),
    ("an unknown gender", "555000,did:a:b:1,,1990-01-01,M,A,,,,,,,1,D\n", "line 2, gender: gender must be one of: Male, Female, Other."),
    ("a month of its own", "555000,,,1990-13-01,Male,A,,,,,,,1,D\n", "line 2, dob: dob is not a date. Write it as 2026-11-24 or 24-Nov-2026."),
    ("a birth to come", "555000,,,2199-01-01,Male,A,,,,,,,1,D\n", "line 2, dob: The date of birth is after today, 2026-11-24."),
    ("a phone of letters", "phone?,,,1990-01-01,Male,A,,,,,,,1,D\n", "line 2, phone: The phone number must have 6 to 15 digits."),
    ("an identity of no form", "555000,X1,,1990-01-01,Male,A,,,,,,,1,D\n", "line 2, identity: The identity must have the form did:<type>:<number>."),
    ("a dose of no number", "555000,,,1990-01-01,Male,A,,,,,,,one,D\n", "line 2, doseNumber: doseNumber must be a whole number from 1 to 125."),
    ("no facility", "555000,,,1990-01-01,Male,A,,,,,,,1,\n", "line 2, enrollmentScopeId: enrollmentScopeId is empty."),
    ("too few cells", "555000,,,1990-01-01\n", "line 2: The row has 4 cells, the header 14."),
    ("a control character in a name", '555000,,,1990-01-01,Male,A\x07B,,,,,,,1,D\n', "line 2, name: name holds a control character"),
    ("a cell that never ends", "555000,,,1990-01-01,Male," + "A" * 5000 + ",,,,,,,1,D\n", "line 2, name: The cell is longer than 4096 characters."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "wanted"), [pytest.param(row, text, id=name) for name, row, text in ROWS]
)
def test_a_bad_row_is_named_by_row_and_column_and_the_good_ones_are_kept(
    tmp_path: Path, row: str, wanted: str
) -> None:
    path = tmp_path / "people.csv"
    good = "555123,did:a:b:9,,24-Nov-1990,Female,Good Person,,,,,,,,D\n"
    path.write_text(ENROLMENT + row + "\n" + good)
    rows = list(read_enrolments(path, TODAY))
    mistakes = [one for one in rows if isinstance(one, Mistake)]
    assert [wanted in str(one) for one in mistakes] == [True], list(map(str, mistakes))
    assert [one.value.person.birth_date for one in rows if isinstance(one, ValidRow)] == [
        date(1990, 11, 24)
    ]


FILES: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "The file people.csv is empty."),
    ("other columns", b"a,b,c\n1,2,3\n", "The first row of people.csv must name the columns: missing: phone, identity"),
    ("a column too many", ENROLMENT.replace("phone", "phone,fax").encode(), "not known: fax"),
    ("a column twice", ENROLMENT.replace("phone", "phone,phone").encode(), "twice: phone"),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "The text from here on is not UTF-8."),
    ("a header that never ends", b'phone,"identity', "A quotation mark in the row that begins here is never closed."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "wanted"), [pytest.param(data, text, id=name) for name, data, text in FILES]
)
def test_a_file_that_is_no_such_table_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, wanted: str
) -> None:
    (tmp_path / "people.csv").write_bytes(content)
    with pytest.raises(BadInput) as refused:
        list(read_enrolments(tmp_path / "people.csv", TODAY))
    assert wanted in str(refused.value)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    row = "555123,did:a:b:9,,1990-11-24,Female,Zoë,,,,,,,,D\n"
    (tmp_path / "p.csv").write_bytes(
        b"\xef\xbb\xbf" + (ENROLMENT + row).replace("\n", "\r\n").encode()
    )
    (only,) = read_enrolments(tmp_path / "p.csv", TODAY)
    assert isinstance(only, ValidRow)
    assert only.value.person.name == "Zoë"


def test_divocs_own_tables_are_read_whole(shared_data: Path) -> None:
    tables = shared_data / "divoc/csv"
    people = list(read_enrolments(tables / "enrollments.csv", TODAY))
    facilities = list(read_facilities(tables / "facilities.csv"))
    vaccinators = list(read_vaccinators(tables / "vaccinators.csv"))
    assert [len(people), len(facilities), len(vaccinators)] == [3, 5, 3]
    for rows in (people, facilities, vaccinators):
        assert not [str(one) for one in rows if isinstance(one, Mistake)]
    for template, read in (
        ("facilities", read_facilities),
        ("vaccinators", read_vaccinators),
        ("enrollments", lambda path: read_enrolments(path, TODAY)),
        ("certificates", lambda path: read_certificates(path, TODAY)),
    ):
        assert list(read(tables / f"template-{template}.csv")) == []


def test_divocs_code_lists_fill_in_what_a_vaccine_lacks(shared_data: Path) -> None:
    codes = shared_data / "divoc/codes"
    listed = read_codes(codes / "VACCINE_ICD.json", codes / "ICD.json")
    filled = with_codes({"code": "c", "name": "Covishield (Serum)"}, listed)
    assert filled is not None
    assert (filled["icd11"], filled["prophylaxis"]) == (
        "XM9QW8",
        "COVID-19 vaccine, non-replicating viral vector",
    )
    assert with_codes({"code": "a", "name": "Amarilia"}, listed) is None


def test_the_dates_of_a_demonstration_move_to_today_and_an_age_alone_is_enough(
    tmp_path: Path,
) -> None:
    text = (DEMO / "data/certificates.csv").read_text().splitlines()
    cells = text[1].split(",")
    cells[3], cells[4] = "", "41"
    path = tmp_path / "c.csv"
    path.write_text("\n".join([text[0], ",".join(cells)]))
    (moved,) = read_certificates(path, TODAY, timedelta(days=23))
    assert isinstance(moved, ValidRow)
    assert moved.value.on == date(2026, 10, 13)
    born = moved.value.person.born
    assert (born.first, born.last) == (date(1984, 10, 14), date(1985, 10, 13))


def certified(**changed: str) -> str:
    """The first row of the demonstration's certificates, with other cells."""
    head, first = (DEMO / "data/certificates.csv").read_text().splitlines()[:2]
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    return head + "\n" + ",".join({**cells, **changed}.values()) + "\n"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"recipientDOB": "2026-09-21"}, "csv.before-birth"),
        ({"vaccinationDate": "2027-01-01T09:00:00Z"}, "csv.future"),
        ({"vaccinationDate": "2026"}, "csv.date"),
        ({"recipientDOB": "2026-09-20"}, ""),
    ],
)
def test_a_dose_of_divocs_table_was_given_in_the_life_of_its_person(
    tmp_path: Path, changed: dict[str, str], code: str
) -> None:
    (tmp_path / "c.csv").write_text(certified(**changed))
    (row,) = read_certificates(tmp_path / "c.csv", TODAY)
    assert (row.code if isinstance(row, Mistake) else "") == code


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (
            "x,L1,2030-01-01,0\n",
            "line 2, quantity: quantity must be a whole number from 1 to 100000.",
        ),
        ("x,L1,soon,5\n", "line 2, expiry: expiry is not a date."),
        (
            "x,LLLLLLLLLLLLLLLLLLLLL,2030-01-01,5\n",
            "line 2, lot: lot is longer than 20 characters.",
        ),
        (",L1,2030-01-01,5\n", "line 2, vaccine: vaccine is empty."),
    ],
)
def test_a_bad_row_of_a_delivery_is_named(tmp_path: Path, row: str, wanted: str) -> None:
    (tmp_path / "s.csv").write_text(STOCK + row)
    (mistake,) = read_stock(tmp_path / "s.csv")
    assert wanted in str(mistake)


@pytest.mark.slow
def test_a_long_table_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write(STOCK)
        for number in range(100_000):
            file.write(f"x,L{number},2030-01-01,5\n")
    rows = read_stock(path)
    assert isinstance(next(rows), ValidRow)  # the first is there before the last is read
    assert sum(1 for _ in rows) == 99_999


@pytest.mark.slow
@settings(
    max_examples=share(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(max_size=200), data=st.binary(max_size=100))
def test_whatever_a_file_holds_only_our_own_errors_come_out(
    tmp_path: Path, text: str, data: bytes
) -> None:
    folder = tmp_path / "any"
    folder.mkdir(exist_ok=True)
    for name in ("campaign", "programmes", "vaccines", "facilities", "staff", "slips"):
        (folder / f"{name}.yaml").write_bytes(text.encode("utf-8", "surrogatepass") + data)
    with pytest.raises(CampaignErrors):
        read_campaign(folder, SCHEMAS)
    (folder / "t.csv").write_bytes(STOCK.encode() + data + text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(BadInput):
        list(read_stock(folder / "t.csv"))


CERTIFICATE = (resource("templates/slips") / "certificate.yaml").read_text(encoding="utf-8")
SLIP_MISTAKES: list[tuple[str, str, str, str]] = [
    ("a slip of another name", "invoice", "blocks:\n  - rule: true\n", "slips/invoice.yaml, line 1: There is no slip of this name. The files may be: certificate.yaml,"),
    ("a misspelt block", "sticker", "blocks:\n  - text: x\n  - txet: x\n", "slips/sticker.yaml, line 3, blocks.txet: The field txet is not known here. Did you mean text?"),
    ("two blocks in one", "sticker", "blocks:\n  - text: x\n    rule: true\n", "slips/sticker.yaml, line 2: A block must have exactly one of: text, field,"),
    ("a misspelt name", "sticker", 'blocks:\n  - text: "Lot {lto}"\n', "slips/sticker.yaml, line 2: The slip sticker has no lto here. Did you mean lot?"),
    ("an expression", "sticker", 'blocks:\n  - text: "{lot.upper}"\n', "slips/sticker.yaml, line 2: The slip sticker has no lot.upper here."),
    ("an open brace", "sticker", 'blocks:\n  - text: "{lot"\n', "slips/sticker.yaml, line 2: A brace is not closed, or stands alone. Write a name as in {lot}."),
    ("a person's name on the tally", "tally", 'blocks:\n  - text: "{name}"\n', "slips/tally.yaml, line 2: The slip tally has no name here."),
    ("a name outside its list", "tally", 'blocks:\n  - text: "{count}"\n', "slips/tally.yaml, line 2: The slip tally has no count here."),
    ("an unknown condition", "sticker", "blocks:\n  - rule: true\n    when: lots\n", "slips/sticker.yaml, line 3: The slip sticker has no lots here. Did you mean lot?"),
    ("a field without a value", "sticker", "blocks:\n  - field: Lot\n", "slips/sticker.yaml, line 2: The field value is missing."),
    ("a size beside a rule", "sticker", "blocks:\n  - rule: true\n    size: large\n", "slips/sticker.yaml, line 3: size cannot stand beside rule. Allowed are: when."),
    ("a size of nowhere", "sticker", "blocks:\n  - text: x\n    size: huge\n", "slips/sticker.yaml, line 3, blocks.size: huge must be one of: small, normal, large."),
    ("a certificate without COPY", "certificate", CERTIFICATE.replace("  - mark: copy\n", ""), "slips/certificate.yaml, line 2: A certificate must keep"),
    ("a certificate without REPLACES", "certificate", CERTIFICATE.replace("  - mark: replaces\n", ""), "slips/certificate.yaml, line 2: A certificate must keep"),
    ("a certificate without END", "certificate", CERTIFICATE.replace("  - mark: end\n", ""), "slips/certificate.yaml, line 2: A certificate must keep"),
    ("words after END", "certificate", CERTIFICATE + "  - text: more\n", "slips/certificate.yaml, line 2: A certificate must keep"),
    ("COPY on a condition", "certificate", CERTIFICATE.replace("  - mark: copy\n", "  - { mark: copy, when: footer }\n"), "slips/certificate.yaml, line 6: when cannot stand beside mark."),
    ("a certificate without its codes", "certificate", CERTIFICATE.replace("      - qr: code\n", ""), "slips/certificate.yaml, line 2: A certificate must keep"),
    ("COPY hidden in an empty list", "certificate", CERTIFICATE.replace("  - mark: copy\n", "").replace("      - qr: code\n", "      - qr: code\n      - mark: copy\n"), "slips/certificate.yaml, line 2: A certificate must keep"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [one[1:] for one in SLIP_MISTAKES],
    ids=[one[0] for one in SLIP_MISTAKES],
)
def test_a_mistake_in_a_slip_is_named_with_its_line_and_remedy(
    folder: Path, name: str, content: str, sentence: str
) -> None:
    (folder / "slips").mkdir()
    (folder / f"slips/{name}.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(CampaignErrors) as refused:
        read_campaign(folder, SCHEMAS)
    assert len(refused.value.mistakes) == 1
    assert str(refused.value.mistakes[0]).startswith(sentence)


def test_the_shipped_slips_are_accepted_when_a_campaign_brings_them_itself(folder: Path) -> None:
    shutil.copytree(resource("templates/slips"), folder / "slips")
    assert set(read_campaign(folder, SCHEMAS)["templates"]) == set(OFFERS)


PACKED_AND_FILED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a file is missing": lambda body: body.pop("staff"),
    "a list is text": lambda body: body.update(programmes="none"),
    "a field nobody knows": lambda body: body["vaccines"][0].update(surprise=1),
    "a code leads nowhere": lambda body: body["programmes"][0]["vaccines"].append("unknown"),
    "a code stands twice": lambda body: body["staff"].append(dict(body["staff"][0])),
    "a format lacks its codes": lambda body: body.update(certificates={"formats": ["icvp-2025"]}),
    "a slip nobody prints": lambda body: body.update(templates={"poster": {"blocks": []}}),
    "a slip that is no template": lambda body: body.update(templates={"sticker": {"blocks": 1}}),
    "a schedule that is none": lambda body: body.update(schedules={"odd": {"vaccines": 1}}),
    "nothing is wrong": lambda _: None,
}  # fmt: skip


@pytest.mark.parametrize("name", PACKED_AND_FILED)
def test_a_campaign_says_the_same_as_a_folder_and_as_one_packed_body(
    tmp_path: Path, name: str
) -> None:
    body = json.loads(json.dumps(read_campaign(DEMO / "campaign", SCHEMAS)))
    PACKED_AND_FILED[name](body)
    files = (*parts_of.FILES[1:], *parts_of.OPTIONAL_FILES)
    parts = {f"{part}.yaml": body[part] for part in files if part in body}
    apart = {*files, "schedules", "templates"}
    parts["campaign.yaml"] = {key: value for key, value in body.items() if key not in apart}
    for part, folder in (("schedules", "schedules"), ("templates", "slips")):
        parts |= {f"{folder}/{key}.yaml": value for key, value in body.get(part, {}).items()}
    for path, value in parts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(json.dumps(value))  # JSON is YAML

    def said(read: Callable[[], object]) -> object:
        try:
            return read()
        except CampaignErrors as error:
            return {(one.file, one.code) for one in error.mistakes}

    filed = said(lambda: read_campaign(tmp_path, SCHEMAS))
    assert filed == said(lambda: read_packed(body, SCHEMAS))
    assert isinstance(filed, dict) == (name == "nothing is wrong")


def test_every_file_that_a_campaign_may_have_is_named_with_what_is_in_it() -> None:
    body = {**read_campaign(DEMO / "campaign", SCHEMAS), "questions": [{"code": "fever"}],
            "eligibility": {"rules": [{"code": "age"}]}, "lot_recalls": [{"code": "R-1"}],
            "identities": {"types": [{"type": "none"}]}, "payments": {"payers": [{"code": "fund"}]},
            "sign_in": {"roles": [{"role": "registrar"}]}}  # fmt: skip
    named = parts_of.named_in(body)
    assert named["distribution"] == ["certificate", "due", "overdue"]
    assert set(parts_of.OPTIONAL_FILES) <= set(named)
