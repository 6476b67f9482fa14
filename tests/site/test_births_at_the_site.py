"""An age or a month at the desk: kept as estimated, judged over its span, told everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from infants import with_infants

from edge.domain.births import month_span, span_of_age
from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Refusal
from edge.journal import maintenance, views
from edge.journal.entries import entries
from edge.journal.histories import keep_history
from edge.journal.unit import Unit
from edge.node import Node
from edge.services import commands
from edge.services.printing.print_room import NO_PRINTER
from edge.services.registry.told_history import take_history
from edge.services.registry.told_people import join_told
from edge.slips.slip_maker import SlipRequest
from edge.web.app import create_app
from sync.protocol.histories import ForeignEntry

FindStaff = Callable[[str], Staff]


@pytest.fixture
def take(node: Node, staff: FindStaff) -> Callable[..., str]:
    def act(command: commands.Command, by: str = "S1") -> str:
        return node.desk.take(node.site.ids.new(), command, staff(by)).id

    return act


@pytest.fixture
def browser(node: Node) -> FlaskClient:
    client = create_app(node.backend()).test_client()
    assert client.post("/sign-in", data={"code": "V1", "pin": "2468"}).status_code == 303
    return client


def register(take: Callable[..., str], **born: Any) -> str:
    return take(commands.RegisterPerson(name="Noor Saleh", gender="Female", **born), "R1")


def measles(take: Callable[..., str], person: str, **more: Any) -> str:
    return take(
        commands.GiveDose(person=person, programme="measles-rubella", vaccine="duomorb",
                          lot="MR7702", **more), "V1"
    )  # fmt: skip


def test_an_age_in_months_is_kept_as_the_days_that_are_possible(
    node: Node, take: Callable[..., str]
) -> None:
    age = commands.AgeInput(count=9, unit="months")
    person = register(take, age=age)
    span = span_of_age(9, "months", node.clock.today())
    with node.journal.reading() as db:
        found = views.person(db, person)
        again = views.find_people(db, "Noor Saleh")
    assert found
    assert again == [found]
    assert (found.birth_date, found.birth_year, found.born) == (None, None, span)
    assert str(found.age(node.clock.today())) == "about 9 months"


@pytest.mark.parametrize(
    "born",
    [
        {"birth_year": 2020, "age": commands.AgeInput(count=6, unit="years")},
        {"birth_date": date(2020, 1, 1), "birth_month": "2020-01"},
        {"birth_earliest": date(2020, 1, 1)},
        {"age": commands.AgeInput(count=1000, unit="years")},
        {},
    ],
)
def test_a_birth_that_is_told_twice_or_by_half_is_refused(
    take: Callable[..., str], born: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as refused:
        register(take, **born)
    assert refused.value.code.startswith("person.")


def test_of_a_year_the_dose_depends_on_the_month_is_asked_for_and_then_it_is_given(
    node: Node, take: Callable[..., str]
) -> None:
    today = node.clock.today()
    person = register(take, birth_year=today.year - 1)
    with pytest.raises(Refusal) as refused:
        measles(take, person)
    assert (refused.value.code, refused.value.overridable) == ("dose.depends-on-birth", True)
    month = f"{today.year - 1}-01"
    told = commands.CorrectPerson(person=person, reason="asked her mother", birth_month=month)
    take(told, "V1")
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found
    assert (found.birth_year, found.born) == (None, month_span(today.year - 1, 1))
    dose = measles(take, person)
    assert recorded(node, dose).number == 1


def recorded(node: Node, dose: str) -> Any:
    with node.journal.reading() as db:
        record = views.recorded(db, dose)
    assert record
    return record.dose


def test_a_dose_lies_before_no_birth_that_is_possible(node: Node, take: Callable[..., str]) -> None:
    today = node.clock.today()
    person = register(take, age=commands.AgeInput(count=20, unit="years"))
    span = span_of_age(20, "years", today)
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found
    assert found.lived_on(span.first)
    assert not found.lived_on(span.first - timedelta(days=1))
    later = commands.CorrectPerson(person=person, reason="misread", birth_earliest=today,
                                   birth_latest=today)  # fmt: skip
    take(commands.GiveDose(person=person, programme="covid-19", vaccine="coviprotect",
                           lot="CP2611A", on=today - timedelta(days=1)), "V1")  # fmt: skip
    with pytest.raises(Refusal) as refused:
        take(later)
    assert refused.value.code == "person.born-after-dose"


def test_the_tables_are_made_again_with_the_span(node: Node, take: Callable[..., str]) -> None:
    person = register(take, birth_month="2020-02")
    take(commands.CorrectPerson(person=person, reason="asked", age=commands.AgeInput(
        count=3, unit="years")))  # fmt: skip

    def again(unit: Any) -> bool:
        before = maintenance.fingerprint(unit.db)
        unit.db.execute("DELETE FROM person WHERE id = ?", (person,))
        return before != maintenance.fingerprint(unit.db)

    with node.journal.reading() as db:
        before = maintenance.fingerprint(db)
        assert "birth_earliest" in [column.name for column in db["person"].columns]
    assert node.journal.run(lambda unit: maintenance.fingerprint(unit.db)) == before


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"ageCount": "9", "ageUnit": "months"}, "about 9 months"),
        ({"ageCount": "6", "ageUnit": "weeks"}, "about 6 weeks"),
        ({"ageCount": "4", "ageUnit": "years"}, "about 4 years"),
        ({"birthDate": "today-10"}, "10 days"),
        ({"birthDate": "today-50"}, "7 weeks"),
        ({"birthDate": "today-200"}, "6 months"),
    ],
)
def test_the_form_takes_an_age_and_every_page_tells_it_in_its_unit(
    node: Node, browser: FlaskClient, fields: dict[str, str], shown: str
) -> None:
    today = node.clock.today()
    if fields.get("birthDate", "").startswith("today"):
        ago = int(fields["birthDate"].removeprefix("today-"))
        fields = {"birthDate": str(today - timedelta(days=ago))}
    form = {"id": node.site.ids.new(), "name": "Nadia Infant", "gender": "Female", **fields}
    answer = browser.post("/register", data={**form, "programme": "measles-rubella"})
    assert answer.status_code == 303, answer.text
    person = answer.headers["Location"]
    for page in (browser.get(person), browser.get("/"), browser.post("/", data={"q": "Nadia"})):
        assert re.search(rf">\s*{shown}\b", page.text), page.text
    told = browser.get(f"/api/v1{person}").get_json()["person"]
    assert told["age"]["unit"] in shown
    assert told["age"]["about"] is ("birthDate" not in fields)
    assert ("birthEarliest" in told) is ("birthDate" not in fields)


def test_the_page_of_a_year_says_that_it_depends_and_asks_for_the_month(
    node: Node, browser: FlaskClient, take: Callable[..., str]
) -> None:
    person = register(take, birth_year=node.clock.today().year - 1)
    page = browser.get(f"/people/{person}").text
    assert "depends on the date of birth" in page
    assert "ask for the month" in page
    assert "What is due depends on the date of birth." in page
    assert "Nothing is due today." not in page
    assert "ask when they were born" in page
    form = {"id": node.site.ids.new(), "name": "Noor Saleh", "reason": "asked her mother",
            "birthYear": str(node.clock.today().year - 1), "ageCount": "16", "ageUnit": "months"}  # fmt: skip
    assert browser.post(f"/people/{person}/correct", data=form).status_code == 303
    assert "depends on the date of birth" not in browser.get(f"/people/{person}").text


def test_paper_tells_an_infants_age_and_an_estimate(node: Node, take: Callable[..., str]) -> None:
    today = node.clock.today()
    for born, shown in (
        ({"birth_date": today - timedelta(days=400)}, "13 months"),
        ({"age": commands.AgeInput(count=14, unit="months")}, "about 14 months"),
        ({"birth_year": today.year - 4}, "about"),
    ):
        person = register(take, **born, different_person=True)
        dose = measles(take, person, override=commands.Override(reason="test", supervisor="S1"))
        with node.journal.reading() as db:
            record = views.recorded(db, dose)
        assert record
        slip = node.print_room.slip(
            SlipRequest("certificate", record.certificate, 1, 0), NO_PRINTER
        )
        assert shown in repr(slip.blocks)


def test_another_site_that_knows_the_same_birth_better_is_believed(
    node: Node, take: Callable[..., str]
) -> None:
    person = register(take, birth_month="2020-02")

    def told(**born: Any) -> None:
        body = {"person": {"id": person, "code": "X", "name": "Noor Saleh", "gender": "Female",
                           **born}}  # fmt: skip
        entry = {"id": "e", "type": "PersonRegistered", "node": "n", "number": 1, "body": body}
        one = ForeignEntry("n", "DEMO02", entry)
        with node.journal.reading() as db:
            catalogue = node.site.catalogues.current(db)
        node.journal.run(
            lambda unit: take_history(
                unit, node.site, person, [one], "2026-11-01T00:00:00.000Z", "S1", catalogue
            )
        )

    def born() -> Any:
        with node.journal.reading() as db:
            found = views.person(db, person)
        assert found
        return found.born_text

    told(birthYear=2020)
    assert born() == "2020-02-01/2020-02-29"
    told(birthEarliest="2020-02-10", birthLatest="2020-02-20")
    assert born() == "2020-02-10/2020-02-20"
    told(birthDate="2020-02-12")
    assert born() == "2020-02-12"


@pytest.mark.parametrize("believed", [True, False])
def test_what_another_site_knows_of_the_birth_dates_the_doses_anew_by_a_clock_that_is_believed(
    node: Node,
    tmp_path: Path,
    staff: Callable[[str], Staff],
    monkeypatch: pytest.MonkeyPatch,
    believed: bool,
) -> None:
    with_infants(node, tmp_path / "infants")
    today = node.clock.today()
    born = today - timedelta(days=90)
    register = commands.RegisterPerson(name="Chiku Odhiambo", gender="Female", birth_year=born.year)
    child = node.desk.take(node.site.ids.new(), register, staff("R1")).id
    given = commands.GiveDose(
        person=child,
        programme="infants",
        vaccine="MR",
        lot="B8204",
        override=commands.Override(reason="An outbreak", supervisor="S1"),
    )
    dose = node.desk.take(node.site.ids.new(), given, staff("V1")).id
    with node.journal.reading() as db:
        (paper,) = views.certificates_of(db, child)
    revoke = commands.RevokeCertificate(certificate=paper.id, reason="Lost")
    node.desk.take(node.site.ids.new(), revoke, staff("S1"))
    with node.journal.reading() as db:
        before = views.recorded(db, dose)
        entry = next(one for one in entries(db) if one.id == child)
    told = {**entry.body["person"], "birthDate": born.isoformat()}
    told.pop("birthYear")
    document = {
        "id": "e1",
        "node": "there",
        "type": "PersonRegistered",
        "number": 1,
        "body": {"person": told},
    }
    foreign = ForeignEntry("there", "DEMO02", document)

    def work(unit: Unit) -> None:
        keep_history(unit.db, child, [foreign], "2026-11-29T00:00:00.000Z")
        join_told(unit, node.site, child, "registry")

    with monkeypatch.context() as clock:
        clock.setattr(node.clock, "believed", lambda: believed)
        node.journal.run(work)
    with node.journal.reading() as db:
        person, after = views.person(db, child), views.recorded(db, dose)
    assert person is not None
    assert before is not None
    assert after is not None
    assert (person.birth_date == born) is believed
    assert (after.next_due != before.next_due) is believed
    node.journal.run(work)
    with node.journal.reading() as db:
        late = views.recorded(db, dose)
    assert late is not None
    assert late.next_due != before.next_due
