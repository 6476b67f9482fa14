"""Takes in what others wrote: DIVOC's tables, deliveries of vaccine.

Each row becomes its own entry with an id made from what the row says, so importing a file again,
or a longer edition of it, adds only what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, Protocol, TypeVar

from edge.campaign.divoc_csv import Enrolment, ReportedDose
from edge.campaign.mistakes import Mistake
from edge.campaign.tables import ValidRow
from edge.domain.births import BirthSpan
from edge.domain.catalogue import Catalogue, Lot, Vaccine
from edge.domain.errors import BadInput, EdgeError, Refusal
from edge.domain.lots import lot_key
from edge.domain.people import Person
from edge.domain.plausibility import check_told
from edge.journal import views
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.services.doses.stock import check_delivery
from edge.services.people.register_person import fresh_code, person_body
from edge.services.site import Site

T = TypeVar("T")
Rows = Iterable[ValidRow[T] | Mistake]
_COLUMNS = {"on": "vaccinationDate", "vaccinator": "vaccinatorName"}
"""Of DIVOC's certificates, by the field that a refusal names."""
_UNIT = 200
"""Rows in one commit: a long import must not keep the tablets waiting."""


class Progress(Protocol):
    """Told how many rows have been read."""

    def __call__(self, rows: int) -> None:
        """Show it."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to: rows taken, rows known before, and each mistake."""

    taken: int = 0
    known: int = 0
    mistakes: tuple[Mistake, ...] = field(default=())


class Importer:
    """Imports for one site; ``by`` is who the entries are recorded under."""

    def __init__(self, journal: Journal, site: Site, by: str = "import") -> None:
        self._journal = journal
        self._site = site
        self._by = by

    def catalogue(
        self, file: str, kind: str, rows: Rows[dict[str, Any]], progress: Progress
    ) -> Report:
        """Record facilities, staff or vaccines beside the campaign's."""

        def take(unit: Unit, row: int, item: dict[str, Any]) -> bool:  # noqa: ARG001
            id_ = derived_id(kind, item)
            if has_entry(unit.db, id_):
                return False
            unit.append("CatalogueRecorded", {"kind": kind, "items": [item]}, id_=id_, by=self._by)
            return True

        return self._import(file, rows, take, progress)

    def enrolments(
        self, file: str, rows: Rows[Enrolment], programme: str, progress: Progress
    ) -> Report:
        """Register who is expected, for a programme."""

        def take(unit: Unit, row: int, enrolment: Enrolment) -> bool:  # noqa: ARG001
            person = enrolment.person
            id_ = derived_id("enrolment", {**person_body(person), "facility": enrolment.facility})
            if has_entry(unit.db, id_) or views.person_by_identity(unit.db, person.identity):
                return False
            person = replace(person, id=id_, code=fresh_code(unit))
            body = {
                "person": person_body(person),
                "source": "enrolment",
                "programme": programme,
                "facility": enrolment.facility,
                "dose": enrolment.dose,
            }
            unit.append("PersonRegistered", body, id_=id_, by=self._by)
            return True

        return self._import(file, rows, take, progress)

    def certificates(
        self, file: str, rows: Rows[ReportedDose], programme: str, progress: Progress
    ) -> Report:
        """Record doses given elsewhere; a person not known here is registered with them."""
        today = self._site.clock.today()

        def take(unit: Unit, row: int, told: ReportedDose) -> bool:  # noqa: ARG001
            id_ = derived_id("certificate", _told(told))
            if has_entry(unit.db, id_):
                return False
            vaccine = _vaccine_of(told, self._site.catalogues.current(unit.db), programme)
            person = views.person_by_code(unit.db, told.person.code) or views.person_by_identity(
                unit.db, told.person.identity
            )
            holder = person or told.person
            _check_told(self._site.catalogues.current(unit.db), programme, holder, told, today)
            if person is None:
                person = replace(told.person, id=derived_id("person", {"code": told.person.code}))
                unit.append(
                    "PersonRegistered",
                    {"person": person_body(person), "source": "certificate"},
                    id_=person.id,
                    by=self._by,
                )
            elif _born_otherwise(person, told.person):
                raise BadInput(
                    "evidence.other-person",
                    "The date of birth on this certificate is another one.",
                    hint="Check whose certificate it is, or correct the person's date of birth"
                    " first.",
                    field="recipientDOB",
                )
            elif (vaccine.code, told.on) in {
                (dose.vaccine, dose.on) for dose in views.history(unit.db, person.id)
            }:
                return False  # given here, or told already by the paper itself or the registry
            body = {
                "person": person.id,
                "programme": programme,
                "vaccine": vaccine.code,
                "number": told.number,
                "total": told.total,
                "lot": lot_key(told.lot),
                "on": told.on.isoformat(),
                "facility": told.facility,
                "vaccinator": told.vaccinator,
            }
            if told.effective_until:
                body["effectiveUntil"] = told.effective_until.isoformat()
            unit.append("DoseReported", body, id_=id_, by=self._by)
            return True

        return self._import(file, rows, take, progress)

    def stock(self, file: str, rows: Rows[Lot], progress: Progress) -> Report:
        """Take a delivery into stock; the same delivery is taken once."""

        def take(unit: Unit, row: int, lot: Lot) -> bool:
            catalogue = self._site.catalogues.current(unit.db)
            if lot.vaccine not in catalogue.vaccines:
                raise BadInput(
                    "vaccine.unknown",
                    "The vaccine {vaccine} is not in the campaign in force.",
                    field="vaccine",
                    vaccine=lot.vaccine,
                )
            body = {
                "vaccine": lot.vaccine,
                "lot": lot.lot,
                "expiry": lot.expiry.isoformat(),
                "quantity": lot.quantity,
            }
            id_ = derived_id("stock", {**body, "file": file, "row": row})
            if has_entry(unit.db, id_):
                return False
            check_delivery(unit, lot.vaccine, lot.lot, lot.expiry)
            unit.append("StockReceived", body, id_=id_, by=self._by)
            return True

        return self._import(file, rows, take, progress)

    def _import(
        self,
        file: str,
        rows: Rows[T],
        take: Callable[[Unit, int, T], bool],
        progress: Progress,
    ) -> Report:
        mistakes: list[Mistake] = []
        taken = seen = count = 0
        for group in _groups(rows):

            def work(unit: Unit, group: list[ValidRow[T] | Mistake] = group) -> tuple[int, int]:
                new = old = 0
                for item in group:
                    if isinstance(item, Mistake):
                        mistakes.append(item)
                        continue
                    try:
                        fresh = take(unit, item.row, item.value)
                    except EdgeError as error:
                        mistakes.append(
                            Mistake(
                                file,
                                item.row,
                                error.code,
                                error.sentence,
                                error.values,
                                error.field,
                            )
                        )
                        continue
                    new, old = new + fresh, old + (not fresh)
                return new, old

            new, old = self._journal.run(work)
            self._site.catalogues.forget()
            taken, seen, count = taken + new, seen + old, count + len(group)
            progress(count)
        return Report(taken, seen, tuple(mistakes))


