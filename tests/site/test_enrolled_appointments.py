"""Enrolments that carry an appointment arrive as bookings, within the room that there is."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from desks import of_type, take
from slots import LATER, MORNING, put_slots, slot, tomorrow

from edge.campaign.divoc_columns import APPOINTMENT, ENROLMENTS
from edge.campaign.divoc_csv import read_enrolments
from edge.campaign.files.table_file import TableFile
from edge.domain.errors import BadInput
from edge.journal import views
from edge.node import Node
from edge.services.commands import CancelAppointment
from edge.services.imports.reports import ImportOptions, Report
from edge.services.imports.tables import ImportRequest


def row(name: str, on: date | str, hours: str = MORNING) -> dict[str, str]:
    return {
        "dob": "1990-05-01", "gender": "Female", "name": name, "enrollmentScopeId": "DEMO01",
        "identity": f"did:web:id.demoland.example:{name}", "appointmentDate": str(on),
        "appointmentSlot": hours,
    }  # fmt: skip


def file_of(*rows: dict[str, str]) -> TableFile:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*ENROLMENTS, *APPOINTMENT], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return TableFile.of("enrolments.csv", text.getvalue().encode())


def enrol(node: Node, *rows: dict[str, str], dry_run: bool = False) -> Report:
    how = ImportOptions(dry_run=dry_run)
    return node.tables.take(ImportRequest("enrolments", "covid-19"), file_of(*rows), how)


def booked(node: Node, on: date) -> list[tuple[str, str, str]]:
    with node.journal.reading() as db:
        found = views.appointments_on(db, "DEMO01", on, node.clock.zone)
    return [(one.person.name, one.hours, one.source) for one in found]


def test_who_was_enrolled_for_a_slot_is_booked_into_it_and_the_same_file_books_nobody_again(
    node: Node,
) -> None:
    put_slots(node, slot(5), slot(5, LATER))
    on = tomorrow(node)
    rows = (row("Zawadi Otieno", on), row("Baraka Mwangi", on, LATER))
    assert enrol(node, *rows).taken == 2
    assert booked(node, on) == [
        ("Zawadi Otieno", MORNING, "enrolment"), ("Baraka Mwangi", LATER, "enrolment"),
    ]  # fmt: skip
    again = enrol(node, *rows)
    assert (again.taken, again.known) == (0, 2)
    first = of_type(node, "AppointmentBooked")[0].id
    take(node, CancelAppointment(appointment=first, reason="Travels"), "R1")
    enrol(node, *rows)
    assert booked(node, on) == [("Baraka Mwangi", LATER, "enrolment")]


@pytest.mark.parametrize("dry_run", [True, False])
def test_who_finds_no_room_is_enrolled_and_named_with_line_and_column(
    node: Node, dry_run: bool
) -> None:
    put_slots(node, slot(2))
    on = tomorrow(node)
    rows = [row(name, on) for name in ("Zawadi Otieno", "Baraka Mwangi", "Nasra Keita")]
    report = enrol(node, *rows, dry_run=dry_run)
    (mistake,) = report.mistakes
    assert (mistake.line, mistake.code, mistake.column) == (
        4,
        "appointment.full",
        "appointmentSlot",
    )
    assert "The person is enrolled" in mistake.hint
    with node.journal.reading() as db:
        assert len(views.find_people(db, "Nasra Keita")) == (0 if dry_run else 1)
    assert len(booked(node, on)) == (0 if dry_run else 2)


def test_a_day_that_nobody_chose_one_that_is_over_and_no_day_book_nobody(node: Node) -> None:
    put_slots(node, slot(2))
    yesterday = node.clock.today() - timedelta(days=1)
    rows = [
        row("Zawadi Otieno", "0001-01-01"),
        row("Baraka Mwangi", yesterday),
        row("Nasra Keita", ""),
    ]
    assert (enrol(node, *rows).taken, of_type(node, "AppointmentBooked")) == (3, [])


def test_a_slot_that_is_none_is_named(node: Node) -> None:
    report = enrol(node, row("Zawadi Otieno", tomorrow(node), "in the morning"))
    assert [(one.code, one.column) for one in report.mistakes] == [("csv.slot", "appointmentSlot")]


def of_registry(code: str, *appointments: dict[str, object], **said: object) -> dict[str, object]:
    """Give an enrolment as DIVOC's registry answers it."""
    return {
        "osid": f"1-{code}", "code": code, "name": f"Zawadi {code}", "gender": "Female", "yob": 1990,
        "identity": f"did:web:id.demoland.example:{code}", "nationalId": "Demolander",
        "address": {"addressLine1": "1 Well Lane", "district": "North Delta", "pincode": "1"},
        "appointments": list(appointments), **said,
    }  # fmt: skip


