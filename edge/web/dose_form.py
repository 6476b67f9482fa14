"""What the form that gives a dose offers, and what of it is chosen before anybody has chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from edge.domain.catalogue import Catalogue, Lot, Programme
from edge.domain.scheduled import Case, DoseJudgement, judge


@dataclass(frozen=True, slots=True)
class DoseChoice:
    """A vaccine of a programme as it would be given today; ``due``: nothing speaks against it."""

    programme: str
    vaccine: str
    name: str
    number: int
    due: bool

    @property
    def key(self) -> str:
        """What a script finds it by."""
        return f"{self.programme}|{self.vaccine}"


@dataclass(frozen=True, slots=True)
class DoseForm:
    """The choices of the form: ``programme`` and ``lot`` are chosen, or empty for nothing.

    ``lots`` are in the order in which they are offered, ``lot`` is ``VACCINE|LOT``. ``now`` says
    that the dose is of today, the day that the offers are of.
    """

    programmes: tuple[Programme, ...]
    lots: tuple[Lot, ...]
    offers: tuple[DoseChoice, ...]
    programme: str
    lot: str
    now: bool

    @property
    def due(self) -> bool:
        """Whether what is chosen is due."""
        chosen = f"{self.programme}|{self.lot.partition('|')[0]}"
        return self.now and any(offer.due and offer.key == chosen for offer in self.offers)


def dose_form(
    case: Case,
    verdicts: Sequence[tuple[Programme, DoseJudgement]],
    lots: Sequence[Lot],
    today: date,
    expected: tuple[str, str],
    typed: Mapping[str, str],
) -> DoseForm:
    """Offer what is at hand; choose what was ``typed``, else what was asked for.

    ``expected`` are the programmes that the person waits for and was enrolled for. Who waits for
    none gets the enrolment's where it is due, else one that alone is due, if nothing was given
    today; and a lot is chosen only of a vaccine that is due in the programme. What was typed and is
    at hand no more is chosen by nobody: another vial would be recorded in its place.
    """
    catalogue = case.catalogue
    usable = [
        lot
        for lot in lots
        if lot.expiry >= today and lot.quantity > 0 and _active(catalogue, lot.vaccine)
    ]
    offers = _offers(case, verdicts, {lot.vaccine for lot in usable}, today)
    given = any(dose.on == today for dose in case.history)
    due = dict.fromkeys(offer.programme for offer in offers if offer.due)
    alone = next(iter(due)) if len(due) == 1 and not given else ""
    queued, enrolled = expected
    programme = typed.get("programme") or queued or (enrolled if enrolled in due else alone)
    programmes = tuple(programme for programme in catalogue.programmes.values() if programme.active)
    order = [offer.vaccine for offer in offers if offer.due and offer.programme == programme]
    order += [offer.vaccine for offer in offers if offer.due and offer.programme != programme]
    places = {code: place for place, code in reversed(list(enumerate(order)))}
    usable.sort(key=lambda lot: (places.get(lot.vaccine, len(order)), lot.expiry))
    wanted = {offer.vaccine for offer in offers if offer.due and offer.programme == programme}
    first = next((_value(lot) for lot in usable if lot.vaccine in wanted), "")
    lot = typed.get("lot") or first
    return DoseForm(
        programmes,
        tuple(usable),
        offers,
        programme if programme in {programme.id for programme in programmes} else "",
        lot if lot in map(_value, usable) else "",
        typed.get("on") in (None, "", today.isoformat()),
    )


def _value(lot: Lot) -> str:
    return f"{lot.vaccine}|{lot.lot}"


def _offers(
    case: Case, verdicts: Sequence[tuple[Programme, DoseJudgement]], at_hand: set[str], today: date
) -> tuple[DoseChoice, ...]:
    """Offer what comes next, then the other vaccines at hand that the programmes have."""
    judged = {(programme.id, one.vaccine): one for programme, one in verdicts}
    for programme in case.catalogue.programmes.values():
        if programme.runs_on(today):
            for code in programme.vaccines:
                if code in at_hand and (programme.id, code) not in judged:
                    vaccine = case.catalogue.vaccines[code]
                    judged[programme.id, code] = judge(case, programme, vaccine, today)
    return tuple(
        DoseChoice(
            programme,
            code,
            case.catalogue.vaccines[code].name,
            one.number,
            one.status in ("due", "overdue"),
        )
        for (programme, code), one in judged.items()
    )


def _active(catalogue: Catalogue, code: str) -> bool:
    return code in catalogue.vaccines and catalogue.vaccines[code].active
