"""Who is told what of whom: other sites' sound records of the same person, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from delivering_nodes import NOW, Place, correction, dose, entry, person, uuid

from sync.protocol.histories import PersonQuery
from sync.protocol.identities import identity_digest
from sync.registry.histories import histories
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.store.interface import Store
from sync.registry.store.records import AuditLine

NUMBER = "did:in:1234"
DIGEST = identity_digest(NUMBER)


@pytest.fixture
def places(store: Store) -> tuple[Place, Place]:
    return Place(store, "a"), Place(store, "b", "DEMO02")


def judged(store: Store) -> None:
    Judging(store, Schemas(schemas_folder()), lambda: NOW).run()


def told(store: Store, node: str, id_: int, identity: str = "") -> list[tuple[str, str]]:
    found = histories(store, node, [PersonQuery(uuid(id_), identity)], NOW)
    return [(one.facility, one.entry["id"]) for one in found.people[uuid(id_)]]


def theirs(number: int, who: int, **more: Any) -> dict[str, Any]:
    return dose(number, who, facility="DEMO02", **more)


def test_a_person_is_found_by_id_and_by_identity(store: Store, places: tuple[Place, Place]) -> None:
    a, b = places
    a.deliver(person(1, identity=NUMBER), dose(2, 1))
    b.deliver(person(11, identity="DID:IN:12 34"), theirs(12, 11), person(1), theirs(13, 1))
    judged(store)
    assert told(store, "a", 1) == [("DEMO02", uuid(1)), ("DEMO02", uuid(13))]
    ids = [uuid(11), uuid(12), uuid(1), uuid(13)]
    assert [id_ for _, id_ in told(store, "a", 1, DIGEST)] == ids
    assert [id_ for _, id_ in told(store, "b", 11, DIGEST)] == [uuid(1), uuid(2)]
    assert told(store, "b", 99) == []


def test_an_identity_that_was_corrected_away_leads_nowhere(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    changes = {"person": uuid(11), "changes": {"identity": "did:in:9"}, "reason": "wrong number"}
    b.deliver(person(11, identity=NUMBER), theirs(12, 11), entry(13, "PersonCorrected", changes))
    judged(store)
    assert told(store, "a", 1, DIGEST) == []
    assert len(told(store, "a", 1, identity_digest("did:in:9"))) == 3


def test_corrections_are_told_and_an_echo_and_a_rejected_dose_are_not(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    echo = {"source": "registry", "origin": uuid(77), "vaccinator": "", "expiry": None}
    reported = {**theirs(14, 11, **echo), "type": "DoseReported"}
    b.deliver(
        person(11, identity=NUMBER),
        theirs(12, 11),
        correction(13, 12, lot="CP2"),
        reported,
        theirs(15, 11, on="2026-12-24"),
    )
    judged(store)
    assert [id_ for _, id_ in told(store, "a", 1, DIGEST)] == [uuid(11), uuid(12), uuid(13)]


def test_another_nodes_correction_of_a_dose_is_not_told(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    b.deliver(person(11, identity=NUMBER), theirs(12, 11))
    Place(store, "c").deliver(correction(13, 12, lot="CP2"))
    judged(store)
    assert [id_ for _, id_ in told(store, "a", 1, DIGEST)] == [uuid(11), uuid(12)]


def test_what_is_done_is_counted_by_who_and_what_since_an_instant(store: Store) -> None:
    for at, who, what in (
        ("2026-11-23T23:59", "a", "history"),
        ("2026-11-24T00:00", "a", "history"),
        ("2026-11-24T00:00", "a", "history"),
        ("2026-11-24T00:00", "a", "other"),
        ("2026-11-24T00:00", "b", "history"),
    ):
        store.audit(AuditLine(at, who, what, "whom"))
    assert store.audited("a", "history", "2026-11-24") == 2
    assert store.audited("c", "history", "2026-11-24") == 0
