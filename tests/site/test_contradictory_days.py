"""Every two days of one person that cannot both be so: whichever comes second is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from desks import named

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Refusal
from edge.journal import views
from edge.journal.entries import last_position
from edge.node import Node
from edge.services.commands import (
    CardDose,
    Command,
    CorrectPerson,
    GiveDose,
    MergePeople,
    RecordObservation,
    RecordStatus,
    RegisterPerson,
    ReportCard,
)

PROGRAMME, VACCINE = "covid-19", "coviprotect"
Ago = Callable[[int], date]


@pytest.fixture
def ago(node: Node) -> Ago:
    today = node.clock.today()
    return lambda days: today - timedelta(days=days)


@pytest.fixture
def take(node: Node, staff: Callable[[str], Staff]) -> Callable[[Command], str]:
    def asked(command: Command) -> str:
        signed = (
            named(node, command, staff("S1")) if isinstance(command, CorrectPerson) else command
        )
        return node.desk.take(node.site.ids.new(), signed, staff("S1")).id

    return asked


@pytest.fixture
def who(take: Callable[[Command], str], ago: Ago) -> str:
    """Give somebody who was born twenty years ago."""
    register = RegisterPerson(name="Amina Yusuf", gender="Female", birth_date=ago(7300))
    return take(register)


def given(who: str, on: date) -> Command:
    return GiveDose(
        person=who, programme=PROGRAMME, vaccine=VACCINE, lot="CP2611A", on=on, vaccinator="V1"
    )


def carried(who: str, on: date) -> Command:
    dose = CardDose(programme=PROGRAMME, vaccine=VACCINE, on=on.isoformat())
    return ReportCard(person=who, doses=(dose,), believed_by="V1")


def seen(who: str, on: date) -> Command:
    return RecordObservation(person=who, code="pregnant", on=on)


def died(who: str, on: date) -> Command:
    return RecordStatus(person=who, status="died", on=on)


def lost(who: str, on: date) -> Command:
    return RecordStatus(person=who, status="lost", on=on)


def here(who: str, on: date) -> Command:
    return RecordStatus(person=who, status="active", on=on)


def born(who: str, on: date) -> Command:
    return CorrectPerson(person=who, birth_date=on, reason="As the card says")


@pytest.mark.parametrize(
    ("earlier", "first", "second"),
    [
        *((record, 9, born) for record in (given, carried, seen, died, lost)),
        *((record, 9000, record) for record in (given, carried, seen, died, lost)),
        *((record, 9, died) for record in (given, seen)),
        (lost, 9, here),
    ],
)
def test_what_is_recorded_of_a_day_is_not_contradicted_by_what_is_recorded_after_it(
    node: Node,
    take: Callable[[Command], str],
    ago: Ago,
    who: str,
    earlier: Callable[[str, date], Command],
    first: int,
    second: Callable[[str, date], Command],
) -> None:
    if earlier is not second:
        take(earlier(who, ago(first)))
    with node.journal.reading() as db:
        before = last_position(db)
    later = first if earlier is second else first + 1 if second is not born else first - 1
    with pytest.raises((Refusal, BadInput)):
        take(second(who, ago(later)))
    with node.journal.reading() as db:
        assert last_position(db) == before


@pytest.mark.parametrize("record", [carried, seen])
def test_nothing_but_a_word_takes_what_is_dated_after_a_death(
    take: Callable[[Command], str], ago: Ago, who: str, record: Callable[[str, date], Command]
) -> None:
    take(died(who, ago(9)))
    take(record(who, ago(9)))
    with pytest.raises(Refusal) as refused:
        take(record(who, ago(8)))
    assert refused.value.code == "person.died"


def test_the_day_of_a_birth_a_death_and_a_dose_may_be_one(
    take: Callable[[Command], str], ago: Ago, who: str
) -> None:
    for command in (given(who, ago(9)), died(who, ago(9)), born(who, ago(9))):
        take(command)


@pytest.mark.parametrize("what", [born, died])
def test_two_whose_days_contradict_each_other_are_not_made_one(
    node: Node,
    take: Callable[[Command], str],
    ago: Ago,
    who: str,
    what: Callable[[str, date], Command],
) -> None:
    other = take(
        RegisterPerson(
            name="Aminah Yussuf", gender="Female", birth_date=ago(7301), different_person=True
        )
    )
    take(given(other, ago(9)))
    take(what(who, ago(5 if what is born else 10)))
    for kept, merged in ((who, other), (other, who)):
        merge = MergePeople(kept=kept, merged=merged, reason="One card", although=True)
        if what is born and kept == other:
            continue  # the birth of the one who is kept is believed
        with pytest.raises(Refusal):
            take(merge)
    with node.journal.reading() as db:
        assert {view.id for id_ in (who, other) if (view := views.person(db, id_))} == {who, other}
