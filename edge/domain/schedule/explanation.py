"""Every rule that decided, in words: why a dose counts or not, and why the next is due when it is.

The rules are asked again, not remembered: an explanation cannot differ from the judgement. Each
says where it stands: in the country's schedule, where that names its source, and in which step of
CDSi's Logic Specification it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from edge.domain.schedule.engine import GroupAssessment
from edge.domain.schedule.evaluation import Check, checks
from edge.domain.schedule.forecast import (
    AGAINST,
    AGED_OUT,
    COMPLETE,
    CONTRAINDICATED,
    IMMUNE,
    JUDGEMENT,
    LAST_DOSE,
    LIVE_VIRUS,
    MIN_AGE,
    MIN_INTERVAL,
    NOT_COMPLETE,
    NOT_RECOMMENDED,
    SEASON,
    Forecast,
)
from edge.domain.schedule.model import BOOSTER, PRIMARY, SUPPLEMENTARY, ZERO, Series
from edge.domain.schedule.progress import (
    CONFLICT,
    EXTRANEOUS,
    INADVERTENT,
    LESS_VOLUME,
    SKIPPED,
    TOO_OLD,
    TOO_SOON,
    TOO_YOUNG,
    VALID,
    WRONG_VACCINE,
    Evaluation,
    Progress,
    Target,
)
from edge.domain.schedule.selection import Candidate

_COUNTS = MappingProxyType(
    {
        PRIMARY: "{vaccine} of {on} counts as dose {number}.",
        BOOSTER: "{vaccine} of {on} counts as booster {number}.",
        SUPPLEMENTARY: "{vaccine} of {on} counts as supplementary dose {number}.",
    }
)
_NEXT = MappingProxyType(
    {
        PRIMARY: "Dose {number} can be given from {earliest}; best on {recommended}.",
        BOOSTER: "Booster {number} can be given from {earliest}; best on {recommended}.",
        SUPPLEMENTARY: "Supplementary dose {number} can be given from {earliest}; "
        "best on {recommended}.",
    }
)
"""A dose zero is dose 0: what a dose is called where each kind is counted by itself."""
_NO_MORE = "Place {number} of the series is not needed any more."
_NO_MORE_ZERO = "Dose 0 is not needed any more."


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of an explanation: a template and its values; ``depth`` indents it, from 0.

    ``rule`` names what was asked, ``source`` where that stands; empty for what is no rule.
    """

    depth: int
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    rule: str = ""
    source: str = ""

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


NO_TITLES: Mapping[str, str] = MappingProxyType({})
_CDSI = "CDSi Logic Specification"
_KEPT: Mapping[str, str] = {
    TOO_YOUNG: "Old enough: from {bound} on.",
    TOO_OLD: "Young enough: before {bound}.",
    TOO_SOON: "Long enough after the dose before: from {bound} on.",
    CONFLICT: "Far enough from other live vaccines: from {bound} on.",
    WRONG_VACCINE: "The vaccine is allowed for this dose.",
    LESS_VOLUME: "Less was given than is recommended; it counts all the same.",
}
_BROKEN: Mapping[str, str] = {
    INADVERTENT: "This vaccine is not meant for this dose.",
    TOO_YOUNG: "Too young: not before {bound}.",
    TOO_OLD: "Too old: only before {bound}.",
    TOO_SOON: "Too soon after the dose before: not before {bound}.",
    CONFLICT: "Too close to another live vaccine: not before {bound}.",
    WRONG_VACCINE: "This vaccine does not count for this dose.",
}
_STATUS: Mapping[str, str] = {
    COMPLETE: "The series is complete: nothing is due.",
    NOT_RECOMMENDED: "Nothing more is recommended.",
    AGED_OUT: "The person is too old for the next dose.",
    IMMUNE: "The person is immune: nothing is due.",
    CONTRAINDICATED: "Something recorded of the person speaks against it.",
}
_STEPS: Mapping[str, str] = {
    SKIPPED: "6.2",
    INADVERTENT: "6.3",
    TOO_YOUNG: "6.4",
    TOO_OLD: "6.4",
    TOO_SOON: "6.5",
    CONFLICT: "6.7",
    WRONG_VACCINE: "6.8",
    LESS_VOLUME: "6.8",
    IMMUNE: "7.2",
    CONTRAINDICATED: "7.3",
    JUDGEMENT: "7.3",
    COMPLETE: "7.4",
    AGED_OUT: "7.4",
    NOT_RECOMMENDED: "7.4",
    NOT_COMPLETE: "7.5",
}
"""The section of CDSi's Logic Specification that says how a rule is asked."""
_BY_SEX = "It depends on the sex, which is not recorded of the person."
_BY_CLINICIAN = "A clinician decides whether it is given."
_BY_SUPERVISOR = "A supervisor decides whether it is given."
LIMIT_WORDS: Mapping[str, str] = {
    MIN_AGE: "Old enough from {day} on.",
    MIN_INTERVAL: "Long enough after the doses before from {day} on.",
    LIVE_VIRUS: "Far enough from other live vaccines from {day} on.",
    SEASON: "The season begins on {day}.",
    LAST_DOSE: "The last dose was on {day}.",
    AGAINST: "What speaks against it has ended by {day}.",
}


def explain(group: GroupAssessment) -> Iterator[Reason]:
    """Explain a group's assessment, antigen by antigen: each dose, each rule, then what is due."""
    for antigen in group.chosen:
        yield from explain_antigen(group, antigen)


