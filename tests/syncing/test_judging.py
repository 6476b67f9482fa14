"""What the registry makes of entries: stored always, and accepted, held, rejected or put right."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from delivering_nodes import NOW, Place, correction, dose, entry, person, placed, uuid
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.entries import GENESIS
from sync.protocol.errors import DatabaseError
from sync.protocol.identities import identity_digest
from sync.registry.cli import main
from sync.registry.judging.references import spoken
from sync.registry.judging.rules import ELSEWHERE, LATE, NO_PERSON, Finding, JudgingContext, judge
from sync.registry.judging.running import JudgingWorker
from sync.registry.judging.schemas import CHOICE, DATE, MISSING, Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.store.interface import Store
from sync.registry.store.records import PendingStretch
from sync.registry.store.stores import embedded, open_store

SCHEMAS = Schemas(schemas_folder())


class Hindered:
    """A store for one worker; ``some`` chooses its stretches, ``before`` it settles something."""

    def __init__(
        self, store: Store, some: Callable[[PendingStretch], bool], before: Callable[[], object]
    ) -> None:
        self._store, self._some, self._before = store, some, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def claim(self, limit: int, *_: str) -> list[PendingStretch]:
        return [one for one in self._store.to_judge(limit) if self._some(one)]

    def settle(self, *given: Any) -> bool:
        self._before()
        return self._store.settle(*given)


def interleave(store: Store, first: Callable[[PendingStretch], bool]) -> None:
    """Two workers: the second does all of its work while the first is about to settle its own."""
    other: Any = Hindered(store, lambda one: not first(one), lambda: None)
    slow: Any = Hindered(store, first, Judging(other, SCHEMAS, lambda: NOW).run)
    assert Judging(slow, SCHEMAS, lambda: NOW).run() > 0


@pytest.fixture
def judging(store: Store) -> Judging:
    return Judging(store, SCHEMAS, lambda: NOW)


def test_a_sound_record_gets_no_verdict_and_is_found_by_person_and_identity(
    store: Store, judging: Judging
) -> None:
    place = Place(store, "a")
    place.deliver(person(identity="did:in:1234-5678"), dose(), entry(3, "NewerType", {"x": 1}))
    assert judging.run() == 3
    assert judging.run() == 0
    assert place.states() == {}
    assert place.letters() == []
    keys = [f"person:{uuid(1)}"]
    assert [one.type for one in store.mentions(keys)] == ["PersonRegistered", "DoseGiven"]
    key = f"identity:{identity_digest('DID:IN:1234 5678')}"
    assert [one.type for one in store.mentions([key])] == ["PersonRegistered"]


@pytest.mark.parametrize(
    ("spoiled", "field", "sentence"),
    [
        (dose(on=None), "on", MISSING),
        (dose(expiry="soon"), "expiry", DATE),
        (dose(on="2026-11-26"), "on", LATE),
        (dose(facility="DEMO02"), "facility", ELSEWHERE),
        (person(2, gender="x"), "person.gender", CHOICE),
        (person(2, name=None), "person.name", MISSING),
        ({**dose(), "at": None}, "at", ""),
        ({**dose(), "body": []}, "body", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rejected_record_is_stored_all_the_same_and_its_field_is_named(
    store: Store, judging: Judging, spoiled: Any, field: str, sentence: str
) -> None:
    place = Place(store, "a")
    place.deliver(person(), spoiled, dose(3))
    judging.run()
    assert place.states() == {uuid(2): ("rejected", field)}
    assert store.count("a") == 3
    (letter,) = place.letters()
    assert (letter["entry"], letter["state"], letter["field"]) == (uuid(2), "rejected", field)
    assert letter["sentence"] == sentence or (not sentence and letter["sentence"].endswith("."))


def test_a_dose_of_the_day_that_has_begun_in_the_east_is_not_in_the_future() -> None:
    early = JudgingContext("DEMO01", "2026-11-24T09:59:00.000Z", {uuid(1)})
    begun = JudgingContext("DEMO01", "2026-11-24T10:00:00.000Z", {uuid(1)})
    assert judge(placed(dose(on="2026-11-25")), early, SCHEMAS) == Finding("rejected", "on", LATE)
    assert judge(placed(dose(on="2026-11-25")), begun, SCHEMAS) is None


@pytest.mark.parametrize("parent_from", ["a", "b"])
def test_a_dose_is_held_until_its_person_is_known_from_any_node(
    store: Store, judging: Judging, parent_from: str
) -> None:
    places = {"a": Place(store, "a"), "b": Place(store, "b")}
    places["a"].deliver(dose())
    judging.run()
    assert places["a"].states() == {uuid(2): ("held", "person")}
    (letter,) = places["a"].letters()
    assert (letter["waits"], letter["sentence"]) == (uuid(1), NO_PERSON)
    places[parent_from].deliver(person())
    judging.run()
    assert places["a"].states() == {uuid(2): ("stored", "")}
    assert [one["state"] for one in places["a"].letters()] == ["held", "stored"]


def test_a_person_in_the_same_piece_is_known_whichever_comes_first(
    store: Store, judging: Judging
) -> None:
    place = Place(store, "a")
    place.deliver(dose(), person())
    judging.run()
    assert place.states() == {}


def test_what_waits_for_two_is_held_until_both_are_there(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    body: dict[str, Any] = {"certificate": "1", "dose": uuid(2), "person": uuid(1)}
    body |= {"credentials": [{"format": "shc", "credential": "x"}]}
    place.deliver(entry(3, "CertificateIssued", body))
    judging.run()
    place.deliver(person())
    judging.run()
    assert place.states() == {uuid(3): ("held", "dose")}
    place.deliver(dose())
    judging.run()
    assert place.states() == {uuid(3): ("stored", "")}
    assert [one["waits"] for one in place.letters()] == [uuid(1), uuid(2), ""]


@pytest.mark.parametrize("together", [True, False], ids=["in one piece", "later"])
def test_a_correction_supersedes_what_was_rejected(
    store: Store, judging: Judging, together: bool
) -> None:
    place = Place(store, "a")
    place.deliver(person(), dose(on="2026-12-24"))
    if not together:
        judging.run()
        assert place.states() == {uuid(2): ("rejected", "on")}
    place.deliver(correction(3, 2, on="2026-11-24"))
    judging.run()
    assert place.states() == {uuid(2): ("superseded", "on")}
    assert place.letters()[-1]["state"] == "superseded"


def test_a_correction_of_something_else_leaves_it_rejected(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    place.deliver(person(), dose(on="2026-12-24"))
    judging.run()
    place.deliver(correction(3, 2, lot="CP2"))
    judging.run()
    place.deliver(correction(4, 2, on="2026-12-23"))
    judging.run()
    assert place.states() == {uuid(2): ("rejected", "on")}
    place.deliver(correction(5, 2, on="2026-11-23"))
    judging.run()
    assert place.states() == {uuid(2): ("superseded", "on")}


def test_a_person_is_put_right_field_by_field(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    place.deliver(person(gender="x", birthYear="1990"))
    judging.run()
    assert place.states() == {uuid(1): ("rejected", "person.gender")} or place.states() == {
        uuid(1): ("rejected", "person.birthYear")
    }
    for number, changes in ((2, {"gender": "Male"}), (3, {"birthYear": None})):
        body = {"person": uuid(1), "changes": changes, "reason": "typed wrongly"}
        place.deliver(entry(number, "PersonCorrected", body))
        judging.run()
        state = "superseded" if number == 3 else "rejected"
        assert place.states()[uuid(1)][0] == state


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_another_node_cannot_put_a_record_right(
    store: Store, judging: Judging, before: bool
) -> None:
    place, other = Place(store, "a"), Place(store, "b")
    if before:
        other.deliver(correction(3, 2, on="2026-11-24"))
        judging.run()
    place.deliver(person(), dose(on="2026-12-24"))
    judging.run()
    if not before:
        other.deliver(correction(3, 2, on="2026-11-24"))
        judging.run()
    assert place.states() == {uuid(2): ("rejected", "on")}


def test_a_correction_that_came_before_what_it_corrects_works_when_that_comes(
    store: Store, judging: Judging
) -> None:
    place = Place(store, "a")
    place.deliver(correction(3, 2, on="2026-11-24"))
    judging.run()
    assert place.states() == {uuid(3): ("held", "dose")}
    place.deliver(person(), dose(on="2026-12-24"))
    judging.run()
    assert place.states() == {uuid(2): ("superseded", "on"), uuid(3): ("stored", "")}


def test_two_workers_that_settle_a_dose_and_its_person_at_once_leave_nothing_held(
    store: Store,
) -> None:
    first, second = Place(store, "a"), Place(store, "b")
    first.deliver(dose())
    second.deliver(person())

    interleave(store, lambda one: one.node == "a")
    assert first.states() == {uuid(2): ("stored", "")}


def test_two_workers_that_settle_a_record_and_its_correction_at_once_see_both(
    store: Store,
) -> None:
    place = Place(store, "a")
    place.deliver(person(), dose(on="2026-12-24"))
    place.epoch, place.number, place.previous = "f" * 16, 0, GENESIS  # a copied card
    place.deliver(correction(3, 2, on="2026-11-24"))
    interleave(store, lambda one: one.epoch == place.epoch)
    assert place.states() == {uuid(2): ("superseded", "on"), uuid(3): ("stored", "")}


def test_what_two_workers_judge_is_settled_and_told_once(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    place.deliver(person(), dose(on="2026-12-24"))
    stretches = store.to_judge(10)
    judging.run()

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def claim(self, *_: Any) -> Any:  # its own ran out
            return stretches

    late: Any = Late()
    overtaken = Judging(late, SCHEMAS, lambda: NOW)
    assert overtaken.run() == 0
    assert (overtaken.tally.tried, overtaken.tally.won) == (1, 0)
    assert len(place.letters()) == 1


def test_what_a_worker_has_claimed_no_other_takes_until_the_claim_ends(store: Store) -> None:
    place, other = Place(store, "a"), Place(store, "b")
    for one in (place, other):
        one.deliver(person(one.number + 1), *(dose(number) for number in range(2, 5)))
    soon, late = "2026-11-24T12:01:00.000Z", "2026-11-24T12:01:00.001Z"
    (first,) = store.claim(1, NOW, soon)
    (second,) = store.claim(9, NOW, soon)
    assert {first.node, second.node} == {"a", "b"}
    assert store.claim(9, NOW, soon) == []
    part = replace(first, through=2)
    assert store.settle(part, [], [], [], NOW, soon)  # and it goes on
    assert store.claim(9, NOW, soon) == []
    assert store.settle(replace(first, after=2), [], [], [], NOW)
    assert store.claim(9, NOW, soon) == []
    place.deliver(dose(5))
    assert store.claim(9, NOW, soon) == [PendingStretch("a", place.epoch, 4, 5)]
    assert len(store.claim(9, late, late)) == 2  # their workers died


def test_two_workers_share_what_there_is_and_lose_no_piece_to_each_other(store: Store) -> None:
    for node in "abcdefghijkl":
        Place(store, node).deliver(person(), *(dose(number) for number in range(2, 12)))
    workers = [Judging(store, SCHEMAS, lambda: NOW) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        while sum(pool.map(Judging.run, workers)):
            pass
    assert store.to_judge(1) == []
    tried, won = (
        sum(getattr(worker.tally, name) for worker in workers) for name in ("tried", "won")
    )
    assert tried == won == 12


def test_a_worker_that_was_stopped_before_it_released_is_made_good_by_the_sweep(
    store: Store, judging: Judging
) -> None:
    place, other = Place(store, "a"), Place(store, "b")
    place.deliver(dose())
    judging.run()
    other.deliver(person())

    class Stopped:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def mentions(self, *_: Any) -> Any:
            raise DatabaseError("registry.database", "Stopped here.")

    stopped: Any = Stopped()
    with pytest.raises(DatabaseError):
        Judging(stopped, SCHEMAS, lambda: NOW).run()
    assert judging.run() == 0
    assert place.states() == {uuid(2): ("held", "person")}
    assert judging.sweep() == 1
    assert place.states() == {uuid(2): ("stored", "")}


@pytest.mark.slow
def test_a_long_epoch_is_judged_in_pieces(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    place.deliver(person(), *(dose(number, on="2026-12-24") for number in range(2, 1203)))
    assert judging.run() == 1202
    assert len(store.verdicts("a", "rejected", 5000)) == 1201
    assert len(store.letters("a", 0, 5000)) == 1201


def test_the_bench_judges_by_itself_and_stops(store: Store, judging: Judging) -> None:
    place = Place(store, "a")
    place.deliver(dose(on=None))
    worker = JudgingWorker(judging, every=0.01)
    worker.start()
    for _ in range(500):
        if store.verdicts("a"):
            break
        worker._stop.wait(0.01)
    worker.close()
    assert place.states() == {uuid(2): ("rejected", "on")}
    assert not worker._thread.is_alive()


def test_the_command_judges_once_with_the_schemas_of_a_folder(
    tmp_path: Path,
) -> None:
    store = open_store(embedded(tmp_path))
    Place(store, "a").deliver(dose(on=None))
    run = CliRunner().invoke(main, ["judge", "--data", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert "Judged 1 entries" in run.output
    assert store.verdicts("a")[0].state == "rejected"
    empty = tmp_path / "empty"
    empty.mkdir()
    run = CliRunner().invoke(main, ["judge", "--data", str(tmp_path), "--schemas", str(empty)])
    assert run.exit_code == 1
    assert "The schemas cannot be read" in run.output
    store.close()


TYPES = st.sampled_from([*sorted(SCHEMAS._bodies), "NewerType"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["id", "person", "dose", "changes", "identity", "on", "facility"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.slow
@given(type_=TYPES, body=ANY, changes=ANY)
def test_every_entry_gets_a_decision_whatever_is_in_it(type_: str, body: Any, changes: Any) -> None:
    document = placed(entry(1, type_, body))
    keys = spoken(document).keys()
    assert all(isinstance(key, str) for key in keys)
    corrections = [changes] if isinstance(changes, dict) else []
    known = JudgingContext("DEMO01", NOW, frozenset(), corrections)
    finding = judge(document, known, SCHEMAS)
    assert finding is None or finding.state in ("held", "rejected", "superseded")
    assert finding is None or type_ != "NewerType"


@given(st.text())
def test_an_identity_is_digested_alike_however_it_is_spaced(text: str) -> None:
    spaced = " ".join(text)
    assert identity_digest(spaced) == identity_digest(text)
    assert identity_digest(f" {text}-") == identity_digest(text)


def withdrawal(number: int, of: int, kind: str = "not-given") -> dict[str, Any]:
    return entry(number, "DoseWithdrawn", {"dose": uuid(of), "kind": kind, "reason": "Misread"})


def test_a_dose_is_taken_back_by_the_site_that_recorded_it_and_by_no_other(
    store: Store, judging: Judging
) -> None:
    own, other = Place(store, "a"), Place(store, "b", "DEMO02")
    changes = {"number": 2, "total": 2, "nextDue": None}
    renumbered = {"dose": uuid(2), "changes": changes, "reason": "Numbers follow"}
    own.deliver(person(), dose(2), withdrawal(3, 2), withdrawal(4, 2, "disbelieved"))
    own.deliver(entry(5, "DoseReported", dose()["body"]), withdrawal(6, 5))
    own.deliver(withdrawal(7, 5, "disbelieved"), entry(8, "DoseCorrected", renumbered))
    judging.run()
    other.deliver(withdrawal(21, 2), correction(22, 2, lot="X"), withdrawal(23, 99))
    judging.run()
    assert own.states() == {uuid(4): ("rejected", "kind"), uuid(6): ("rejected", "kind")}
    assert other.states() == {
        uuid(21): ("rejected", "dose"),
        uuid(22): ("rejected", "dose"),
        uuid(23): ("held", "dose"),
    }


@pytest.mark.parametrize("together", [True, False])
def test_a_rejected_dose_that_is_taken_back_is_put_right(
    store: Store, judging: Judging, together: bool
) -> None:
    place = Place(store, "a")
    place.deliver(person(), dose(2, on="2026-11-30"))
    if not together:
        judging.run()
        assert place.states() == {uuid(2): ("rejected", "on")}
    place.deliver(withdrawal(3, 2))
    judging.run()
    assert place.states() == {uuid(2): ("superseded", "on")}


def test_a_withdrawal_that_came_before_its_dose_is_judged_when_that_comes(
    store: Store, judging: Judging
) -> None:
    place, other = Place(store, "a"), Place(store, "b", "DEMO02")
    other.deliver(withdrawal(21, 2))
    judging.run()
    assert other.states() == {uuid(21): ("held", "dose")}
    place.deliver(person(), dose(2))
    judging.run()
    assert other.states() == {uuid(21): ("rejected", "dose")}
