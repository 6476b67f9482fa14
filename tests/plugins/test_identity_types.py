"""Each identity type takes good numbers in every spelling, and names what is wrong with others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from identity_contract import IdentityContract

from edge.domain.errors import BadInput
from edge.domain.identities import READ_BY
from edge.peers.card_issuer import CardHolder, card_zone, passport_zone
from edge.plugins.identity.contract import IdentityType, ShownCard, TypedNumber
from edge.plugins.identity.table import IDENTITY_TYPES

ANNA = CardHolder("Eriksson", "Anna Maria", date(1974, 8, 12), "F", "L898902C3")
UNTIL = date(2032, 4, 15)
TODAY = date(2026, 11, 30)
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""ICAO's own specimen (Doc 9303 part 4, appendix B), as are the next two."""
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
)
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"

GOOD: dict[str, tuple[str, str]] = {
    "ar.dni": ("20.123.456", "20123456"),
    "br.cpf": ("390.533.447-05", "39053344705"),
    "cl.rut": ("76086428-5", "760864285"),
    "cn.ric": ("360426199101010071", "360426199101010071"),
    "do.cedula": ("22400022111", "22400022111"),
    "ec.ci": ("171430710-3", "1714307103"),
    "cu.ni": ("910210 27775", "91021027775"),
    "es.dni": ("54362315-K", "54362315K"),
    "fr.nir": ("2 95 10 99 126 111 93", "295109912611193"),
    "gb.nhs": ("943-476-5870", "9434765870"),
    "id.nik": ("317101 170845 0001", "3171011708450001"),
    "il.idnr": ("3933742-3", "039337423"),
    "in.gov.pancard": ("ACUPA7085R", "ACUPA7085R"),
    "in.gov.uidai.aadhaar": ("2341 2341 2346", "234123412346"),
    "it.cf": ("RCCMNL83S18D969H", "RCCMNL83S18D969H"),
    "ke.pin": ("P051365947M", "P051365947M"),
    "kr.rrn": ("971013-9019902", "9710139019902"),
    "mu.nid": ("a010190 1234563", "A0101901234563"),
    "mx.curp": ("BOXW310820HNERXN09", "BOXW310820HNERXN09"),
    "my.nric": ("770305-02-1234", "770305021234"),
    "pe.cui": ("10117410-2", "10117410"),
    "pk.cnic": ("34201-0891231-8", "3420108912318"),
    "th.pin": ("1-2345-45678-78-1", "1234545678781"),
    "tr.tckn": ("17291716060", "17291716060"),
    "za.id": ("750330 5044089", "7503305044089"),
    "luhn": ("7992-7398-713", "79927398713"),
    "verhoeff": ("123451", "123451"),
    "mod-11-10": ("79462-3", "794623"),
    "mod-37-36": ("A1-2425GABC-1234002M", "A12425GABC1234002M"),
    "mod-97-10": ("99991234567890121414 90", "9999123456789012141490"),
    "birth-registration": ("dl / 2026 / 000123", "DL-2026-000123"),
    "pattern": ("ab.123", "AB-123"),
    "own-card": ("7q4w-zk2m 9xde", "7Q4WZK2M9XDE"),
    "phone": ("0555 01 23", ""),
    "claim169": ("3918 5924 38", "3918592438"),
    "aadhaar-qr": ("20190808220135111 2346", "201908082201351112346"),
    "passport": ("l898902c3", "L898902C3"),
    "id-card": ("UTO D23145890", "D23145890"),
}
"""Of each type a number that nobody has, as it is typed and as it is kept (python-stdnum's own)."""


def read(name: str, text: str, country: str = "KE", issued_by: str = "UTO") -> str:
    return IDENTITY_TYPES[name]().read(TypedNumber(text, country, issued_by))


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {"phone"}))
def test_a_good_number_has_one_spelling(name: str) -> None:
    typed, kept = GOOD[name]
    assert read(name, typed) == kept
    assert read(name, kept) == kept


