"""Appointments at a site: a slot has no more people than room, whoever asks, and says who came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from desks import of_type, take
from rebuilding import rebuilt_is_the_same
from slots import LATER, MORNING, PROGRAMME, book, found, put_slots, register, slot, tomorrow

from edge.domain.errors import BadInput, Conflict, EdgeError, Refusal
from edge.journal import views
from edge.node import Node
from edge.services.appointments.unkept import unkept_appointments
from edge.services.commands import (
    Arrive,
    BookAppointment,
    CancelAppointment,
    GiveDose,
    MergePeople,
    MoveAppointment,
    Override,
    RecordStatus,
    TakeBackDose,
    UndoMerge,
)


def give(node: Node, person: str) -> str:
    dose = GiveDose(person=person, programme=PROGRAMME, vaccine="coviprotect", lot="CP2611A")
    return take(node, dose, "V1")


def test_of_two_tablets_at_the_last_place_one_books_it_and_the_other_is_told_the_next(
    node: Node,
) -> None:
    put_slots(node, slot(1), slot(1, LATER))
    people = [register(node, name) for name in ("Amina Yusuf", "Dara Sok")]

    def tap(person: str) -> list[str]:
        try:
            return ["booked"] if book(node, person) else []
        except Conflict as full:
            return [str(full), str(full.values["next_slot"])]

    with ThreadPoolExecutor(2) as tablets:
        outcomes = sorted(tablets.map(tap, people), key=len)
    day = tomorrow(node)
    sentence = f"The slot {MORNING} on {day} is full: it has room for 1."
    assert outcomes == [["booked"], [sentence, LATER]]


def test_a_slot_that_there_is_not_or_that_is_over_is_refused_with_what_there_is(
    node: Node,
) -> None:
    put_slots(node, slot(5))
    person = register(node, "Amina Yusuf")
    with pytest.raises(BadInput) as caught:
        book(node, person, hours="09:00-10:00")
    assert (caught.value.code, caught.value.values["known"]) == ("appointment.no-slot", MORNING)
    for day, code in ((-1, "appointment.over"), (800, "appointment.far")):
        with pytest.raises(BadInput) as caught:
            book(node, person, node.clock.today() + timedelta(days=day))
        assert caught.value.code == code
    command = BookAppointment(
        person=person, programme=PROGRAMME, on=tomorrow(node), facility="NOWHERE"
    )
    with pytest.raises(BadInput) as caught:
        take(node, command, "R1")
    assert caught.value.code == "facility.unknown"


def test_an_appointment_is_moved_and_cancelled_and_its_place_is_free_again(node: Node) -> None:
    put_slots(node, slot(1), slot(1, LATER))
    one, other = (register(node, name) for name in ("Amina Yusuf", "Dara Sok"))
    id_ = book(node, one)
    with pytest.raises(Conflict, match="expected for this programme"):
        book(node, one, hours=LATER)
    take(node, MoveAppointment(appointment=id_, on=tomorrow(node), slot=LATER), "R1")
    second = book(node, other)
    take(node, CancelAppointment(appointment=second, reason="Travels"), "R1")
    with pytest.raises(Conflict, match="cancelled already"):
        take(node, CancelAppointment(appointment=second, reason="Travels"), "R1")
    take(node, MoveAppointment(appointment=id_, on=tomorrow(node), slot=MORNING), "R1")
    assert (found(node, id_).hours, found(node, second).reason) == (MORNING, "Travels")
    assert [entry.body["slot"] for entry in of_type(node, "AppointmentMoved")] == [LATER, MORNING]


def test_without_slots_of_its_own_a_day_has_room_for_the_daily_rate(node: Node) -> None:
    put_slots(node, daily_rate=1)
    book(node, register(node, "Amina Yusuf"), hours="")
    with pytest.raises(Conflict, match=r"The day .* is full: it has room for 1") as caught:
        book(node, register(node, "Dara Sok"), hours="")
    assert caught.value.values["next_on"] == tomorrow(node) + timedelta(days=1)


def test_more_than_a_hundred_are_booked_on_a_day_and_all_are_listed(node: Node) -> None:
    put_slots(node, slot(None))
    people = [register(node, f"Person {number}") for number in range(120)]
    for person in people:
        book(node, person)
    with node.journal.reading() as db:
        listed = views.appointments_on(db, "DEMO01", tomorrow(node), node.clock.zone)
    assert [record.person.id for record in listed] == people


def test_a_dose_closes_the_appointment_of_its_programme_that_day_and_taken_back_opens_it(
    node: Node, site_folder: Path
) -> None:
    put_slots(node, slot(5, "00:00-23:59"))
    today = node.clock.today()
    person = register(node, "Amina Yusuf")
    id_ = book(node, person, today, "00:00-23:59")
    assert found(node, id_).state(today) == "expected"
    take(node, Arrive(person=person, programme=PROGRAMME), "R1")
    assert found(node, id_).state(today) == "came"
    dose = give(node, person)
    assert (found(node, id_).state(today), found(node, id_).dose) == ("vaccinated", dose)
    with pytest.raises(Conflict, match="was kept"):
        take(node, CancelAppointment(appointment=id_, reason="Travels"), "R1")
    take(node, TakeBackDose(dose=dose, kind="not-given", reason="Refused"), "V1")
    assert found(node, id_).state(today) == "came"
    assert rebuilt_is_the_same(node, site_folder)


def test_who_did_not_come_is_missed_on_the_next_day(node: Node) -> None:
    put_slots(node, slot(5))
    id_ = book(node, register(node, "Amina Yusuf"))
    assert found(node, id_).state(tomorrow(node)) == "expected"
    assert found(node, id_).state(tomorrow(node) + timedelta(days=1)) == "missed"


@pytest.mark.parametrize("status", ["died", "moved"])
def test_who_died_or_moved_away_frees_the_place_and_does_not_take_it_back(
    node: Node, status: str, site_folder: Path
) -> None:
    put_slots(node, slot(1))
    person, other = (register(node, name) for name in ("Amina Yusuf", "Dara Sok"))
    id_ = book(node, person)
    take(node, RecordStatus(person=person, status=status))  # type: ignore[arg-type]
    assert found(node, id_).freed == status
    with pytest.raises(Refusal, match="having died or moved away"):
        book(node, person)
    book(node, other)
    word = Override(reason="Was mistaken", supervisor="S1")
    take(node, RecordStatus(person=person, status="active", override=word))
    with pytest.raises(Conflict, match="is full"):
        book(node, person)
    assert rebuilt_is_the_same(node, site_folder)


def test_appointments_follow_a_merged_person_and_go_back_when_it_is_undone(
    node: Node, site_folder: Path
) -> None:
    put_slots(node, slot(5), slot(5, LATER))
    kept, merged = (register(node, name) for name in ("Amina Yusuf", "Aminah Yussuf"))
    id_ = book(node, merged)
    merge = take(node, MergePeople(kept=kept, merged=merged, reason="Same card", although=True))
    assert found(node, id_).person.id == kept
    with pytest.raises(Conflict, match="expected for this programme"):
        book(node, kept, hours=LATER)
    take(node, UndoMerge(merge=merge, reason="Two after all"))
    assert found(node, id_).person.id == merged
    assert book(node, kept)
    assert rebuilt_is_the_same(node, site_folder)


def test_a_campaign_that_takes_a_slot_or_its_room_names_who_must_be_called(node: Node) -> None:
    put_slots(node, slot(3), slot(3, LATER))
    people = [register(node, f"Person {number}") for number in range(4)]
    ids = [book(node, person) for person in people[:3]]
    ids.append(book(node, people[3], hours=LATER))
    put_slots(node, slot(1))
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        named = unkept_appointments(db, catalogue, "DEMO01", node.clock.today(), node.clock.zone)
    assert [(one.record.id, one.why) for one in named] == [
        (ids[1], "over"), (ids[2], "over"), (ids[3], "gone"),
    ]  # fmt: skip
    with pytest.raises(EdgeError, match="is full"):
        book(node, register(node, "One more"))
