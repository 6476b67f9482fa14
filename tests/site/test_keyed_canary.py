"""A number that the campaign keeps as a digest is in nothing that a site keeps, sends or shows."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desks import of_type
from flask import Flask
from flask.testing import FlaskClient
from numbered import AADHAAR, asking_for_numbers

from edge.domain.catalogue import Staff
from edge.journal.plain_copy import write_plain_copy
from edge.node import Node
from edge.services import commands
from edge.web.app import create_app

Find = Callable[[str], Staff]
SPELLED = "2341 2341-2346"
WRONG = "234123412347"
NUMBERS = re.compile(r"2341\W?2341\W?234[67]|२३४१")
TYPE = "in.gov.uidai.aadhaar"
FORM = {"name": "Rosa Lima", "gender": "Female", "birthYear": "1990", "identityType": TYPE}


@pytest.fixture
def asked(node: Node, tmp_path: Path) -> Node:
    return asking_for_numbers(node, tmp_path)


def browser(app: Flask, code: str) -> FlaskClient:
    client = app.test_client()
    assert client.post("/sign-in", data={"code": code, "pin": "2468"}).status_code == 303
    return client


def looked_at(client: FlaskClient, app: Flask, values: list[str]) -> Iterator[str]:
    """Look once at every page and answer that shows something of one of these, or of nothing."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        for value in values if rule.arguments else [""]:
            path = re.sub(r"<[^>]*>", value, rule.rule)
            with client.get(path) as answer:
                told = f"{path} {answer.headers} {answer.data.decode(errors='replace')}"
            if answer.status_code == 200:
                yield told
                break
            assert not NUMBERS.search(told), path


@pytest.mark.slow
def test_a_number_kept_as_a_digest_is_in_no_page_log_address_database_or_copy(
    asked: Node, staff: Find, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = create_app(asked.backend())
    vaccinator, supervisor = browser(app, "V1"), browser(app, "S1")
    for number in (WRONG, SPELLED, AADHAAR, "२३४१२३४१२३४६"):  # a slip, then somebody, then twice
        told = {**FORM, "id": asked.site.ids.new(), "identityNumber": number}
        answer = vaccinator.post("/register", data=told)
        assert not NUMBERS.search(str(answer.headers)), number
        found = vaccinator.post("/", data={"q": number})
        assert not NUMBERS.search(str(found.headers)), number
        asking = {"name": "Rosa Lima", "birthYear": 1990, "identity": f"did:{TYPE}:{number}"}
        for path in ("search", "find", "alike"):
            said = vaccinator.post(f"/api/v1/people/{path}", json={**asking, "text": number})
            assert not NUMBERS.search(f"{said.headers} {said.text}"), path
    person = of_type(asked, "PersonRegistered")[-1].body["person"]["id"]
    given = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    dose = asked.desk.take(asked.site.ids.new(), given, staff("V1")).id
    certificate = str(of_type(asked, "CertificateIssued")[-1].body["certificate"])
    seen = list(looked_at(supervisor, app, [person, dose, certificate]))
    assert [told[:200] for told in seen if NUMBERS.search(told)] == []
    assert sum("Rosa Lima" in told for told in seen) > 10
    with asked.journal.reading() as db:
        write_plain_copy(db, tmp_path / "copy.db", people=True)
        everything = "\n".join(
            str(row) for table in db.table_names() for row in db.query(f'SELECT * FROM "{table}"')
        )
    assert person in everything
    assert not NUMBERS.search(everything)
    assert b"Rosa" in (tmp_path / "copy.db").read_bytes()
    assert not NUMBERS.search((tmp_path / "copy.db").read_bytes().decode("latin-1"))
    assert not NUMBERS.search(caplog.text)
