"""What a person's page offers: a button for each vaccine that is due, what was asked for first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from edge.domain.catalogue import Catalogue, Lot, Programme, Vaccine
from edge.domain.scheduled import Case, DoseJudgement, judge
from edge.web.ribbon import Ribbon, Vial


@dataclass(frozen=True, slots=True)
class Offer:
    """A vaccine of a programme as it would be given today from this tablet.

    ``asked``: it is of the programme that the person came for. ``lot`` None: none is at hand, or
    somebody has to choose one.
    """

    programme: Programme
    vaccine: Vaccine
    judged: DoseJudgement
    vial: Vial | None
    asked: bool

    @property
    def due(self) -> bool:
        """Whether nothing speaks against it."""
        return self.judged.status in ("due", "overdue") and not self.judged.objections

    @property
    def lot(self) -> Lot | None:
        """The lot that it would be given of."""
        return self.vial.lot if self.vial else None

    @property
    def group(self) -> tuple[str, str]:
        """What it is given for: of one group of a programme a visit needs one vaccine only."""
        return self.programme.id, self.judged.group or f"vaccine:{self.vaccine.code}"


@dataclass(frozen=True, slots=True)
class Offers:
    """``due`` are offered with a button, in this order; ``others`` are not due, or not needed."""

    due: tuple[Offer, ...]
    others: tuple[Offer, ...]

    @property
    def all(self) -> tuple[Offer, ...]:
        """Every vaccine of a programme that runs."""
        return self.due + self.others


def offers(
    case: Case,
    verdicts: Sequence[tuple[Programme, DoseJudgement]],
    ribbon: Ribbon,
    today: date,
    expected: tuple[str, str],
) -> Offers:
    """Offer every vaccine that is due, those of the programme that was asked for first.

    ``expected`` are the programmes that the person waits for and was enrolled for. Where several
    vaccines would do for one dose, the one whose lot was chosen on this tablet is offered, else the
    schedule's own choice of those at hand.
    """
    found = list(_all(case, verdicts, ribbon, today))
    asked = _asked_for(case, found, today, expected)
    found = [
        Offer(offer.programme, offer.vaccine, offer.judged, offer.vial, offer.programme.id in asked)
        for offer in found
    ]
    best: dict[tuple[str, str], Offer] = {}
    for offer in sorted((offer for offer in found if offer.due), key=_preference):
        best.setdefault(offer.group, offer)
    due = [offer for offer in found if offer in best.values()]
    due.sort(key=lambda offer: (not offer.asked, offer.programme.id != expected[1]))
    return Offers(tuple(due), tuple(offer for offer in found if offer not in due))


def _preference(offer: Offer) -> tuple[bool, bool]:
    vial = offer.vial
    return not (vial and vial.lot and vial.chosen), vial is None or vial.lot is None


def _asked_for(
    case: Case, found: Sequence[Offer], today: date, expected: tuple[str, str]
) -> frozenset[str]:
    """Say for which programmes the person came: those given today, and the one waited for.

    Who waits for none came for the enrolment's where it is due, else for one that alone is due, if
    nothing was given today.
    """
    queued, enrolled = expected
    given = {dose.programme for dose in case.history if dose.on == today}
    if queued or given:
        return frozenset({queued, *given})
    due = dict.fromkeys(offer.programme.id for offer in found if offer.due)
    if enrolled in due:
        return frozenset({enrolled})
    return frozenset(due) if len(due) == 1 else frozenset()


def _all(
    case: Case, verdicts: Sequence[tuple[Programme, DoseJudgement]], ribbon: Ribbon, today: date
) -> Iterator[Offer]:
    """Give what comes next in each programme, then its other vaccines at hand."""
    judged = {
        (programme.id, judgement.vaccine): (programme, judgement)
        for programme, judgement in verdicts
    }
    catalogue: Catalogue = case.catalogue
    for programme in catalogue.programmes.values():
        if programme.runs_on(today):
            for code in programme.vaccines:
                vial = ribbon.vial(code)
                if vial and (programme.id, code) not in judged:
                    judged[programme.id, code] = (
                        programme,
                        judge(case, programme, vial.vaccine, today),
                    )
    for programme, judgement in judged.values():
        vaccine = catalogue.vaccines[judgement.vaccine]
        yield Offer(programme, vaccine, judgement, ribbon.vial(judgement.vaccine), asked=False)
