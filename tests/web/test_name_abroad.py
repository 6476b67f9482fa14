"""A certificate that travels is not signed under a maimed name without a word to the vaccinator."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from forms import give, newcomer
from site_factory import demonstration

from edge.campaign.catalogue import to_catalogue
from edge.domain.people import Person
from edge.node import Node
from edge.services.certificates.travel_names import name_abroad
from edge.services.printing.paper_fit import sample_claims

SignedIn = Callable[[str], FlaskClient]


def person(name: str, passport: str = "", nationality: str = "") -> Person:
    return Person(id="1", code="C", name=name, gender="Female", passport_name=passport,
                  nationality=nationality)  # fmt: skip


@pytest.mark.parametrize("name", ["فاطمة الزهراء", "שרה לוי", "अनन्या शर्मा", "王小明", "ሰላም ታደሰ"])
def test_a_name_that_loses_sounds_is_told_with_what_would_be_signed(name: str) -> None:
    told = name_abroad(person(name), ["divoc", "dcc-1.3"], "XD")
    assert told is not None
    assert told.field == "passportName"
    assert str(told.values["latin"]).replace(" ", "").isascii()
    assert name_abroad(person(name), ["icvp-2026"], "XD") is not None
    assert name_abroad(person(name), ["divoc", "shc"], "XD") is None
    assert name_abroad(person(name, passport="Alzahra, Fatima"), ["dcc-1.3"], "XD") is None


@pytest.mark.parametrize("name", ["Grace Wanjiru", "Nguyễn Thị", "Юлия Щеглова", "Γιώργος"])
def test_of_a_name_that_keeps_its_sounds_nothing_is_said(name: str) -> None:
    assert name_abroad(person(name), ["dcc-1.3", "icvp-2025"], "XD") is None


@pytest.mark.slow
def test_the_vaccinator_is_told_before_the_dose_and_after_it_with_where_to_put_it_right(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    path = newcomer(browser, "فاطمة الزهراء")
    before = browser.get(path).text
    for page in (before, browser.get(give(browser, path)).text):
        assert "written FAXTTMXAH ALZHRAXE in Latin letters" in page
        assert "Ask for the passport" in page
        in_line = f'</bdi> <a href="{path}/correct">Correct this person</a></span>'
        assert in_line in page  # beside the text it takes a third of a telephone's line
    plain = browser.get(give(browser, newcomer(browser, "Ravi Fresh"))).text
    assert "in Latin letters" not in plain


def test_nothing_unseen_reaches_a_signature_whatever_way_it_came(vouched: Node) -> None:
    claims = replace(
        sample_claims(to_catalogue(demonstration().body)),
        name="Anna\u202e \u200fSmith\u200d",
        facility="Clinic\u2066 \u00ad1",
        issued_at=vouched.clock.now(),
        given_at=vouched.clock.now(),
    )
    issued = vouched.certifier.certify(claims, ["divoc"])
    signed = json.loads(issued["divoc"])
    assert signed["credentialSubject"]["name"] == "Anna Smith"
    assert signed["evidence"][0]["facility"]["name"] == "Clinic 1"
