"""The page on which a handwritten card is typed: a line for each dose that it may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, request

from edge.campaign.cells import DayError, day_first, read_about
from edge.domain.catalogue import Catalogue, Programme, Staff
from edge.domain.dose import Dose
from edge.domain.dose_kinds import ExpectedDose, expected_doses
from edge.domain.errors import BadInput, EdgeError
from edge.domain.numbers import typed_number
from edge.journal import views
from edge.web import calls, serializers
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal

_FREE = 3
"""Lines for what no programme of the campaign expects."""
_MOST = 57


@dataclass(frozen=True, slots=True)
class CardLine:
    """A dose that a card may have: of which vaccine, which one, and whether it is on record.

    ``what`` is how the form says it, empty for a line on which it is chosen.
    """

    index: int
    what: str
    name: str
    dose: ExpectedDose
    recorded: Dose | None = None


def card(visit: Visit, id_: str) -> Answer:
    """Type the doses of a card, all of them at once."""
    problem, wrong = None, -1
    if request.method == "POST":
        indexes: list[int] = []
        try:
            visit.take(_card(visit, id_, indexes))
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
            wrong = _place(error.field, indexes)
    with visit.backend.journal.reading() as db:
        person = calls.known_person(db, id_)
        history = views.history(db, id_)
        catalogue = visit.backend.site.catalogues.current(db)
    today = visit.backend.site.clock.today()
    drawn = visit.page(
        "card.html",
        person=person,
        lines=card_lines(catalogue, history, today),
        free=range(_MOST, _MOST + _FREE),
        choices=_choices(catalogue, today),
        believers=_believers(visit, catalogue),
        day_first=day_first(catalogue.issuer.country),
        today=today,
        problem=problem,
        wrong_line=wrong,
    )
    return page_or_refusal(problem, drawn)


def card_lines(catalogue: Catalogue, history: Sequence[Dose], today: date) -> list[CardLine]:
    """Give a line for each dose that the running programmes expect, vaccine by vaccine."""
    by_vaccine: dict[str, list[Dose]] = {}
    for given in history:
        by_vaccine.setdefault(given.vaccine, []).append(given)
    found: list[CardLine] = []
    for programme, code in _vaccines(catalogue, today):
        vaccine, held = catalogue.vaccines[code], by_vaccine.get(code, [])
        for expected in expected_doses(programme, code, vaccine.total_doses):
            recorded = next((dose for dose in held if dose.number == expected.number), None)
            what = f"{programme.id}|{code}|{expected.number}"
            found.append(CardLine(len(found), what, vaccine.name, expected, recorded))
    return found[:_MOST]


def _vaccines(catalogue: Catalogue, today: date) -> Iterator[tuple[Programme, str]]:
    """Give each vaccine once, with the first running programme that has it."""
    seen: set[str] = set()
    for programme in catalogue.programmes.values():
        for code in programme.vaccines if programme.runs_on(today) else ():
            if code in catalogue.vaccines and code not in seen:
                seen.add(code)
                yield programme, code


def _choices(catalogue: Catalogue, today: date) -> list[tuple[str, str]]:
    return [
        (f"{programme.id}|{code}|", catalogue.vaccines[code].name)
        for programme, code in _vaccines(catalogue, today)
    ]


def _believers(visit: Visit, catalogue: Catalogue) -> list[Staff]:
    """Name those who may believe a card here, who is signed in first."""
    able = [
        staff
        for staff in catalogue.staff.values()
        if staff.active
        and visit.backend.site.facility in staff.facilities
        and staff.roles & {"vaccinator", "supervisor"}
    ]
    return sorted(able, key=lambda staff: staff.code != visit.staff.code)


def _card(visit: Visit, person: str, indexes: list[int]) -> dict[str, Any]:
    """Read the form's lines that have a day; ``indexes`` gets the place of each on the form."""
    form, country = visit.form, _country(visit)
    doses: list[dict[str, Any]] = []
    for index in range(_MOST + _FREE):
        told = form.get(f"on-{index}", "").strip()
        if told:
            indexes.append(index)
            doses.append(_dose(form, index, len(doses), told, country))
    if not doses:
        raise BadInput(
            "card.empty",
            "No day is typed.",
            hint="Type the day beside each dose that is on the card.",
            field="on",
        )
    return {
        "type": "ReportCard",
        "person": person,
        "doses": doses,
        "believedBy": form.get("believedBy", ""),
    }


def _dose(
    form: Mapping[str, str], index: int, place: int, told: str, country: str
) -> dict[str, Any]:
    programme, _, rest = (form.get(f"what-{index}") or form_missing("vaccine")).partition("|")
    vaccine, _, number = rest.partition("|")
    try:
        on = read_about(told, country)
    except DayError as error:
        raise BadInput(
            error.code,
            error.sentence,
            hint="Write 5/3/2026 or 2026-03-05; 3/2026 where only the month is known, or 2026.",
            field=f"doses.{place}.on",
            column=told[:20],
        ) from None
    dose: dict[str, Any] = {
        "programme": programme,
        "vaccine": vaccine,
        "on": on,
        "lot": form.get(f"lot-{index}", "").strip()[:20],
    }
    if number:
        dose["number"] = typed_number(number, 2) or 0
    return dose


def _place(field: str, indexes: Sequence[int]) -> int:
    """Find the line of the form that an error names by the dose's place in the request."""
    parts = field.split(".")
    place = typed_number(parts[1], 3) if len(parts) == 3 and parts[0] == "doses" else None
    if place is None:
        return indexes[-1] if indexes else -1
    return indexes[place] if place < len(indexes) else place


def _country(visit: Visit) -> str:
    with visit.backend.journal.reading() as db:
        return visit.backend.site.catalogues.current(db).issuer.country
