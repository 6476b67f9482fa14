"""What the tablet says of a schedule: the word, the reason, what is to be considered, whom to call."""

from __future__ import annotations

import csv
import html
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from next_edition import put_in_force

from edge.journal import people_pages
from edge.journal.counts import count_people
from edge.journal.people_pages import PersonRecord
from edge.node import Node
from edge.services.doses import recall as recalls
from edge.web import recall_pages
from sync.resources import resource

if TYPE_CHECKING:
    from sqlite_utils import Database

SignedIn = Callable[[str], FlaskClient]
Find = Callable[[str], str]


def token(browser: FlaskClient) -> dict[str, str]:
    other = browser.application.test_client()  # a sign-in of this browser would end its session
    told = other.post("/api/v1/session", json={"code": "V1", "pin": "2468"}).get_json()
    return {"Authorization": f"Bearer {told['token']}"}


@pytest.mark.slow
def test_each_vaccine_has_a_word_and_the_rules_behind_it(signed_in: SignedIn, find: Find) -> None:
    browser = signed_in("V1")
    page = browser.get(f"/people/{find('Amina Yusuf')}").text  # two years old
    assert "<bdi>COVID-19, two doses</bdi>: not for this age" in page
    assert "<bdi>Measles and rubella campaign</bdi>: due" in page
    told = browser.get(f"/api/v1/people/{find('Amina Yusuf')}/schedule", headers=token(browser))
    by_programme = {one["programme"]: one for one in told.get_json()}
    assert by_programme["covid-19"]["status"] == "notForThisAge"
    sentences = [one["sentence"] for one in by_programme["measles-rubella"]["reasons"]]
    assert sentences[0] == "measles rubella: by the series One campaign dose."
    assert any(re.match(r"Dose 1 can be given from \d+ \w+ \d{4}", one) for one in sentences)
    for sentence in sentences:
        assert sentence.replace("'", "&#39;") in page


def test_the_rules_are_told_in_the_language_of_the_one_who_asks(
    signed_in: SignedIn, find: Find
) -> None:
    browser = signed_in("V1")
    asked = {**token(browser), "Accept-Language": "fr"}
    told = browser.get(f"/api/v1/people/{find('Amina Yusuf')}/schedule", headers=asked).get_json()
    (measles,) = (one for one in told if one["programme"] == "measles-rubella")
    assert measles["reasons"][0]["sentence"].endswith("selon la série One campaign dose.")


def test_what_is_noted_on_the_page_decides_until_it_is_struck_out(
    signed_in: SignedIn, find: Find
) -> None:
    browser, path = signed_in("V1"), f"/people/{find('Amina Yusuf')}"

    def numbers(page: str, do: str) -> dict[str, str]:
        form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if f'/{do}"' in one)
        return {"id": re.search(r'name="id" value="([^"]+)"', form)[1]}  # type: ignore[index]

    page = browser.get(path).text
    noted = browser.post(
        f"{path}/observe", data={**numbers(page, "observe"), "code": "weak-immunity"}
    )
    assert noted.status_code == 303
    page = browser.get(path).text
    assert "<bdi>Measles and rubella campaign</bdi>: ask a supervisor" in page
    assert "Severely weakened immunity" in page
    top = page.partition('class="card visit"')[0]
    assert "Severely weakened immunity" not in top  # not for everybody who sees the tablet
    api = browser.get(f"/api/v1{path}", headers=token(browser)).get_json()
    assert list(api["observations"]) == ["weak-immunity"]
    struck = {**numbers(page, "observe-no-more"), "code": "weak-immunity"}
    assert browser.post(f"{path}/observe-no-more", data=struck).status_code == 303
    assert "<bdi>Measles and rubella campaign</bdi>: due" in browser.get(path).text
    assert "observe" not in signed_in("R1").get(path).text


def test_what_ends_is_noted_on_the_page_with_its_last_day_and_shown_with_it(
    signed_in: SignedIn, find: Find, node: Node, tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    plan = folder / "schedules/measles-rubella.yaml"
    words = plan.read_text(encoding="utf-8")
    ends = "weak-immunity: { title: Severely weakened immunity, ends: true }"
    plan.write_text(words.replace("weak-immunity: Severely weakened immunity", ends))
    put_in_force(node, node.campaigns.reader.folder(folder))
    browser, path = signed_in("V1"), f"/people/{find('Amina Yusuf')}"
    until = node.clock.today() + timedelta(days=5)
    page = browser.get(path).text
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if 'name="until"' in one)
    sent = {"id": re.search(r'name="id" value="([^"]+)"', form)[1], "code": "weak-immunity"}  # type: ignore[index]
    assert browser.post(f"{path}/observe", data=sent).status_code == 409
    noted = browser.post(f"{path}/observe", data={**sent, "until": until.isoformat()})
    assert noted.status_code == 303
    page = browser.get(path).text
    assert "<bdi>Measles and rubella campaign</bdi>: not yet" in page
    assert re.search(r"Severely weakened immunity</strong>[^/]*until ", page)
    top = page.partition('class="card visit"')[0]
    assert re.search(r"Severely weakened immunity</bdi> · until ", top)  # seen without a tap
    api = browser.get(f"/api/v1{path}", headers=token(browser)).get_json()
    assert api["observedUntil"] == {"weak-immunity": until.isoformat()}


