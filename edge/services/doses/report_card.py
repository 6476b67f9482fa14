"""A person's handwritten card becomes part of their history here."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from typing import Any

from edge.domain.cards import DaySpan, placed, told_span
from edge.domain.catalogue import Catalogue, Vaccine
from edge.domain.dose import Dose
from edge.domain.dose_kinds import total_on_card
from edge.domain.errors import BadInput, EdgeError, Refusal
from edge.domain.lots import lot_key
from edge.domain.numbering import places
from edge.domain.people import Person
from edge.domain.plausibility import check_told
from edge.domain.scheduled import Case
from edge.journal import views
from edge.journal.projections.columns import compact_json
from edge.journal.unit import Unit
from edge.services.commands import CardDose, ReportCard
from edge.services.doses.dose_entries import append_told
from edge.services.doses.following import follow_told
from edge.services.doses.judging import case_of
from edge.services.doses.overriding import is_supervisor
from edge.services.doses.report_doses import disbelieved
from edge.services.lookups import check_programme, known_person
from edge.services.request import Request
from edge.services.site import Site


@dataclass(frozen=True, slots=True)
class _CardRow:
    """A dose of a card, with its place in the request and the day it is recorded under."""

    place: int
    told: CardDose
    vaccine: Vaccine
    number: int | None
    span: DaySpan
    on: date = date.min


def report_card(unit: Unit, request: Request[ReportCard], site: Site) -> None:
    """Write ``DoseReported`` for each dose of a card that is not known here yet.

    Raises what is wrong with a dose with its place in the request as the field,
    :class:`Refusal` when all of them are known, or nobody here may believe the card.
    """
    command, today = request.command, site.clock.today()
    person = known_person(unit, command.person)
    catalogue = site.catalogues.current(unit.db)
    believer = command.believed_by or request.actor.code
    check_believer(catalogue, site.facility, believer)
    known = views.history(unit.db, person.id)
    fresh = _lines(catalogue, person, command.doses, known, today)
    if not fresh:
        raise Refusal(
            "evidence.card-known",
            "What this card tells is recorded here already.",
            field="doses",
        )
    aside = disbelieved(unit.db, person.id)
    for line in fresh:
        if (line.told.vaccine, line.on) in aside and not is_supervisor(request.actor, site):
            raise Refusal(
                "evidence.disbelieved",
                "A dose on this card was looked at before, and was not believed.",
                hint="Ask a supervisor to take it in, if it is to count all the same.",
                field=f"doses.{line.place}.on",
            )
    before = case_of(unit, site, person, known)
    fresh = _numbered(before, person, fresh)
    append_told(unit, request, site, [_body(catalogue, person, line, believer) for line in fresh])
    follow_told(unit, request, site, before, person, min(line.on for line in fresh))


def check_believer(catalogue: Catalogue, facility: str, code: str) -> None:
    """Refuse somebody who does not decide about doses at a facility (both by their codes)."""
    staff = catalogue.staff.get(code)
    able = staff is not None and bool(staff.roles & {"vaccinator", "supervisor"})
    if staff is None or not able or not staff.active or facility not in staff.facilities:
        raise Refusal(
            "card.believer",
            "A card is believed by a vaccinator or a supervisor of this facility.",
            hint="Choose who looked at the card.",
            field="believedBy",
        )


def _lines(
    catalogue: Catalogue,
    person: Person,
    doses: Sequence[CardDose],
    known: Sequence[Dose],
    today: date,
) -> list[_CardRow]:
    """Read every dose that is not known, and give it a day; in the order of the days."""
    by_vaccine: dict[str, list[_CardRow]] = {}
    for place, told in enumerate(doses):
        with _naming(place):
            line = _line(catalogue, place, told, today)
        by_vaccine.setdefault(told.vaccine, []).append(line)
    found: list[_CardRow] = []
    for vaccine, lines in by_vaccine.items():
        held = [dose for dose in known if dose.vaccine == vaccine]
        fresh = _unrecorded(lines, held)
        found += _placed(catalogue, person, _in_order(fresh), today)
    return sorted(found, key=lambda line: (line.on, line.place))


def _in_order(lines: Sequence[_CardRow]) -> list[_CardRow]:
    """Put the doses of one vaccine in order: those with a number by it, the others by their day."""

    def day(line: _CardRow) -> tuple[date, date]:
        return line.span.first, line.span.last

    numbered = sorted(
        (line for line in lines if line.number is not None), key=lambda line: line.number or 0
    )
    others = sorted((line for line in lines if line.number is None), key=day)
    return list(merge(numbered, others, key=day))


def _line(catalogue: Catalogue, place: int, told: CardDose, today: date) -> _CardRow:
    check_programme(catalogue, told.programme)
    programme = catalogue.programmes[told.programme]
    vaccine = catalogue.vaccines.get(told.vaccine)
    if vaccine is None or told.vaccine not in programme.vaccines:
        raise BadInput(
            "vaccine.not-in-programme",
            "The vaccine {vaccine} is not part of the programme {programme}.",
            hint="Choose another vaccine, or another programme.",
            field="vaccine",
            vaccine=vaccine.name if vaccine else told.vaccine,
            programme=programme.name,
        )
    span = told_span(told.on)
    if span.first > today:
        raise Refusal(
            "dose.in-the-future",
            "The dose is dated {on}, after today, {today}.",
            field="on",
            on=told.on,
            today=today,
        )
    return _CardRow(place, told, vaccine, told.number, span)


def _placed(
    catalogue: Catalogue, person: Person, lines: Sequence[_CardRow], today: date
) -> Iterator[_CardRow]:
    """Give the doses of one vaccine a day."""
    died = person.status.on if person.status.name == "died" else None
    days = placed([line.span for line in lines], person.born.first, min(today, died or today))
    for line in lines:
        with _naming(line.place):
            on = next(days)
            programme = catalogue.programmes[line.told.programme]
            check_told(catalogue, programme, person, on, today, facility=line.told.facility)
        yield replace(line, on=on)


def _numbered(case: Case, person: Person, lines: Sequence[_CardRow]) -> list[_CardRow]:
    """Number the doses that the card does not, by their days among those of ``case``.

    Raises :class:`Refusal` where the card gives one number to two doses of a vaccine.
    """
    fresh = [_dose(person, line) for line in lines]
    history = [*case.history, *fresh]
    numbers = places(replace(case, history=history), min(line.on for line in lines))
    stated = Counter((dose.vaccine, dose.number) for dose in history if not dose.unnumbered)
    by_cards = {(d.vaccine, d.number) for d in history if d.from_card and not d.unnumbered}
    counted = {
        (d.vaccine, numbers[d.id].number if d.id in numbers else d.number)
        for d in history
        if d.unnumbered
    }
    for line in lines:
        vaccine, number = line.vaccine.code, line.number
        twice = number is not None and stated[vaccine, number] > 1
        untrue = [counted_as for of, counted_as in counted & by_cards if of == vaccine]
        if twice or untrue:
            raise Refusal(
                "card.number-held",
                "Dose {number} of {vaccine} is recorded already, on another day.",
                hint="Compare the card with the doses so far.",
                field=f"doses.{line.place}.number",
                number=number if twice else min(untrue),
                vaccine=line.vaccine.name,
            )
    return [
        replace(line, number=numbers[dose.id].number) if line.number is None else line
        for line, dose in zip(lines, fresh, strict=True)
    ]


def _dose(person: Person, line: _CardRow) -> Dose:
    """Give a dose of a card as it will stand in the history: behind all that are recorded."""
    return Dose(
        id=f"line {line.place}",
        person=person.id,
        programme=line.told.programme,
        vaccine=line.vaccine.code,
        number=line.number or 0,
        total=line.vaccine.total_doses,
        lot="",
        on=line.on,
        facility="",
        vaccinator="",
        reported=True,
        evidence=compact_json(_evidence(line, "")),
        position=sys.maxsize,
    )


class _naming:  # noqa: N801  (it is read as a word: with _naming(place))
    """Name the place of the dose in the request in the field of whatever it is refused for."""

    def __init__(self, place: int) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, EdgeError):
            error.field = f"doses.{self._place}.{error.field}"


def _unrecorded(lines: Sequence[_CardRow], held: Sequence[Dose]) -> list[_CardRow]:
    """Leave out a line for each dose on record that it may tell of: the exact ones first."""
    left, fresh = list(held), []
    for line in sorted(lines, key=lambda line: not line.span.exact):
        same = [dose for dose in left if line.span.first <= dose.on <= line.span.last]
        if same:
            left.remove(min(same, key=lambda dose: (dose.number != line.number, dose.on)))
        else:
            fresh.append(line)
    return fresh


def _evidence(line: _CardRow, believer: str) -> dict[str, Any]:
    evidence: dict[str, Any] = {"format": "card", "believedBy": believer}
    if not line.span.exact:
        evidence |= {"about": True, "told": line.told.on}
    if line.told.number is None:
        evidence["unnumbered"] = True
    return evidence


def _body(catalogue: Catalogue, person: Person, line: _CardRow, believer: str) -> dict[str, Any]:
    programme, number = catalogue.programmes[line.told.programme], line.number or 0
    return {
        "person": person.id,
        "programme": line.told.programme,
        "vaccine": line.told.vaccine,
        "number": number,
        "total": total_on_card(programme, line.vaccine.code, number, line.vaccine.total_doses),
        "lot": lot_key(line.told.lot),
        "on": line.on.isoformat(),
        "facility": " ".join(line.told.facility.split()),
        "vaccinator": "",
        "evidence": _evidence(line, believer),
    }
