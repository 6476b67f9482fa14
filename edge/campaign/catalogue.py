"""From a campaign's body, or the journal's catalogue, to the values decisions are made with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from edge.campaign.schedules import to_schedule
from edge.campaign.slip_templates import to_templates
from edge.domain.catalogue import (
    STALE_AFTER_DAYS,
    Catalogue,
    CertificatePlan,
    DoseInterval,
    Facility,
    Issuer,
    Programme,
    Staff,
    Vaccine,
)
from edge.domain.people import Address


def to_catalogue(body: Mapping[str, Any]) -> Catalogue:
    """Read a campaign's body; fields that only newer software knows are left alone."""
    issuer = body["issuer"]
    return Catalogue(
        version=str(body.get("version", "")),
        issuer=Issuer(
            name=issuer["name"],
            url=issuer["url"],
            did=issuer["did"],
            base_url=issuer["base_url"],
            country=issuer["country"],
            participant=issuer.get("participant", ""),
            card_issuer=issuer.get("card_issuer", ""),
        ),
        programmes={
            one["id"]: _programme(one, body.get("certificates"), body.get("schedules", {}))
            for one in body["programmes"]
        },
        vaccines={one["code"]: _vaccine(one) for one in body["vaccines"]},
        facilities={one["code"]: _facility(one) for one in body["facilities"]},
        staff={one["code"]: _staff(one) for one in body["staff"]},
        slip=body.get("slips", {}).get("certificate", {}),
        templates=to_templates(body.get("templates", {})),
        language=body.get("language", "en"),
        stale_after=body.get("stale_after_days", STALE_AFTER_DAYS),
    )


def _programme(
    item: Mapping[str, Any], usual: Mapping[str, Any] | None, schedules: Mapping[str, Any]
) -> Programme:
    return Programme(
        id=item["id"],
        name=item["name"],
        vaccines=tuple(item["vaccines"]),
        start=date.fromisoformat(item["start"]),
        end=date.fromisoformat(item["end"]) if item.get("end") else None,
        min_age=item.get("min_age", 0),
        max_age=item.get("max_age", 0),
        certificates=_plan(item.get("certificates") or usual),
        schedule=to_schedule(schedules[item["schedule"]]) if "schedule" in item else None,
        active=item.get("active", True),
    )


def _plan(item: Mapping[str, Any] | None) -> CertificatePlan:
    if item is None:
        return CertificatePlan()
    paper = {int(width): tuple(formats) for width, formats in item.get("paper", {}).items()}
    return CertificatePlan(tuple(item["formats"]), paper)


def _vaccine(item: Mapping[str, Any]) -> Vaccine:
    return Vaccine(
        code=item["code"],
        name=item["name"],
        manufacturer=item["manufacturer"],
        dose_intervals=tuple(
            DoseInterval(interval["min"], interval.get("max", 0))
            for interval in item.get("dose_intervals", [])
        ),
        effective_until=item.get("effective_until", 0),
        icd11=item.get("icd11", ""),
        prophylaxis=item.get("prophylaxis", ""),
        codes=dict(item.get("codes", {})),
        valid_after=item.get("valid_after", 0),
        active=item.get("active", True),
    )


def _facility(item: Mapping[str, Any]) -> Facility:
    known = Address.__dataclass_fields__
    address = {key: text for key, text in item.get("address", {}).items() if key in known}
    return Facility(
        code=item["code"],
        name=item["name"],
        address=Address(**address),
        active=item.get("active", True),
    )


def _staff(item: Mapping[str, Any]) -> Staff:
    return Staff(
        code=item["code"],
        name=item["name"],
        facilities=tuple(item["facilities"]),
        roles=frozenset(item["roles"]),
        active=item.get("active", True),
        pin=item.get("pin", ""),
    )
