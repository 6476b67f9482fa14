"""Doses that somebody's earlier certificate tells of, in the words of the campaign in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from edge.domain.catalogue import Catalogue, Programme, Vaccine
from edge.domain.counting import VACCINATION, birth_of, day_of
from edge.domain.doses import check_running
from edge.domain.errors import Refusal
from edge.domain.lots import LONGEST_LOT, lot_key
from edge.domain.same_day import told_again

_EXACT = ("cvx", "icd11", "product", "icvp")
"""The systems whose codes name a vaccine, and not only its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDose:
    """A dose as a certificate tells of it; ``number`` of ``total`` as the campaign counts."""

    programme: str
    vaccine: str
    number: int
    total: int
    on: date
    lot: str
    facility: str


def doses_told(claims: Mapping[str, Any], catalogue: Catalogue, today: date) -> list[ToldDose]:
    """Read the doses that a programme of the campaign counts, oldest first.

    ``claims`` are those of a verdict. A vaccine is recognised by its codes, each under its own
    system, or, where a format has none, by its name. What is no vaccination, belongs to no
    programme or lies outside its time (see :func:`outside_programme`), in the future or before the
    birth is left out; a dose told twice counts once (see
    :func:`edge.domain.same_day.told_again`). Where no number is told, the doses of one vaccine are
    counted: a greater number would stand for a dose that nobody gave.
    """
    seen = Counter[str]()
    found: list[ToldDose] = []
    for entry, on, vaccine in _vaccinations(claims, catalogue, today):
        programmes = _programmes_with(catalogue, vaccine)
        programme = next(
            (programme.id for programme in programmes if _outside(programme, on) is None), ""
        )
        twice = any(
            told_dose.on == on and told_again(catalogue, told_dose.vaccine, vaccine.code)
            for told_dose in found
        )
        if not programme or twice:
            continue
        seen[vaccine.code] += 1
        found.append(
            ToldDose(
                programme=programme,
                vaccine=vaccine.code,
                number=_count(entry.get("dose"), seen[vaccine.code]),
                total=vaccine.total_doses,
                on=on,
                lot=lot_key(str(entry.get("lot") or ""))[:LONGEST_LOT],
                facility=_place(entry, claims),
            )
        )
    return sorted(found, key=lambda dose: (dose.on, dose.number))


def outside_programme(
    claims: Mapping[str, Any], catalogue: Catalogue, today: date
) -> Refusal | None:
    """Say why the first dose is not counted that belongs to a programme, but not to its time."""
    for _, on, vaccine in _vaccinations(claims, catalogue, today):
        against = [_outside(programme, on) for programme in _programmes_with(catalogue, vaccine)]
        if against and all(against):
            return against[0]
    return None


def _vaccinations(
    claims: Mapping[str, Any], catalogue: Catalogue, today: date
) -> Iterator[tuple[Mapping[str, Any], date, Vaccine]]:
    """Give what may be a dose of a vaccine of the campaign, with its day, oldest first."""
    if claims.get("kind") != VACCINATION:
        return
    entries: Sequence[Mapping[str, Any]] = claims.get("doses") or [claims]
    born = birth_of(claims)
    for entry in sorted(entries, key=lambda one: str(one.get("date") or "")):
        on, vaccine = day_of(entry.get("date")), told_vaccine(entry, catalogue)
        if on is None or on > today or on.isoformat()[: len(born)] < born or vaccine is None:
            continue
        yield entry, on, vaccine


def _programmes_with(catalogue: Catalogue, vaccine: Vaccine) -> list[Programme]:
    return [
        programme
        for programme in catalogue.programmes.values()
        if vaccine.code in programme.vaccines
    ]


def _outside(programme: Programme, on: date) -> Refusal | None:
    try:
        check_running(programme, on, elsewhere=True)
    except Refusal as refusal:
        return refusal
    return None


def told_vaccine(entry: Mapping[str, Any], catalogue: Catalogue) -> Vaccine | None:
    """Recognise a vaccine; none where the codes of one dose name different ones.

    ``codings`` are pairs of a system (``cvx``, ``icd11``, ``product``, ``icvp``; ``prophylaxis``
    and ``disease`` for the kind) and a code. A code of another system is another code.
    """
    codings = entry.get("codings")
    if codings is None:
        name = str(entry.get("vaccine") or "").casefold()
        return _first(catalogue, lambda one: one.name.casefold() == name)
    told = {(str(coding["system"]), str(coding["code"]).casefold()) for coding in codings}
    exact = [
        {vaccine.code for vaccine in catalogue.vaccines.values() if _code(vaccine, system) == code}
        for system, code in told
        if system in _EXACT
    ]
    known = [codes for codes in exact if codes]
    if known:
        both = set.intersection(*known)
        return _first(catalogue, lambda one: one.code in both)
    kinds = {code for system, code in told if system == "prophylaxis"}
    diseases = {code for system, code in told if system == "disease"}
    return _first(
        catalogue,
        lambda one: (
            _code(one, "prophylaxis") in kinds
            and (not diseases or _code(one, "disease") in diseases)
        ),
    )


def _code(vaccine: Vaccine, system: str) -> str | None:
    code = vaccine.icd11 if system == "icd11" else vaccine.codes.get(system, "")
    return code.casefold() or None


def _first(catalogue: Catalogue, fits: Callable[[Vaccine], bool]) -> Vaccine | None:
    return next((vaccine for vaccine in catalogue.vaccines.values() if fits(vaccine)), None)


def _place(entry: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    told = entry.get("facility") or entry.get("country") or claims.get("issuer") or ""
    return str(told)[:80]


def _count(value: Any, otherwise: int) -> int:
    return value if type(value) is int and 0 < value < 100 else otherwise
