"""Who is told what of whom: other sites' sound records of a person who was there, and no more."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from delivering_nodes import NOW, Place, correction, dose, entry, person, uuid
from memory_journal import REGISTRY_KEY

from sync.protocol.errors import ProtocolError
from sync.protocol.histories import Histories, PersonQuery, make_question, read_question
from sync.protocol.identities import identity_digest
from sync.protocol.instants import read_instant
from sync.protocol.proofs import (
    CertificateProof,
    CodeProof,
    OwnProof,
    Proof,
    StatedProof,
    signed_digest,
)
from sync.registry.audit import trim
from sync.registry.histories import histories
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.interface import Store

NUMBER = "did:in:1234"
DIGEST = identity_digest(NUMBER)
CODE, OTHER_CODE = "7K2M9QX4TB1C", "3N8D5VW6HZ0A"
SHOWN = CodeProof(CODE)


@pytest.fixture
def places(store: Store) -> tuple[Place, Place]:
    return Place(store, "a"), Place(store, "b", "DEMO02")


def judged(store: Store) -> None:
    Judging(store, Schemas(schemas_folder()), lambda: NOW).run()


LIMITS = Limits()
EARLIER = "2026-11-24T11:00:00.000Z"


def asked(store: Store, node: str, id_: int, proof: Proof, limits: Limits = LIMITS) -> Histories:
    return histories(store, node, [PersonQuery(uuid(id_), proof)], NOW, limits)


def told(store: Store, node: str, id_: int, proof: Proof = SHOWN) -> list[tuple[str, str]]:
    found = asked(store, node, id_, proof).people[uuid(id_)]
    return [(one.facility, one.entry["id"]) for one in found]


def theirs(number: int, who: int, **more: Any) -> dict[str, Any]:
    return dose(number, who, facility="DEMO02", **more)


def test_a_person_is_found_by_the_code_that_another_site_gave(
    store: Store, places: tuple[Place, Place]
) -> None:
    a, b = places
    a.deliver(person(1, identity=NUMBER), dose(2, 1))
    b.deliver(person(11, identity="DID:IN:12 34", code=CODE), theirs(12, 11))
    judged(store)
    assert told(store, "a", 1) == [("DEMO02", uuid(11)), ("DEMO02", uuid(12))]
    assert told(store, "a", 1, CodeProof("7k2m 9qx4-tbic")) == told(store, "a", 1)
    assert asked(store, "a", 1, CodeProof(OTHER_CODE)).refused == {uuid(1): "wrong"}


def test_a_list_of_identity_numbers_tells_nothing_of_anybody(
    store: Store, places: tuple[Place, Place]
) -> None:
    """A thief at a site registers the numbers of others, with ids and codes as he likes."""
    a, b = places
    b.deliver(person(11, identity=NUMBER, code=CODE), theirs(12, 11), at=EARLIER)
    a.deliver(
        person(1, identity=NUMBER, code=OTHER_CODE, name="Some Thief", birthDate="1950-01-01"),
        person(11, code=OTHER_CODE, identity=NUMBER),
    )
    judged(store)
    for proof in (
        OwnProof(),
        CodeProof(OTHER_CODE),
        StatedProof(DIGEST, "Some Thief", "1950-01-01"),
        StatedProof(DIGEST, "Somebody", "1950-01-01"),
    ):
        for id_ in (1, 11):
            answer = asked(store, "a", id_, proof)
            assert answer.people == {uuid(id_): ()}, proof
    # nor does it help to have a second site: it was not the first to register her
    Place(store, "c", "DEMO03").deliver(person(11, code="9" * 12, identity=NUMBER))
    judged(store)
    assert asked(store, "a", 1, CodeProof("9" * 12)).refused == {uuid(1): "wrong"}


def test_a_stolen_machine_gives_no_code_to_whom_another_of_its_facility_registered(
    store: Store, places: tuple[Place, Place]
) -> None:
    """It is of the facility that was first, but what it wrote itself proves nothing to it."""
    neighbour = Place(store, "a2")
    neighbour.deliver(person(11, identity=NUMBER, code=CODE), at=EARLIER)
    places[1].deliver(theirs(12, 11), at=EARLIER)
    places[0].deliver(person(11, code=OTHER_CODE))
    judged(store)
    assert asked(store, "a", 1, CodeProof(OTHER_CODE)).refused == {uuid(1): "wrong"}
    assert ("DEMO02", uuid(12)) in told(store, "a", 1)  # her paper does


def test_who_is_registered_elsewhere_under_the_number_of_another_does_not_get_her_history(
    store: Store, places: tuple[Place, Place]
) -> None:
    _, b = places
    b.deliver(person(11, identity=NUMBER, code=CODE), theirs(12, 11))
    c = Place(store, "c", "DEMO03")
    c.deliver(person(21, identity=NUMBER, code=OTHER_CODE, name="Another", birthDate="1961-05-05"))
    judged(store)
    assert told(store, "a", 1, CodeProof(OTHER_CODE)) == [("DEMO03", uuid(21))]


def test_who_has_one_number_name_and_birth_at_two_sites_is_one(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    born = {"birthDate": "1990-04-02", "birthYear": None, "name": "Noor Saleh"}
    b.deliver(person(11, identity=NUMBER, code=CODE, **born), theirs(12, 11))
    c = Place(store, "c", "DEMO03")
    c.deliver(
        person(21, identity=NUMBER, code=OTHER_CODE, name="SALEH Nour", birthDate=None,
               birthYear=1990),
        dose(22, 21, facility="DEMO03"),
    )  # fmt: skip
    judged(store)
    ids = [uuid(11), uuid(12), uuid(21), uuid(22)]
    assert sorted(id_ for _, id_ in told(store, "a", 1)) == ids


def test_a_number_that_was_corrected_away_leads_nowhere(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    changes = {"person": uuid(11), "changes": {"identity": "did:in:9"}, "reason": "wrong number"}
    b.deliver(
        person(11, identity=NUMBER, birthDate="1990-04-02", name="Noor Saleh"),
        theirs(12, 11),
        entry(13, "PersonCorrected", changes),
    )
    judged(store)
    word = {"name": "Noor Saleh", "born": "1990-04-02"}
    assert told(store, "a", 1, StatedProof(DIGEST, **word)) == []
    assert len(told(store, "a", 1, StatedProof(identity_digest("did:in:9"), **word))) == 3


def issued(number: int, who: int, of: int, text: str) -> dict[str, Any]:
    credentials = [{"format": "dcc", "credential": text}]
    body = {"certificate": "CERT1", "dose": uuid(of), "person": uuid(who)}
    return entry(number, "CertificateIssued", {**body, "credentials": credentials})


def test_a_certificate_proves_presence_by_what_is_signed_and_not_by_its_number(
    store: Store, places: tuple[Place, Place]
) -> None:
    a, b = places
    b.deliver(person(11, code=CODE), theirs(12, 11), issued(13, 11, 12, "HC1:signed"))
    judged(store)
    right = CertificateProof("CERT1", signed_digest("HC1:signed"))
    assert [id_ for _, id_ in told(store, "a", 1, right)] == [uuid(11), uuid(12)]
    guessed = CertificateProof("CERT1", signed_digest("HC1:guessed"))
    assert asked(store, "a", 1, guessed).refused == {uuid(1): "wrong"}
    # what the asking site says it issued itself is no proof, nor what one says who never knew her
    a.deliver(person(1, code=OTHER_CODE), dose(2, 1), issued(3, 11, 2, "HC1:own"))
    Place(store, "c", "DEMO03").deliver(
        person(31), dose(32, 31, facility="DEMO03"), issued(33, 11, 32, "HC1:third")
    )
    judged(store)
    for text in ("HC1:own", "HC1:third"):
        proof = CertificateProof("CERT1", signed_digest(text))
        assert asked(store, "a", 1, proof).refused == {uuid(1): "wrong"}


def test_a_sites_own_person_is_known_by_having_shown_its_paper_elsewhere(
    store: Store, places: tuple[Place, Place]
) -> None:
    a, b = places
    a.deliver(person(1, code=CODE), dose(2, 1))
    b.deliver(person(11, code=OTHER_CODE), theirs(12, 11))
    judged(store)
    assert asked(store, "a", 1, OwnProof()).people == {uuid(1): ()}
    assert [id_ for _, id_ in told(store, "b", 11, SHOWN)] == [uuid(1), uuid(2)]
    assert [id_ for _, id_ in told(store, "a", 1, OwnProof())] == [uuid(11), uuid(12)]
    # under an id that is not b's own nobody is linked, whatever b shows
    c = Place(store, "c", "DEMO03")
    c.deliver(person(21), dose(22, 21, facility="DEMO03"))
    judged(store)
    told(store, "b", 21, SHOWN)
    assert [id_ for _, id_ in told(store, "a", 1, OwnProof())] == [uuid(11), uuid(12)]


def test_corrections_are_told_and_an_echo_and_a_rejected_dose_are_not(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    echo = {"source": "registry", "origin": uuid(77), "vaccinator": "", "expiry": None}
    reported = {**theirs(14, 11, **echo), "type": "DoseReported"}
    b.deliver(
        person(11, code=CODE),
        theirs(12, 11),
        correction(13, 12, lot="CP2"),
        reported,
        theirs(15, 11, on="2026-12-24"),
    )
    judged(store)
    assert [id_ for _, id_ in told(store, "a", 1)] == [uuid(11), uuid(12), uuid(13)]


def test_another_nodes_correction_of_a_dose_is_not_told(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    b.deliver(person(11, code=CODE), theirs(12, 11))
    Place(store, "c").deliver(correction(13, 12, lot="CP2"))
    judged(store)
    assert [id_ for _, id_ in told(store, "a", 1)] == [uuid(11), uuid(12)]


def test_wrong_codes_are_counted_before_they_are_looked_up_and_right_ones_are_not(
    store: Store, places: tuple[Place, Place]
) -> None:
    places[1].deliver(person(11, code=CODE), theirs(12, 11))
    judged(store)
    limits = Limits(wrong_proofs_a_day=3)
    for _ in range(5):
        assert asked(store, "a", 1, SHOWN, limits).refused == {}
    guesses = [PersonQuery(uuid(n), CodeProof(f"{n:012d}")) for n in range(50)]
    many = histories(store, "a", [*guesses[:49], PersonQuery(uuid(99), SHOWN)], NOW, limits)
    assert list(many.refused.values()) == ["wrong"] * 3 + ["limit"] * 47
    assert asked(store, "a", 1, SHOWN, limits).refused == {uuid(1): "limit"}
    assert asked(store, "c", 1, SHOWN, limits).refused == {}


def test_without_paper_a_site_asks_for_few_and_all_sites_for_one_seldom(
    store: Store, places: tuple[Place, Place]
) -> None:
    born = {"birthDate": "1990-04-02", "birthYear": None, "name": "Noor Saleh"}
    places[1].deliver(person(11, identity=NUMBER, **born), theirs(12, 11))
    judged(store)
    limits = Limits(without_paper_a_day=4, without_paper_of_one=2)
    right = StatedProof(DIGEST, "Noor Saleh", "1990-04-02")
    assert len(asked(store, "a", 1, right, limits).people[uuid(1)]) == 2
    assert asked(store, "c", 1, StatedProof(DIGEST, "Noor", "1991"), limits).refused
    assert asked(store, "d", 1, right, limits).refused == {uuid(1): "limit"}
    answers = [
        asked(store, "a", n, StatedProof(identity_digest(f"did:in:{n}"), "X Y", "1990"), limits)
        for n in range(5)
    ]
    assert [one.refused[uuid(n)] for n, one in enumerate(answers)] == ["wrong"] * 3 + ["limit"] * 2
    lines = [line.what for line in store.audits()]
    assert lines.count("history without paper") == 1


COMMON = "Mary John Noor Ali Amina Juma Fatima Mohamed Grace Joseph Zuberi Hassan Anna Peter"


@pytest.mark.parametrize(
    ("name", "born"),
    [
        (COMMON, "1990-04-02"),
        ("Noor Saleh", "0001-01-01/9999-12-31"),
        ("Noor Saleh", "1980-01-01/1999-12-31"),
        (COMMON, "1920-01-01/2026-12-31"),
    ],
)
def test_a_list_of_names_or_all_years_at_once_are_nobodys_word(
    store: Store, places: tuple[Place, Place], name: str, born: str
) -> None:
    """Else an identity number alone would be a question again, for the first try hits."""
    told_of = {"birthDate": "1990-04-02", "birthYear": None, "name": "Noor Saleh"}
    places[1].deliver(person(11, identity=NUMBER, **told_of), theirs(12, 11))
    judged(store)
    assert asked(store, "a", 1, StatedProof(DIGEST, name, born)).refused == {uuid(1): "wrong"}


@pytest.mark.parametrize(
    ("name", "born"),
    [("SALEH Nour", "1990"), ("Noor Fatima Hassan", "1989-11-01/1990-10-31")],
)
def test_a_name_may_be_written_another_way_and_an_age_be_estimated(
    store: Store, places: tuple[Place, Place], name: str, born: str
) -> None:
    told_of = {"birthDate": "1990-04-02", "birthYear": None, "name": "Noor Saleh"}
    places[1].deliver(person(11, identity=NUMBER, **told_of), theirs(12, 11))
    judged(store)
    assert len(told(store, "a", 1, StatedProof(DIGEST, name, born))) == 2


def test_the_nation_reads_who_asked_for_whom_and_by_which_proof(
    store: Store, places: tuple[Place, Place]
) -> None:
    places[1].deliver(person(11, code=CODE), theirs(12, 11))
    judged(store)
    told(store, "a", 1)
    (line,) = store.audits()
    assert (line.who, line.what, line.whom) == (
        "a", "history by code", f"{uuid(1)} = {uuid(11)}"
    )  # fmt: skip
    assert CODE not in repr(line)
    asked(store, "a", 1, CodeProof(OTHER_CODE))
    newest = store.audits()[0]
    assert (newest.what, newest.whom) == ("history refused", "1 proofs of nobody, 0 too many")


CANARIES = {
    "phone": "555010077",
    "email": "canary@example.org",
    "nationality": "CANARYLAND",
    "passportName": "CANARY PASSPORT",
    "address": {"addressLine1": "Canary Street 5", "district": "Canary Village"},
    "guardian": {"relation": "mother", "name": "Canary Mother", "phone": "555010078"},
}


def test_no_telephone_no_village_no_guardian_no_staff_and_no_place_in_the_chain_is_told(
    store: Store, places: tuple[Place, Place]
) -> None:
    b = places[1]
    changes = {"phone": "555010079", "address": {"district": "Canary Town"}, "name": "Noor Q"}
    withdrawn = {"dose": uuid(14), "kind": "not-given", "reason": "Canary reason of Mrs Canary"}
    b.deliver(
        person(11, code=CODE, identity="did:in:canary-77", **CANARIES),
        theirs(12, 11, vaccinator="V-CANARY", canary="CANARY FIELD"),
        entry(13, "PersonCorrected", {"person": uuid(11), "changes": changes,
                                      "reason": "Canary words"}),
        theirs(14, 11, vaccinator="V-CANARY"),
        entry(15, "DoseWithdrawn", withdrawn),
        entry(16, "PersonStatusRecorded", {"person": uuid(11), "status": "moved",
              "on": "2026-11-01", "place": "Canary Hills", "reason": "canary"}),
    )  # fmt: skip
    judged(store)
    found = asked(store, "a", 1, SHOWN).people[uuid(11 - 10)]
    text = json.dumps([one.entry for one in found])
    assert len(found) == 6
    assert "canary" not in text.lower()
    assert "5550100" not in text
    assert CODE not in text
    for name in ("number_of", "previous", "epoch", "hash", '"by"', "clock", "cause", "command"):
        assert name not in text
    assert {field for one in found for field in one.entry} == {
        "id",
        "type",
        "version",
        "at",
        "body",
    }
    assert "Noor Q" in text


def test_tries_are_counted_by_who_and_day_and_forgotten_when_the_day_is_over(store: Store) -> None:
    """Of whom a site has asked by word is not kept for longer than the measure needs."""

    def left(who: str, day: str) -> int:
        return sum(store.try_once(who, day, 3) for _ in range(5))

    assert [store.try_once("of:a", "2026-11-24", most) for most in (0, 1, 1)] == [
        False,
        True,
        False,
    ]
    assert (left("of:a", "2026-11-24"), left("of:b", "2026-11-24")) == (2, 3)
    assert left("of:a", "2026-11-23") == 3
    trim(store, 30, "divoc-registry", read_instant(NOW))
    assert (left("of:a", "2026-11-24"), left("of:a", "2026-11-23")) == (0, 3)


def test_of_questions_at_the_same_moment_no_more_are_answered_than_a_site_has_left(
    store: Store,
) -> None:
    """Each is counted before anything is looked at: no two take the last one for theirs."""
    registry = Registry(store, REGISTRY_KEY, limits=Limits(histories_a_day=3))
    store.enrol("a", "key", "DEMO01", "Name", NOW)
    together = Barrier(8, timeout=30)

    def ask(_: int) -> str:
        together.wait()
        try:
            registry.told("a", "0123456789abcdef", [PersonQuery(uuid(1), SHOWN)])
        except ProtocolError as error:
            return error.code
        return "told"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(8))) == [*["history.quota"] * 5, *["told"] * 3]


@pytest.mark.parametrize(
    "id_", ["", "x" * 101, "a b", f"x = {uuid(11)}", "\x1b[2Ax", "x\n2026-11-24T11:00  FAC01", "é"]
)
def test_an_id_that_would_write_the_audit_is_no_question(id_: str) -> None:
    """A site's question stands in the audit, and in the terminal of the officer who reads it."""
    question = make_question([PersonQuery(id_)], "0123456789abcdef")
    with pytest.raises(ProtocolError) as refused:
        read_question(question)
    assert refused.value.values == {"field": "people"}
    assert read_question(make_question([PersonQuery(uuid(1))], "0123456789abcdef"))
