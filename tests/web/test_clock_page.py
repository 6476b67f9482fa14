"""The page and the API of the site's clock: whoever reads them knows what is wrong, and can help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.domain.believable import Belief
from edge.journal.entries import newest_of
from edge.node import Node


def json_of(answer: TestResponse) -> Any:
    return answer.json


def test_a_tablet_tells_its_clock_and_nonsense_is_no_clock(
    node: Node, signed_in: Callable[[str], FlaskClient]
) -> None:
    nurse, chief = signed_in("V1"), signed_in("S1")
    for header in ("nonsense", "Thu, 01 Jan 99999 00:00:00 GMT", "-1", ""):
        nurse.get("/api/v1/status", headers={"Date": header})
    for cookie in ("9" * 15, "9" * 400, "-5", "١٢٣"):
        nurse.set_cookie("moment", cookie)
        assert nurse.get("/site").status_code == 200
    nurse.set_cookie("moment", "0")
    nurse.get("/site")
    assert node.clock.belief() == Belief(True), "one tablet speaks against nobody"
    chief.get("/api/v1/status", headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"})
    assert node.clock.belief().code == "clock.tablets-differ"
    node.clock._tablets.clear()


def test_a_supervisor_confirms_today_on_the_page_or_by_the_api_and_it_is_written_down(
    node: Node, signed_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    today = node.clock.today()
    nurse, chief = signed_in("V1"), signed_in("S1")
    old = datetime(2020, 1, 1, 9, tzinfo=UTC)
    monkeypatch.setattr(node.clock, "_machine", lambda: old)
    page = nurse.get("/").text
    assert "The clock of this machine says 1 Jan 2020, which cannot be" in page
    assert 'href="/clock"' not in page
    assert nurse.post("/clock", data={"day": str(today)}).status_code == 403
    assert 'href="/clock"' in chief.get("/site").text
    for wrong in ("", "tomorrow", "1970-01-01"):
        assert 'role="alert"' in chief.post("/clock", data={"day": wrong}).text
    assert json_of(chief.get("/api/v1/status"))["clock"]["code"] == "clock.before-program"
    assert chief.post("/clock", data={"day": str(today)}).status_code == 303
    nurse, chief = signed_in("V1"), signed_in("S1")  # a session of 2020 is over
    told = json_of(nurse.get("/api/v1/status"))
    assert (told["clockBelieved"], told["clock"]["today"]) == (True, str(today))
    assert "which cannot be" not in nurse.get("/").text
    with node.journal.reading() as db:
        entry = newest_of(db, "ClockConfirmed")
    assert entry is not None
    assert entry.body == {"day": str(today), "shown": "2020-01-01"}
    assert entry.document["by"] == "S1"
    monkeypatch.setattr(node.clock, "_machine", lambda: datetime.now(UTC))
    node.clock.forget_confirmed()
    nurse, chief = signed_in("V1"), signed_in("S1")
    tomorrow = {"day": str(today + timedelta(days=1))}
    assert json_of(chief.post("/api/v1/clock", json=tomorrow))["today"] == tomorrow["day"]
    chief = signed_in("S1")
    assert chief.get("/api/v1/clock/ahead").json == []
    assert json_of(chief.post("/api/v1/clock/ahead", json={"on": str(today)}))["done"] == 0
    assert "Replaced: 0" in chief.post("/clock", data={"on": str(today)}).text
