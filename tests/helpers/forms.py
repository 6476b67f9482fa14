"""The forms of a site's pages, filled in as a browser sends them."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient


def ids(page: str) -> list[str]:
    """Give the numbers of the requests that a page's forms would be."""
    return re.findall(r'name="(?:id|evidence)" value="([0-9a-f-]{36})"', page)


def objections(page: str, why: str = "So it was") -> dict[str, str]:
    """Give what a page names to whoever decides against it, each with a reason where it asks."""
    hidden = re.findall(r'name="((?:objection|says)\.\d+)" value="([^"]*)"', page)
    found = {name: html.unescape(text) for name, text in hidden}
    return found | dict.fromkeys(re.findall(r'name="(why\.\d+)"', page), why)


def newcomer(browser: FlaskClient, name: str) -> str:
    """Register somebody of whom no dose is known; give the path of their page."""
    form = {"id": ids(browser.get("/register").text)[0], "name": name, "gender": "Female",
            "birthDate": "1979-03-04", "programme": "covid-19"}  # fmt: skip
    answer = browser.post("/register", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def give(browser: FlaskClient, path: str) -> str:
    """Give somebody a first dose; give the path of its page."""
    form = {"id": ids(browser.get(path).text)[0], "programme": "covid-19",
            "lot": "coviprotect|CP2611A"}  # fmt: skip
    answer = browser.post(f"{path}/give", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]
