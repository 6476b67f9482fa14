"""Takes in what the registry told of a person: doses, observations, corrections, who is one.

Doses and observations are recorded here as what was told, under ids made of the entries they come
from: asking again records nothing twice, and the one schedule engine sees them. The registry knows
them by their source, and tells nobody of them a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from edge.domain.catalogue import Catalogue, Programme
from edge.domain.errors import Refusal
from edge.domain.lots import LONGEST_LOT, lot_key
from edge.domain.names.texts import tidied
from edge.domain.people import Person
from edge.domain.plausibility import check_told
from edge.journal import views
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.histories import keep_history
from edge.journal.unit import Unit
from edge.services.registry.parted import local_dose, take_back_of_parted
from edge.services.registry.told_people import join_told, take_death, take_told
from edge.services.site import Site
from sync.protocol.histories import ForeignEntry

_KINDS = ("not-given", "other-person", "other-dose", "disbelieved")
_LEAST = {"number": 0, "total": 1}
"""A dose zero, before the course, has the number 0."""
_CORRECTED = ("lot", "on", "expiry", "number", "total")


def take_history(
    unit: Unit,
    site: Site,
    asked: str,
    told: Sequence[ForeignEntry],
    as_of: str,
    by: str,
    catalogue: Catalogue,
) -> int:
    """Keep one person's history and record what is new of it; give how many doses that were.

    What names another id of the same person is recorded for that one, so that it stays there when
    the two turn out to be two.
    """
    take_back_of_parted(unit, asked, told, by)
    keep_history(unit.db, asked, told, as_of)
    ids, today = set(views.ids_of(unit.db, asked)), site.clock.today()
    new = 0
    for entry in told:
        type_, body = entry.entry.get("type"), entry.entry.get("body")
        if not isinstance(body, Mapping):
            continue
        named = body.get("person")
        person = named if isinstance(named, str) and named in ids else asked
        if type_ in ("DoseGiven", "DoseReported"):
            back = _withdrawal(entry, told)
            if back is not None:
                _take_withdrawal(unit, person, entry, back, by)
                continue
            new += _take_dose(unit, person, entry, _amended(entry, told), by, catalogue, today)
        elif type_ == "ObservationRecorded" and str(body.get("code")) in catalogue.observable:
            _take_observation(unit, person, entry, by, today)
        elif type_ == "PersonStatusRecorded":
            take_death(unit, person, entry.entry, by, today)
        elif type_ in ("PersonsMerged", "MergeUndone"):
            take_told(unit, site, entry.entry, by)
    join_told(unit, site, asked, by)
    return new


def _take_dose(
    unit: Unit,
    person: str,
    told: ForeignEntry,
    body: Mapping[str, Any],
    by: str,
    catalogue: Catalogue,
    today: date,
) -> bool:
    """Record a dose that is not known here, or what was corrected of one that is."""
    origin = str(told.entry.get("id", ""))
    id_ = local_dose(unit.db, origin, person)
    on = _day(body.get("on"))
    vaccine = catalogue.vaccines.get(str(body.get("vaccine")))
    programme = catalogue.programmes.get(str(body.get("programme")))
    if vaccine is None or programme is None or vaccine.code not in programme.vaccines:
        return False
    holder = views.person(unit.db, person)
    if on is None or holder is None or not _believable(catalogue, programme, holder, on, today):
        return False
    if has_entry(unit.db, id_):
        _take_correction(unit, id_, body, by)
        return False
    # a certificate scanned here may have told of it, for another programme with this vaccine
    if (vaccine.code, on) in {(dose.vaccine, dose.on) for dose in views.history(unit.db, person)}:
        return False
    record = {
        "person": person,
        "programme": programme.id,
        "vaccine": vaccine.code,
        **{name: _count(name, body.get(name)) for name in _LEAST},
        "lot": lot_key(str(body.get("lot", "")))[:LONGEST_LOT],
        "on": on.isoformat(),
        "facility": tidied(str(body.get("facility") or told.facility), 80),
        "vaccinator": "",
        "source": "registry",
        "origin": origin,
    }
    unit.append("DoseReported", record, id_=id_, by=by)
    return True


def _believable(
    catalogue: Catalogue, programme: Programme, person: Person, on: date, today: date
) -> bool:
    try:
        check_told(catalogue, programme, person, on, today)
    except Refusal:
        return False
    return True


def _take_correction(unit: Unit, id_: str, body: Mapping[str, Any], by: str) -> None:
    """Follow what the site that gave a dose has corrected of it."""
    record = views.recorded(unit.db, id_)
    if record is None or record.withdrawn:
        return
    changes: dict[str, Any] = {}
    if (on := _day(body.get("on"))) is not None and on != record.dose.on:
        changes["on"] = on.isoformat()
    lot = lot_key(str(body.get("lot", "")))[:LONGEST_LOT]
    if lot and lot != record.dose.lot:
        changes["lot"] = lot
    for name, own in (("number", record.dose.number), ("total", record.dose.total)):
        if name in body and _count(name, body[name]) != own:
            changes[name] = _count(name, body[name])
    correction = derived_id("history correction", {"dose": id_, "at": unit.tip.position, **changes})
    if changes:
        told = {"dose": id_, "changes": changes, "reason": "registry"}
        unit.append("DoseCorrected", told, id_=correction, by=by)


def _take_withdrawal(
    unit: Unit, person: str, told: ForeignEntry, back: ForeignEntry, by: str
) -> None:
    """Follow the site that gave a dose in taking it back; what never came here is not recorded."""
    id_ = local_dose(unit.db, str(told.entry.get("id", "")), person)
    record = views.recorded(unit.db, id_)
    if record is None or record.withdrawn:
        return
    body, origin = back.entry["body"], str(back.entry.get("id", ""))
    kind = str(body.get("kind"))
    withdrawal = {
        "dose": id_,
        "kind": kind if kind in _KINDS else "disbelieved",
        "reason": tidied(str(body.get("reason") or ""), 200) or "registry",
        "source": "registry",
        "origin": origin,
    }
    unit.append("DoseWithdrawn", withdrawal, id_=_local("withdrawal", origin, person), by=by)


def _withdrawal(entry: ForeignEntry, told: Sequence[ForeignEntry]) -> ForeignEntry | None:
    """Find what takes a dose back: an entry of the node that recorded it."""
    for other in told:
        body = other.entry.get("body")
        if (
            other.node == entry.node
            and other.entry.get("type") == "DoseWithdrawn"
            and isinstance(body, Mapping)
            and body.get("dose") == entry.entry.get("id")
        ):
            return other
    return None


def _take_observation(unit: Unit, person: str, told: ForeignEntry, by: str, today: date) -> None:
    body, origin = told.entry["body"], str(told.entry.get("id", ""))
    id_, on = _local("observation", origin, person), _day(body.get("on"))
    if on is None or on > today or has_entry(unit.db, id_):
        return
    seen = views.observations(unit.db, person).get(body["code"])
    if seen is not None and seen.on > on:
        return
    record = {
        "person": person,
        "code": body["code"],
        "on": on.isoformat(),
        "present": body.get("present") is not False,
        "source": "registry",
        "origin": origin,
    }
    until = _day(body.get("until"))
    if until is not None and until >= on:
        record["until"] = until.isoformat()
    unit.append("ObservationRecorded", record, id_=id_, by=by)


def _amended(one: ForeignEntry, told: Sequence[ForeignEntry]) -> dict[str, Any]:
    """Give a dose's body with what its own site has corrected of it since."""
    body = dict(one.entry["body"])
    for other in told:
        told_body = other.entry.get("body")
        if (
            other.node == one.node
            and other.entry.get("type") == "DoseCorrected"
            and isinstance(told_body, Mapping)
            and told_body.get("dose") == one.entry.get("id")
            and isinstance(told_body.get("changes"), Mapping)
        ):
            body |= {
                k: v
                for k, v in told_body["changes"].items()
                if k in _CORRECTED and v not in (None, "")
            }
    return body


def _local(kind: str, origin: str, person: str) -> str:
    return derived_id(f"history {kind}", {"entry": origin, "person": person})


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _count(name: str, value: Any) -> int:
    return value if type(value) is int and _LEAST[name] <= value < 100 else 1
