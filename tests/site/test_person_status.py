"""Who died, moved away or is lost: off the recall list, and no dose without a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest
from rebuilding import rebuilt_is_the_same

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, NotAllowed, Refusal
from edge.domain.status import PersonStatus
from edge.journal import people_pages, views
from edge.journal.entry import Entry
from edge.node import Node
from edge.services.commands import (
    Arrive,
    Command,
    CorrectDose,
    GiveDose,
    Override,
    RecordStatus,
    TakeBackDose,
)
from edge.services.doses.recall import RecallQuery, recall

FindStaff = Callable[[str], Staff]
Find = Callable[[str], str]
Make = Callable[..., GiveDose]
Away = Literal["died", "moved", "lost"]
AWAY: tuple[Away, ...] = ("died", "moved", "lost")


def take(node: Node, command: Command, by: Staff) -> tuple[Entry, ...]:
    return node.desk.take(node.site.ids.new(), command, by).entries


def status(node: Node, person: str) -> PersonStatus:
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found
    return found.status


def called(node: Node, person: str) -> bool:
    today = node.clock.today()
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    query = RecallQuery(catalogue, today, today + timedelta(days=400), "DEMO01")
    found = recall(node.journal.reading, query)
    return any(one.person.id == person for one in found)


@pytest.mark.parametrize("name", AWAY)
def test_who_is_not_here_is_not_called_waits_no_longer_and_gets_no_dose_without_a_word(
    node: Node, staff: FindStaff, person: Find, dose: Make, name: Away
) -> None:
    who, today = person("Grace"), node.clock.today()
    take(node, Arrive(person=who, programme="covid-19"), staff("R1"))
    assert called(node, who)
    take(node, RecordStatus(person=who, status=name, place="Delta"), staff("R1"))
    place = "Delta" if name == "moved" else ""
    assert status(node, who) == PersonStatus(name, today, place)
    assert not called(node, who)
    with node.journal.reading() as db:
        assert people_pages.expected_for(db, who)[0] == ""
        assert who not in {one.person.id for one in views.queue(db)}
    with pytest.raises(Refusal) as refused:
        take(node, dose("Grace"), staff("V1"))
    assert refused.value.code == f"person.{name}"
    assert refused.value.overridable
    entries = take(
        node, dose("Grace", override=Override(reason="Is here", supervisor="S1")), staff("V1")
    )
    assert entries[0].body["overrides"][0] == f"person.{name}"


@pytest.mark.parametrize("name", AWAY)
def test_a_dose_of_a_day_before_somebody_went_needs_no_word(
    node: Node, staff: FindStaff, person: Find, dose: Make, name: Away
) -> None:
    who, today = person("Grace"), node.clock.today()
    take(node, RecordStatus(person=who, status=name), staff("R1"))
    entries = take(node, dose("Grace", on=today - timedelta(days=1)), staff("V1"))
    assert [one.type for one in entries][:2] == ["DoseGiven", "CertificateIssued"]
    assert status(node, who).name == name


@pytest.mark.parametrize("name", AWAY)
def test_a_dose_that_outlives_the_status_says_that_somebody_is_here_again(
    node: Node, staff: FindStaff, person: Find, dose: Make, name: Away
) -> None:
    who, today = person("Grace"), node.clock.today()
    since = today - timedelta(days=3)
    take(node, RecordStatus(person=who, status=name, on=since), staff("R1"))
    word = Override(reason="Is here", supervisor="S1")
    take(node, dose("Grace", override=word, on=today), staff("V1"))
    assert status(node, who).here
    assert called(node, who)


def test_a_dose_of_the_day_of_a_death_leaves_the_death_as_it_is(
    node: Node, staff: FindStaff, person: Find, dose: Make
) -> None:
    who = person("Grace")
    take(node, RecordStatus(person=who, status="died"), staff("R1"))
    take(node, dose("Grace", override=Override(reason="Before", supervisor="S1")), staff("V1"))
    assert status(node, who).name == "died"


@pytest.mark.parametrize("name", ["moved", "lost"])
def test_anybody_at_the_desk_may_say_that_somebody_is_here_again(
    node: Node, staff: FindStaff, person: Find, name: Away
) -> None:
    who = person("Grace")
    take(node, RecordStatus(person=who, status=name), staff("R1"))
    take(node, RecordStatus(person=who, status="active"), staff("R1"))
    assert status(node, who).here
    assert called(node, who)


def test_only_a_supervisor_takes_a_death_back(node: Node, staff: FindStaff, person: Find) -> None:
    who = person("Grace")
    take(node, RecordStatus(person=who, status="died"), staff("V1"))
    for other in ("active", "moved"):
        with pytest.raises(Refusal, match="only a supervisor"):
            take(node, RecordStatus(person=who, status=other), staff("V1"))
        word = Override(reason="Is alive", supervisor="V1")
        with pytest.raises(NotAllowed):
            take(node, RecordStatus(person=who, status=other, override=word), staff("V1"))
    word = Override(reason="Is alive", supervisor="S1")
    (said,) = take(node, RecordStatus(person=who, status="active", override=word), staff("V1"))
    assert (said.body["supervisor"], said.body["reason"]) == ("S1", "Is alive")
    assert status(node, who).here


def test_a_status_is_of_a_day_between_birth_and_today_and_new(
    node: Node, staff: FindStaff, person: Find, dose: Make
) -> None:
    who, today = person("Grace"), node.clock.today()
    for on in (today + timedelta(days=1), date(1900, 1, 1)):
        with pytest.raises(BadInput, match="between the person's birth and today"):
            take(node, RecordStatus(person=who, status="lost", on=on), staff("R1"))
    with pytest.raises(BadInput, match="recorded already"):
        take(node, RecordStatus(person=who, status="active"), staff("R1"))
    take(node, RecordStatus(person=who, status="lost"), staff("R1"))
    with pytest.raises(BadInput, match="recorded already"):
        take(node, RecordStatus(person=who, status="lost"), staff("R1"))
    take(node, RecordStatus(person=who, status="active"), staff("R1"))
    take(node, dose("Grace"), staff("V1"))
    early = RecordStatus(person=who, status="died", on=today - timedelta(days=1))
    with pytest.raises(Refusal, match="cannot be earlier"):
        take(node, early, staff("V1"))


def test_a_dose_is_not_moved_behind_a_death_by_a_correction_without_a_word(
    node: Node, staff: FindStaff, person: Find, dose: Make
) -> None:
    who, today = person("Grace"), node.clock.today()
    given = take(node, dose("Grace", on=today - timedelta(days=3)), staff("V1"))[0].id
    died = RecordStatus(person=who, status="died", on=today - timedelta(days=2))
    take(node, died, staff("V1"))
    with pytest.raises(Refusal, match="having died"):
        take(node, CorrectDose(dose=given, reason="Was today", on=today), staff("V1"))


def test_statuses_are_the_same_after_a_rebuild(
    node: Node, staff: FindStaff, person: Find, site_folder: Path
) -> None:
    take(node, Arrive(person=person("Grace"), programme="covid-19"), staff("R1"))
    moved = RecordStatus(person=person("Grace"), status="moved", place="Delta")
    take(node, moved, staff("R1"))
    take(node, RecordStatus(person=person("Tendai"), status="died"), staff("R1"))
    assert rebuilt_is_the_same(node, site_folder)


def test_a_dose_of_somebody_else_that_is_taken_back_leaves_a_death_as_it_was(
    node: Node, staff: FindStaff, person: Find, dose: Make
) -> None:
    grace, kwame, today = person("Grace"), person("Kwame"), node.clock.today()
    died = RecordStatus(person=grace, status="died", on=today - timedelta(days=9))
    take(node, died, staff("V1"))
    word = Override(reason="Stands before me", supervisor="S1")
    given = take(node, dose(override=word), staff("V1"))[0]
    assert status(node, grace).here
    moved = TakeBackDose(dose=given.id, kind="other-person", person=kwame, reason="Wrong card")
    take(node, moved, staff("V1"))
    assert status(node, grace) == PersonStatus("died", today - timedelta(days=9))
    assert status(node, kwame).here


def test_a_status_that_was_recorded_after_a_dose_outlives_its_taking_back(
    node: Node, staff: FindStaff, person: Find, dose: Make
) -> None:
    grace, today = person("Grace"), node.clock.today()
    gone = RecordStatus(person=grace, status="lost", on=today - timedelta(days=9))
    take(node, gone, staff("V1"))
    word = Override(reason="Stands before me", supervisor="S1")
    given = take(node, dose(override=word), staff("V1"))[0]
    moved = RecordStatus(person=grace, status="moved", on=today, place="Delta")
    take(node, moved, staff("V1"))
    take(node, TakeBackDose(dose=given.id, kind="not-given", reason="Went away"), staff("V1"))
    assert status(node, grace) == PersonStatus("moved", today, "Delta")


def test_who_is_given_a_dose_by_a_correction_is_here_again_until_it_is_taken_back(
    node: Node, staff: FindStaff, person: Find, dose: Make
) -> None:
    grace, kwame, today = person("Grace"), person("Kwame"), node.clock.today()
    gone = RecordStatus(person=kwame, status="moved", on=today - timedelta(days=9), place="Delta")
    take(node, gone, staff("V1"))
    given = take(node, dose(), staff("V1"))[0]
    word = Override(reason="It was Kwame", supervisor="S1")
    to_kwame = CorrectDose(dose=given.id, person=kwame, reason="Wrong card", override=word)
    theirs = take(node, to_kwame, staff("V1"))[1]
    assert status(node, kwame).here
    other = CorrectDose(dose=theirs.id, vaccine="adenovax", lot="AV4417", reason="Other vial")
    theirs = take(node, other, staff("S1"))[1]
    assert status(node, kwame).here
    take(node, TakeBackDose(dose=theirs.id, kind="not-given", reason="Neither"), staff("S1"))
    assert status(node, kwame) == PersonStatus("moved", today - timedelta(days=9), "Delta")
    assert status(node, grace).here
