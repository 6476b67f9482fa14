"""What is to be looked at in rules of eligibility and questions: whom they leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, islice
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import to_scope
from edge.campaign.reviewed import Reviewed
from edge.campaign.rule_reach import condition_of, met_by_somebody, of_schedule, tries
from edge.domain.nearest import did_you_mean
from edge.domain.people_groups import folded_place

Path = tuple[str | int, ...]
_MOST_PAIRS = 2000
"""Pairs of rules that are compared: of some sixty that are all about the same vaccine."""


def _rules(campaign: Reviewed) -> list[tuple[int, Mapping[str, Any]]]:
    file = campaign.files.get("eligibility")
    found = enumerate(file.value.get("rules", ())) if file is not None else ()
    return [(place, rule) for place, rule in found if rule.get("otherwise") != "advise"]


def _given(campaign: Reviewed) -> set[tuple[str, str]]:
    return {(programme["id"], code) for _, programme in campaign.each("programmes")
            for code in programme["vaccines"]}  # fmt: skip


def _together(campaign: Reviewed) -> Iterator[Mistake]:
    """Find two rules about the same vaccine that nobody can meet both."""
    given, rules, left = _given(campaign), _rules(campaign), tries()
    of = {place: {dose for dose in given if to_scope(rule).holds(*dose)} for place, rule in rules}
    pairs = (pair for pair in combinations(rules, 2) if of[pair[0][0]] & of[pair[1][0]])
    for (first, one), (second, other) in islice(pairs, _MOST_PAIRS):
        shared = sorted(of[first] & of[second])
        if not met_by_somebody(left, condition_of(one), condition_of(other)):
            yield campaign.remark("eligibility", ("rules", second), "eligibility.never-both",
                "Nobody can meet both this rule, {code}, and {other} on line {first}; both are"
                " about {vaccine} of {programme}. Name the groups under only of one rule.",
                code=other["code"], other=one["code"], programme=shared[0][0],
                vaccine=shared[0][1],
                first=campaign.files["eligibility"].line(("rules", first)))  # fmt: skip


def _against_schedules(campaign: Reviewed) -> Iterator[Mistake]:
    """Find rules that nobody can meet at the ages, and of the sex, that a schedule is for."""
    left = tries()
    for place, rule in _rules(campaign):
        for _, programme in campaign.each("programmes"):
            file = campaign.schedules.get(programme.get("schedule", ""))
            vaccines = [code for code in programme["vaccines"]
                        if to_scope(rule).holds(programme["id"], code)]  # fmt: skip
            if file is None or not vaccines:
                continue
            ages = of_schedule(file.value, vaccines)
            if ages[0] and not met_by_somebody(left, condition_of(rule), ages):
                yield campaign.remark("eligibility", ("rules", place), "eligibility.never-due",
                    "Nobody to whom {schedule} gives {vaccines} can meet the rule {code}: compare"
                    " its ages and its sex.", schedule=file.name, code=rule["code"],
                    vaccines=", ".join(vaccines))  # fmt: skip


def _places(campaign: Reviewed) -> Iterator[Mistake]:
    """Find districts and states that are nearly called as those of the facilities."""
    for name, path, group in _groups(campaign):
        for field in ("districts", "states"):
            known = {address[field[:-1]] for _, facility in campaign.each("facilities")
                     if field[:-1] in (address := facility.get("address", {}))}  # fmt: skip
            folded = {folded_place(place) for place in known}
            for place in group.get("lives_in", {}).get(field, ()):
                hint, near = did_you_mean(place, known)
                if hint and folded_place(place) not in folded:
                    yield campaign.remark(name, path, "group.place",
                        f"No facility is in {{place}}. {hint}", place=place, **near)  # fmt: skip


def _groups(campaign: Reviewed) -> Iterator[tuple[str, Path, Mapping[str, Any]]]:
    rules = campaign.files.get("eligibility")
    for place, rule in enumerate(rules.value.get("rules", ()) if rules is not None else ()):
        for name in ("only", "not"):
            for number, group in enumerate(rule.get(name, ())):
                yield "eligibility", ("rules", place, name, number), group
    questions = campaign.files.get("questions")
    for place, item in enumerate(questions.value if questions is not None else ()):
        for number, group in enumerate(item.get("of", ())):
            yield "questions", (place, "of", number), group


def _clinicians(campaign: Reviewed) -> Iterator[Mistake]:
    """Find what is left to a clinician where there is none."""
    if campaign.has_role("clinician"):
        return
    items: list[tuple[str, Path, str]] = [
        ("eligibility", ("rules", place), rule.get("otherwise", ""))
        for place, rule in _rules(campaign)
    ]
    questions = campaign.files.get("questions")
    items += [("questions", (place,), item.get("otherwise", ""))
              for place, item in enumerate(questions.value if questions is not None else ())
              ]  # fmt: skip
    approval = campaign.files["campaign"].value.get("approval", {})
    items += [("campaign", ("approval", name), who) for name, who in approval.items()]
    for file, path, who in items:
        if who == "clinician":
            yield campaign.remark(file, path, "otherwise.no-clinician",
                "This is left to a clinician, and nobody in staff.yaml has that role: nobody could"
                " decide.")  # fmt: skip


RULES: tuple[Callable[[Reviewed], Iterator[Mistake]], ...] = (
    _together, _against_schedules, _places, _clinicians
)  # fmt: skip
