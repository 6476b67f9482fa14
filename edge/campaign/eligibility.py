"""A campaign's ``eligibility.yaml``: who may be vaccinated, as rules, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.people_groups import (
    group_mistakes,
    language_of,
    scope_mistakes,
    text_in,
    text_mistakes,
    to_group,
    to_scope,
)
from edge.campaign.rule_reach import condition_of, met_by_somebody
from edge.campaign.yaml_files import YamlFile
from edge.domain.campaign_texts import CampaignText
from edge.domain.eligibility import EligibilityRule
from edge.domain.schedule.calendar import period
from edge.domain.schedule.model import Observable


def to_rules(body: Mapping[str, Any], language: str) -> tuple[EligibilityRule, ...]:
    """Read a campaign's rules of eligibility, in their order."""
    return tuple(
        EligibilityRule(
            code=item["code"],
            says=text_in(item, "says", language),
            scope=to_scope(item),
            only=tuple(map(to_group, item.get("only", ()))),
            excluded=tuple(map(to_group, item.get("not", ()))),
            otherwise=item.get("otherwise", "supervisor"),
            note=text_in(item, "note", language),
        )
        for item in body.get("rules", ())
    )


def to_observations(body: Mapping[str, Any], language: str) -> dict[str, Observable]:
    """Read what the rules ask about a person, by code."""
    found = {}
    for code, item in body.get("observations", {}).items():
        told = item if isinstance(item, Mapping) and "title" in item else {"title": item}
        found[code] = Observable(
            CampaignText.read(told["title"], language),
            valid=period(told.get("valid", "")),
            ends=told.get("ends", False),
        )
    return found


def eligibility_mistakes(
    files: Mapping[str, YamlFile], observable: Collection[str]
) -> Iterator[Mistake]:
    """Find rules that lead nowhere or that nobody can meet.

    ``observable`` are the codes that the campaign's schedules and this file ask about.
    """
    file, language = files["eligibility"], language_of(files)
    programmes = {item["id"]: item for item in files["programmes"].value}
    vaccines = {item["code"] for item in files["vaccines"].value}
    yield from distinct(file, path=("rules",))
    for index, rule in enumerate(file.value.get("rules", ())):
        path = ("rules", index)
        yield from scope_mistakes(file, path, rule, programmes, vaccines)
        yield from text_mistakes(file, (*path, "says"), rule["says"], language)
        yield from text_mistakes(file, (*path, "note"), rule.get("note"), language)
        of_groups = [
            mistake
            for name in ("only", "not")
            for mistake in group_mistakes(
                file, (*path, name), rule.get(name, ()), vaccines, observable
            )
        ]
        yield from of_groups
        if not rule.get("only") and not rule.get("not"):
            yield file.mistake(
                path,
                "eligibility.nobody",
                "The rule {code} names nobody: write under only who may be vaccinated, or under not"
                " who may not.",
                code=rule["code"],
            )
        elif not of_groups and not met_by_somebody(condition_of(rule)):
            yield file.mistake(
                path,
                "eligibility.never",
                "Nobody can meet the rule {code}: whoever is meant under only is left out under"
                " not."
                if rule.get("only")
                else "Nobody can meet the rule {code}: not leaves everybody out.",
                code=rule["code"],
            )


def observations_of(files: Mapping[str, YamlFile], schedules: Mapping[str, YamlFile]) -> set[str]:
    """Give the codes of everything that a campaign asks about people, also in files with mistakes.

    Raises nothing: what is no map of observations names none.
    """
    asking = [*schedules.values(), *([files["eligibility"]] if "eligibility" in files else ())]
    told = [file.value.get("observations") for file in asking if isinstance(file.value, Mapping)]
    return {code for codes in told if isinstance(codes, Mapping) for code in codes}
