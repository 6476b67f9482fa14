"""Names and other texts: every real letter is taken and comes out again; the invisible is not."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_factory import vouch_for

from edge.campaign.divoc_columns import ENROLMENTS
from edge.campaign.divoc_csv import read_enrolments
from edge.campaign.mistakes import Mistake
from edge.campaign.tables import ValidRow
from edge.credentials import hcert
from edge.domain.errors import BadInput
from edge.domain.names.passports import check_passport_name
from edge.domain.names.texts import check_text, composed, is_visible, tidied
from edge.journal import views
from edge.node import Node
from edge.services.commands import CorrectPerson, GiveDose, Leave, RegisterPerson

FindStaff = Callable[[str], Any]
HARD = (
    'Zoé "Zed" O\'Neil', "Back\\slash", "A & B <b>c</b>", "^XA^FDx^FS~JA", "{{ name }} {% x %}",
    "=1+1", "a;b,c|d", "%s {0}", "Ọláwálé Ṣọlá", "O‘g‘iloy", "ገ/መድህን", "محمّد", "می‌خواهم", "क्‍ष",
    "ශ්‍රී", "王小明", "𠮷野家", "Nguyễn Thị Ánh", "İpek Ğ", "ǂKhomani ǃXóõ", "ߡߎߛߊ", "𞤀𞤣𞤤𞤢𞤥",
)  # fmt: skip
"""Names and what may be in one: quotation marks, and what other languages take for commands."""
UNSEEN = {
    "a control character": ("Ami\x07na", "control character"),
    "a null": ("Ami\x00na", "control character"),
    "delete": ("Ami\x7fna", "control character"),
    "a C1 control": ("Ami\x9bna", "control character"),
    "an embedding": ("Ami\u202ana", "direction"),
    "an override": ("\u202eanimA", "direction"),
    "an isolate": ("Ami\u2067na\u2069", "direction"),
    "a mark": ("Amina\u200f", "direction"),
    "a tag": ("Amina\U000e0041", "control character"),
    "zero widths only": ("\u200b\u200d\u200c", "nobody can see"),
    "a Hangul filler": ("\u3164", "nobody can see"),
    "a Braille blank": ("\u2800\u2800", "nobody can see"),
    "variation selectors only": ("\ufe0f\ufe0f", "nobody can see"),
}


def walk_in(name: str, **fields: Any) -> RegisterPerson:
    asked = {"gender": "Female", "birth_year": 1990, "different_person": True, **fields}
    return RegisterPerson(name=name, **asked)


@pytest.mark.parametrize("name", HARD)
def test_every_real_letter_is_taken_signed_shown_and_found_again(
    node: Node, staff: FindStaff, name: str
) -> None:
    address = {"district": name}
    command = msgspec.convert(
        {**msgspec.to_builtins(walk_in(name)), "address": address}, RegisterPerson
    )
    id_ = node.desk.take(node.site.ids.new(), command, staff("R1")).id
    dose = GiveDose(person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
    taken = node.desk.take(node.site.ids.new(), dose, staff("V1"))
    issued = next(entry for entry in taken.entries if entry.type == "CertificateIssued")
    with node.journal.reading() as db:
        person = views.person(db, id_)
        assert person is not None
        assert (person.name, person.address.district) == (unicodedata.normalize("NFC", name),) * 2
        if any(character.isalnum() for character in name):
            assert id_ in [one.id for one in views.find_people(db, name)]
    for credential in issued.body["credentials"]:
        verdict = node.verify(credential["credential"].encode())
        assert verdict.verdict == "valid", credential["format"]
        if credential["format"] == "divoc":
            assert verdict.claims["name"] == person.name
    json.loads(taken.entries[0].content)


@pytest.mark.parametrize("kind", UNSEEN)
@pytest.mark.parametrize(
    "field", ["name", "phone", "email", "nationality", "district", "passport_name"]
)
def test_what_nobody_can_see_is_refused_in_words_in_every_field(
    node: Node, staff: FindStaff, kind: str, field: str
) -> None:
    text, told = UNSEEN[kind]
    document = {**msgspec.to_builtins(walk_in("Amina")), "type": "RegisterPerson"}
    if field == "district":
        document["address"] = {"district": text}
    else:
        document[{"passport_name": "passportName"}.get(field, field)] = text
    command = msgspec.convert(document, RegisterPerson)
    with pytest.raises(BadInput, match=told) as raised:
        node.desk.take(node.site.ids.new(), command, staff("R1"))
    assert raised.value.field.rpartition(".")[2] in (field, "passportName")
    assert text not in str(raised.value.values)


def test_a_reason_is_looked_at_like_any_text(
    node: Node, staff: FindStaff, person: Callable[[str], str]
) -> None:
    id_ = person("Tendai Moyo")
    for command in (
        Leave(person=id_, reason="Ill\u202e"),
        CorrectPerson(person=id_, name="Tendai", reason="Wrong\x07 name"),
    ):
        with pytest.raises(BadInput, match=r"direction|control"):
            node.desk.take(node.site.ids.new(), command, staff("S1"))


def test_two_ways_to_type_a_letter_are_kept_as_one(node: Node, staff: FindStaff) -> None:
    for name in (
        "Jose\u0301 \u00a0N\u0303un\u0303ez",
        "Józef\u3000Å",
        "한글",
        "\ufeffAmina\u00ad Ali",
    ):
        id_ = node.desk.take(node.site.ids.new(), walk_in(name), staff("R1")).id
        with node.journal.reading() as db:
            person = views.person(db, id_)
        assert person is not None
        assert unicodedata.is_normalized("NFC", person.name)
        assert person.name == " ".join(person.name.split())
        assert "\u00ad" not in person.name


def test_a_name_without_a_letter_is_refused(node: Node, staff: FindStaff) -> None:
    for name in ("", " ", "...", "'", "-", "\u0301"):
        with pytest.raises(BadInput, match="name is empty"):
            node.desk.take(node.site.ids.new(), walk_in(name), staff("R1"))


@given(st.text(max_size=60))
def test_a_composed_text_stays_as_it_is_and_is_composed(text: str) -> None:
    once = composed(text)
    assert composed(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once
    kept = tidied(text, 20)
    assert len(kept) <= 20
    check_text("name", kept, 20)
    assert kept == "" or is_visible(kept)


def enrolment(**cells: str) -> list[str]:
    row = dict.fromkeys(ENROLMENTS, "") | {
        "dob": "1990-01-01", "gender": "Female", "name": "Amina", "doseNumber": "1",
        "enrollmentScopeId": "DEMO01", **cells,
    }  # fmt: skip
    return [row[column] for column in ENROLMENTS]


def test_a_table_is_composed_and_a_row_with_what_nobody_can_see_is_named(tmp_path: Path) -> None:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerows([
        ENROLMENTS, enrolment(name="Jose\u0301 \"Pepe\" N\u0303"), enrolment(name="Ami\u202ena"),
        enrolment(district="a\x07b"), enrolment(name="\u200b\u200b"),
    ])  # fmt: skip
    path = tmp_path / "enrolments.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    found = list(read_enrolments(path, date(2026, 11, 24)))
    assert isinstance(found[0], ValidRow)
    assert found[0].value.person.name == 'José "Pepe" Ñ'
    assert [(one.line, one.column) for one in found[1:] if isinstance(one, Mistake)] == [
        (3, "name"), (4, "district"), (5, "name"),
    ]  # fmt: skip


PASSPORTS = {
    "ERIKSSON, ANNA MARIA": ("ERIKSSON", "ANNA<MARIA"),
    "Müller-Lüdenscheidt, Björn": ("MUELLER<LUEDENSCHEIDT", "BJOERN"),
    "O'Connor, Seán": ("OCONNOR", "SEAN"),
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<": ("ERIKSSON", "ANNA<MARIA"),
    "ARKFREITH": ("ARKFREITH", ""),
    "Đặng, Thị Hoa": ("DANG", "THI<HOA"),
}


@pytest.mark.parametrize("written", PASSPORTS)
def test_the_name_as_in_the_passport_goes_into_certificates_that_travel(
    node: Node, staff: FindStaff, tmp_path: Path, written: str
) -> None:
    vouch_for(node, tmp_path / "nation")
    command = walk_in("فاطمة الزهراء", passport_name=written)
    id_ = node.desk.take(node.site.ids.new(), command, staff("R1")).id
    dose = GiveDose(person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
    taken = node.desk.take(node.site.ids.new(), dose, staff("V1"))
    issued = next(entry for entry in taken.entries if entry.type == "CertificateIssued")
    papers = {one["format"]: one["credential"] for one in issued.body["credentials"]}
    health = hcert.read(hcert.decode(papers["dcc-1.3"])).claims[hcert.HEALTH]
    name = next(iter(health.values()))["nam"]
    family, given_names = PASSPORTS[written]
    assert (name["fnt"], name.get("gnt", "")) == (family, given_names)
    assert name["fn"] == "فاطمة الزهراء"
    with node.journal.reading() as db:
        assert id_ in [one.id for one in views.find_people(db, family.replace("<", " "))]


def test_a_corrected_passport_name_renews_the_paper_and_empty_takes_it_away(
    node: Node, staff: FindStaff, person: Callable[[str], str]
) -> None:
    id_ = person("Tendai Moyo")
    for told, kept in (("MOYO<<TENDAI", "MOYO, TENDAI"), ("", "")):
        command = CorrectPerson(person=id_, passport_name=told, reason="As in the passport")
        node.desk.take(node.site.ids.new(), command, staff("S1"))
        with node.journal.reading() as db:
            found = views.person(db, id_)
        assert found is not None
        assert found.passport_name == kept


@pytest.mark.parametrize(
    ("name", "told"),
    [("فاطمة", "Latin letters"), ("Anna 3", "Latin letters"), ("Иванова", "Latin letters"),
     ("A" * 40, "1 to 39"), ("Anna" * 5 + ", " + "Maria" * 5, "1 to 39"), (", Anna", "1 to 39"), ("-", "1 to 39")],
)  # fmt: skip
def test_a_name_that_no_passport_has_is_refused(name: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        check_passport_name(name)


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_a_plain_text_is_composed_as_one_with_an_idle_sign_in_it(text: str) -> None:
    assert composed(text) == composed(text + "\u00ad")