def explain_antigen(
    group: GroupAssessment,
    antigen: str,
    titles: Mapping[str, str] = NO_TITLES,
    decides: str = "supervisor",
) -> Iterator[Reason]:
    """Explain one antigen of a group; ``titles`` are the words for what the schedule asks.

    ``decides`` is the role of whoever judges where the schedule leaves a dose to that.
    """
    candidate = group.chosen[antigen]
    yield Reason(
        0, "{antigen}: by the series {series}.",
        {"antigen": antigen, "series": candidate.series.name},
        "series",
        _joined(candidate.series.source, f"{_CDSI}, chapter 8"),
    )  # fmt: skip
    yield from _doses(candidate)
    yield from _due(candidate, titles, decides)


def source_of(series: Series, target: int, rule: str) -> str:
    """Say where a rule of a target dose (from 1; 0: none) stands: in the schedule, and in CDSi."""
    own = series.doses[target - 1].source if 0 < target <= len(series.doses) else ""
    return _joined(
        own or series.source, f"{_CDSI}, section {_STEPS[rule]}" if rule in _STEPS else ""
    )


def _joined(*sources: str) -> str:
    return "; ".join(source for source in sources if source)


def _doses(candidate: Candidate) -> Iterator[Reason]:
    done = candidate.progress
    given = iter(done.targets)
    ahead = Progress(done.series)
    for found in done.evaluations:
        while len(ahead.targets) + 1 < found.target and (target := next(given, None)):
            yield from _skip(ahead, target)
        yield _head(found)
        if found.target:
            dose = done.series.doses[found.target - 1]
            for check in checks(dose, found.target - 1, ahead, found.shot, candidate.context):
                if (reason := _reason(check)) is not None:
                    source = source_of(done.series, found.target, check.rule)
                    yield replace(reason, rule=check.rule, source=source)
                if not check.holds:
                    break
        ahead.evaluations.append(found)
        if found.status == VALID and (target := next(given, None)):
            ahead.targets.append(target)
    for target in given:
        yield from _skip(ahead, target)


def _because(due: Forecast, titles: Mapping[str, str]) -> Iterator[Reason]:
    for text in due.because:
        yield Reason(2, "{because}.", {"because": text.rstrip(". ")})
    if due.needs:
        needs = ", ".join(titles.get(code, code) for code in due.needs)
        yield Reason(2, "It needs first: {needs}.", {"needs": needs})


def _skip(ahead: Progress, target: Target) -> Iterator[Reason]:
    ahead.targets.append(target)
    if target.status == SKIPPED:
        number = len(ahead.targets)
        zero = ahead.series.doses[number - 1].kind == ZERO
        said = "Dose 0 was not needed." if zero else "Place {number} of the series was not needed."
        source = source_of(ahead.series, number, SKIPPED)
        yield Reason(1, said, {"number": number}, SKIPPED, source)


def _head(found: Evaluation) -> Reason:
    values = {"on": found.shot.on, "vaccine": found.shot.cvx, "number": found.place.number}
    if found.status == VALID:
        return Reason(1, _COUNTS.get(found.place.kind, _COUNTS[PRIMARY]), values)
    if found.status == EXTRANEOUS:
        return Reason(1, "{vaccine} of {on} was more than was needed.", values)
    return Reason(1, "{vaccine} of {on} does not count as dose {number}.", values)


def _reason(check: Check) -> Reason | None:
    if not check.holds:
        return Reason(2, _BROKEN[check.rule], {"bound": check.bound})
    kept = _KEPT.get(check.rule, "")
    if not kept or ("{bound}" in kept and check.bound is None):
        return None
    return Reason(2, kept, {"bound": check.bound})


def _due(candidate: Candidate, titles: Mapping[str, str], decides: str) -> Iterator[Reason]:
    due = candidate.forecast
    source = source_of(candidate.series, due.target, due.status)
    for condition in due.unanswered:
        yield Reason(
            1, "Nobody here can answer the condition {condition}: this is so if it does not hold.",
            {"condition": condition},
        )  # fmt: skip
    if due.status not in (NOT_COMPLETE, JUDGEMENT):
        yield Reason(1, _STATUS[due.status], rule=due.status, source=source)
        yield from _because(due, titles)
        return
    for number in range(len(candidate.progress.targets) + 1, due.target):
        zero = candidate.series.doses[number - 1].kind == ZERO
        yield Reason(
            1, _NO_MORE_ZERO if zero else _NO_MORE, {"number": number},
            SKIPPED, source_of(candidate.series, number, SKIPPED),
        )  # fmt: skip
    yield Reason(
        1, _NEXT.get(due.place.kind, _NEXT[PRIMARY]),
        {"number": due.place.number, "earliest": due.earliest, "recommended": due.recommended},
        due.status, source,
    )  # fmt: skip
    if due.status == JUDGEMENT:
        judged = _BY_CLINICIAN if decides == "clinician" else _BY_SUPERVISOR
        yield Reason(2, _BY_SEX if due.by_sex else judged, rule=due.status)
    yield from _because(due, titles)
    for name, day in dict.fromkeys(due.limits):
        yield Reason(2, LIMIT_WORDS[name], {"day": day}, name)
    if due.past_due:
        yield Reason(2, "It is late after {day}.", {"day": due.past_due})
    if due.latest:
        yield Reason(2, "It can be given until {day}.", {"day": due.latest})
