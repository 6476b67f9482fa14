"""Who is to be called: the doses that are due of a person, by every programme that runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from edge.domain.cards import counted
from edge.domain.catalogue import Catalogue, Programme
from edge.domain.dose import Dose
from edge.domain.eligibility import against
from edge.domain.histories import shots_of
from edge.domain.next_vaccine import next_vaccine
from edge.domain.people import Person
from edge.domain.people_groups import PersonFacts
from edge.domain.schedule.beginning import antigens_in_question
from edge.domain.schedule.engine import assess
from edge.domain.schedule.forecast import NOT_COMPLETE
from edge.domain.schedule.observed import Seen
from edge.domain.scheduled import subject_of
from edge.domain.series_numbers import in_course
from edge.domain.session_days import EVERY_DAY, SessionDays


@dataclass(frozen=True, slots=True)
class RecallItem:
    """A dose a person is to be called for: ``since`` it is due; late after ``past_due``.

    ``comes_back`` is the day to come on: of sessions, not before today.
    """

    person: Person
    programme: str
    vaccine: str
    number: int
    total: int
    status: Literal["due", "overdue"]
    since: date
    past_due: date | None
    comes_back: date


def calls(
    person: Person,
    doses: Sequence[Dose],
    observations: Mapping[str, Seen],
    catalogue: Catalogue,
    today: date,
    until: date,
    sessions: SessionDays = EVERY_DAY,
) -> Iterator[RecallItem]:
    """Name the doses that are due on or before a day; those that are late today are overdue.

    Nobody is called who died, moved away or is lost to follow-up, or whom the campaign's rules
    leave out: not for a dose about which somebody would have to be asked first.
    """
    if not person.status.here:
        return
    shots, subject = shots_of(counted(doses, catalogue.cards)), subject_of(person, observations)
    if subject.born_last is not None:  # nobody is called before they are old enough for certain
        subject = replace(subject, born=min(subject.born_last, today), born_last=None)
    active = {vaccine.code for vaccine in catalogue.vaccines.values() if vaccine.active}
    for programme in catalogue.programmes.values():
        if not _runs(programme, today, until):
            continue
        plan = programme.schedule
        antigens = antigens_in_question(plan, subject.born, shots, today, until)
        for group in assess(plan, subject, shots, today, antigens).values():
            due = group.forecast
            if due.status != NOT_COMPLETE or due.recommended is None:
                continue
            since = max(due.recommended, programme.start)
            if since > until or (programme.end and since > programme.end):
                continue
            vaccine = next_vaccine(
                group, [vaccine for vaccine in programme.vaccines if vaccine in active]
            )
            if not vaccine:
                continue
            if catalogue.eligibility:
                facts = PersonFacts(
                    subject=subject,
                    history=counted(doses, catalogue.cards),
                    address=person.address,
                    observable=catalogue.observable,
                )
                if _left_out(catalogue, programme.id, vaccine, facts, max(since, today), until):
                    continue
            late = due.past_due is not None and max(due.past_due, programme.start) < today
            number, total = in_course(due.place)
            status: Literal["due", "overdue"] = "overdue" if late else "due"
            day = sessions.comes_back(max(since, today))
            yield RecallItem(
                person, programme.id, vaccine, number, total, status, since, due.past_due, day
            )


def _left_out(
    catalogue: Catalogue, programme: str, vaccine: str, facts: PersonFacts, on: date, until: date
) -> bool:
    """Say whether a rule of the campaign would speak against a dose until a day."""
    return any(
        refusal.earliest is None or refusal.earliest > max(until, on)
        for refusal in against(catalogue.eligibility, programme, vaccine, facts, on)
    )


def _runs(programme: Programme, today: date, until: date) -> bool:
    return (
        programme.active
        and programme.start <= until
        and (programme.end is None or today <= programme.end)
    )
