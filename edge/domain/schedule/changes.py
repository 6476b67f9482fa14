"""What would change an answer, in words: a day, a test, an illness that ends, who agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from edge.domain.schedule.contraindications import Held, speaks_against
from edge.domain.schedule.engine import GroupAssessment
from edge.domain.schedule.explanation import Reason, explain_antigen
from edge.domain.schedule.forecast import (
    CONTRAINDICATED,
    IMMUNE,
    JUDGEMENT,
    NOT_COMPLETE,
)
from edge.domain.schedule.model import Antigen, Schedule
from edge.domain.schedule.selection import Candidate

CHANGE = "change"
"""The rule's name of a sentence that says what would change the answer."""
_FROM_THEN: Mapping[str, str] = {
    "": "From {day} on it can be given.",
    "clinician": "From {day} on a clinician decides.",
    "supervisor": "From {day} on a supervisor decides.",
}
"""What may be done from a day on, by the role of whoever decides; empty: nobody has to."""


def explain_with_changes(group: GroupAssessment, schedule: Schedule, on: date) -> Iterator[Reason]:
    """Explain a group's assessment of a day, and say of each antigen what would change it."""
    titles = {code: observable.title for code, observable in schedule.observations.items()}
    for antigen, candidate in group.chosen.items():
        yield from explain_antigen(group, antigen, titles, schedule.decides)
        found = list(_changes(candidate, schedule, schedule.antigens[antigen], on))
        if found:
            yield Reason(1, "What would change the answer:", rule=CHANGE)
            yield from found


def _changes(
    candidate: Candidate, schedule: Schedule, antigen: Antigen, on: date
) -> Iterator[Reason]:
    due = candidate.forecast
    for condition in due.unanswered:
        yield _change("An answer to the condition {condition}.", condition=condition)
    if due.status == NOT_COMPLETE:
        if due.earliest is None or due.earliest <= on:
            return
        asked = due.needs or candidate.series.doses[due.target - 1].judgement
        yield _change(_FROM_THEN[schedule.decides if asked else ""], day=due.earliest)
    elif due.status == JUDGEMENT:
        if due.by_sex:
            yield _change("The sex of the person, once it is recorded.")
        for code in due.needs:
            yield _change("If this is noted: {what}.", what=_words(schedule, code))
    held = speaks_against(antigen, candidate.context.subject, on)
    if due.status in (CONTRAINDICATED, JUDGEMENT):
        yield from _ends(candidate, schedule, held.outright or held.judged)
    if due.status == IMMUNE:
        seen = candidate.context.subject.observations
        for code in sorted(antigen.immunity.observations & seen.keys()):
            yield _change("If this is so no more: {what}.", what=_words(schedule, code))
    if due.status == JUDGEMENT and not due.by_sex and schedule.decides == "clinician":
        yield _change("If a clinician agrees, with the reason.")
    else:
        yield _change("If a supervisor agrees, with the reason.")


def _ends(candidate: Candidate, schedule: Schedule, held: tuple[Held, ...]) -> Iterator[Reason]:
    """Say when what speaks against a dose ends, or what has to be so no more."""
    seen = candidate.context.subject.observations
    for contraindication in held:
        if contraindication.lifts is not None:
            what = _named(schedule, contraindication, seen)
            sentence = "From {day} on this speaks against it no more: {what}."
            if not what:
                sentence = "From {day} on it speaks against it no more."
            yield _change(
                sentence, contraindication.rule.source, day=contraindication.lifts, what=what
            )
            continue
        for code in sorted(contraindication.rule.seen & seen.keys()):
            yield _change(
                "If this is so no more: {what}.",
                contraindication.rule.source,
                what=_words(schedule, code),
            )


def _named(schedule: Schedule, held: Held, seen: Mapping[str, date | None]) -> str:
    """Name what speaks against a dose: what was observed, else the words of the rule."""
    observed = [_words(schedule, code) for code in sorted(held.rule.seen & seen.keys())]
    return ", ".join(observed) or held.rule.because.rstrip(". ")


def _words(schedule: Schedule, code: str) -> str:
    asked = schedule.observations.get(code)
    return asked.title if asked is not None else code


def _change(sentence: str, source: str = "", **values: object) -> Reason:
    return Reason(2, sentence, values, CHANGE, source)
