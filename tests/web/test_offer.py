"""What the person's page offers: what was asked for, what is due, and nothing beside."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from forms import objections

from edge.node import Node

SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def newcomer(node: Node, signed_in: SignedIn) -> Callable[..., str]:
    """Register somebody who is new; give the path of the page."""

    def register(name: str, born: str, programme: str = "") -> str:
        id_ = node.site.ids.new()
        form = {"id": id_, "name": name, "gender": "Female", "birthDate": born,
                "programme": "measles-rubella", "differentPerson": "yes"}  # fmt: skip
        assert signed_in("R1").post("/register", data=form).status_code == 303
        path = f"/people/{id_}"
        post(node, signed_in("R1"), f"{path}/leave", reason="Not due")
        if programme:
            post(node, signed_in("R1"), f"{path}/arrive", programme=programme)
        return path

    return register


def post(node: Node, browser: FlaskClient, path: str, **fields: str) -> str:
    answer = browser.post(path, data={"id": node.site.ids.new(), **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def give(node: Node, browser: FlaskClient, path: str, programme: str, lot: str, **more: str) -> str:
    return post(node, browser, f"{path}/give", programme=programme, lot=lot, **more)


def buttons(page: str) -> dict[str, tuple[str, str, bool]]:
    """Give the buttons that give a dose: programme and vaccine, with lot, words, whether green."""
    found = {}
    for form in re.findall(r'<form[^>]*/give">.*?</form>', page, re.S):
        values = dict(re.findall(r'name="(programme|lot)" value="([^"]+)"', form))
        words = re.search(r"<strong>([^<]+)</strong>", form)
        assert words
        vaccine, _, lot = values["lot"].partition("|")
        green = 'class="give primary"' in form
        found[f"{values['programme']}|{vaccine}"] = (lot, words[1], green)
    return found


def green(page: str) -> list[str]:
    return [key for key, (_, _, marked) in buttons(page).items() if marked]


def offers(page: str) -> dict[str, str]:
    return {key: words for key, (_, words, _) in buttons(page).items()}


@pytest.mark.parametrize(
    ("programme", "lot"),
    [("yellow-fever", "amarilia|YF0091"), ("covid-19", "coviprotect|CP2611A")],
)
@pytest.mark.slow
def test_the_programme_a_person_waits_for_is_chosen_with_the_lot_that_expires_first(
    signed_in: SignedIn, newcomer: Callable[..., str], programme: str, lot: str
) -> None:
    page = signed_in("V1").get(newcomer("Nadia Traore", "1990-05-05", programme)).text
    vaccine, _, number = lot.partition("|")
    assert green(page) == [f"{programme}|{vaccine}"]
    assert next(iter(buttons(page).values()))[0] == number


def test_somebody_who_waits_for_nothing_has_to_be_asked_which_of_two_programmes(
    signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    page = signed_in("V1").get(newcomer("Lindiwe Dube", "1991-05-05")).text
    assert set(offers(page)) == {"covid-19|coviprotect", "yellow-fever|amarilia"}
    assert not green(page)


def test_after_a_dose_what_other_programmes_have_is_offered_and_nothing_is_green(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    browser, path = signed_in("V1"), newcomer("Farida Aziz", "1992-05-05", "covid-19")
    give(node, browser, path, "covid-19", "coviprotect|CP2611A")
    page = browser.get(path).text
    assert list(offers(page)) == ["yellow-fever|amarilia"]  # due, as it was before
    assert not green(page)


def test_a_programme_waited_for_that_is_not_due_is_not_offered_and_nothing_else_is_green(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    browser, path = signed_in("V1"), newcomer("Rosa Mbeki", "1993-05-05", "covid-19")
    give(node, browser, path, "covid-19", "coviprotect|CP2611A")
    post(node, browser, f"{path}/arrive", programme="covid-19")
    page = browser.get(path).text
    assert list(offers(page)) == ["yellow-fever|amarilia"]
    assert not green(page)


def test_the_only_dose_of_a_programme_is_not_offered_again_and_the_page_says_who_gave_it(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    browser, path = signed_in("V1"), newcomer("Little Amara", "2020-06-06", "measles-rubella")
    assert "measles-rubella|duomorb" in offers(browser.get(path).text)
    give(node, browser, path, "measles-rubella", "duomorb|MR7702", vaccinator="V2")
    page = browser.get(path).text
    assert "<bdi>Measles and rubella campaign</bdi>: complete" in page
    assert "José Núñez gave DuoMorb on" in page
    assert "yellow-fever|amarilia" in offers(page)
    assert "measles-rubella|duomorb" not in offers(page)
    form = {"programme": "measles-rubella", "lot": "duomorb|MR7702"}
    refused = browser.post(f"{path}/give", data={**form, "id": node.site.ids.new()})
    assert refused.status_code == 409
    assert "primary give" not in refused.text
    assert "give primary" not in refused.text
    override = {"supervisor": "S1", "pin": "2468", **objections(refused.text, "Asked for twice")}
    give(node, browser, path, form["programme"], form["lot"], **override)
    assert "measles-rubella|duomorb" not in offers(browser.get(path).text)


def test_two_live_vaccines_may_be_given_in_one_visit_and_not_on_the_next_day(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    browser, path = signed_in("V1"), newcomer("Little Binta", "2020-07-07", "yellow-fever")
    give(node, browser, path, "yellow-fever", "amarilia|YF0091")
    assert list(offers(browser.get(path).text)) == ["measles-rubella|duomorb"]
    path = newcomer("Little Chipo", "2020-08-08", "yellow-fever")
    yesterday = (node.clock.today() - timedelta(days=1)).isoformat()
    give(node, browser, path, "yellow-fever", "amarilia|YF0091", on=yesterday)
    page = browser.get(path).text
    assert not offers(page)
    assert "Another live vaccine was given a short time ago" in page
    assert not green(page)


def test_a_button_says_which_dose_it_gives_and_of_two_that_would_do_one_is_offered(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    browser, path = signed_in("V1"), newcomer("Hana Girma", "1994-05-05", "covid-19")
    assert offers(browser.get(path).text) == {
        "covid-19|coviprotect": "Give CoviProtect dose 1",
        "yellow-fever|amarilia": "Give Amarilia dose 1",
    }
    month_ago = (node.clock.today() - timedelta(days=30)).isoformat()
    give(node, browser, path, "covid-19", "coviprotect|CP2611A", on=month_ago)
    assert offers(browser.get(path).text) == {
        "covid-19|coviprotect": "Give CoviProtect dose 2",
        "yellow-fever|amarilia": "Give Amarilia dose 1",
    }


def test_a_correction_against_a_rule_is_asked_of_a_supervisor_on_its_page(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str]
) -> None:
    browser, path = signed_in("V1"), newcomer("Salma Idris", "1995-05-05", "covid-19")
    dose = give(node, browser, path, "covid-19", "coviprotect|CP2611A")
    on = (node.clock.today() - timedelta(days=60)).isoformat()
    for page, form in (
        (f"{dose}/correct", {"do": "correct", "reason": "Was in autumn", "on": on}),
        (
            f"{path}/correct",
            {"reason": "Misread", "name": "Salma Idris", "birthDate": "2019-01-01"},
        ),
    ):
        refused = browser.post(page, data={"id": node.site.ids.new(), **form})
        assert refused.status_code == 409
        assert "PIN of the supervisor" in refused.text
        signed = {**form, **objections(refused.text), "supervisor": "S1", "pin": "0000"}
        wrong = browser.post(page, data={"id": node.site.ids.new(), **signed})
        assert wrong.status_code == 409
        post(node, browser, page, **{**signed, "pin": "2468"})


@pytest.mark.parametrize("code", ["R1", "V1", "S1"])
def test_a_persons_page_offers_to_each_role_what_that_role_may_do_and_nothing_else(
    node: Node, signed_in: SignedIn, newcomer: Callable[..., str], code: str
) -> None:
    browser, path = signed_in(code), newcomer(f"Seen By {code}", "1996-05-05")
    dose = give(node, signed_in("V1"), path, "covid-19", "coviprotect|CP2611A")
    assert bool(offers(browser.get(path).text)) == (code != "R1")
    for shown in (path, dose):
        page = browser.get(shown).text
        main = page.partition("<main")[2].partition("</main>")[0]
        for link in set(re.findall(r'href="(/[^"#]*)"', main)):
            assert browser.get(html.unescape(link)).status_code in (200, 303), link
        for form in re.findall(r"<form.*?</form>", main, re.S):
            action = re.search(r'action="([^"]+)"', form)
            assert action
            fields = dict(re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', form))
            answer = browser.post(action[1], data={**fields, "id": node.site.ids.new()})
            assert "Your role does not allow this." not in answer.text, action[1]