def at(on: date | str, **said: object) -> dict[str, object]:
    return {"osid": "1-a", "programId": "1-p", "appointmentDate": str(on), "dose": "1",
            "appointmentSlot": MORNING, "enrollmentScopeId": "DEMO01", "certified": False, **said}  # fmt: skip


def test_enrolments_of_divocs_registry_arrive_with_the_appointment_that_is_still_to_be_kept(
    node: Node,
) -> None:
    put_slots(node, slot(5), slot(5, LATER))
    on = tomorrow(node)
    enrolments = [
        of_registry("EN1", at(on, certified=True), at("0001-01-01", dose="2"), at(on, dose="2")),
        of_registry("EN2", at("0001-01-01"), dob="1979-03-04"),
        of_registry("EN3", at(on, enrollmentScopeId="DEMO02")),
        of_registry("EN4"),
    ]
    file = TableFile.of("enrolments.json", json.dumps(enrolments).encode())
    report = node.tables.take(ImportRequest("enrolments", "covid-19"), file)
    assert (report.taken, [one.code for one in report.mistakes]) == (
        2, ["enrolment.elsewhere", "csv.cell-empty"],
    )  # fmt: skip
    assert booked(node, on) == [("Zawadi EN1", MORNING, "enrolment")]
    assert of_type(node, "AppointmentBooked")[0].body["enrolment"] == "1-EN1"
    with node.journal.reading() as db:
        one, two = (views.person_by_code(db, code) for code in ("EN1", "EN2"))
    assert one
    assert two
    assert (one.birth_year, one.address.district, one.nationality) == (
        1990,
        "North Delta",
        "Demolander",
    )
    assert two.birth_date == date(1979, 3, 4)
    assert node.tables.take(ImportRequest("enrolments", "covid-19"), file).taken == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"[1]", "json.no-enrolment"), (b"{", "json.broken"), (b"[" * 5000, "json.broken"),
     (b"[" + b" " * 16 * 1024**2, "json.too-large")],
)  # fmt: skip
def test_json_that_is_no_enrolment_is_named(node: Node, content: bytes, code: str) -> None:
    asked, file = ImportRequest("enrolments", "covid-19"), TableFile.of("e.json", content)
    try:
        codes = [one.code for one in node.tables.take(asked, file).mistakes]
    except BadInput as error:
        codes = [error.code]
    assert codes == [code]


def test_another_table_as_json_is_refused_with_the_remedy(node: Node) -> None:
    with pytest.raises(BadInput, match="As JSON only enrolments are taken"):
        node.tables.take(ImportRequest("vaccinators"), TableFile.of("v.json", b"[]"))


def test_an_enrolment_that_is_withdrawn_frees_its_place_and_books_again_when_it_is_enrolled_again(
    node: Node,
) -> None:
    put_slots(node, slot(1))
    on = tomorrow(node)
    table = row("Zawadi Otieno", on)
    enrol(node, table)
    (read,) = read_enrolments(file_of(table), node.clock.today())
    assert node.importer.withdrawn_enrolments("e.csv", [read], "covid-19").taken == 1
    assert booked(node, on) == []
    enrol(node, row("Baraka Mwangi", on))
    (mistake,) = enrol(node, table).mistakes
    assert mistake.code == "appointment.full"
    take(
        node,
        CancelAppointment(appointment=of_type(node, "AppointmentBooked")[1].id, reason="Ill today"),
        "R1",
    )
    node.importer.withdrawn_enrolments("e.csv", [read], "covid-19")
    enrol(node, table)
    assert booked(node, on) == [("Zawadi Otieno", MORNING, "enrolment")]
