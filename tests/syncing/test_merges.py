"""What the registry makes of two who are one: judged, told to who knows either, found under both."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from click.testing import CliRunner
from delivering_nodes import NOW, Place, dose, entry, person, uuid

from sync.protocol.histories import PersonQuery
from sync.protocol.proofs import CodeProof, OwnProof
from sync.registry.cli import main
from sync.registry.histories import histories
from sync.registry.judging.merges import same_people
from sync.registry.judging.own_merges import ELSEWHERE, NOT_ITS_OWN, TOO_MANY, waiting
from sync.registry.judging.own_merges import rule as decide
from sync.registry.judging.rules import LATE_STATUS, NO_MERGE, NO_PERSON, ONESELF, OTHERS
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.telling import tell_others
from sync.registry.judging.worker import Judging
from sync.registry.store.interface import Store

SCHEMAS = Schemas(schemas_folder())
NUMBER = "did:in:1234"


def merge(number: int, kept: int, merged: int, **more: Any) -> dict[str, Any]:
    body = {"kept": uuid(kept), "merged": uuid(merged), "reason": "same card", **more}
    return entry(number, "PersonsMerged", body)


def undo(number: int, of: int, **more: Any) -> dict[str, Any]:
    return entry(number, "MergeUndone", {"merge": uuid(of), "reason": "two cousins", **more})


def status(number: int, who: int, on: str = "2026-11-24") -> dict[str, Any]:
    return entry(number, "PersonStatusRecorded", {"person": uuid(who), "status": "died", "on": on})


@pytest.fixture
def judging(store: Store) -> Judging:
    return Judging(store, SCHEMAS, lambda: NOW)


def verdicts(store: Store, node: str) -> dict[str, tuple[str, str, str]]:
    return {one.id: (one.state, one.field, one.sentence) for one in store.verdicts(node)}


def letters(store: Store, node: str) -> list[str]:
    found = store.letters(node, 0, 100)
    return [json.loads(one.body)["entry"]["id"] for one in found if one.kind == "people"]


def told(store: Store, node: str, id_: int, *apart: int, of: int = 0) -> list[str]:
    """Ask by the paper of somebody: usually of the same id, at another site."""
    shown = CodeProof(f"{of or id_:012d}")
    asked = [PersonQuery(uuid(id_), shown), *(PersonQuery(uuid(other)) for other in apart)]
    return [one.entry["id"] for one in histories(store, node, asked, NOW).people[uuid(id_)]]


def test_sound_merges_and_statuses_get_no_verdict_and_wrong_ones_name_the_field(
    store: Store, judging: Judging
) -> None:
    place = Place(store, "a")
    apart = entry(8, "PersonsDistinguished", {"persons": [uuid(1), uuid(2)], "reason": "twins"})
    place.deliver(person(1), person(2), merge(3, 1, 2), undo(4, 3), apart, status(5, 1),
                  merge(6, 1, 1), status(7, 1, on="2026-11-26"))  # fmt: skip
    judging.run()
    assert verdicts(store, "a") == {
        uuid(6): ("rejected", "merged", ONESELF),
        uuid(7): ("rejected", "on", LATE_STATUS),
    }


def test_a_merge_waits_for_both_and_its_undoing_for_the_merge(
    store: Store, judging: Judging
) -> None:
    a, b = Place(store, "a"), Place(store, "b", "DEMO02")
    a.deliver(undo(4, 3), person(1))
    judging.run()
    assert verdicts(store, "a") == {uuid(4): ("held", "merge", NO_MERGE)}
    a.deliver(merge(3, 1, 2))
    judging.run()
    assert verdicts(store, "a")[uuid(3)] == ("held", "person", NO_PERSON)
    b.deliver(person(2))
    judging.run()
    assert {state for state, _, _ in verdicts(store, "a").values()} <= {"stored"}
    assert letters(store, "b") == []
    assert [one.why for one in waiting(store)] == [ELSEWHERE]


def test_a_merge_is_undone_by_its_site_and_by_one_that_took_it_only_with_an_officers_word(
    store: Store, judging: Judging
) -> None:
    a, b = Place(store, "a"), Place(store, "b", "DEMO02")
    a.deliver(person(1), person(2), merge(3, 1, 2))
    b.deliver(undo(14, 3))
    judging.run()
    assert verdicts(store, "b") == {uuid(14): ("rejected", "merge", OTHERS)}
    assert same_people(store, {uuid(1)}) == {uuid(1), uuid(2)}
    b.deliver(person(1), merge(15, 1, 2, source="registry", origin=uuid(3)),
              undo(16, 15, origin=uuid(3)))  # fmt: skip
    judging.run()
    assert same_people(store, {uuid(1)}) == {uuid(1), uuid(2)}  # it is another's merge
    assert letters(store, "a") == []
    approve(store, "b", 16)
    assert same_people(store, {uuid(1)}) == {uuid(1)}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_sites_that_know_either_are_told_once_in_whatever_pieces_it_comes(
    store: Store, judging: Judging, order: tuple[int, ...]
) -> None:
    places = [Place(store, "a"), Place(store, "b", "DEMO02"), Place(store, "c", "DEMO03")]
    entries = [[person(1), person(2), merge(3, 1, 2), undo(4, 3)], [person(1)], [person(12)]]
    for which in order:
        places[which].deliver(*entries[which])
    judging.run()
    judging.run()
    assert letters(store, "a") == letters(store, "c") == []
    late = order.index(1) > order.index(0)  # who comes later learns it by the history
    assert letters(store, "b") in ([uuid(3), uuid(4)], []) if late else True
    assert set(letters(store, "b")) <= {uuid(3), uuid(4)}
    assert set(told(store, "b", 1)) >= {uuid(3), uuid(4)}


def test_the_history_of_either_tells_of_both_and_of_all_who_are_one_by_identity(
    store: Store, judging: Judging
) -> None:
    a, b, c = Place(store, "a"), Place(store, "b", "DEMO02"), Place(store, "c", "DEMO03")
    a.deliver(person(1), person(2, identity=NUMBER), dose(4, 1), dose(5, 2), merge(6, 1, 2))
    b.deliver(person(12, identity=NUMBER), dose(14, 12, facility="DEMO02"))
    judging.run()
    everything = {uuid(number) for number in (1, 2, 4, 5, 6)}
    for found in (
        told(store, "c", 1),
        told(store, "c", 2),
        told(store, "c", 7, of=12),
    ):
        assert set(found) == {*everything, uuid(12), uuid(14)}
    assert set(told(store, "b", 12, of=2)) == everything
    a.deliver(undo(7, 6))
    judging.run()
    assert uuid(5) not in told(store, "c", 1)
    assert uuid(4) not in told(store, "c", 2)
    assert set(told(store, "c", 1)) == {uuid(1), uuid(4), uuid(6), uuid(7)}
    assert c.states() == {}


def test_a_site_that_asks_for_both_is_told_of_each_what_was_recorded_for_it(
    store: Store, judging: Judging
) -> None:
    a = Place(store, "a")
    Place(store, "b", "DEMO02")
    a.deliver(person(1), person(2), dose(4, 1), dose(5, 2), merge(6, 1, 2))
    judging.run()
    assert set(told(store, "b", 1, 2)) == {uuid(1), uuid(4), uuid(6)}
    assert set(told(store, "b", 2, 1)) == {uuid(2), uuid(5), uuid(6)}


def test_a_ring_of_merges_by_several_sites_ends(store: Store, judging: Judging) -> None:
    places = [Place(store, name, f"DEMO0{name}") for name in "123"]
    places[0].deliver(person(1), person(2), person(3))
    for number, place in enumerate(places):
        place.deliver(merge(20 + number, 1 + number, 1 + (number + 1) % 3))
    judging.run()
    for one in list(waiting(store)):
        decide(store, one.entry, "published", "Dr Osei", NOW)
    everybody = {uuid(number) for number in (1, 2, 3)}
    for number in (1, 2, 3):
        assert same_people(store, {uuid(number)}) == everybody


def approve(store: Store, node: str, number: int) -> None:
    (entry_,) = [one for one in waiting(store) if one.entry.node == node]
    assert json.loads(entry_.entry.content)["id"] == uuid(number)
    decide(store, entry_.entry, "published", "Dr Osei", NOW)


@pytest.mark.parametrize("claimed", [False, True])
def test_a_rogue_site_makes_nobody_of_another_site_one_with_anybody(
    store: Store, judging: Judging, claimed: bool
) -> None:
    """Neither of two strangers, nor of one of its own; not by registering them as its own, too."""
    a, b = Place(store, "b", "DEMO01"), Place(store, "a", "DEMO02")  # the rogue sorts first
    a.deliver(person(1), person(2), person(3), dose(4, 1), at="2026-11-24T11:00:00.000Z")
    Place(store, "c", "DEMO03").deliver(person(1), person(2))
    rogue = [person(1), person(2)] if claimed else []
    b.deliver(*rogue, person(9), merge(11, 1, 2), merge(12, 9, 3))
    judging.run()
    for id_ in (1, 2, 3, 9):
        assert same_people(store, {uuid(id_)}) == {uuid(id_)}
    assert letters(store, "b") == letters(store, "c") == []
    assert not {uuid(11), uuid(12)} & set(told(store, "c", 1))
    assert [one.why for one in waiting(store)] == [ELSEWHERE, ELSEWHERE]


def test_no_site_undoes_what_another_has_merged_whatever_origin_it_names(
    store: Store, judging: Judging
) -> None:
    a, b = Place(store, "a"), Place(store, "b", "DEMO02")
    a.deliver(person(1), person(2), merge(3, 1, 2))
    b.deliver(person(11), person(12), merge(13, 11, 12), undo(14, 13, origin=uuid(3)))
    judging.run()
    assert same_people(store, {uuid(1)}) == {uuid(1), uuid(2)}
    assert letters(store, "a") == []
    assert [one.why for one in waiting(store)] == [NOT_ITS_OWN]


def test_an_officers_word_makes_a_merge_count_and_another_takes_it_back(
    store: Store, judging: Judging
) -> None:
    a, b = Place(store, "a"), Place(store, "b", "DEMO02")
    a.deliver(person(1))
    b.deliver(person(2), merge(3, 1, 2))
    judging.run()
    assert letters(store, "a") == []
    (one,) = waiting(store)
    decide(store, one.entry, "published", "Dr Osei", NOW)
    for _ in range(2):
        assert tell_others(store, one.entry, NOW) == 1
    assert letters(store, "a") == [uuid(3)]
    assert same_people(store, {uuid(1)}) == {uuid(1), uuid(2)}
    own = histories(store, "a", [PersonQuery(uuid(1), OwnProof())], NOW).people[uuid(1)]
    assert [one.entry["id"] for one in own] == [uuid(2), uuid(3)]
    decide(store, one.entry, "refused", "Dr Osei", NOW)
    assert same_people(store, {uuid(1)}) == {uuid(1)}
    assert list(waiting(store)) == []


@pytest.mark.slow
def test_what_a_site_merges_beyond_its_day_waits_and_hides_no_other(
    store: Store, judging: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.registry.judging.own_merges.A_DAY", 5)
    a, b = Place(store, "a"), Place(store, "b", "DEMO02")
    a.deliver(person(1), person(2), merge(3, 1, 2))
    bogus = [merge(300 + number, 1, 2) for number in range(250)]
    b.deliver(person(11), *(person(100 + number) for number in range(8)), *bogus,
              *(merge(200 + number, 11, 100 + number) for number in range(8)))  # fmt: skip
    judging.run()
    assert same_people(store, {uuid(1)}) == {uuid(1), uuid(2)}
    assert same_people(store, {uuid(11)}) == {uuid(11)}  # its day was over before
    c = Place(store, "c", "DEMO03")
    c.deliver(*(person(500 + number) for number in range(9)))
    c.deliver(*(merge(600 + number, 500, 501 + number) for number in range(8)))
    judging.run()
    assert same_people(store, {uuid(500)}) == {uuid(500 + number) for number in range(6)}
    assert [one.why for one in waiting(store)].count(TOO_MANY) == 8 + 3


def test_an_officer_decides_by_command_and_the_audit_says_who(
    store: Store, judging: Judging, address: str
) -> None:
    def typed(*words: str) -> str:
        done = CliRunner().invoke(main, ["merges", *words, "--database", address])
        assert done.exit_code == 0, done.output
        return done.output

    a, b = Place(store, "a"), Place(store, "b", "DEMO02")
    assert "No merge waits" in typed("pending")
    a.deliver(person(1))
    b.deliver(person(2), merge(3, 1, 2))
    judging.run()
    told_ = json.loads(typed("pending", "--json"))
    assert (told_["people"], told_["why"]) == ([uuid(1), uuid(2)], ELSEWHERE)
    assert told_["reference"] in typed("pending")
    assert "Told to 1 sites" in typed("approve", told_["reference"], "--by", "Dr Osei")
    assert letters(store, "a") == [uuid(3)]
    typed("refuse", told_["reference"], "--by", "Dr Osei")
    assert same_people(store, {uuid(1)}) == {uuid(1)}
    assert [(line.who, line.what) for line in store.audits()] == [
        ("Dr Osei (command line)", "refused a merge"),
        ("Dr Osei (command line)", "approved a merge"),
    ]
    for reference in ("", "b/x/1/aaaaaaaaaaaaaaaa", f"a/{'e' * 16}/1/{'0' * 16}"):
        words = ["merges", "approve", reference, "--by", "Dr Osei", "--database", address]
        done = CliRunner().invoke(main, words)
        assert (done.exit_code, "There is no such merge" in done.output) == (1, True)
