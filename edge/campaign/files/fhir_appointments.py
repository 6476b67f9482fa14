"""FHIR's appointments (R4, a Bundle of Appointment and Patient) as DIVOC's enrolments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from edge.campaign.files.table_file import TableError
from edge.domain.names.human_names import name_in_use

_GENDERS: Mapping[str, str] = {"male": "Male", "female": "Female", "other": "Other"}
_NOT_COMING = frozenset({"cancelled", "entered-in-error", "noshow"})
_COMING = frozenset({"booked", "arrived", "checked-in"})
_WEB = re.compile(r"https?://([^/?#\s]+)(/[^?#\s]*)?")
_ADDRESS = {"district": "district", "state": "state", "postalCode": "pincode", "country": "country"}


def is_bundle(document: object) -> bool:
    """Say whether JSON is a bundle of FHIR."""
    return isinstance(document, dict) and document.get("resourceType") == "Bundle"


def enrolments_of_bundle(bundle: Mapping[str, Any], zone: tzinfo) -> Iterator[dict[str, Any]]:
    """Give an enrolment, as DIVOC's registry writes it, for each appointment of somebody.

    ``zone`` is the site's: an hour of a slot is one on its wall. ``osid`` is the appointment's own
    id. Raises :class:`TableError` for a bundle that goes on elsewhere.
    """
    resources = [
        entry["resource"]
        for entry in _list(bundle, "entry")
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    ]
    if any(
        isinstance(link, dict) and link.get("relation") == "next" for link in _list(bundle, "link")
    ):
        raise TableError(
            1,
            "fhir.pages",
            "The bundle goes on in another page.",
            "Ask for all of the day at once: _count=1000.",
        )
    known = {f"{each.get('resourceType')}/{each.get('id')}": each for each in resources}
    known |= {
        str(entry.get("fullUrl")): entry["resource"]
        for entry in _list(bundle, "entry")
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    }
    appointments = [each for each in resources if each.get("resourceType") == "Appointment"]
    for appointment in appointments:
        yield _enrolment(appointment, known, zone)


def _enrolment(
    appointment: Mapping[str, Any], known: Mapping[str, Any], zone: tzinfo
) -> dict[str, Any]:
    """Give an appointment's enrolment; what is not there is empty, and a mistake of its row."""
    actors = [known.get(str(_path(part, "actor", "reference")))
              for part in _list(appointment, "participant")]  # fmt: skip
    patient = _first(actors, "Patient") or {}
    location = _first(actors, "Location") or {}
    status = _text(appointment, "status")
    name = name_in_use(patient.get("name"))
    born = _text(patient, "birthDate")
    addresses = [
        address
        for address in _list(patient, "address")
        if isinstance(address, dict) and address.get("use") != "old"
    ]
    return {
        "osid": _text(appointment, "id"),
        "name": _name(name),
        "gender": _GENDERS.get(_text(patient, "gender"), ""),
        "dob": born if len(born) > 7 else "",
        "yob": "" if len(born) > 7 else born[:4],
        "identity": _identity(patient),
        "phone": _telecom(patient, "phone"),
        "email": _telecom(patient, "email"),
        "enrollmentScopeId": next(
            (_text(each, "value") for each in _list(location, "identifier")), ""
        ),
        "address": _address(addresses[0]) if addresses else {},
        "appointmentStatus": "cancelled" if status in _NOT_COMING else "",
        "appointments": [_when(appointment, zone)] if status in _COMING else [],
    }


def _when(appointment: Mapping[str, Any], zone: tzinfo) -> dict[str, str]:
    """Give day and hours at the site; a start that is no instant as it stands there."""
    start, end = (_instant(_text(appointment, name), zone) for name in ("start", "end"))
    if start is None:
        return {"appointmentDate": _text(appointment, "start") or "?"}
    slot = f"{start:%H:%M}-{end:%H:%M}" if end and end.date() == start.date() else ""
    return {"appointmentDate": start.date().isoformat(), "appointmentSlot": slot}


def _instant(value: str, zone: tzinfo) -> datetime | None:
    """Read an instant as the site's clock shows it; None for none, also one beyond its years."""
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(zone) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _identity(patient: Mapping[str, Any]) -> str:
    """Give the first identifier as a DID: its own, or one made of its system (did:web's way)."""
    for identifier in _list(patient, "identifier"):
        if _path(identifier, "use") == "old":
            continue
        value = _text(identifier, "value")
        system = _text(identifier, "system")
        web = _WEB.fullmatch(system)
        if value.startswith("did:"):
            return value
        if value and system.startswith("did:"):
            return f"{system}:{value}"
        if value and web:
            path = (web[2] or "").strip("/").replace("/", ":")
            return ":".join(filter(None, ("did:web", web[1].replace(":", "%3A"), path, value)))
        if value and system.startswith("urn:"):
            return f"did:{system.removeprefix('urn:')}:{value}"
    return ""


def _name(name: Mapping[str, Any]) -> str:
    given = [part for part in _list(name, "given") if isinstance(part, str)]
    return _text(name, "text") or " ".join(filter(None, [*given, _text(name, "family")])).strip()


def _telecom(patient: Mapping[str, Any], system: str) -> str:
    return next(
        (_text(each, "value") for each in _list(patient, "telecom")
         if _path(each, "system") == system and _path(each, "use") != "old"), "",
    )  # fmt: skip


def _address(address: Mapping[str, Any]) -> dict[str, str]:
    lines = [line for line in _list(address, "line") if isinstance(line, str)]
    found = {ours: _text(address, theirs) for theirs, ours in _ADDRESS.items()}
    told = {f"addressLine{place}": line for place, line in enumerate(lines[:2], start=1)}
    return {**told, **{name: text for name, text in found.items() if text}}


def _first(actors: list[Any], kind: str) -> Mapping[str, Any] | None:
    return next((each for each in actors if _path(each, "resourceType") == kind), None)


def _text(holder: Any, name: str) -> str:
    """Give a text, or empty: what is no text there is as good as not said."""
    found = _path(holder, name)
    return found if isinstance(found, str) else ""


def _list(holder: Mapping[str, Any], name: str) -> list[Any]:
    found = holder.get(name)
    return found if isinstance(found, list) else []


def _path(holder: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(holder, Mapping):
            return None
        holder = holder.get(name)
    return holder