def test_the_recall_list_is_the_same_as_page_as_json_and_as_csv(
    signed_in: SignedIn, node: Node
) -> None:
    browser = signed_in("V1")
    until = (node.clock.today() + timedelta(days=200)).isoformat()
    asked = f"?until={until}&programme=measles-rubella"
    told = browser.get(f"/api/v1/recall{asked}", headers=token(browser)).get_json()
    assert told
    rows = list(csv.DictReader(browser.get(f"/recall.csv{asked}").text.splitlines()))
    api = browser.get(f"/api/v1/recall.csv{asked}", headers=token(browser))
    assert api.mimetype == "text/csv"
    assert list(csv.DictReader(api.text.splitlines())) == rows
    assert [row["name"] for row in rows] == [one["person"]["name"] for one in told]
    page = browser.get(f"/recall{asked}").text
    whole = browser.get(f"/recall/all{asked}")
    assert whole.mimetype == "text/html"
    assert whole.text.rstrip().endswith("</html>")
    for shown in (page, whole.text):
        assert len(re.findall(r'<li><a href="/people/', shown)) == len(told)
        for one in told:
            assert one["person"]["name"] in shown


@pytest.mark.parametrize(
    "path", ["/api/v1/recall", "/api/v1/recall.csv", "/recall.csv", "/recall/all"]
)
def test_a_list_of_a_programme_that_is_not_there_is_refused_before_it_begins(
    signed_in: SignedIn, path: str
) -> None:
    answer = signed_in("V1").get(f"{path}?programme=nowhere")
    assert answer.status_code == 400
    assert "The programme nowhere is not in the campaign in force." in answer.text


def test_the_whole_list_begins_before_everybody_was_looked_at_and_says_how_far_it_is(
    signed_in: SignedIn, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalls, "_PAGE", 5)
    looked = []
    read = people_pages.people_after

    def counted(db: Database, after: str, most: int) -> list[PersonRecord]:
        found = read(db, after, most)
        looked.append(len(found))
        return found

    monkeypatch.setattr(people_pages, "people_after", counted)
    answer = signed_in("V1").get("/recall/all", buffered=False)
    parts = (part.decode() for part in answer.iter_encoded())
    head, first = next(parts), next(parts)
    assert "To be called" in head
    assert looked == [5]
    with node.journal.reading() as db:
        whole = count_people(db)
    assert f"People looked at: 5 of {whole}." in first
    assert f'<progress max="{whole}" value="5">' in first
    rest = "".join(parts)
    assert f"People looked at: {whole} of {whole}." in rest
    assert rest.rstrip().endswith("</html>")


def test_the_page_goes_on_behind_the_last_person_and_back_to_the_beginning(
    signed_in: SignedIn, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_pages, "_ROWS", 3)
    monkeypatch.setattr(recalls, "_AT_ONCE", 2)
    browser, path, names = signed_in("V1"), "/recall", []
    for _ in range(100):
        page = browser.get(path).text
        names += re.findall(r"<strong><bdi>([^<]+)</bdi></strong><span>", page)
        assert ("From the beginning" in page) == ("after" in path)
        found = re.search(r'<a class="button primary" href="([^"]+)"', page)
        if not found:
            break
        path = html.unescape(found[1])
    told = browser.get("/api/v1/recall", headers=token(browser)).get_json()
    assert sorted(html.unescape(name) for name in names) == sorted(
        one["person"]["name"] for one in told
    )
    assert len(names) > 6


def test_a_wrong_question_to_the_recall_list_names_the_field(signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    for query, field in (
        ("until=soon", "until"),
        ("programme=flu", "programme"),
        ("limit=0", "limit"),
    ):
        told = browser.get(f"/api/v1/recall?{query}", headers=token(browser))
        assert (told.status_code, told.get_json()["field"]) == (400, field)
    assert browser.get("/recall?until=soon").status_code == 409
    assert signed_in("T1").get("/recall").status_code == 403
