"""Signed cards that say what nobody is: nothing of it fills a registration, and nothing fails."""

from __future__ import annotations

import zlib
from datetime import date
from typing import Any

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.credentials import aadhaar_qr, claim169
from edge.credentials.aadhaar_qr import AadhaarCodes
from edge.credentials.claim169 import Identities
from edge.credentials.evidence import ScannedInput
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.credentials.verdict import UnreadableError
from edge.domain.errors import BadInput
from edge.plugins.contract import Health
from edge.plugins.identity.cards import SignedCard
from edge.plugins.identity.contract import CardFacts, ShownCard
from edge.services.card_facts import fit_facts

TODAY = date(2026, 11, 24)
GOOD = {1: "391859243812", 4: "Anna Maria Eriksson", 8: "19740812", 9: 2}
FACTS = CardFacts("391859243812", "Anna Maria Eriksson", "", "1974-08-12", "Female", True)
LONG = "Ng " * 1700
KEY = Ed25519PrivateKey.generate()
TRUST = Trust.of([TrustedKey(spki(KEY.public_key()), ("cards",))])


def mosip(identity: Any, raw: bytes | None = None) -> CardFacts | None:
    """Read a card of MOSIP's as a site does once its signature is good; None for no card."""
    payload = cbor2.dumps({1: "https://id.demoland.example", 169: identity}) if raw is None else raw
    protected = cbor2.dumps({1: -8})
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
    text = base45.b45encode(zlib.compress(message, 9)).decode()
    shown = ScannedInput(text.encode(), text)
    try:
        claims = Identities().examine(shown, TRUST).claims
    except UnreadableError:
        return None
    return fitted(claim169.FORMAT, claims)


def fitted(format_: str, claims: Any) -> CardFacts | None:
    facts = SignedCard(format_).scan(ShownCard("", format_, claims or {}, TODAY))
    return facts and fit_facts(facts, TODAY)


ODD: dict[str, tuple[dict[int, Any], dict[str, str]]] = {
    "as it should be": ({}, {}),
    "born tomorrow": ({8: "20261125"}, {"birth": ""}),
    "born in a year to come": ({8: "2099"}, {"birth": ""}),
    "born before anybody": ({8: "18740812"}, {"birth": ""}),
    "born on no day": ({8: "19740231"}, {"birth": ""}),
    "born in words": ({8: "twelfth of August"}, {"birth": ""}),
    "born as a number": ({8: 19740812}, {}),
    "born below zero": ({8: -19740812}, {"birth": ""}),
    "the year alone": ({8: "1974"}, {"birth": "1974"}),
    "a gender that nobody has": ({9: 77}, {"gender": ""}),
    "a gender in words": ({9: "attack helicopter"}, {"gender": ""}),
    "a gender of another's words": ({9: "male"}, {"gender": "Male"}),
    "no name": ({4: ""}, {"name": ""}),
    "blanks for a name": ({4: " \u00a0 "}, {"name": ""}),
    "five thousand letters": ({4: LONG}, {"name": ""}),
    "a name that nobody can see": ({4: "\u200b\u200b"}, {"name": ""}),
    "a name that turns the line": ({4: "Anna\u202eEva"}, {"name": ""}),
    "a name of two lines": ({4: "Anna\nEva"}, {"name": "Anna Eva"}),
    "a name in pieces": ({4: None, 5: "Anna", 7: "Eriksson"}, {"name": "Anna Eriksson"}),
}


@pytest.mark.parametrize("name", ODD)
def test_what_nobody_is_or_has_stays_empty_and_the_rest_of_the_card_counts(name: str) -> None:
    fields, wanted = ODD[name]
    facts = mosip({key: value for key, value in {**GOOD, **fields}.items() if value is not None})
    assert facts is not None
    for field in ("number", "name", "birth", "gender"):
        assert getattr(facts, field) == wanted.get(field, getattr(FACTS, field)), field


