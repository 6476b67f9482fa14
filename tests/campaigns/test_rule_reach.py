"""Whether somebody can meet rules of eligibility: each case is as a ministry would write it."""

from __future__ import annotations

from typing import Any

import pytest

from edge.campaign.rule_reach import condition_of, met_by_somebody, of_schedule, tries

Group = dict[str, Any]


def doses(*vaccines: str, **counts: int) -> Group:
    return {"doses": {**({"vaccines": list(vaccines)} if vaccines else {}), **counts}}


MET: dict[str, tuple[list[Group], list[Group]]] = {
    "nobody is left out": ([], [{"sex": "female"}]),
    "one group of several": ([{"sex": "male"}, {"age": {"from": "60 years"}}], [{"sex": "male"}]),
    "the last day before an age": ([{"age": {"from": "9 years"}}], [{"age": {"from": "9 years 1 day"}}]),
    "the first day of an age": ([{"age": {"until": "2 days"}}], [{"age": {"until": "1 day"}}]),
    "one observation of two": ([{"seen": ["a", "b"]}], [{"seen": ["a"]}]),
    "another district of a state": (
        [{"lives_in": {"states": ["Delta"]}}], [{"lives_in": {"districts": ["North"]}}]
    ),
    "more doses than are left out": ([doses("x", at_least=1)], [doses("x", at_most=2)]),
    "doses of another vaccine": ([doses(at_least=2)], [doses("x", at_least=1)]),
    "one dose of each of two": (
        [doses("x", "y", at_least=2)], [doses("x", at_least=2), doses("y", at_least=2)]
    ),
    "more vaccines than are tried": (
        [doses(*"abcdefghijkl", at_least=1)], [doses(letter, at_least=1) for letter in "abcdefghijkl"]
    ),
}  # fmt: skip
NEVER: dict[str, tuple[list[Group], list[Group]]] = {
    "every age": ([], [{"age": {"until": "18 years"}}, {"age": {"from": "18 years"}}]),
    "older than who is left out": ([{"age": {"from": "60 years"}}], [{"age": {"from": "59 years"}}]),
    "each observation of two": ([{"seen": ["a", "b"]}], [{"seen": ["a"]}, {"seen": ["b"]}]),
    "the only district": (
        [{"lives_in": {"districts": ["North"]}}], [{"lives_in": {"districts": ["north"]}}]
    ),
    "no dose and some": ([doses("x", at_most=0)], [doses("x", at_most=3)]),
    "three doses of two that may be one each": (
        [doses("x", "y", at_least=3)], [doses("x", at_least=2), doses("y", at_least=2)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [*MET, *NEVER])
def test_a_rule_is_met_by_somebody_or_by_nobody(name: str) -> None:
    only, excluded = {**MET, **NEVER}[name]
    assert met_by_somebody(tries(), condition_of({"only": only, "not": excluded})) == (name in MET)


def test_two_rules_and_the_ages_of_a_schedule_are_met_together() -> None:
    girls = condition_of({"only": [{"sex": "female"}]})
    old, young = (condition_of({"only": [{"age": age}]})
                  for age in ({"from": "15 years"}, {"until": "15 years"}))  # fmt: skip
    dose = {"vaccines": [{"vaccine": "HPV"}], "age": {"from": "9 years", "until": "15 years"}}
    schedule = of_schedule({"series": [{"gender": "Female", "doses": [dose]}]}, ["HPV"])
    assert met_by_somebody(tries(), girls, young, schedule)
    assert not met_by_somebody(tries(), old, young)
    assert not met_by_somebody(tries(), old, schedule)
    assert not met_by_somebody(tries(), condition_of({"only": [{"sex": "male"}]}), schedule)


def test_what_is_tried_has_an_end_and_then_somebody_is_believed_to_meet_a_rule() -> None:
    never = condition_of({"only": [{"sex": "female"}], "not": [{"age": {"from": "0 days"}}]})
    left = tries()
    answers = [met_by_somebody(left, never) for _ in range(5_000)]
    assert answers[0] is False
    assert answers[-1] is True
    assert answers == sorted(answers)
