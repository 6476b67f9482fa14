"""WHO's example patients against schedules: what each comes to, and how that differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edge.campaign.who_rows import WhoCase, day_of
from edge.campaign.who_states import (
    AGAINST,
    ASK,
    COMPLETE,
    DUE,
    LETTERS,
    NOT_DUE,
    NOTHING,
    AntigenStatus,
    overall,
    states_of,
    subject_of,
)
from edge.campaign.who_tables import MissingTableError, WhoSchedules
from edge.domain.schedule.contraindications import speaks_against
from edge.domain.schedule.model import BOOSTER, SUPPLEMENTARY, Schedule, Subject
from edge.domain.schedule.observed import as_of

PRIMARY_COMPLETE, OTHER_TABLE = "primary-complete", "other-table"
_WANTED = re.compile(r"(?:(?P<name>.+)-)?(?P<dose>[PBDS]?\d{1,2})")


@dataclass(frozen=True, slots=True)
class WantedStatus:
    """One thing expected: an outcome, the vaccine or antigen it is about, and which dose."""

    outcome: str
    name: str = ""
    dose: str = ""


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What became of a case: by antigen, and what is not as expected (nothing: it is right)."""

    states: tuple[AntigenStatus, ...]
    difference: tuple[str, ...]

    def got(self) -> dict[str, Any]:
        """Give what was found as a JSON object."""
        return {
            "outcome": overall(self.states),
            "antigens": {state.antigen: state.document() for state in self.states},
        }


def expected(case: WhoCase) -> dict[str, Any]:
    """Give what a case is expected to come to as a JSON object."""
    told = {
        "outcome": case.outcome,
        "for": case.expected_for,
        "also": case.also,
        "notDueUntil": case.until,
    }
    return {name: value for name, value in told.items() if value}


def try_case(case: WhoCase, tables: WhoSchedules) -> CaseAnswer:
    """Run a case; a pack or a table that is missing is its difference."""
    try:
        schedule = tables.schedule(case.antigen, case.variant)
        if case.outcome == OTHER_TABLE:
            return _by_other_table(case, schedule, tables)
    except MissingTableError as missing:
        return CaseAnswer((), (missing.sentence,))
    if case.proposed:
        return _against(case, schedule)
    states = states_of(case, schedule)
    wanted = list(_wanted(case))
    found = [text for want in wanted for text in _compare(want, states, schedule, case)]
    found += _also_due(wanted, states, schedule)
    return CaseAnswer(states, (*_unknown(case, schedule), *found))


def _wanted(case: WhoCase) -> Iterator[WantedStatus]:
    """Read what is expected: ``bOPV-2+IPV-1``, ``Td-B2``, ``tetanus;pertussis``, ``annual``."""
    parts = [part.strip() for part in re.split(r"[;+]", case.expected_for) if part.strip()]
    if not parts:
        yield WantedStatus(case.outcome)
    for part in [*parts, *(told.strip() for told in case.also.split(";") if told.strip())]:
        told, sign, outcome = part.partition("=")
        found = _WANTED.fullmatch(told)
        if told in ("annual", "booster-series-complete"):
            yield WantedStatus(case.outcome, dose=told)
        elif found is not None:
            yield WantedStatus(
                outcome if sign else case.outcome, found["name"] or "", found["dose"]
            )
        else:
            yield WantedStatus(outcome if sign else case.outcome, told)


def _antigens(name: str, schedule: Schedule) -> list[str]:
    """Name the antigens that a vaccine or part of an antigen's name means; empty: all of them."""
    if not name:
        return list(schedule.antigens)
    if name in schedule.vaccines:
        carried = [association.antigen for association in schedule.vaccines[name]]
        return [antigen for antigen in schedule.antigens if antigen in carried]
    return [antigen for antigen in schedule.antigens if name in (antigen, *antigen.split("-"))]


def _compare(
    wanted: WantedStatus, states: Sequence[AntigenStatus], schedule: Schedule, case: WhoCase
) -> Iterator[str]:
    antigens = _antigens(wanted.name, schedule)
    own = [state for state in states if state.antigen in antigens]
    told = f"{wanted.name}: " if wanted.name else ""
    if _apart(wanted, case.until):
        open_ = [state for state in own if state.dose[:1] == wanted.dose[:1]]
        if any(state.outcome != NOT_DUE for state in open_):
            yield f"{told}{wanted.dose} is {overall(open_)}, not {wanted.outcome}"
        return
    right = [state for state in own if _fits(wanted.outcome, state)]
    if not right:
        yield f"{told}{overall(own)}, not {wanted.outcome}"
        return
    if wanted.outcome in (DUE, NOT_DUE, ASK) and wanted.dose:
        named = [state for state in right if _called(wanted, state, case.until)]
        if not named:
            doses = ", ".join(state.dose or "none" for state in right)
            yield f"{told}the next dose is {doses}, not {wanted.dose}"
            return
        right = named
    if wanted.outcome == NOT_DUE and wanted.outcome == case.outcome:
        day = until(case)
        if day and all(state.earliest != day for state in right) and wanted in _first(case):
            days = ", ".join(str(state.earliest or "never") for state in right)
            yield f"{told}not due until {days}, not {day}"


