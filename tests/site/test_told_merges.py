"""A merge at one site is learnt by the nation and by every site with a record of either person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from desks import of_type, take
from registry_server import Nation
from site_factory import fill

from edge.journal import merges, views
from edge.journal.entries import entries
from edge.journal.histories import keep_proof
from edge.node import Node
from edge.services import commands
from edge.services.registry.history import age_of
from edge.services.registry.told_people import take_told
from sync.protocol.instants import instant
from sync.protocol.proofs import CodeProof
from sync.registry.judging.own_merges import NOT_ITS_OWN, rule, waiting
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.telling import tell_others

IDENTITY = "did:in.gov.id:5550-1234"


@pytest.fixture
def sites(nation: Nation) -> tuple[Node, Node]:
    """Two sites that know the same people: the nation knows each of them by one id."""
    here, there = nation.site("DEMO01", fill), nation.site("DEMO02", fill)
    with there.journal.reading() as db:
        known = {entry.id for entry in entries(db) if entry.type == "PersonRegistered"}
    with here.journal.reading() as db:
        people = [entry for entry in entries(db) if entry.type == "PersonRegistered"]

    def register(unit: Any) -> None:
        for entry in people:
            if entry.id not in known:
                unit.append(entry.type, entry.body, id_=entry.id, by="nation")

    there.journal.run(register)
    return here, there


def supervisor(node: Node) -> str:
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff.values()
    return next(
        one.code
        for one in staff
        if "supervisor" in one.roles and node.site.facility in one.facilities
    )


def ask(here: Node, ours: str, there: Node, theirs: str) -> int:
    """Ask for somebody who shows the paper of another site."""
    with there.journal.reading() as db:
        known = views.person(db, theirs)
    assert known
    shown = next(code for code in (known.code, *known.codes))
    here.journal.run(lambda unit: keep_proof(unit.db, ours, CodeProof(shown)))
    return here.history.ask([ours], "S1")


def find(node: Node, name: str) -> str:
    with node.journal.reading() as db:
        return views.find_people(db, name)[0].id


def shown(node: Node, id_: str) -> str:
    with node.journal.reading() as db:
        found = views.person(db, id_)
    assert found
    return found.id


def hear(node: Node, entry: dict[str, Any]) -> None:
    node.journal.run(lambda unit: take_told(unit, node.site, entry, "nation"))


def settled(nation: Nation, *nodes: Node) -> None:
    """Let all of it be delivered, judged, and told."""
    for _ in range(3):
        nation.exchange(*nodes)


@pytest.mark.slow
def test_a_merge_and_its_undoing_reach_another_site_that_knows_both(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    assert (find(there, "Grace Wanjiru"), find(there, "Tendai Moyo")) == (one, two)
    settled(nation, here, there)
    merge = commands.MergePeople(kept=one, merged=two, reason="Same card")
    id_ = take(here, merge)
    settled(nation, here, there)
    assert shown(there, two) == one
    (told,) = of_type(there, "PersonsMerged")
    assert (told.body["source"], told.body["origin"]) == ("registry", id_)
    take(here, commands.UndoMerge(merge=id_, reason="Two cousins"))
    settled(nation, here, there)
    assert shown(there, two) == two
    assert len(of_type(there, "MergeUndone")) == 1
    assert all(nation.store.verdicts(node.node) == [] for node in nation.store.nodes())


@pytest.mark.slow
def test_who_undoes_a_merge_that_was_told_undoes_it_elsewhere_once_an_officer_says_so(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    settled(nation, here, there)
    take(here, commands.MergePeople(kept=one, merged=two, reason="Same card"))
    settled(nation, here, there)
    (told,) = of_type(there, "PersonsMerged")
    undo = commands.UndoMerge(merge=told.id, reason="Two cousins")
    take(there, undo, supervisor(there))
    settled(nation, here, there)
    assert (shown(there, two), shown(here, two)) == (two, one)
    (status,) = waiting(nation.store)
    assert status.why == NOT_ITS_OWN
    rule(nation.store, status.entry, "published", "Dr Osei", instant(nation.now()))
    tell_others(nation.store, status.entry, instant(nation.now()))
    settled(nation, here, there)
    assert shown(here, two) == two
    settled(nation, here, there)
    assert len(of_type(here, "MergeUndone")) == len(of_type(there, "MergeUndone")) == 1


def test_a_merge_that_is_told_twice_is_made_once_and_one_that_was_undone_here_stays_so(
    sites: tuple[Node, Node],
) -> None:
    here = sites[0]
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    told = {"id": here.site.ids.new(), "type": "PersonsMerged",
            "body": {"kept": one, "merged": two, "reason": "Same card"}}  # fmt: skip
    for _ in range(2):
        hear(here, told)
    (merge,) = of_type(here, "PersonsMerged")
    take(here, commands.UndoMerge(merge=merge.id, reason="Two cousins"))
    hear(here, told)
    assert shown(here, two) == two


@pytest.mark.parametrize(("reason", "kept"), [
    ("One card\u202e drac\x00\x1b[2J", "One card drac[2J"), ("\ud800", "registry"),
    ("\u200b\u2066", "registry"), ("x" * 500, "x" * 200), (["a"], "['a']"),
])  # fmt: skip
def test_a_reason_of_another_site_is_kept_as_it_could_be_typed_here(
    sites: tuple[Node, Node], reason: object, kept: str
) -> None:
    here = sites[0]
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    merge, undoing = here.site.ids.new(), here.site.ids.new()
    merged = {"kept": one, "merged": two, "reason": reason}
    hear(here, {"id": merge, "type": "PersonsMerged", "body": merged})
    undone = {"merge": merge, "reason": reason}
    hear(here, {"id": undoing, "type": "MergeUndone", "body": undone})
    with here.journal.reading() as db:
        (made,) = merges.newest_merges(db, 5)
    assert (made.reason, made.undone_for) == (kept, kept)


def test_a_merge_of_people_who_are_not_here_or_were_told_apart_here_is_not_made(
    sites: tuple[Node, Node],
) -> None:
    here = sites[0]
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    take(here, commands.DistinguishPeople(persons=(one, two), reason="Cousins"))
    bodies: list[Any] = [
        {"kept": one, "merged": two, "reason": "Same card"},
        {"kept": one, "merged": here.site.ids.new(), "reason": "Same card"},
        {"kept": one, "merged": one, "reason": "Same card"},
        {"kept": one}, {"merged": [one], "kept": 5}, "nothing", None,
    ]  # fmt: skip
    for body in bodies:
        for type_ in ("PersonsMerged", "MergeUndone"):
            hear(here, {"id": here.site.ids.new(), "type": type_, "body": body})
    assert of_type(here, "PersonsMerged") == of_type(here, "MergeUndone") == []


@pytest.mark.slow
def test_the_history_of_either_record_holds_what_was_given_to_the_other(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    settled(nation, here, there)

    def register(node: Node, **fields: Any) -> str:
        command = commands.RegisterPerson(
            name="Noor Saleh", gender="Female", birth_date=date(1990, 4, 2), **fields,
            different_person=True,
        )  # fmt: skip
        return take(node, command, supervisor(node))

    plain, known = register(here), register(here, identity=IDENTITY)
    on = here.clock.today() - timedelta(days=60)
    give = commands.GiveDose(
        person=plain, programme="covid-19", vaccine="coviprotect", lot="CP2611A", on=on,
        vaccinator="V1",
    )  # fmt: skip
    dose = take(here, give, "V1")
    theirs = register(there, identity=IDENTITY)
    settled(nation, here, there)
    ask(there, theirs, here, known)
    with there.journal.reading() as db:
        assert views.history(db, theirs) == []
    take(here, commands.MergePeople(kept=known, merged=plain, reason="Same card"))
    settled(nation, here, there)
    there.history.ask([theirs], "S1")
    with there.journal.reading() as db:
        (told,) = views.history(db, theirs)
    assert (told.on, told.reported) == (on, True)
    (echo,) = of_type(there, "DoseReported")[-1:]
    assert echo.body["origin"] == dose


@pytest.mark.slow
def test_a_death_is_learnt_by_the_history_and_moving_away_is_not(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    take(here, commands.RecordStatus(person=one, status="died"))
    take(here, commands.RecordStatus(person=two, status="moved"))
    settled(nation, here, there)
    for person in (one, two):
        ask(there, person, here, person)

    def status(id_: str) -> str:
        with there.journal.reading() as db:
            person = views.person(db, id_)
        assert person
        return person.status.name

    assert (status(one), status(two)) == ("died", "active")
    take(here, commands.RecordStatus(person=one, status="active", reason="Wrong twin"))
    settled(nation, here, there)
    there.history.ask([one, two], "S1")
    assert status(one) == "active"


@pytest.mark.slow
def test_a_site_that_merged_two_asks_for_both_and_keeps_what_is_told_of_each_apart(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    one, two = find(here, "Grace Wanjiru"), find(here, "Tendai Moyo")
    on = there.clock.today() - timedelta(days=60)
    give = commands.GiveDose(
        person=two, programme="covid-19", vaccine="coviprotect", lot="CP2611A", on=on,
        vaccinator="V2",
    )  # fmt: skip
    theirs = take(
        there,
        commands.RegisterPerson(name="Zuberi Moss", gender="Male", birth_date=date(1990, 4, 2)),
        "S1",
    )
    take(there, msgspec.structs.replace(give, person=theirs), "V2")
    settled(nation, here, there)
    ask(there, theirs, here, two)
    merge = take(here, commands.MergePeople(kept=one, merged=two, reason="Same card"))
    settled(nation, here, there)
    here.history.ask([one], "S1")
    with here.journal.reading() as db:
        assert [dose.on for dose in views.history(db, one) if dose.on == on] == [on]
    take(here, commands.UndoMerge(merge=merge, reason="Two cousins"))
    with here.journal.reading() as db:
        assert on not in {dose.on for dose in views.history(db, one)}
        assert on in {dose.on for dose in views.history(db, two)}
        assert merges.merges_of(db, one) == []


def test_numbers_follow_a_merge_that_was_told_while_the_clock_was_not_believed(
    sites: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = sites
    today = here.clock.today()
    people = [
        take(
            here,
            commands.RegisterPerson(
                name=name,
                gender="Female",
                birth_date=date(1990, 5, 17),
                different_person=True,
            ),
            "R1",
        )
        for name in ("Amina Yusuf", "Aminah Yussuf")
    ]
    for person, days in zip(people, (60, 20), strict=True):
        given = commands.GiveDose(
            person=person,
            programme="covid-19",
            vaccine="coviprotect",
            lot="CP2611A",
            on=today - timedelta(days=days),
        )
        take(here, given, "V1")
    body = {"kept": people[0], "merged": people[1], "reason": "One card"}
    told = {"id": "e1", "type": "PersonsMerged", "body": body}
    with monkeypatch.context() as unsure:
        unsure.setattr(here.clock, "believed", lambda: False)
        here.journal.run(lambda unit: take_told(unit, here.site, told, "nation"))
    take(here, commands.NumberDoses(person=people[0]), "V1")
    with here.journal.reading() as db:
        assert [dose.number for dose in views.history(db, people[0])] == [1, 2]


@pytest.mark.slow
def test_a_site_that_knows_one_of_two_forgets_what_was_told_of_the_other_when_they_are_two_again(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    settled(nation, here, there)

    def register(node: Node, **fields: Any) -> str:
        command = commands.RegisterPerson(
            name="Noor Saleh", gender="Female", birth_date=date(1990, 4, 2), **fields,
            different_person=True,
        )  # fmt: skip
        return take(node, command, supervisor(node))

    def given(node: Node, person: str, days: int, by: str) -> str:
        on = node.clock.today() - timedelta(days=days)
        give = commands.GiveDose(
            person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", on=on,
            vaccinator=by,
        )  # fmt: skip
        return take(node, give, by)

    def numbers() -> list[tuple[int, bool]]:
        with there.journal.reading() as db:
            return [(dose.number, dose.reported) for dose in views.history(db, theirs)]

    plain, known = register(here), register(here, identity=IDENTITY)
    given(here, plain, 60, "V1")
    theirs = register(there, identity=IDENTITY)
    merge = take(here, commands.MergePeople(kept=known, merged=plain, reason="Same card"))
    settled(nation, here, there)
    ask(there, theirs, here, known)
    given(there, theirs, 0, "V2")
    assert numbers() == [(1, True), (2, False)]
    for again in range(2):
        take(here, commands.UndoMerge(merge=merge, reason="Two cousins"))
        settled(nation, here, there)
        with there.journal.reading() as db:
            assert age_of(db, theirs, there.clock.today(), "UTC") is not None
        there.history.ask([theirs], "S1")
        take(there, commands.NumberDoses(person=theirs), "V2")
        assert numbers() == [(1, False)]
        there.history.ask([theirs], "S1")
        assert numbers() == [(1, False)]
        (back,) = of_type(there, "DoseWithdrawn")[again:]
        assert Schemas(schemas_folder()).mistake(back.document) is None
        merge = take(
            here, commands.MergePeople(kept=known, merged=plain, reason="One", although=True)
        )
        settled(nation, here, there)
        there.history.ask([theirs], "S1")
        take(there, commands.NumberDoses(person=theirs), "V2")
        assert numbers() == [(1, True), (2, False)]
    assert all(nation.store.verdicts(node.node) == [] for node in nation.store.nodes())


@pytest.mark.slow
def test_the_letter_of_an_undoing_lets_a_site_that_knows_one_of_two_ask_again(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    one = find(here, "Grace Wanjiru")
    other = take(
        here,
        commands.RegisterPerson(
            name="Noor Saleh", gender="Female", birth_date=date(1990, 4, 2), different_person=True
        ),
        "R1",
    )
    merge = take(here, commands.MergePeople(kept=one, merged=other, reason="Same card"))
    settled(nation, here, there)
    ask(there, one, here, one)
    with there.journal.reading() as db:
        assert age_of(db, one, there.clock.today(), "UTC") is not None
    take(here, commands.UndoMerge(merge=merge, reason="Two cousins"))
    settled(nation, here, there)
    with there.journal.reading() as db:
        assert age_of(db, one, there.clock.today(), "UTC") is None
    there.history.ask([one], "S1")
    with there.journal.reading() as db:
        assert age_of(db, one, there.clock.today(), "UTC") is not None
