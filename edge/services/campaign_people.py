"""Whom another campaign would concern among a site's people: who is due then, and who is not.

Everything is read and nothing is written, so it is counted beside the node that runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import Catalogue
from edge.domain.eligibility import against
from edge.domain.recall import calls
from edge.domain.scheduled import Case, facts_of
from edge.journal import people_pages
from edge.journal.counts import count_people

if TYPE_CHECKING:
    from sqlite_utils import Database

_PAGE = 500
Reading = Callable[[], AbstractContextManager["Database"]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """How many of a site's people are called, or may be vaccinated, otherwise, of how many.

    ``due``: for a dose for which they are not called now; ``not_due``: no more for one for which
    they are; ``overdue``: late for one that is not late now. ``doses`` counts them by change,
    programme, vaccine and number of the dose. ``not_eligible``: by a rule of eligibility not any
    more for a vaccine for which they are now; ``eligible``: the other way round; ``rules`` counts
    them by change, programme and vaccine.
    """

    people: int = 0
    due: int = 0
    not_due: int = 0
    overdue: int = 0
    not_eligible: int = 0
    eligible: int = 0
    doses: Mapping[tuple[str, str, str, int], int] = field(default_factory=dict)
    rules: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {
            "people": self.people,
            "due": self.due,
            "notDue": self.not_due,
            "overdue": self.overdue,
            "notEligible": self.not_eligible,
            "eligible": self.eligible,
            "doses": [
                {"change": change, "programme": programme, "vaccine": vaccine, "dose": number,
                 "people": count}
                for (change, programme, vaccine, number), count in sorted(self.doses.items())
            ],
            "rules": [
                {"change": change, "programme": programme, "vaccine": vaccine, "people": count}
                for (change, programme, vaccine), count in sorted(self.rules.items())
            ],
        }  # fmt: skip


def people_changes(
    reading: Reading, old: Catalogue, new: Catalogue, today: date, progress: Progress
) -> PeopleChange:
    """Go through everybody and compare what each is to be called for today, and may be given."""
    found, after = PeopleChange(), ""
    doses: Counter[tuple[str, str, str, int]] = Counter()
    rules: Counter[tuple[str, str, str]] = Counter()
    with reading() as db:
        whole = count_people(db)
    while True:
        with reading() as db:
            page = people_pages.people_after(db, after, _PAGE)
        for known in page:
            due = _due(known, old, new, today)
            may = _eligible(known, old, new, today)
            doses.update((change, *dose) for change, those in due.items() for dose in those)
            rules.update((change, *which) for change, those in may.items() for which in those)
            found = replace(
                found,
                people=found.people + 1,
                due=found.due + bool(due["due"]),
                not_due=found.not_due + bool(due["notDue"]),
                overdue=found.overdue + bool(due["overdue"]),
                not_eligible=found.not_eligible + bool(may["notEligible"]),
                eligible=found.eligible + bool(may["eligible"]),
            )
        progress(found.people, max(whole, found.people))
        if len(page) < _PAGE:
            return replace(found, doses=dict(doses), rules=dict(rules))
        after = page[-1].person.id


def _due(
    known: people_pages.PersonRecord, old: Catalogue, new: Catalogue, today: date
) -> dict[str, set[tuple[str, str, int]]]:
    before, after = (
        {
            (item.programme, item.vaccine, item.number): item.status
            for item in calls(known.person, known.doses, known.observations, by, today, today)
        }
        for by in (old, new)
    )
    return {
        "due": after.keys() - before.keys(),
        "notDue": before.keys() - after.keys(),
        "overdue": {dose for dose, status in after.items()
                    if status == "overdue" and before.get(dose) != "overdue"},
    }  # fmt: skip


def _eligible(
    known: people_pages.PersonRecord, old: Catalogue, new: Catalogue, today: date
) -> dict[str, set[tuple[str, str]]]:
    """Compare for which vaccines that both campaigns give somebody meets the rules."""
    none: dict[str, set[tuple[str, str]]] = {"notEligible": set(), "eligible": set()}
    if not known.person.status.here or old.eligibility == new.eligibility:
        return none
    both = given_vaccines(old) & given_vaccines(new)
    before, after = (both - _barred(known, by, both, today) for by in (old, new))
    return {"notEligible": before - after, "eligible": after - before}


def _barred(
    known: people_pages.PersonRecord, by: Catalogue, which: set[tuple[str, str]], today: date
) -> set[tuple[str, str]]:
    if not by.eligibility:
        return set()
    facts = facts_of(Case.of(known.person, known.observations, known.doses, by, UTC))
    return {
        (programme, vaccine)
        for programme, vaccine in which
        if against(by.eligibility, programme, vaccine, facts, today)
    }


def given_vaccines(catalogue: Catalogue) -> set[tuple[str, str]]:
    """Give each vaccine that is given, with the id of a programme that gives it."""
    return {
        (programme.id, code)
        for programme in catalogue.programmes.values()
        if programme.active
        for code in programme.vaccines
        if code in catalogue.vaccines and catalogue.vaccines[code].active
    }
