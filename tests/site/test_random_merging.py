"""Two tablets register, give, correct, merge and undo in any order: nothing is lost or mixed up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest
from rebuilding import rebuilt_is_the_same
from shares import MERGED_CLINICS

from edge.domain.catalogue import Staff
from edge.domain.errors import EdgeError
from edge.journal import merges, people_pages, views
from edge.node import Node
from edge.services.commands import (
    Arrive,
    Command,
    CorrectPerson,
    DistinguishPeople,
    GiveDose,
    GuardianInput,
    MergePeople,
    Override,
    RecordObservation,
    RecordStatus,
    RegisterPerson,
    UndoMerge,
)

STEPS = 70
AWAY: tuple[Literal["active", "moved", "lost", "died"], ...] = ("active", "moved", "lost", "died")
PROGRAMME = "covid-19"


class Clinic:
    """Some people, and a list of merges kept beside the software: which stand, between whom."""

    def __init__(self, node: Node, staff: Callable[[str], Staff], random: Random) -> None:
        self.node = node
        self.staff = staff
        self.random = random
        self.people: list[str] = []
        self.under: dict[str, str] = {}
        self.merges: dict[str, tuple[str, str]] = {}
        self.pictures: dict[str, dict[str, object]] = {}

    def take(self, command: Command, by: str) -> str:
        return self.node.desk.take(self.node.site.ids.new(), command, self.staff(by)).id

    def root(self, id_: str) -> str:
        while id_ in self.under:
            id_ = self.under[id_]
        return id_

    def group(self, id_: str) -> set[str]:
        return {one for one in self.people if self.root(one) == self.root(id_)}

    def picture(self, id_: str) -> object:
        """Give all that the site says of a person, whichever id it is asked by."""
        with self.node.journal.reading() as db:
            return (
                views.person(db, id_),
                views.history(db, id_),
                [one.dose for one in views.certificates_of(db, id_) if not one.revoked_at],
                views.observations(db, id_),
                people_pages.expected_for(db, id_),
                views.ids_of(db, id_),
            )

    def step(self) -> None:
        acts = [self.register, self.give, self.correct, self.merge, self.merge, self.undo,
                self.arrive, self.status, self.observe, self.distinguish]  # fmt: skip
        self.random.choice(acts)() if len(self.people) > 2 else self.register()

    def anybody(self) -> str:
        return self.random.choice(self.people)

    def register(self) -> None:
        number = len(self.people)
        mother = GuardianInput(name=f"Mother {number}") if self.random.random() < 0.5 else None
        command = RegisterPerson(
            name=self.random.choice(("Amina Yusuf", "Aminah Yussuf", "Dara Sok")),
            gender="Female",
            birth_date=date(1990, 5, 1 + number % 3),
            phone=f"0555{number:06}" if self.random.random() < 0.5 else "",
            identity=f"did:test:card:{number}" if self.random.random() < 0.5 else "",
            guardian=mother,
            different_person=True,
        )
        self.people.append(self.take(command, "R1"))

    def give(self) -> None:
        word = Override(reason="At random", supervisor="S1")
        on = self.node.clock.today() - timedelta(days=self.random.randrange(90))
        vaccine, lot = self.random.choice((("coviprotect", "CP2611A"), ("adenovax", "AV4417")))
        dose = GiveDose(
            person=self.anybody(),
            programme=PROGRAMME,
            vaccine=vaccine,
            lot=lot,
            on=on,
            override=word,
        )
        self.take(dose, "V1")

    def correct(self) -> None:
        fields: dict[str, Any] = self.random.choice(
            ({"name": f"Name {self.random.random()}"}, {"phone": ""}, {"guardian": GuardianInput()},
             {"phone": f"0777{self.random.randrange(10**6):06}"}, {"identity": ""})
        )  # fmt: skip
        self.take(CorrectPerson(person=self.anybody(), reason="At random", **fields), "V1")

    def merge(self) -> None:
        kept, merged = self.anybody(), self.anybody()
        shown = self.root(kept), self.root(merged)
        before = {id_: self.picture(id_) for id_ in self.group(merged)}
        command = MergePeople(kept=kept, merged=merged, reason="At random", although=True)
        id_ = self.take(command, "S1")
        self.under[shown[1]] = shown[0]
        self.merges[id_] = shown
        self.pictures[id_] = before

    def undo(self) -> None:
        if not self.merges:
            return
        id_ = self.random.choice(list(self.merges))
        self.take(UndoMerge(merge=id_, reason="At random"), "S1")
        _, merged = self.merges.pop(id_)
        del self.under[merged]
        before = self.pictures.pop(id_)
        if self.group(merged) == set(before):  # nobody else came or went in between
            assert {one: self.picture(one) for one in before} == before
        for other in list(self.pictures):  # those in whom this one is are no longer as they were
            if merged in self.pictures[other] and set(before) <= set(self.pictures[other]):
                self.pictures[other] = {}

    def arrive(self) -> None:
        self.take(Arrive(person=self.anybody(), programme=PROGRAMME), "R1")

    def status(self) -> None:
        name = self.random.choice(AWAY)
        self.take(RecordStatus(person=self.anybody(), status=name), "S1")

    def observe(self) -> None:
        present = self.random.random() < 0.6
        self.take(RecordObservation(person=self.anybody(), code="pregnant", present=present), "V1")

    def distinguish(self) -> None:
        pair = (self.anybody(), self.anybody())
        self.take(DistinguishPeople(persons=pair, reason="At random"), "S1")

    def check(self) -> None:
        with self.node.journal.reading() as db:
            for id_ in self.people:
                person = views.person(db, id_)
                assert person
                assert person.id == self.root(id_)
                assert set(views.ids_of(db, id_)) == self.group(id_)
                for paper in views.certificates_of(db, id_):
                    assert paper.revoked_at or self.root(paper.person) == person.id
            everybody = people_pages.people_after(db, "", 10_000)
            ids = [page.person.id for page in everybody]
            assert len(ids) == len(set(ids))
            mine = [page for page in everybody if page.person.id in set(self.people)]
            assert {page.person.id for page in mine} == {self.root(id_) for id_ in self.people}
            for page in mine:
                assert page.person == views.person(db, page.person.id)
                assert list(page.doses) == views.history(db, page.person.id)
                assert page.observations == views.observations(db, page.person.id)
            waiting = [row.person.id for row in views.queue(db)]
            assert len(waiting) == len(set(waiting))
            standing = {one.id for one in merges.newest_merges(db, 1000) if not one.undone_at}
            assert standing == set(self.merges)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MERGED_CLINICS)
def test_in_any_order_of_giving_correcting_merging_and_undoing_tables_say_what_the_journal_says(
    node: Node, staff: Callable[[str], Staff], site_folder: Path, seed: int
) -> None:
    clinic = Clinic(node, staff, Random(seed))
    refused = 0
    for _ in range(STEPS):
        try:
            clinic.step()
        except EdgeError:
            refused += 1
        clinic.check()
    assert refused < STEPS / 2
    assert rebuilt_is_the_same(node, site_folder)
    for id_ in list(clinic.merges):
        clinic.take(UndoMerge(merge=id_, reason="All of them"), "S1")
    with node.journal.reading() as db:
        assert {id_ for one in clinic.people for id_ in views.ids_of(db, one)} == set(clinic.people)
        assert all(views.ids_of(db, one) == [one] for one in clinic.people)
    assert rebuilt_is_the_same(node, site_folder)
