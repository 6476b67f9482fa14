"""Groups of people in a campaign's files, as values, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from edge.domain.campaign_texts import CampaignText
from edge.domain.eligibility import RuleScope
from edge.domain.people_groups import DoseCount, PeopleGroup, folded_place
from edge.domain.schedule.calendar import Period, period


def to_group(item: Mapping[str, Any]) -> PeopleGroup:
    """Read a group of people."""
    age, place, doses = item.get("age", {}), item.get("lives_in", {}), item.get("doses")
    return PeopleGroup(
        from_age=period(age.get("from", "")),
        until_age=period(age.get("until", "")),
        gender=item.get("sex", "").capitalize(),
        seen=frozenset(item.get("seen", ())),
        states=frozenset(map(folded_place, place.get("states", ()))),
        districts=frozenset(map(folded_place, place.get("districts", ()))),
        doses=None
        if doses is None
        else DoseCount(
            vaccines=frozenset(doses.get("vaccines", ())),
            least=doses.get("at_least", 0),
            most=doses.get("at_most"),
        ),
    )


def to_scope(item: Mapping[str, Any]) -> RuleScope:
    """Read for which programmes and vaccines an item is."""
    return RuleScope(frozenset(item.get("programmes", ())), frozenset(item.get("vaccines", ())))


def group_mistakes(
    file: YamlFile,
    path: tuple[str | int, ...],
    groups: Sequence[Mapping[str, Any]],
    vaccines: Collection[str],
    observable: Collection[str],
) -> Iterator[Mistake]:
    """Find groups that ask for what the campaign does not have, and that nobody can be of."""
    for place, group in enumerate(groups):
        here = (*path, place)
        if "age" in group:
            yield from _age(file, (*here, "age"), group["age"])
        for code in group.get("seen", ()):
            if code not in observable:
                yield unknown_observation(file, (*here, "seen"), code, observable)
        doses = group.get("doses", {})
        yield from unknown_codes(file, (*here, "doses"), doses, "vaccines", vaccines)
        if doses.get("at_most") is not None and doses["at_most"] < doses.get("at_least", 0):
            yield file.mistake(
                (*here, "doses"),
                "group.doses",
                "Nobody has had so many doses: at_most is less than at_least.",
            )


def unknown_observation(
    file: YamlFile, path: tuple[str | int, ...], code: str, observable: Collection[str]
) -> Mistake:
    """Name a code that is asked about and nobody can note."""
    sentence = "{code} is no observation of eligibility.yaml, nor of a schedule."
    return file.unknown(path, "group.observation", sentence, code, observable)


def scope_mistakes(
    file: YamlFile,
    path: tuple[str | int, ...],
    item: Mapping[str, Any],
    programmes: Mapping[str, Mapping[str, Any]],
    vaccines: Collection[str],
) -> Iterator[Mistake]:
    """Find programmes and vaccines that are not in the campaign, or not together."""
    yield from unknown_codes(file, path, item, "programmes", programmes)
    yield from unknown_codes(file, path, item, "vaccines", vaccines)
    named = [programmes[code] for code in item.get("programmes", ()) if code in programmes]
    for place, code in enumerate(item.get("vaccines", ())):
        if named and code in vaccines and not any(code in plan["vaccines"] for plan in named):
            yield file.mistake(
                (*path, "vaccines", place),
                "scope.vaccine",
                "None of these programmes has the vaccine {code}: this is never asked.",
                code=code,
                programmes=item["programmes"],
            )


def unknown_codes(
    file: YamlFile,
    path: tuple[str | int, ...],
    item: Mapping[str, Any],
    field: str,
    known: Collection[str],
) -> Iterator[Mistake]:
    """Find codes of a list that lead nowhere."""
    for place, code in enumerate(item.get(field, ())):
        if code not in known:
            where, told = (*path, field, place), "{code} is not in {field}.yaml."
            yield file.unknown(where, f"scope.{field}", told, code, known, field=field)


def text_mistakes(
    file: YamlFile, path: tuple[str | int, ...], told: object, language: str | None
) -> Iterator[Mistake]:
    """Find a text by language that lacks the campaign's own; None: that is not known."""
    if language and isinstance(told, Mapping) and language not in told:
        yield file.mistake(
            path,
            "text.language",
            "These words are not in the campaign's own language, {language}.",
            language=language,
        )


def language_of(files: Mapping[str, YamlFile]) -> str | None:
    """Give the campaign's own language; None where its file has mistakes."""
    return files["campaign"].value.get("language", "en") if "campaign" in files else None


def text_in(item: Mapping[str, Any], field: str, language: str) -> CampaignText:
    """Read a text of an item, by language or not; an empty one where there is none."""
    return CampaignText.read(item.get(field, ""), language)


def _age(file: YamlFile, path: tuple[str | int, ...], age: Mapping[str, Any]) -> Iterator[Mistake]:
    first, end = period(age.get("from", "")), period(age.get("until", ""))
    if first is not None and end is not None and _days(end) <= _days(first):
        yield file.mistake(
            path,
            "group.ages",
            "Nobody is of this age: it is until {until}, and from {from_} on.",
            until=age["until"],
            from_=age["from"],
        )


def _days(length: Period) -> float:
    """Give about how many days a length has: enough to say which of two is the longer."""
    return length.years * 365.25 + length.months * 365.25 / 12 + length.days
