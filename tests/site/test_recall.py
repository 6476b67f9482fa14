"""Who is to be called, and what is known of a person that changes which dose is due."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from next_edition import put_in_force

from edge.cli import main
from edge.domain.catalogue import Staff
from edge.domain.dose import Dose
from edge.domain.errors import BadInput, NotAllowed, Refusal
from edge.domain.recall import RecallItem, calls
from edge.domain.schedule.observed import Seen
from edge.journal import views
from edge.node import Node
from edge.services.commands import GiveDose, RecordObservation, RegisterPerson
from edge.services.csv_lines import harmless
from edge.services.doses.recall import RecallQuery, as_csv, recall, recall_page
from edge.services.people.observe import holding
from sync.resources import resource

Find = Callable[[str], str]
FindStaff = Callable[[str], Staff]


def listed(node: Node, until: date, programme: str = "") -> list[RecallItem]:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    today = node.site.clock.today()
    return list(
        recall(node.journal.reading, RecallQuery(catalogue, today, until, "DEMO01", programme))
    )


def test_a_person_is_called_for_the_second_dose_when_its_day_comes_and_not_before(
    node: Node, staff: FindStaff, dose: Callable[..., GiveDose], person: Find
) -> None:
    grace, today = person("Grace Wanjiru"), node.site.clock.today()
    node.desk.take(node.site.ids.new(), dose(), staff("V1"))

    def second(until: date) -> list[RecallItem]:
        return [one for one in listed(node, until, "covid-19") if one.person.id == grace]

    assert second(today + timedelta(days=27)) == []
    (call,) = second(today + timedelta(days=28))
    assert (call.vaccine, call.number, call.total) == ("coviprotect", 2, 2)
    assert (call.status, call.since) == ("due", today + timedelta(days=28))
    assert call.past_due == today + timedelta(days=84)


def test_who_is_past_due_is_overdue(node: Node, person: Find) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        grace = views.person(db, person("Grace Wanjiru"))
        given = views.history(db, person("Grace Wanjiru"))
    assert grace
    assert given == []
    first = Dose(id="d", person=grace.id, programme="covid-19", vaccine="coviprotect", number=1,
                 total=2, lot="L", on=date(2026, 2, 1), facility="DEMO01", vaccinator="V1")  # fmt: skip

    def status(today: date) -> str:
        found = calls(grace, [first], {}, catalogue, today, today)
        return next(one.status for one in found if one.programme == "covid-19")

    assert status(first.on + timedelta(days=84)) == "due"
    assert status(first.on + timedelta(days=85)) == "overdue"


def test_a_programme_that_has_ended_calls_nobody(node: Node) -> None:
    today = node.site.clock.today()
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    query = RecallQuery(catalogue, today, today, "DEMO01", "covid-19")
    assert list(recall(node.journal.reading, query))
    ended = replace(catalogue.programmes["covid-19"], end=today - timedelta(days=1))
    over = replace(catalogue, programmes={"covid-19": ended})
    assert list(recall(node.journal.reading, RecallQuery(over, today, today, "DEMO01"))) == []


def test_the_list_as_csv_is_the_same_and_no_name_becomes_a_formula(
    node: Node, staff: FindStaff
) -> None:
    strange = RegisterPerson(
        name="=HYPERLINK(1)", gender="Female", birth_date=date(1990, 1, 1), phone="+254 700 1234"
    )
    node.desk.take(node.site.ids.new(), strange, staff("R1"))
    today = node.site.clock.today()
    found = listed(node, today)
    rows = list(csv.DictReader(as_csv(found)))
    assert len(rows) == len(found) > 5
    own = [row for row in rows if row["phone"] == "+254 700 1234"]
    assert {row["name"] for row in own} == {"'=HYPERLINK(1)"}
    assert {row["programme"] for row in rows} == {one.programme for one in found}


@pytest.mark.parametrize(
    "sign",
    [
        *"=+-@\uff1d\uff0b\uff0d\uff20\u207c\u207a\u207b\ufe62\ufe63\ufe66\ufe6b\u2212\u2010\u2013\u2014"
    ],
)
@pytest.mark.parametrize(
    "before", ["", " ", "\u3000", "\u200b", "\ufeff", "\t", "\r", "\n", "\u00a0\u200d"]
)
def test_no_sign_that_a_spreadsheet_takes_for_a_formulas_begins_a_cell(
    sign: str, before: str
) -> None:
    assert harmless(f"{before}{sign}HYPERLINK(1)") == f"'{before}{sign}HYPERLINK(1)"


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx"])
def test_a_cell_that_begins_with_a_tab_or_a_line_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Wanjiru",
        "O'Neill",
        "+254 700 1234",
        "2026-11-30",
        "\u0645\u0631\u064a\u0645",
        "\u0967-x",
        "x=1",
    ],
)
def test_a_text_that_is_no_formula_is_written_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["+\u0661\u0662", "+1+1", "+254 x", "\uff0b254 700"])
def test_what_only_looks_like_a_phone_number_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_an_unknown_programme_is_refused_before_anybody_is_looked_at(node: Node) -> None:
    with pytest.raises(BadInput, match="The programme flu is not in the campaign"):
        listed(node, node.site.clock.today(), "flu")


def test_progress_is_told_for_everybody(node: Node) -> None:
    told: list[tuple[int, int]] = []
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        whole = db.execute("SELECT count(*) FROM person").fetchone()[0]
    today = node.site.clock.today()
    query = RecallQuery(catalogue, today, today, "DEMO01")
    seen = recall(node.journal.reading, query, lambda *two: told.append(two))
    assert list(seen)
    assert told[-1] == (whole, whole)


@pytest.mark.parametrize(("rows", "people"), [(1, 1), (3, 1000), (1000, 7), (50, 400)])
@pytest.mark.parametrize("overdue", [False, True])
def test_the_pages_of_the_list_together_are_the_list_and_none_looks_at_more_than_it_may(
    node: Node, rows: int, people: int, overdue: bool
) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        whole = db.execute("SELECT count(*) FROM person").fetchone()[0]
    today = node.site.clock.today()
    query = RecallQuery(catalogue, today, today + timedelta(days=400), "DEMO01", overdue=overdue)
    found: list[RecallItem] = []
    after, looked = "", 0
    for _ in range(whole + 2):
        page = recall_page(node.journal.reading, query, after, rows, people)
        assert page.looked <= people
        found += page.items
        looked, after = looked + page.looked, page.after
        if not after:
            break
    assert looked == whole
    assert found == list(recall(node.journal.reading, query))
    assert len(found) > 0 or overdue
    assert all(item.status == "overdue" for item in found) or not overdue


def test_the_command_writes_the_list_also_while_the_node_is_open(
    node: Node, site_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "calls.csv"
    words = ["recall", "--data", str(site_folder), "--out", str(out), "--programme", "covid-19"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert {row["programme"] for row in rows} == {"covid-19"}
    assert len(rows) == len(listed(node, node.site.clock.today(), "covid-19"))
    wrong = CliRunner().invoke(main, ["recall", "--data", str(site_folder), "--until", "soon"])
    assert wrong.exit_code == 1
    assert "year-month-day" in wrong.output


def seen(node: Node, staff: FindStaff, who: str, code: str, by: str = "V1", **more: object) -> None:
    command = RecordObservation(person=who, code=code, **more)  # type: ignore[arg-type]
    node.desk.take(node.site.ids.new(), command, staff(by))


@pytest.fixture
def child(node: Node, staff: FindStaff) -> str:
    id_ = node.site.ids.new()
    born = node.site.clock.today() - timedelta(days=5 * 366)
    command = RegisterPerson(name="Neema Otieno", gender="Female", birth_date=born)
    node.desk.take(id_, command, staff("R1"))
    return id_


def test_an_observation_decides_until_it_is_so_no_more(
    node: Node, staff: FindStaff, child: str
) -> None:
    def dose() -> GiveDose:
        return GiveDose(
            person=child, programme="measles-rubella", vaccine="duomorb", lot="X1",
            expiry=date(2030, 1, 1),
        )  # fmt: skip

    def called() -> bool:
        found = listed(node, node.site.clock.today(), "measles-rubella")
        return any(one.person.id == child for one in found)

    assert called()
    seen(node, staff, child, "weak-immunity")
    assert not called()
    with pytest.raises(Refusal) as refused:
        node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    assert refused.value.code == "dose.contraindicated"
    seen(node, staff, child, "weak-immunity", present=False)
    assert called()
    node.desk.take(node.site.ids.new(), dose(), staff("V1"))
    assert not called()


def test_an_observation_with_a_last_day_is_waited_for_and_then_over(
    node: Node, staff: FindStaff, child: str
) -> None:
    today = node.site.clock.today()
    until = today + timedelta(days=5)
    seen(node, staff, child, "weak-immunity", until=until)
    dose = GiveDose(person=child, programme="measles-rubella", vaccine="duomorb", lot="X1",
                    expiry=date(2030, 1, 1))  # fmt: skip
    with pytest.raises(Refusal) as refused:
        node.desk.take(node.site.ids.new(), dose, staff("V1"))
    assert refused.value.code == "dose.contraindicated"
    assert refused.value.earliest == until + timedelta(days=1)
    days = [until, until + timedelta(days=1)]
    assert [any(one.person.id == child for one in listed(node, day, "measles-rubella"))
            for day in days] == [
        False, True,
    ]  # fmt: skip
    with pytest.raises(Refusal, match="would be due today"):  # to end it sooner lifts a rule
        seen(node, staff, child, "weak-immunity", by="V2", on=today - timedelta(days=9),
             until=today - timedelta(days=2))  # fmt: skip
    seen(node, staff, child, "weak-immunity", on=today - timedelta(days=9),
         until=today - timedelta(days=2))  # fmt: skip
    node.desk.take(node.site.ids.new(), dose, staff("V1"))


def test_what_a_schedule_says_ends_is_not_recorded_without_its_last_day(
    node: Node, staff: FindStaff, child: str, tmp_path: Path
) -> None:
    folder = tmp_path / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    plan = folder / "schedules/measles-rubella.yaml"
    words = plan.read_text().replace("weak-immunity: ", "weak-immunity: {ends: true, title: ", 1)
    lines = [line + "}" if "ends: true" in line else line for line in words.splitlines()]
    plan.write_text("\n".join(lines))
    put_in_force(node, node.campaigns.reader.folder(folder))
    today = node.site.clock.today()
    with pytest.raises(BadInput, match="Say until which day this is so"):
        seen(node, staff, child, "weak-immunity")
    with pytest.raises(BadInput, match="is before the day"):
        seen(node, staff, child, "weak-immunity", until=today - timedelta(days=1))
    seen(node, staff, child, "weak-immunity", until=today)
    with node.journal.reading() as db:
        assert views.observations(db, child) == {"weak-immunity": Seen(today, today)}
        catalogue = node.site.catalogues.current(db)
        known = views.observations(db, child)
    assert holding(catalogue, known, today) == known
    assert holding(catalogue, known, today + timedelta(days=1)) == {}
    seen(node, staff, child, "weak-immunity", present=False)


def test_what_no_schedule_asks_about_is_not_recorded(
    node: Node, staff: FindStaff, child: str
) -> None:
    with pytest.raises(BadInput, match="asks about left-handed"):
        seen(node, staff, child, "left-handed")
    tomorrow = node.site.clock.today() + timedelta(days=1)
    with pytest.raises(BadInput, match="is not between the person's birth and today"):
        seen(node, staff, child, "weak-immunity", on=tomorrow)
    with pytest.raises(NotAllowed):
        seen(node, staff, child, "weak-immunity", by="R1")
    with node.journal.reading() as db:
        assert views.observations(db, child) == {}