@pytest.mark.parametrize(
    "name",
    [name for name in sorted(GOOD) if "." in name or name in ("luhn", "verhoeff", "mod-11-10",
                                                              "mod-37-36", "mod-97-10")],
)  # fmt: skip
def test_a_number_with_one_wrong_digit_is_refused_or_has_no_check_digit(name: str) -> None:
    kept = GOOD[name][1]
    place = max(index for index, sign in enumerate(kept[:-1]) if sign.isdecimal())
    wrong = kept[:place] + str((int(kept[place]) + 1) % 10) + kept[place + 1 :]
    if name in (
        "ar.dni",
        "cu.ni",
        "id.nik",
        "my.nric",
        "pe.cui",
        "in.gov.pancard",
        "ke.pin",
        "pk.cnic",
    ):
        assert read(name, wrong)
        return
    with pytest.raises(BadInput) as caught:
        read(name, wrong)
    assert caught.value.code in ("identity.check-digit", "identity.part")
    assert wrong not in str(caught.value) + caught.value.hint


def test_the_campaign_knows_each_type_that_is_there_by_its_name() -> None:
    assert IDENTITY_TYPES.keys() == READ_BY
    assert sum(1 for name in READ_BY if "." in name) >= 12


def test_a_telephone_is_one_in_its_national_and_its_international_form() -> None:
    assert read("phone", "0712 123456") == read("phone", "+254 712 123 456") == "254712123456"
    with pytest.raises(BadInput, match="no telephone number"):
        read("phone", "12")


def test_a_foreign_passport_is_named_with_its_state_and_one_without_a_state_is_asked_for_it() -> (
    None
):
    assert read("passport", TD3) == "L898902C3"
    assert read("passport", TD3, issued_by="IND") == "UTO-L898902C3"
    assert read("passport", "uto l898902c3", issued_by="IND") == "UTO-L898902C3"
    with pytest.raises(BadInput, match="which state"):
        read("passport", "L898902C3", issued_by="")


@pytest.mark.parametrize(
    ("name", "zone", "number"),
    [("passport", TD3, "L898902C3"), ("id-card", TD1, "D23145890"), ("id-card", TD2, "D23145890")],
)
def test_the_specimens_of_icao_are_read_also_typed_in_small_letters_and_as_one_line(
    name: str, zone: str, number: str
) -> None:
    for typed in (zone, zone.lower(), zone.replace("\n", ""), zone.replace("<<<", "< < <")):
        card = IDENTITY_TYPES[name]().scan(ShownCard(typed, today=TODAY, issued_by="UTO"))
        assert card is not None
        assert (card.number, card.name) == (number, "Anna Maria Eriksson")
        assert (card.birth, card.gender, card.until) == ("1974-08-12", "Female", date(2012, 4, 15))
        assert card.passport_name == "ERIKSSON, ANNA MARIA"
        assert not card.signed


@pytest.mark.parametrize(
    ("number", "state", "code", "sentence"),
    [
        ("", "UTO", "mrz.number", "hold no number"),
        ("L898902C3", "", "mrz.state", "other signs than letters"),
        ("L898902C3", "UT0", "mrz.state", "other signs than letters"),
    ],
)
@pytest.mark.parametrize("made", [passport_zone, card_zone])
def test_lines_without_a_number_or_a_state_of_letters_name_nobody(
    made: Callable[[CardHolder, str, date], str], number: str, state: str, code: str, sentence: str
) -> None:
    zone = made(replace(ANNA, number=number), state, UNTIL)
    name = "passport" if made is passport_zone else "id-card"
    with pytest.raises(BadInput, match=sentence) as caught:
        read(name, zone)
    assert caught.value.code == code
    with pytest.raises(BadInput, match=sentence):
        IDENTITY_TYPES[name]().scan(ShownCard(zone, today=TODAY, issued_by="UTO"))


