"""CDC's CDSi test cases (CSV) as histories and what they should come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from edge.campaign.case_rows import case_rows
from edge.domain.errors import BadInput
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.schedule.progress import VALID

_COLUMNS = ("DOB", "Vaccine_Group", "Assessment_Date")
"""What a file of this form has at least."""
_MOST_DOSES = 12
_GENDERS = {"F": "Female", "M": "Male"}
_GROUPS: Mapping[str, str] = {
    "dtap": "DTaP/Tdap/Td",
    "pol": "Polio",
    "pcv": "Pneumococcal",
    "var": "Varicella",
    "rota": "Rotavirus",
    "flu": "Influenza",
    "mcv": "Meningococcal",
    "menb": "Meningococcal B",
    "je": "Japanese Encephalitis",
    "yf": "Yellow Fever",
}
"""What the cases call a vaccine group, where the supporting data calls it otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case comes to: status, each dose's evaluation, and the dates of the next dose."""

    status: str
    doses: tuple[str, ...]
    earliest: date | None
    recommended: date | None
    past_due: date | None

    def document(self) -> dict[str, object]:
        """Give it as a JSON object."""
        dates = (self.earliest, self.recommended, self.past_due)
        earliest, recommended, past_due = (day.isoformat() if day else None for day in dates)
        return {
            "status": self.status,
            "doses": list(self.doses),
            "earliest": earliest,
            "recommended": recommended,
            "pastDue": past_due,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One test case: a person and a history as of a day, for one vaccine group."""

    id: str
    name: str
    subject: Subject
    shots: tuple[Shot, ...]
    on: date
    group: str
    expected: Outcome

    def run(self, schedule: Schedule) -> Outcome:
        """Assess the history; a dose of another vaccine group is told as that group sees it."""
        found = assess(schedule, self.subject, self.shots, self.on)
        own = found.get(self.group)
        statuses = {
            evaluation.shot.place: evaluation.status
            for group in [*found.values(), *([own] if own else [])]
            for evaluation in group.evaluations
        }
        doses = tuple(statuses.get(place, "") for place in range(len(self.shots)))
        if own is None:
            return Outcome("", doses, None, None, None)
        due = own.forecast
        return Outcome(due.status, doses, due.earliest, due.recommended, due.past_due)


def differences(got: Outcome, expected: Outcome) -> list[str]:
    """Name what is not as expected; nothing: the case is wholly right."""
    found = []
    if got.status.casefold() != expected.status.casefold():
        found.append(f"status: {got.status or 'none'}, not {expected.status}")
    for number, (is_, should) in enumerate(zip(got.doses, expected.doses, strict=True), start=1):
        if is_.casefold() != should.casefold():
            found.append(f"dose {number}: {is_ or 'not known'}, not {should}")
    for name in ("earliest", "recommended", "past_due"):
        is_day, should_day = getattr(got, name), getattr(expected, name)
        if is_day != should_day:
            found.append(f"{name}: {is_day or 'none'}, not {should_day or 'none'}")
    return found


def read_cases(path: Path, schedule: Schedule) -> Iterator[Case]:
    """Read a case file; raises :class:`BadInput` naming row and column."""
    groups = {name.casefold(): name for name in schedule.groups}
    hint = "WHO's example patients are tried with --schedules DIR."
    for number, row in case_rows(path, _COLUMNS, hint):
        yield _case(path, number, row, groups)


def _case(path: Path, number: int, row: Mapping[str, str], groups: Mapping[str, str]) -> Case:
    def day(column: str) -> date | None:
        text = (row.get(column) or "").strip()
        if not text:
            return None
        for form in ("%m/%d/%Y", "%Y-%m-%d", "%Y%m%d"):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007  (a calendar date)
            except ValueError:
                continue
        raise _wrong(path, number, column, text)

    def needed(column: str) -> date:
        found = day(column)
        if found is None:
            raise _wrong(path, number, column, "")
        return found

    shots, doses = [], []
    for index in range(1, _MOST_DOSES + 1):
        given = day(f"Date_Administered_{index}")
        if given is not None:
            cvx = (row.get(f"CVX_{index}") or "").strip()
            shots.append(Shot(given, cvx.zfill(2), (row.get(f"MVX_{index}") or "").strip()))
            doses.append((row.get(f"Evaluation_Status_{index}") or VALID).strip())
    stated = (row.get("Vaccine_Group") or "").strip()
    group = groups.get(_GROUPS.get(stated.casefold(), stated).casefold())
    if group is None:
        raise _wrong(path, number, "Vaccine_Group", stated)
    gender = (row.get("gender") or row.get("Gender") or "").strip()
    return Case(
        id=(row.get("CDC_Test_ID") or str(number)).strip(),
        name=(row.get("TestCase_Name") or "").strip(),
        subject=Subject(born=needed("DOB"), gender=_GENDERS.get(gender, gender)),
        shots=tuple(shots),
        on=needed("Assessment_Date"),
        group=group,
        expected=Outcome(
            (row.get("Series_Status") or "").strip(),
            tuple(doses),
            day("Earliest_Date"),
            day("Recommended_Date"),
            day("Past_Due_Date"),
        ),
    )


def _wrong(path: Path, number: int, column: str, value: str) -> BadInput:
    return BadInput(
        "cases.value",
        "In {file}, row {row}, the column {column} has a value that is not understood: {value}.",
        file=path.name,
        row=number,
        column=column,
        value=value[:60] or "nothing",
    )
