"""Two sites on one person: different fields are joined, the same field is for a person to decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.demographics import FIELDS, ForeignPerson, Reconciliation, fields_of, reconcile

BASE = {"name": "Noor Saleh", "gender": "Female", "born": "1990", "phone": "1"}


def compare(
    ours: dict[str, str], theirs: dict[str, str], base: dict[str, str], papers: bool = False
) -> Reconciliation:
    return reconcile(ours, [ForeignPerson("DEMO02", theirs, base)], set(), papers=papers)


def asked(found: Reconciliation) -> list[tuple[str, str, str]]:
    return [(one.field, one.ours, one.theirs) for one in found.ask]


def test_fields_that_different_sites_changed_are_joined() -> None:
    found = compare({**BASE, "name": "Noor Salih"}, {**BASE, "phone": "2"}, BASE)
    assert found == Reconciliation({"phone": "2"}, ())


def test_a_field_that_both_changed_is_asked_about() -> None:
    found = compare({**BASE, "phone": "3"}, {**BASE, "phone": "2"}, BASE)
    assert (found.take, asked(found)) == ({}, [("phone", "3", "2")])


def test_without_a_base_what_is_missing_is_taken_and_what_differs_is_asked_about() -> None:
    found = compare({"name": "Noor"}, {"name": "Nour", "email": "n@example.org"}, {})
    assert (found.take, asked(found)) == ({"email": "n@example.org"}, [("name", "Noor", "Nour")])


def test_what_stands_on_a_certificate_is_never_changed_unasked() -> None:
    theirs = {**BASE, "name": "Nour Saleh", "phone": "2"}
    found = compare(BASE, theirs, BASE, papers=True)
    assert (found.take, asked(found)) == ({"phone": "2"}, [("name", "Noor Saleh", "Nour Saleh")])


@pytest.mark.parametrize(
    ("ours", "theirs", "take"),
    [
        ("1990", "1990-04-02", {"born": "1990-04-02"}),
        ("1990-04-02", "1990", {}),
    ],
)
def test_a_date_of_birth_says_more_than_its_year(
    ours: str, theirs: str, take: dict[str, str]
) -> None:
    assert compare({"born": ours}, {"born": theirs}, {}) == Reconciliation(take, ())


def test_spaces_and_capitals_are_no_difference() -> None:
    assert compare({"name": "Noor  Saleh"}, {"name": "NOOR SALEH"}, {}) == Reconciliation({}, ())


def test_two_others_that_differ_are_not_both_taken() -> None:
    others = [ForeignPerson("A", {"phone": "1"}, {}), ForeignPerson("B", {"phone": "2"}, {})]
    found = reconcile({}, others, set(), papers=False)
    assert (found.take, asked(found)) == ({"phone": "1"}, [("phone", "1", "2")])


def test_what_was_decided_is_not_asked_about_again() -> None:
    others = [ForeignPerson("A", {"phone": "2"}, {})]
    assert reconcile({"phone": "1"}, others, {("phone", "2")}, papers=False) == Reconciliation(
        {}, ()
    )


VALUES = st.dictionaries(
    st.sampled_from(FIELDS), st.sampled_from(["1990", "1990-04-02", "1990-05-03", "a"])
)


@given(ours=VALUES, theirs=VALUES, base=VALUES, papers=st.booleans())
def test_two_sites_that_take_what_is_free_agree_or_ask(
    ours: dict[str, str], theirs: dict[str, str], base: dict[str, str], papers: bool
) -> None:
    found = compare(ours, theirs, base, papers)
    joined = {**ours, **found.take}
    assert compare(joined, theirs, base, papers).take == {}
    assert not {one.field for one in found.ask} & found.take.keys()


def test_a_person_without_a_date_of_birth_has_the_year() -> None:
    assert fields_of({"birthYear": 1990, "name": " Noor "}) == {"born": "1990", "name": "Noor"}


@pytest.mark.parametrize("theirs", ["1991-06-01", "1992", "1991-05-03/1991-06-01"])
def test_a_birth_after_a_dose_that_is_recorded_is_never_taken_unasked(theirs: str) -> None:
    ours = {"name": "Noor"}
    other = [ForeignPerson("DEMO02", {"name": "Noor", "born": theirs}, {})]
    found = reconcile(ours, other, set(), papers=False, lived="1991-05-02")
    assert (found.take, [one.theirs for one in found.ask]) == ({}, [theirs])
    found = reconcile(ours, other, set(), papers=False, lived="1993-01-01")
    assert (found.take, found.ask) == ({"born": theirs}, ())
