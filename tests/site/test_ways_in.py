"""Whatever way a dose or a correction comes in by, it is held against birth, programme and hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from desks import named
from next_edition import put_in_force
from site_factory import demonstration

from edge.campaign.divoc_csv import ReportedDose
from edge.campaign.tables import ValidRow
from edge.credentials.verdict import Verdict
from edge.domain.catalogue import Staff
from edge.domain.errors import Refusal
from edge.domain.people import Person
from edge.domain.plausibility import check_told
from edge.domain.told_doses import doses_told, outside_programme
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.campaigns import CheckedCampaign
from edge.services.registry.told_history import _take_dose
from sync.protocol.histories import ForeignEntry

FindStaff = Callable[[str], Staff]
BORN = date(2026, 2, 10)
START = date(2026, 1, 1)  # of each programme of the demonstration


def desk(node: Node, command: commands.Command, by: str = "V1") -> str:
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff[by]
    return node.desk.take(node.site.ids.new(), command, staff).id


def register(node: Node, born: date = date(1990, 4, 2), **more: Any) -> str:
    return desk(
        node,
        commands.RegisterPerson(name="Noor Saleh", gender="Female", birth_date=born, **more),
    )


def give(node: Node, person: str, **more: Any) -> str:
    given = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A", **more}
    return desk(node, commands.GiveDose(person=person, **given))


def told(on: date, born: date = date(1990, 4, 2), **more: Any) -> ReportedDose:
    person = Person(id="", code="X1", name="Noor Saleh", gender="Female", birth_date=born)
    row = ReportedDose(
        person=person, vaccine="CoviProtect", lot="Q1", on=on, number=1, total=2,
        effective_until=None, vaccinator="", facility="Hill Post",
    )  # fmt: skip
    return replace(row, **more)


def imported(node: Node, row: ReportedDose) -> tuple[int, list[tuple[str, str]]]:
    report = node.importer.certificates("rows.csv", [ValidRow(2, row)], "covid-19", lambda _: None)
    return report.taken, [(mistake.code, mistake.column) for mistake in report.mistakes]


WRONG = [
    ({"on": BORN - timedelta(days=1)}, "dose.before-birth"),
    ({"on": START - timedelta(days=1)}, "programme.not-running"),
    ({"vaccinator": "V3"}, "vaccinator.not-assigned"),
]
"""A day before the birth, one before the programme, and somebody of another facility."""


@pytest.mark.parametrize(("wrong", "code"), WRONG)
def test_no_dose_is_given_before_birth_before_the_programme_or_by_a_hand_from_elsewhere(
    node: Node, wrong: dict[str, Any], code: str
) -> None:
    person = register(node, BORN if code == "dose.before-birth" else date(1990, 4, 2))
    override = commands.Override(reason="test it", supervisor="S1")
    with pytest.raises(Refusal) as refused:
        give(node, person, override=override, **wrong)
    assert (refused.value.code, refused.value.overridable) == (code, False)


@pytest.mark.parametrize(("wrong", "code"), WRONG)
def test_no_dose_is_corrected_to_what_could_not_have_been_given(
    node: Node, wrong: dict[str, Any], code: str
) -> None:
    born = date(2005, 3, 1)
    person = register(node, born)
    dose = give(node, person)
    wrong = {"on": born - timedelta(days=1)} if code == "dose.before-birth" else wrong
    with pytest.raises(Refusal) as refused:
        desk(node, commands.CorrectDose(dose=dose, reason="moved", **wrong), "S1")
    assert (refused.value.code, refused.value.overridable) == (code, False)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (told(START - timedelta(days=1)), "programme.not-running", "vaccinationDate"),
        (told(BORN - timedelta(days=1), BORN), "dose.before-birth", "vaccinationDate"),
        (
            told(date(2026, 5, 1), vaccinator="Amina Noor", facility="Market Street Clinic"),
            "vaccinator.not-assigned",
            "vaccinatorName",
        ),
        (
            told(date(2026, 5, 1), vaccinator="V3", facility="DEMO01"),
            "vaccinator.not-assigned",
            "vaccinatorName",
        ),
    ],
)
def test_an_imported_dose_that_cannot_be_is_a_named_mistake_and_registers_nobody(
    node: Node, staff: FindStaff, row: ReportedDose, code: str, column: str
) -> None:
    if row.vaccinator == "Amina Noor":
        row = replace(row, vaccinator=staff("V1").name)
    assert imported(node, row) == (0, [(code, column)])
    with node.journal.reading() as db:
        assert views.person_by_code(db, "X1") is None
    right = told(date(2026, 5, 1), vaccinator="V3", facility="Market Street Clinic")
    right = replace(right, vaccinator=staff("V3").name)
    assert imported(node, right) == (1, [])


def test_an_imported_dose_is_held_against_the_birth_that_is_on_record(node: Node) -> None:
    identity = "did:in.gov.id:1"
    register(node, BORN, identity=identity)
    row = told(BORN - timedelta(days=20))
    year = replace(row.person, identity=identity, birth_date=None, birth_year=BORN.year)
    assert imported(node, replace(row, person=year)) == (
        0,
        [("dose.before-birth", "vaccinationDate")],
    )


@pytest.fixture
def evidence(node: Node) -> Callable[[date], dict[str, Any]]:
    def claims(on: date) -> dict[str, Any]:
        return {
            "kind": "vaccination",
            "name": "Noor Saleh",
            "birthDate": "1990-04-02",
            "vaccine": "CoviProtect",
            "date": on.isoformat(),
            "lot": "Q1",
        }

    return claims


def test_a_certificate_of_a_day_before_the_programme_is_not_taken_in(
    node: Node, evidence: Callable[[date], dict[str, Any]]
) -> None:
    person = register(node)
    shown: list[dict[str, Any]] = []

    def judge(_: bytes) -> Verdict:
        return Verdict("valid", "divoc", "", claims=shown[-1])

    object.__setattr__(node.site, "judge", judge)
    asked = commands.ReportDoses(person=person, certificate="AAAA")
    shown.append(evidence(START - timedelta(days=1)))
    with pytest.raises(Refusal) as refused:
        desk(node, asked)
    assert (refused.value.code, refused.value.field) == ("programme.not-running", "on")
    shown.append(evidence(START))
    desk(node, asked)
    with node.journal.reading() as db:
        assert [dose.on for dose in views.history(db, person)] == [START]


def test_a_country_says_from_which_day_on_doses_given_elsewhere_count(
    node: Node, evidence: Callable[[date], dict[str, Any]]
) -> None:
    long_ago = date(2015, 6, 1)
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    assert doses_told(evidence(long_ago), catalogue, node.clock.today()) == []
    assert outside_programme(evidence(long_ago), catalogue, node.clock.today()) is not None
    campaign = demonstration()
    body: dict[str, Any] = json.loads(json.dumps(campaign.body))
    body["programmes"][0]["counts_from"] = "2015-01-01"
    put_in_force(node, CheckedCampaign(body))
    assert imported(node, told(long_ago)) == (1, [])
    assert imported(node, told(date(2014, 12, 31)))[1] == [
        ("programme.not-running", "vaccinationDate")
    ]
    with pytest.raises(Refusal) as refused:
        give(node, register(node, date(1991, 1, 1)), on=date(2025, 12, 31))
    assert refused.value.code == "programme.not-running"
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    (dose,) = doses_told(evidence(long_ago), catalogue, node.clock.today())
    assert dose.on == long_ago
    assert outside_programme(evidence(long_ago), catalogue, node.clock.today()) is None


def test_what_the_registry_tells_is_held_against_the_same_bounds(node: Node) -> None:
    person = register(node, BORN)
    body = {"programme": "covid-19", "vaccine": "coviprotect", "number": 1, "total": 2, "lot": "L"}
    today = node.clock.today()

    def take(on: date) -> bool:
        entry = {"id": f"of {on}", "type": "DoseGiven", "body": {**body, "on": on.isoformat()}}
        one = ForeignEntry("node", "DEMO02", entry)
        with node.journal.reading() as db:
            catalogue = node.site.catalogues.current(db)
        return node.journal.run(
            lambda unit: _take_dose(unit, person, one, entry["body"], "S1", catalogue, today)  # type: ignore[arg-type]
        )

    assert not take(BORN - timedelta(days=1))
    assert not take(START - timedelta(days=1))
    assert not take(today + timedelta(days=1))
    assert take(BORN)


def test_a_told_dose_of_a_facility_or_hand_that_nobody_knows_here_is_believed(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    person = Person(id="p", code="P", name="N", gender="Other", birth_year=1990)
    for facility, vaccinator in (("Hill Post", "V1"), ("DEMO02", "Nobody"), ("", ""), ("", "V1")):
        check_told(
            catalogue,
            catalogue.programmes["covid-19"],
            person,
            date(2026, 5, 1),
            node.clock.today(),
            facility=facility,
            vaccinator=vaccinator,
        )


def corrected(node: Node, dose: str, days_ago: int, by: str = "V1") -> None:
    on = node.clock.today() - timedelta(days=days_ago)
    command = commands.CorrectDose(dose=dose, reason="another day", on=on)
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff[by]
    desk(node, named(node, command, staff) if by == "S1" else command, by)


@pytest.mark.parametrize("days_ago", [60, 28, 27, 20, 8])
def test_a_day_that_lets_the_next_dose_come_soon_needs_a_supervisor(
    node: Node, days_ago: int
) -> None:
    dose = give(node, register(node))
    with pytest.raises(Refusal) as refused:
        corrected(node, dose, days_ago)
    assert (refused.value.code, refused.value.overridable) == ("correction.makes-due", True)
    corrected(node, dose, days_ago, "S1")


def test_a_slip_of_a_day_or_two_needs_nobody_else(node: Node) -> None:
    dose = give(node, register(node))
    corrected(node, dose, 2)
    corrected(node, dose, 0)


def test_what_speaks_against_a_dose_is_taken_back_by_a_supervisor_or_by_its_recorder_that_day(
    node: Node,
) -> None:
    def seen(person: str, by: str, *, present: bool, **more: Any) -> None:
        desk(node, commands.RecordObservation(person=person, code="weak-immunity",
                                              present=present, **more), by)  # fmt: skip

    child = register(node, node.clock.today() - timedelta(days=5 * 366))
    seen(child, "V2", present=True)
    with pytest.raises(Refusal) as refused:
        seen(child, "V1", present=False)
    assert refused.value.code == "correction.makes-due"
    seen(child, "V2", present=False)
    seen(child, "V2", present=True)
    signed = commands.Override(reason="seen again", supervisor="S1")
    seen(child, "V1", present=False, override=signed)
    adult = register(node, date(1950, 1, 1), different_person=True)
    seen(adult, "V2", present=True)
    seen(adult, "V1", present=False)  # nothing comes due with it