@pytest.mark.parametrize(
    ("right", "wrong", "part", "hint"),
    [
        ("L898902C3", "L8989O2C3", "number", "At place 6 of it stands O: with 0 it fits. Compare them."),
        ("7408122F", "74O8122F", "birth", "At place 3 of it stands O: with 0 it fits. Compare them."),
        ("7408122F", "7408I22F", "birth", "At place 5 of it stands I: with 1 it fits. Compare them."),
        ("1204159Z", "1204169Z", "until", "Compare the lines with the paper, sign by sign."),
        ("ZE184226B", "ZE184226C", "optional", "Compare the lines with the paper, sign by sign."),
        ("<10", "<11", "all", "Compare the lines with the paper, sign by sign."),
    ],
)  # fmt: skip
def test_a_check_digit_that_does_not_fit_is_named_with_its_part_and_a_look_alike(
    right: str, wrong: str, part: str, hint: str
) -> None:
    with pytest.raises(BadInput) as caught:
        IDENTITY_TYPES["passport"]().scan(ShownCard(TD3.replace(right, wrong), today=TODAY))
    assert caught.value.code == f"mrz.{part}"
    assert caught.value.hint.format(**caught.value.values) == hint


@pytest.mark.parametrize(
    ("told", "birth"),
    [
        ("1974-08-12", "1974-08-12"), ("1974", "1974"), ("1974-08", "1974"), ("١٩٧٤-٠٨-١٢", "1974-08-12"),
        ("1974-02-30", ""), ("1974/08/12", ""), ("12-08-1974", ""), ("in August 1974", ""), (0, ""), (None, ""),
        ("1974-W33-1", ""), ("1974-08-12\n", ""),
    ],
)  # fmt: skip
def test_a_signed_card_fills_in_a_birth_only_where_it_says_one(told: object, birth: str) -> None:
    claims = {"identity": "391859243812", "birthDate": told, "gender": "4"}
    facts = IDENTITY_TYPES["claim169"]().scan(ShownCard("", "claim169", claims))
    assert facts is not None
    assert (facts.birth, facts.gender) == (birth, "")


def test_a_long_number_of_a_card_goes_on_behind_its_check_digit() -> None:
    long = CardHolder("Eriksson", "Anna", date(2021, 3, 1), "F", "D23145890734")
    card = IDENTITY_TYPES["id-card"]().scan(ShownCard(card_zone(long, "UTO", UNTIL), today=TODAY))
    assert card is not None
    assert (card.number, card.birth) == ("UTO-D23145890734", "2021-03-01")


def test_a_passport_of_the_issuer_in_software_is_read_and_a_certificate_is_no_passport() -> None:
    zone = passport_zone(ANNA, "UTO", UNTIL)
    kind: IdentityType = IDENTITY_TYPES["passport"]()
    card = kind.scan(ShownCard(zone, today=TODAY))
    assert card is not None
    assert (card.number, card.until) == ("UTO-L898902C3", UNTIL)
    assert kind.scan(ShownCard("HC1:" + "A" * 84)) is None
    assert kind.scan(ShownCard("")) is None


@pytest.mark.parametrize("name", sorted(IDENTITY_TYPES))
class TestContract(IdentityContract):
    @pytest.fixture
    def kind(self, name: str) -> IdentityType:
        return IDENTITY_TYPES[name]()

    @pytest.fixture
    def typed(self, name: str) -> str:
        return {"none": "", "phone": "+254712123456"}.get(name) or GOOD.get(name, ("", ""))[0]


def test_a_signed_card_with_digits_of_another_script_is_the_card_with_plain_ones() -> None:
    claims = {"identity": "٣٩١٨ ٥٩٢٤ ٣٨", "name": "Anna", "birthDate": "١٩٧٤-٠٨-١٢"}
    card = IDENTITY_TYPES["claim169"]().scan(ShownCard("", "claim169", claims, TODAY))
    assert card is not None
    assert (card.number, card.birth) == ("3918592438", "1974-08-12")
