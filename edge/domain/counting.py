"""Which of the doses that a certificate tells of may be counted, and why the others may not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

VACCINATION, TEST, UNCOUNTED = "vaccination", "test", "uncounted"
DOSE, TOTAL = "dose", "totalDoses"
FUTURE = "Its day lies in the future."
BEFORE_BIRTH = "Its day lies before the birth of the person."
NO_DAY = "The day is not said."
DOSE_NOUGHT = "It is told as dose 0: nobody knows what was given."
NOTHING_COUNTS = (
    "The signature is right and the issuer is trusted, but nothing on it counts as a dose."
)
SOME_COUNT = (
    "The signature is right and the issuer is trusted. Not everything on it counts as a dose."
)
_FURTHEST_AHEAD = timedelta(hours=14)
"""No place on earth has a later day than UTC+14."""
_FIRST_YEAR = 1900
"""Before it no day is said: systems write the year 1 for a date that they could not read."""
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?", re.DOTALL | re.ASCII)
_BORN = re.compile(r"((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?(?:[T ].*)?", re.DOTALL | re.ASCII)
_BEFORE_ONE = re.compile(r"0+|-\d+", re.ASCII)
_TOLD_OF_ONE = ("date", "vaccine", "testName", "testType", "lot", "facility")


def day_of(value: Any) -> date | None:
    """Read a whole day; a year, a month, or words are not one."""
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def birth_of(claims: Mapping[str, Any]) -> str:
    """Give the birth date as far as it is said (ISO 8601, also a year or a month), or nothing."""
    found = _BORN.fullmatch(str(claims.get("birthDate") or ""))
    if found is None:
        return ""
    parts = [found[1]]
    for part in found.groups()[1:]:
        if part in (None, "00"):  # zeros are written for what is not known
            break
        parts.append(part)
    return "-".join(parts)


def counted(
    claims: Mapping[str, Any], at: datetime, from_one: Collection[str] = (DOSE,)
) -> dict[str, Any]:
    """Set aside what cannot have been given; ``at`` is an instant.

    ``doses`` are those of a format that may tell of several, ``notCounted`` those that its
    reader has set aside already, ``results`` what a laboratory found; of any other certificate
    of a vaccination the claims themselves are the dose. ``kind`` says what is left:
    ``vaccination`` only where a dose counts. ``from_one`` are the numbers that begin with one in
    the certificate's format.
    """
    if "doses" not in claims:
        return _one_counted(claims, at, from_one)
    found = dict(claims)
    doses, aside = [], list(found.pop("notCounted", ()))
    for dose in found.pop("doses"):
        reason = _objection(dose, claims, at, from_one)
        if reason:
            aside.append(set_aside(dose, reason))
        elif dose not in doses:  # what is told twice, word for word, was given once
            doses.append(dose)
    doses.sort(key=lambda dose: str(dose["date"]))
    results = []
    for result in found.pop("results", ()):
        reason = _impossible(day_of(result.get("date")), claims, at)
        if reason:
            aside.append(set_aside(result, reason))
        else:
            results.append(result)
    if results:
        found["results"] = results
    if doses:
        found = {"kind": VACCINATION, **found, **doses[-1]}
    elif results:
        found = {"kind": TEST, **found, **results[-1]}
    elif aside:
        found = {"kind": UNCOUNTED, **found}
    if len(doses) > 1:
        found["doses"] = doses
    return {**found, "notCounted": aside} if aside else found


def set_aside(dose: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Give what is shown of a dose that does not count; ``reason`` is a sentence."""
    return {**{name: dose[name] for name in _TOLD_OF_ONE if dose.get(name)}, "reason": reason}


def _one_counted(
    claims: Mapping[str, Any], at: datetime, from_one: Collection[str]
) -> dict[str, Any]:
    if claims.get("kind") != VACCINATION:
        return dict(claims)
    reason = _objection(claims, claims, at, from_one)
    if not reason:
        return dict(claims)
    return {**claims, "kind": UNCOUNTED, "notCounted": [set_aside(claims, reason)]}


def _objection(
    dose: Mapping[str, Any], claims: Mapping[str, Any], at: datetime, from_one: Collection[str]
) -> str:
    on = day_of(dose.get("date"))
    if on is None or on.year < _FIRST_YEAR:
        return NO_DAY
    if any(is_nought(dose.get(name)) for name in from_one):
        return DOSE_NOUGHT
    return _impossible(on, claims, at)


def is_nought(told: Any) -> bool:
    """Say whether the number of a dose lies before the first: a whole number, or its digits."""
    if isinstance(told, str):
        return _BEFORE_ONE.fullmatch(told) is not None
    return type(told) in (int, float) and told < 1 and told % 1 == 0


def _impossible(on: date | None, claims: Mapping[str, Any], at: datetime) -> str:
    """Say why a day cannot be one on which something was done to a person; nothing for no day."""
    born = birth_of(claims)
    if on is None:
        return ""
    if on > (at.astimezone(UTC) + _FURTHEST_AHEAD).date():
        return FUTURE
    return BEFORE_BIRTH if born and on.isoformat()[: len(born)] < born else ""
