"""Appointments at a site: a slot has no more people than room, whoever asks, and says who came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desks import of_type, take
from rebuilding import rebuilt_is_the_same
from slots import LATER, MORNING, PROGRAMME, book, found, put_slots, register, slot, tomorrow

from edge.domain.errors import BadInput, Conflict, EdgeError, Refusal
from edge.journal import views
from edge.journal.unit import Unit
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
    RegisterPerson,
    TakeBackDose,
    UndoMerge,
)
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest
from printers.document import Field, Text


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


ALL_DAY = "00:00-23:59"


def test_walk_ins_take_the_places_of_their_slot_where_the_campaign_says_so(node: Node) -> None:
    today = node.clock.today()
    put_slots(node, slot(2, ALL_DAY), walk_ins_take_room=True, walk_ins=[])
    expected, walk_in, third = (
        register(node, name) for name in ("Amina Yusuf", "Dara Sok", "Efua Owusu")
    )
    book(node, expected, today, ALL_DAY)
    give(node, walk_in)
    with pytest.raises(Conflict, match="has room for 2"):
        book(node, third, today, ALL_DAY)
    give(node, third)
    advised = [entry.body.get("advised", []) for entry in of_type(node, "DoseGiven")[-2:]]
    assert "appointment.no-room" not in advised[0]
    assert "appointment.no-room" in advised[1]
    put_slots(node, slot(2, ALL_DAY))
    assert book(node, register(node, "Kofi Annor"), today, ALL_DAY)


def test_a_dose_of_another_day_than_the_appointment_is_advised_or_held_up_as_the_campaign_says(
    node: Node,
) -> None:
    put_slots(node, slot(2))
    person = register(node, "Amina Yusuf")
    book(node, person)
    give(node, person)
    assert of_type(node, "DoseGiven")[-1].body["advised"] == ["appointment.other-day"]
    other = register(node, "Dara Sok")
    put_slots(node, slot(2), approval={"appointment": "supervisor"})
    book(node, other)
    with pytest.raises(Refusal, match="This person is expected on"):
        give(node, other)


def test_who_has_an_appointment_today_is_expected_and_no_walk_in(node: Node) -> None:
    put_slots(node, slot(2, ALL_DAY), walk_ins=[], approval={"opening": "refuse"})
    person = register(node, "Amina Yusuf")
    with pytest.raises(Refusal, match="takes nobody without an appointment"):
        give(node, person)
    book(node, person, node.clock.today(), ALL_DAY)
    assert give(node, person)


def test_who_is_registered_at_the_desk_is_a_walk_in_and_who_is_enrolled_is_not(node: Node) -> None:
    put_slots(node, slot(2, ALL_DAY), walk_ins=[], approval={"opening": "refuse"})
    command = RegisterPerson(
        name="Amina Yusuf", gender="Female", birth_date=date(1980, 5, 1), programme=PROGRAMME
    )
    came = take(node, command, "R1")
    with pytest.raises(Refusal, match="takes nobody without an appointment"):
        give(node, came)
    with node.journal.reading() as db:
        (enrolled,) = views.find_people(db, "ሰላም ኃይሉ")
    assert give(node, enrolled.id)


def test_a_vaccinators_doses_of_a_day_are_counted_by_themselves(node: Node) -> None:
    put_slots(node, rate_per_vaccinator=1, approval={"daily_rate": "refuse"})
    give(node, register(node, "Amina Yusuf"))
    other = register(node, "Dara Sok")
    with pytest.raises(
        Refusal,
        match="Asha Verma has given as many doses as one vaccinator is meant to give in a day: 1",
    ):
        give(node, other)
    dose = GiveDose(person=other, programme=PROGRAMME, vaccine="coviprotect", lot="CP2611A")
    assert take(node, dose, "V2")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
def test_who_came_came_on_the_sites_own_day_wherever_it_is(node: Node, zone: str) -> None:
    own = ZoneInfo(zone)
    today, person = node.clock.now().astimezone(own).date(), register(node, "Amina Yusuf")
    take(node, Arrive(person=person, programme=PROGRAMME), "R1")
    states = {}
    for days in (-1, 0, 1):
        on, id_ = today + timedelta(days=days), node.site.ids.new()
        body = {"person": person, "programme": PROGRAMME, "facility": "DEMO01",
                "on": on.isoformat(), "source": "site"}  # fmt: skip
        node.journal.run(partial(append, id_=id_, body=body))
        with node.journal.reading() as db:
            record = views.appointment(db, id_, own)
        assert record
        states[days] = record.state(today)
    assert states == {-1: "missed", 0: "came", 1: "expected"}


def append(unit: Unit, id_: str, body: dict[str, str]) -> None:
    unit.append("AppointmentBooked", body, id_=id_, by="R1")


def printed(node: Node, slip: str, subject: str) -> list[str]:
    document = node.print_room.slip(SlipRequest(slip, subject), NO_PRINTER)
    texts = [block.text for block in document.blocks if isinstance(block, Text)]
    return texts + [
        f"{one.label}: {one.value}" for one in document.blocks if isinstance(one, Field)
    ]


def test_the_slip_says_day_and_hours_of_an_appointment_and_of_the_one_after_a_dose(
    node: Node,
) -> None:
    put_slots(node, slot(5))
    person = register(node, "Amina Yusuf")
    dose = give(node, person)
    on = tomorrow(node) + timedelta(days=40)
    planned = printed(node, "appointment", dose)
    assert not any(line.startswith("Time: ") for line in planned)
    id_ = book(node, person, on)
    for subject in (id_, dose):
        lines = printed(node, "appointment", subject)
        assert f"Come back on: {on}" in lines
        assert f"Time: {MORNING}" in lines
    assert "Next dose: 2 / 2" in printed(node, "appointment", dose)
    take(node, CancelAppointment(appointment=id_, reason="Travels"), "R1")
    assert printed(node, "appointment", dose) == planned
    with pytest.raises(Conflict, match="cancelled already"):
        printed(node, "appointment", id_)


@pytest.mark.slow  # more people than DIVOC's own list of a day has
def test_more_than_a_hundred_are_booked_on_a_day_and_all_are_listed_on_paper_too(
    node: Node,
) -> None:
    put_slots(node, slot(None), slot(3, LATER))
    people = [register(node, f"Person {number}") for number in range(105)]
    for place, person in enumerate(people):
        book(node, person, hours=LATER if place < 3 else MORNING)
    with node.journal.reading() as db:
        listed = views.appointments_on(db, "DEMO01", tomorrow(node), node.clock.zone)
    assert [record.person.id for record in listed] == people
    lines = printed(node, "expected", tomorrow(node).isoformat())
    assert sum(line.startswith("Person ") for line in lines) == 105
    heads = [line for line in lines if "COVID-19" in line]
    assert heads == [
        f"{MORNING} · COVID-19, two doses: 102", f"{LATER} · COVID-19, two doses: 3",
    ]  # fmt: skip
