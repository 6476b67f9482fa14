"""Doses that somebody's earlier certificate tells of, in the words of the campaign in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from edge.domain.catalogue import Catalogue, Vaccine


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
    """Read the doses that belong to a programme of the campaign, oldest first.

    ``claims`` are those of a verdict. A vaccine is recognised by any of its codes or its name,
    else by its kind (DCC's ``disease`` and ``prophylaxis``). What belongs to no programme, or
    lies in the future, is left out.
    """
    entries: Sequence[Mapping[str, Any]] = claims.get("doses") or [claims]
    found = []
    for place, entry in enumerate(entries, start=1):
        on = _day(entry.get("date"))
        vaccine = _vaccine({**claims, **entry}, catalogue)
        if on is None or on > today or vaccine is None:
            continue
        for programme in catalogue.programmes.values():
            if vaccine.code in programme.vaccines:
                found.append(
                    ToldDose(
                        programme=programme.id,
                        vaccine=vaccine.code,
                        number=_count(entry.get("dose"), place),
                        total=vaccine.total_doses,
                        on=on,
                        lot=str(entry.get("lot") or "")[:20],
                        facility=str(
                            entry.get("facility")
                            or entry.get("country")
                            or claims.get("issuer")
                            or ""
                        )[:80],
                    )
                )
                break
    return sorted(found, key=lambda dose: (dose.on, dose.number))


def _vaccine(claims: Mapping[str, Any], catalogue: Catalogue) -> Vaccine | None:
    told = {str(claims.get(name) or "").casefold() for name in ("vaccine", "vaccineCode")} - {""}
    for vaccine in catalogue.vaccines.values():
        products = {vaccine.codes.get(name, "") for name in ("product", "icvp", "cvx")}
        known = {*products, vaccine.name, vaccine.code, vaccine.icd11} - {""}
        if told & {one.casefold() for one in known}:
            return vaccine
    kind = tuple(
        claims.get(f"{name}Code") or claims.get(name) for name in ("disease", "prophylaxis")
    )
    for vaccine in catalogue.vaccines.values():
        if all(kind) and kind == (vaccine.codes.get("disease"), vaccine.codes.get("prophylaxis")):
            return vaccine
    return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _count(value: Any, otherwise: int) -> int:
    return value if type(value) is int and 0 < value < 100 else otherwise
