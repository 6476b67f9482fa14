"""What other sites said of people: who is one, who is two again, and who died.

A merge of two who are both recorded here is made here too, and undone here when it is undone; not
where somebody here has said that the two are not the same. That somebody moved away or is lost is
so of the other site only, and is not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from edge.domain.catalogue import Staff
from edge.domain.names.texts import tidied
from edge.journal import merges, views
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.histories import asked_with, forget_age
from edge.journal.unit import Unit
from edge.services.doses.following import follow_told
from edge.services.doses.judging import case_of
from edge.services.merging import (
    append_merge,
    append_undone,
    follow_merging,
    judged_apart,
)
from edge.services.people.demographics import join
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.letters import Letter

_BY = "nation"


def people_letters(site: Site) -> Callable[[Unit, Letter], None]:
    """Take the registry's letters of two people who were made one, or two again."""

    def take(unit: Unit, letter: Letter) -> None:
        entry = letter.body.get("entry")
        if isinstance(entry, Mapping):
            take_told(unit, site, entry, _BY)
            _ask_again(unit, entry)

    return take


def take_told(unit: Unit, site: Site, entry: Mapping[str, Any], by: str) -> None:
    """Take a merge or its undoing; twice is as once, and anything else is nothing."""
    body, origin = entry.get("body"), entry.get("id")
    if not isinstance(body, Mapping) or not isinstance(origin, str):
        return
    if entry.get("type") == "PersonsMerged":
        _take_merge(unit, site, body, origin, by)
    elif entry.get("type") == "MergeUndone":
        _take_undoing(unit, site, body, origin, by)


def _take_merge(unit: Unit, site: Site, body: Mapping[str, Any], origin: str, by: str) -> None:
    kept, merged = (views.person(unit.db, str(body.get(name))) for name in ("kept", "merged"))
    id_ = derived_id("told merge", {"entry": origin})
    if kept is None or merged is None or kept.id == merged.id or has_entry(unit.db, id_):
        return
    if merges.distinguished_people(unit.db, kept.id, merged.id):
        return
    before = judged_apart(unit, site, (kept.id, merged.id))
    told = {
        "kept": kept.id,
        "merged": merged.id,
        "reason": _reason(body),
        "source": "registry",
        "origin": origin,
    }
    append_merge(unit, told, id_=id_, by=by)
    follow_merging(unit, _by_itself(id_, by), site, before, (kept.id, merged.id))


def _take_undoing(unit: Unit, site: Site, body: Mapping[str, Any], origin: str, by: str) -> None:
    names = [str(body[name]) for name in ("merge", "origin") if body.get(name)]
    found = (merges.merge(unit.db, name) or merges.merge_told(unit.db, name) for name in names)
    merge = next((one_of for one_of in found if one_of), None)
    id_ = derived_id("told undoing", {"entry": origin})
    if merge is None or merge.undone_at or has_entry(unit.db, id_):
        return
    people = (merge.kept, merge.merged)
    before = judged_apart(unit, site, people)
    append_undone(unit, merge, _reason(body), id_=id_, by=by, source="registry")
    follow_merging(unit, _by_itself(id_, by), site, before, people)


def _ask_again(unit: Unit, entry: Mapping[str, Any]) -> None:
    """Let what was told of people be asked for again who are others than was thought."""
    body = entry.get("body")
    if entry.get("type") != "MergeUndone" or not isinstance(body, Mapping):
        return
    for name in ("merge", "origin"):
        for person in asked_with(unit.db, str(body.get(name))):
            forget_age(unit.db, person)


def join_told(unit: Unit, site: Site, asked: str, by: str) -> None:
    """Take what the others know of a person, and number the doses by it."""
    known = views.person(unit.db, asked)
    before = case_of(unit, site, known, views.history(unit.db, known.id)) if known else None
    if join(unit, asked, by, site.clock.today()) and known and before:
        now = views.person(unit.db, asked) or known
        id_ = derived_id("history numbers", {"person": known.id, "at": unit.tip.position})
        follow_told(unit, _by_itself(id_, by), site, before, now, date.min)


def take_death(unit: Unit, person: str, entry: Mapping[str, Any], by: str, today: date) -> None:
    """Take that somebody died, or that this was taken back by who said so."""
    body, origin = entry["body"], str(entry.get("id", ""))
    known = views.person(unit.db, person)
    id_ = derived_id("history status", {"entry": origin, "person": person})
    try:
        on = date.fromisoformat(str(body.get("on")))
    except ValueError:
        return
    if known is None or has_entry(unit.db, id_) or on > today or not known.lived_on(on):
        return
    died, dead = body.get("status") == "died", known.status.name == "died"
    given = [dose.on for dose in views.history(unit.db, person) if not dose.reported]
    if died is dead or (died and any(day > on for day in given)):
        return
    if not died and body.get("status") != "active":
        return
    status = {
        "person": person,
        "status": "died" if died else "active",
        "on": on.isoformat(),
        "source": "registry",
        "origin": origin,
    }
    unit.append("PersonStatusRecorded", status, id_=id_, by=by)


def _reason(body: Mapping[str, Any]) -> str:
    """Give the reason that another site wrote as one that could have been typed here."""
    return tidied(str(body.get("reason") or ""), 200) or "registry"


def _by_itself(id_: str, by: str) -> Request[None]:
    """Give what is done of itself the form of a request."""
    actor = Staff(code=by, name=by, facilities=(), roles=frozenset(), active=False)
    return Request(id_, actor, None, "")