NONE = {
    "a name that is a number": {**GOOD, 4: 12},
    "a name that is a list": {**GOOD, 4: ["Anna"]},
    "a name that is bytes": {**GOOD, 4: b"Anna"},
    "a number that is true": {**GOOD, 1: True},
    "a number that is a fraction": {**GOOD, 1: 1.5},
    "a number of other signs": {**GOOD, 1: "<script>"},
    "a number of five thousand digits": {**GOOD, 1: "9" * 5000},
    "a huge number": {**GOOD, 1: 10**5000},
    "a number behind a tag": {**GOOD, 1: cbor2.CBORTag(2, b"\xff" * 2000)},
    "no number": {key: value for key, value in GOOD.items() if key != 1},
    "a list in the place of fields": [GOOD],
    "a text in the place of fields": "Anna",
    "an unknown tag around it": cbor2.CBORTag(2**63, GOOD),
    "tags within tags": cbor2.CBORTag(0, cbor2.CBORTag(1, cbor2.CBORTag(32, GOOD))),
}


@pytest.mark.parametrize("name", NONE)
def test_a_card_of_another_shape_names_nobody(name: str) -> None:
    try:
        found = mosip(NONE[name])
    except BadInput as error:
        found = None
        assert_said(error)
    assert found is None


def assert_said(error: BadInput) -> None:
    assert (error.field, bool(error.hint)) == ("identity", True)


def test_a_field_that_is_there_twice_makes_it_no_card() -> None:
    once = cbor2.dumps({169: GOOD})
    twice = once.replace(b"\xa4\x01", b"\xa5\x09\x01\x01", 1)
    assert cbor2.loads(twice)[169] == GOOD
    assert mosip(None, once) is not None
    assert mosip(None, twice) is None


AADHAAR = {
    "as it should be": (["V2", "0", "381220190808220135111", "Anna Eriksson", "12-08-1974", "F"],
                        ("Anna Eriksson", "1974-08-12", "Female")),
    "born tomorrow": (["V2", "0", "381220190808220135111", "Anna", "25-11-2026", "F"], ("Anna", "", "Female")),
    "born on no day": (["V2", "0", "381220190808220135111", "Anna", "31-02-1974", "Q"], ("Anna", "", "")),
    "born in another century": (["V2", "0", "381220190808220135111", "Anna", "1774", "T"], ("Anna", "", "Other")),
    "a long name": (["V2", "0", "381220190808220135111", LONG, "1974", "M"], ("", "1974", "Male")),
    "no gender and no birth": (["V2", "0", "381220190808220135111", "Anna", "", ""], ("Anna", "", "")),
    "a name of two lines": (["V2", "0", "381220190808220135111", "Anna\nEva", "1974", "F"], ("Anna Eva", "1974", "Female")),
    "fields that end too soon": (["V2", "0", "381220190808220135111", "Anna"], ("Anna", "", "")),
    "an empty name": (["V2", "0", "381220190808220135111", " ", "1974", "F"], None),
    "another reference": (["V2", "0", "38122019080822013511x", "Anna", "1974", "F"], None),
    "nothing": ([], None),
    "bytes": (["\x00\x01"], None),
}  # fmt: skip


@pytest.mark.parametrize("name", AADHAAR)
def test_an_aadhaar_code_fills_in_what_can_be_and_nothing_else(name: str) -> None:
    fields, wanted = AADHAAR[name]
    signed = b"".join(field.encode() + b"\xff" for field in fields) + b"\x00"
    number = int.from_bytes(zlib_gzip(signed + b"s" * 256), "big")
    claims = (
        AadhaarCodes().examine(ScannedInput(str(number).encode(), str(number)), Trust({})).claims
    )
    facts = fitted(aadhaar_qr.FORMAT, claims)
    assert (facts and (facts.name, facts.birth, facts.gender)) == wanted


def zlib_gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def test_a_package_that_says_more_than_there_is_fills_nothing_with_it() -> None:
    facts = CardFacts("7", "A" * 121, "B\u202eC", "nonsense", "Unicorn")
    assert fit_facts(facts, TODAY) == CardFacts("7")
    assert isinstance(SignedCard("claim169").health(), Health)
