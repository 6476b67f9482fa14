"""The session's ribbon: with which lots this tablet vaccinates, and who gives the doses.

It is chosen once, kept in a cookie of the tablet, and shown on every screen of those who vaccinate.
Nothing in it is of a person who comes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import quote, unquote

from edge.domain.approval import recall_of
from edge.domain.catalogue import Catalogue, Lot, Staff, Vaccine

COOKIE = "ribbon"
_LONGEST = 3_500
"""Characters of the cookie; a browser keeps 4,096 with the name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen on this tablet: ``lots`` by vaccine, and the vaccinator, by their codes."""

    lots: Mapping[str, str] = field(default_factory=dict)
    vaccinator: str = ""

    def with_lot(self, vaccine: str, lot: str) -> Choice:
        """Choose the lot of a vaccine."""
        return replace(self, lots={**self.lots, vaccine: lot})

    def written(self) -> str:
        """Write the choice as the cookie's text; what no longer fits is forgotten, oldest first."""
        lots = dict(self.lots)
        while True:
            text = quote(json.dumps({"lots": lots, "by": self.vaccinator}), safe="")
            if len(text) <= _LONGEST or not lots:
                return text
            lots.pop(next(iter(lots)))


NO_CHOICE = Choice()


def read_choice(text: str) -> Choice:
    """Read the cookie's text; one that nobody here wrote chooses nothing."""
    try:
        found = json.loads(unquote(text)) if len(text) <= _LONGEST else {}
    except (ValueError, RecursionError):
        return NO_CHOICE
    if not isinstance(found, dict):
        return NO_CHOICE
    lots, by = found.get("lots"), found.get("by")
    pairs = lots.items() if isinstance(lots, dict) else ()
    return Choice(
        {vaccine: lot for vaccine, lot in pairs if isinstance(lot, str)},
        by if isinstance(by, str) else "",
    )


@dataclass(frozen=True, slots=True)
class Vial:
    """A vaccine of the ribbon; ``lot`` None: the chosen one is at hand no more.

    ``chosen``: somebody chose it on this tablet; else it is the one that expires first. ``lots``
    are all that are at hand, first to expire first.
    """

    vaccine: Vaccine
    lot: Lot | None
    chosen: bool
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What the next dose from this tablet is recorded with; ``vaccinator`` None: to be chosen."""

    vials: tuple[Vial, ...]
    vaccinator: Staff | None

    def vial(self, vaccine: str) -> Vial | None:
        """Give the vial of a vaccine, if there is any of it."""
        return next((vial for vial in self.vials if vial.vaccine.code == vaccine), None)


def ribbon(
    choice: Choice,
    catalogue: Catalogue,
    lots: Sequence[Lot],
    who: Staff,
    facility: str,
    today: date,
) -> Ribbon:
    """Put a tablet's ribbon together, for the one who is signed in at a facility (its code).

    Vaccines come in the order of the programmes that run. A lot that was chosen and is used up or
    expired is not replaced by another: that vial would be recorded in its place. One that was
    recalled is not offered.
    """
    recalls = catalogue.lot_recalls
    usable = [
        lot
        for lot in lots
        if lot.expiry >= today
        and lot.quantity > 0
        and recall_of(recalls, lot.vaccine, lot.lot) is None
    ]
    codes = dict.fromkeys(
        code
        for programme in catalogue.programmes.values()
        if programme.runs_on(today)
        for code in programme.vaccines
    )
    vials = []
    for code in codes:
        vaccine = catalogue.vaccines.get(code)
        at_hand = tuple(lot for lot in usable if lot.vaccine == code)
        wanted = choice.lots.get(code, "")
        if vaccine is None or not vaccine.active or not (at_hand or wanted):
            continue
        found = [lot for lot in at_hand if wanted in ("", lot.lot)]
        vials.append(Vial(vaccine, found[0] if found else None, bool(wanted), at_hand))
    return Ribbon(tuple(vials), _vaccinator(choice, catalogue, who, facility))


def vaccinators(catalogue: Catalogue, facility: str) -> list[Staff]:
    """Name those who give doses at a facility."""
    return [staff for staff in catalogue.staff.values() if _vaccinates(staff, facility)]


def _vaccinator(choice: Choice, catalogue: Catalogue, who: Staff, facility: str) -> Staff | None:
    asked: Iterable[Staff | None] = (catalogue.staff.get(choice.vaccinator), who)
    return next((staff for staff in asked if staff and _vaccinates(staff, facility)), None)


def _vaccinates(staff: Staff, facility: str) -> bool:
    return staff.active and facility in staff.facilities and "vaccinator" in staff.roles
