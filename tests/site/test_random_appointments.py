"""In any order of booking, moving, merging and new campaigns no slot has more people than room."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from desks import of_type, take
from rebuilding import rebuilt_is_the_same
from shares import BOOKED_CLINICS
from slots import LATER, MORNING, PROGRAMME, put_slots, register, slot

from edge.domain.errors import EdgeError
from edge.domain.slots import SlotKey
from edge.journal import views
from edge.node import Node
from edge.services.appointments.unkept import unkept_appointments
from edge.services.commands import (
    BookAppointment,
    CancelAppointment,
    Command,
    GiveDose,
    MergePeople,
    MoveAppointment,
    Override,
    RecordStatus,
    TakeBackDose,
    UndoMerge,
)

STEPS = 90
HOURS = (MORNING, LATER, "13:00-14:00", "00:00-23:59")


class Clinic:
    """People and what the clinic itself remembers of their appointments, apart from the software."""

    def __init__(self, node: Node, random: Random) -> None:
        self.node, self.random = node, random
        self.people = [register(node, f"Person {number}") for number in range(10)]
        self.booked: dict[str, SlotKey] = {}
        self.rooms: dict[str, int | None] = {}
        self.allowed: Counter[SlotKey] = Counter()
        self.merges: list[str] = []
        self.doses: list[tuple[str, str]] = []
        self.refused: Counter[str] = Counter()
        self.most = 0
        self.campaign()

    def step(self) -> None:
        acts = [self.book] * 6 + [self.move] * 3 + [self.cancel, self.merge, self.undo, self.status,
                self.give, self.take_back, self.campaign]  # fmt: skip
        try:
            self.random.choice(acts)()
        except EdgeError as error:
            self.refused[error.code] += 1

    def take(self, command: Command) -> str:
        return take(self.node, command)

    def somebody(self) -> str:
        return self.random.choice(self.people)

    def a_slot(self) -> tuple[date, str]:
        days = timedelta(days=self.random.randrange(2))
        return self.node.clock.today() + days, self.random.choice(HOURS)

    def book(self) -> None:
        on, hours = self.a_slot()
        command = BookAppointment(person=self.somebody(), programme=PROGRAMME, on=on, slot=hours)
        self.booked[self.take(command)] = (on, hours)

    def move(self) -> None:
        if self.booked:
            id_, (on, hours) = self.random.choice(list(self.booked)), self.a_slot()
            self.take(MoveAppointment(appointment=id_, on=on, slot=hours))
            self.booked[id_] = (on, hours)

    def cancel(self) -> None:
        if self.booked:
            id_ = self.random.choice(list(self.booked))
            self.take(CancelAppointment(appointment=id_, reason="At random"))
            del self.booked[id_]

    def merge(self) -> None:
        pair = (self.somebody(), self.somebody())
        command = MergePeople(kept=pair[0], merged=pair[1], reason="At random", although=True)
        self.merges.append(self.take(command))

    def undo(self) -> None:
        if self.merges:
            place = self.random.randrange(len(self.merges))
            self.take(UndoMerge(merge=self.merges[place], reason="At random"))
            del self.merges[place]

    def status(self) -> None:
        """Say that somebody died or moved, or is here again: the places go, and stay gone."""
        person = self.somebody()
        name = self.random.choice(("died", "moved", *["active"] * 6))
        word = Override(reason="At random", supervisor="S1")
        self.take(RecordStatus(person=person, status=name, override=word))  # type: ignore[arg-type]
        if name != "active":
            self.freed(person)

    def freed(self, person: str) -> None:
        with self.node.journal.reading() as db:
            ids = {one.id for one in views.appointments_of(db, person, self.node.clock.zone)
                   if not one.dose}  # fmt: skip
        self.booked = {id_: key for id_, key in self.booked.items() if id_ not in ids}

    def give(self) -> None:
        word = Override(reason="At random", supervisor="S1")
        person = self.somebody()
        dose = GiveDose(person=person, programme=PROGRAMME, vaccine="coviprotect",
                        lot="CP2611A", override=word)  # fmt: skip
        self.doses.append((take(self.node, dose, "V1"), person))

    def take_back(self) -> None:
        if self.doses:
            dose, person = self.doses.pop()
            said = len(of_type(self.node, "PersonStatusRecorded"))
            self.take(TakeBackDose(dose=dose, kind="not-given", reason="At random"))
            if len(of_type(self.node, "PersonStatusRecorded")) > said:  # gone, as before the dose
                self.freed(person)

    def campaign(self) -> None:
        """Bring other slots into force: more room, less, or none."""
        hours = self.random.sample(HOURS, 3)
        self.rooms = {one: self.random.choice((1, 1, 2, None)) for one in hours}
        put_slots(self.node, *(slot(room, one) for one, room in self.rooms.items()))
        self.allowed = Counter(self.booked.values())

    def check(self) -> None:
        node, counts = self.node, Counter(self.booked.values())
        today, zone = node.clock.today(), node.clock.zone
        with node.journal.reading() as db:
            catalogue = node.site.catalogues.current(db)
            held = views.booked(db, "DEMO01", PROGRAMME, today, today + timedelta(days=9))
            unkept = unkept_appointments(db, catalogue, "DEMO01", today, zone)
            open_ = Counter(
                (one.on, one.hours)
                for days in range(9)
                for one in views.appointments_on(db, "DEMO01", today + timedelta(days=days), zone)
                if one.opens(today)
            )
        assert held == counts
        self.most = max(self.most, len(self.booked))
        for key, count in counts.items():
            room = self.rooms.get(key[1], 0)
            assert room is None or count <= max(room, self.allowed[key]), (key, count, room)
            self.allowed[key] = min(self.allowed[key], count)
        over = Counter((one.record.on, one.record.hours) for one in unkept)
        for key, count in open_.items():
            room = self.rooms.get(key[1], 0)
            assert over[key] == (0 if room is None else max(count - room, 0))


@pytest.mark.slow  # a site, and ninety requests
@pytest.mark.parametrize("seed", BOOKED_CLINICS)
def test_in_any_order_no_slot_is_over_its_room_unless_a_campaign_shrank_it(
    node: Node, site_folder: Path, seed: int
) -> None:
    clinic = Clinic(node, Random(seed))
    for _ in range(STEPS):
        clinic.step()
        clinic.check()
    assert clinic.refused["appointment.full"] > 0
    assert clinic.most > 2
    assert rebuilt_is_the_same(node, site_folder)
