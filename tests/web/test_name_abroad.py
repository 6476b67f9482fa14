"""A certificate that travels is not signed under a maimed name without a word to the vaccinator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from forms import give, newcomer
from site_factory import demonstration

from edge.campaign.catalogue import to_catalogue
from edge.domain.people import Person
from edge.node import Node
from edge.services.certificates.travel_names import asks_passport_name, name_abroad
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
        in_line = (
            f'</bdi> <a href="{path}/correct?for=travel">Write the name as in the passport</a>'
        )
        assert in_line in page  # beside the text it takes a third of a telephone's line
    ravi = newcomer(browser, "Ravi Fresh")
    plain = browser.get(ravi).text
    assert "travel" not in plain
    given = give(browser, ravi)
    plain = browser.get(given).text
    assert "in Latin letters" not in plain
    assert f'href="{ravi}/correct?for=travel"' in plain  # one tap, for who says that it is
    asked = browser.get(f"{ravi}/correct?for=travel").text
    assert asked.index('name="passportName"') < asked.index('name="name"')
    assert re.findall(r'name="(\w+)"[^>]*autofocus', asked) == ["passportName"]
    assert 'name="reason" value="It is for travel"' in asked
    shown = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', asked))
    told = {**shown, "gender": "Female", "passportName": "Fresh, Ravindra"}
    assert browser.post(f"{ravi}/correct", data=told).status_code == 303
    assert "for=travel" not in browser.get(given).text


def test_of_a_certificate_that_does_not_travel_no_passport_is_asked() -> None:
    assert asks_passport_name(person("Ravi"), ["divoc", "icvp-2026"])
    assert not asks_passport_name(person("Ravi"), ["divoc", "shc"])
    assert not asks_passport_name(person("Ravi", passport="Fresh, Ravi"), ["dcc-1.3"])


def test_the_api_tells_it_of_a_dose_and_once_more_of_the_same_request(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    who = newcomer(browser, "שרה לוי").rpartition("/")[2]
    path = f"/api/v1/entries/{vouched.site.ids.new()}"
    dose = {"type": "GiveDose", "person": who, "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A"}  # fmt: skip
    given, again = browser.put(path, json=dose).get_json(), browser.get(path).get_json()
    for answer in (given, again):
        (advice,) = answer["advice"]
        assert (advice["code"], advice["field"]) == ("name.abroad", "passportName")


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