def _born_otherwise(known: Person, told: Person) -> bool:
    """Tell two people with one code apart; a year from an age may be one beside."""
    if known.birth_date and told.birth_date:
        return known.birth_date != told.birth_date
    year = timedelta(days=366)
    wide = BirthSpan(told.born.first - year, told.born.last + year)
    return not known.born.overlaps(wide)


def _check_told(
    catalogue: Catalogue, programme: str, person: Person, told: ReportedDose, today: date
) -> None:
    """Refuse a row whose dose cannot be; names the column."""
    try:
        check_told(
            catalogue,
            catalogue.programmes[programme],
            person,
            told.on,
            today,
            facility=told.facility,
            vaccinator=told.vaccinator,
        )
    except Refusal as refusal:
        refusal.field = _COLUMNS[refusal.field]
        raise


def _vaccine_of(told: ReportedDose, catalogue: Catalogue, programme: str) -> Vaccine:
    """Find the vaccine of a certificate by its name; raises :class:`BadInput`."""
    named = (vaccine for vaccine in catalogue.vaccines.values() if vaccine.name == told.vaccine)
    vaccine = next(named, None)
    if vaccine is None:
        raise BadInput(
            "vaccine.unknown",
            "The vaccine {vaccine} is not in the campaign in force.",
            field="vaccinationName",
            vaccine=told.vaccine,
        )
    if vaccine.code not in catalogue.programmes[programme].vaccines:
        raise BadInput(
            "vaccine.not-in-programme",
            "The vaccine {vaccine} is not part of the programme {programme}.",
            field="vaccinationName",
            vaccine=told.vaccine,
            programme=programme,
        )
    return vaccine


def _told(told: ReportedDose) -> dict[str, Any]:
    return {
        "code": told.person.code,
        "vaccine": told.vaccine,
        "lot": told.lot,
        "on": told.on,
        "number": told.number,
        "facility": told.facility,
    }


def _groups(rows: Iterable[T]) -> Iterator[list[T]]:
    source = iter(rows)
    while group := list(islice(source, _UNIT)):
        yield group
