"""What a dose is held against beside its form: the birth, the programme's time, whose hand it was.

Decided from what the site itself has delivered: a campaign that the registry does not know decides
nothing, and of several editions the one that lets a dose pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

BEFORE_BIRTH = "The dose is dated before the birth of the person."
OUTSIDE = "The dose is dated outside the time of its programme."
NOT_ASSIGNED = "The vaccinator of the dose is not assigned to this facility."
BORN_AFTER = "A dose of this person is dated before this birth."
BIRTH = ("birthDate", "birthYear", "birthEarliest", "birthLatest")
"""The fields of a person that say when the birth was."""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What the editions of one site's campaign say, joined.

    ``programmes`` are the times of each programme by its id: the first day, the first for doses
    given elsewhere, the last or empty (ISO 8601); ``staff`` the facilities of each by their codes.
    """

    programmes: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    staff: Mapping[str, frozenset[str]] = field(default_factory=dict)


def campaigns_of(documents: Iterable[Mapping[str, Any]]) -> CampaignFacts:
    """Join what ``CampaignApplied`` and ``CatalogueRecorded`` say; what is odd is passed over."""
    programmes: dict[str, list[tuple[str, str, str]]] = {}
    staff: dict[str, set[str]] = {}
    for document in documents:
        body = document.get("body")
        for item in _items(body, "programmes"):
            start = str(item.get("start", ""))
            counts = str(item.get("counts_from") or start)
            time = (start, counts, str(item.get("end") or ""))
            programmes.setdefault(str(item.get("id")), []).append(time)
        for item in _items(body, "staff"):
            places = item.get("facilities")
            named = [str(place) for place in places] if isinstance(places, list) else []
            staff.setdefault(str(item.get("code")), set()).update(named)
    return CampaignFacts(
        {id_: tuple(times) for id_, times in programmes.items()},
        {code: frozenset(places) for code, places in staff.items()},
    )


def first_birthday(person: Mapping[str, Any]) -> str:
    """Give the first day on which a person may have been born (ISO 8601); empty: nobody knows."""
    for name in ("birthDate", "birthEarliest"):
        if isinstance(person.get(name), str):
            return str(person[name])
    year = person.get("birthYear")
    return f"{year:04}-01-01" if type(year) is int and 0 < year < 10_000 else ""


def out_of_bounds(
    body: Mapping[str, Any], *, given_here: bool, born: str, campaigns: CampaignFacts
) -> tuple[str, str] | None:
    """Name the field of a dose that cannot be, and say why, or None."""
    on = str(body["on"])
    if born and on < born:
        return "on", BEFORE_BIRTH
    times = campaigns.programmes.get(str(body.get("programme")), ())
    if times and not any(_runs(time, on, given_here=given_here) for time in times):
        return "on", OUTSIDE
    places = campaigns.staff.get(str(body.get("vaccinator")))
    if given_here and places is not None and str(body.get("facility")) not in places:
        return "vaccinator", NOT_ASSIGNED
    return None


def _runs(time: tuple[str, str, str], on: str, *, given_here: bool) -> bool:
    start, counts, end = time
    return (start if given_here else counts) <= on and (not end or on <= end)


def _items(body: Any, kind: str) -> Iterable[Mapping[str, Any]]:
    """Give the items of a kind that an entry's body brings, in whichever of the two forms."""
    if not isinstance(body, Mapping):
        return
    campaign = body.get("campaign")
    found = campaign.get(kind) if isinstance(campaign, Mapping) else None
    if body.get("kind") == kind:
        found = body.get("items")
    for item in found if isinstance(found, list) else ():
        if isinstance(item, Mapping):
            yield item