def _apart(wanted: WantedStatus, until_: str) -> bool:
    """Say whether only a dose zero or a supplementary one is asked about, that has no day.

    What is next beside it is another table's.
    """
    return wanted.outcome == NOT_DUE and wanted.dose[:1] in ("D", "S") and until_ in ("", "never")


def _first(case: WhoCase) -> list[WantedStatus]:
    return list(_wanted(case))[:1]


def _fits(outcome: str, state: AntigenStatus) -> bool:
    if outcome == PRIMARY_COMPLETE:
        return state.outcome == COMPLETE or (
            state.outcome != DUE and state.dose[:1] in (LETTERS[BOOSTER], LETTERS[SUPPLEMENTARY])
        )
    if outcome == NOT_DUE and state.outcome == NOTHING:
        return True
    return state.outcome == outcome


def _called(wanted: WantedStatus, state: AntigenStatus, until_: str) -> bool:
    """Say whether the next dose is the one that is named: by its kind, or the vaccine's doses."""
    if wanted.dose == "annual":
        return state.yearly
    if not state.dose or until_ == "never":  # none is next any more
        return wanted.outcome == NOT_DUE
    if wanted.dose.isdigit():
        return wanted.name in state.vaccines and int(wanted.dose) == 1 + state.counted.count(
            wanted.name
        )
    return wanted.dose == state.dose


def _also_due(
    wanted: Sequence[WantedStatus], states: Sequence[AntigenStatus], schedule: Schedule
) -> Iterator[str]:
    """Name what is due and nobody expects: where vaccines are named, only those are."""
    named = {antigen for want in wanted for antigen in _antigens(want.name, schedule)}
    for state in states:
        if state.outcome == DUE and state.antigen not in named:
            yield f"{state.antigen} is due as well ({state.dose})"


def until(case: WhoCase) -> date | None:
    """Give the day until which a dose is not due, where it is told: ``b+9m``, ``last+4w``."""
    if case.until.startswith("b+"):
        return day_of(case.until, case.on, case.born)
    since, sign, length = case.until.partition("+")
    days = list(_since(case, since))
    if not sign or not days:
        return None
    start = min(days) if since == "first" else max(days)
    return day_of(f"b+{length}", case.on, start)


def _since(case: WhoCase, since: str) -> Iterator[date]:
    what, _, vaccine = since.partition("-")
    for shot, kind in zip(case.shots, case.kinds, strict=True):
        live = kind == "unspecified"
        if live == (what == "live") and vaccine in shot.cvx.lower():
            yield shot.on


def _against(case: WhoCase, schedule: Schedule) -> CaseAnswer:
    """Say what speaks against the vaccines that are about to be given."""
    states, found = [], []
    subject = as_of(schedule, subject_of(case, schedule), case.on)
    for wanted in _wanted(case):
        name = wanted.name or (case.proposed if case.proposed in schedule.vaccines else "")
        own = [
            _spoken(antigen, name, subject, schedule, case) for antigen in _antigens(name, schedule)
        ]
        states += own
        if overall(own) != wanted.outcome:
            found.append(f"{name or case.proposed}: {overall(own)}, not {wanted.outcome}")
    return CaseAnswer(tuple(dict.fromkeys(states)), (*_unknown(case, schedule), *found))


def _spoken(
    antigen: str, name: str, subject: Subject, schedule: Schedule, case: WhoCase
) -> AntigenStatus:
    """Say what speaks against a vaccine, or an antigen; nothing: what is due of it."""
    vaccine = name if name in schedule.vaccines else ""
    against = speaks_against(schedule.antigens[antigen], subject, case.on).of(vaccine)
    label = f"{antigen} ({vaccine})" if vaccine else antigen
    if against:
        return AntigenStatus(label, AGAINST if against.outright else ASK)
    due = next(state for state in states_of(case, schedule) if state.antigen == antigen)
    return replace(due, antigen=label)


def _by_other_table(case: WhoCase, schedule: Schedule, tables: WhoSchedules) -> CaseAnswer:
    """A pack follows the other table by itself: it says the same with that table's options."""
    antigen, _, variant = case.expected_for.partition("/")
    own = states_of(case, schedule)
    other = states_of(case, tables.schedule(antigen, variant))
    there = {(state.outcome, state.dose, state.earliest) for state in other}
    here = {(state.outcome, state.dose, state.earliest) for state in own}
    if here == there:
        return CaseAnswer(own, ())
    told = f"{overall(own)}, and by the table {case.expected_for} {overall(other)}"
    return CaseAnswer(own, (told,))


def _unknown(case: WhoCase, schedule: Schedule) -> Iterator[str]:
    for code in dict.fromkeys(shot.cvx for shot in case.shots):
        if code not in schedule.vaccines:
            yield f"the vaccine {code} is in no pack"
