"""From a campaign's body, or the journal's catalogue, to the values decisions are made with."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any

from edge.campaign.approval import (
    to_approval,
    to_certifications,
    to_facility_programmes,
    to_recalls,
)
from edge.campaign.distribution import to_distribution
from edge.campaign.document_types import once_in_force, to_document_types
from edge.campaign.eligibility import to_observations, to_rules
from edge.campaign.identities import to_identities
from edge.campaign.payments import to_payments
from edge.campaign.questions import to_question
from edge.campaign.schedules import to_schedule
from edge.campaign.sign_in import to_sign_in_rules
from edge.campaign.slip_templates import to_templates
from edge.campaign.sub_sites import sub_sites, with_sub_sites
from edge.domain.campaign_words import CampaignWords
from edge.domain.catalogue import (
    IDLE_MINUTES,
    STALE_AFTER_DAYS,
    Catalogue,
    DoseInterval,
    EverInForce,
    Facility,
    Issuer,
    Programme,
    Staff,
    Vaccine,
)
from edge.domain.certificate_plan import CertificatePlan
from edge.domain.date_forms import DateForms
from edge.domain.modules import EVERY
from edge.domain.people import Address
from edge.domain.schedule.conditions import NONE_ADDED, AddedConditions
from edge.domain.schedule.model import Schedule
from edge.domain.schedule.simple import SimpleSeries, simple_schedule
from edge.domain.session_days import session_days


def to_catalogue(body: Mapping[str, Any], conditions: AddedConditions = NONE_ADDED) -> Catalogue:
    """Read a campaign's body; fields that only newer software knows are left alone.

    ``once`` has the same lists of everything that was ever in force. ``conditions`` are those that
    packages add to schedules here.
    """
    issuer, language = body["issuer"], body.get("language", "en")
    rules = body.get("eligibility", {})
    ever = _ever(body.get("once", {}), conditions, language)
    vaccines = {vaccine["code"]: _vaccine(vaccine) for vaccine in body["vaccines"]}
    teams = sub_sites(body["facilities"])
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
            programme["id"]: _programme(
                programme,
                body.get("certificates"),
                _schedule(programme, body.get("schedules", {}), vaccines, conditions),
            )
            for programme in body["programmes"]
        },
        vaccines=vaccines,
        facilities={facility["code"]: _facility(facility) for facility in body["facilities"]},
        staff={staff["code"]: _staff(staff, teams, ever.staff) for staff in body["staff"]},
        slip=body.get("slips", {}).get("certificate", {}),
        templates=to_templates(body.get("templates", {})),
        captions=body.get("slips", {}).get("captions", {}),
        language=language,
        stale_after=body.get("stale_after_days", STALE_AFTER_DAYS),
        cards=body.get("handwritten_cards", "all"),
        idle_minutes=body.get("idle_minutes", IDLE_MINUTES),
        documents=to_document_types(body.get("documents", {})),
        modules=frozenset(body.get("modules", EVERY)),
        words={
            code: CampaignWords(item["name"], item["direction"] == "rtl", item["texts"])
            for code, item in body.get("words", {}).items()
        },
        dates=_dates(body.get("dates", {})),
        pictures={name: base64.b64decode(item) for name, item in body.get("pictures", {}).items()},
        ever=ever,
        eligibility=to_rules(rules, language),
        own_observations=to_observations(rules, language),
        approval=to_approval(body),
        identities=to_identities(body, language),
        lot_recalls=to_recalls(body.get("lot_recalls", ()), language),
        distribution=to_distribution(body.get("distribution"), language),
        questions=tuple(to_question(item, language) for item in body.get("questions", ())),
        payments=to_payments(body.get("payments"), language),
        sign_in=to_sign_in_rules(body.get("sign_in", {})),
    )


def _dates(item: Mapping[str, Any]) -> DateForms:
    return DateForms(item.get("calendar", ""), item.get("form", ""), item.get("digits", "latn"))


def _ever(once: Mapping[str, Any], conditions: AddedConditions, language: str) -> EverInForce:
    """Read what was ever in force; a programme has its own schedule in it, as ``plan``."""
    vaccines = {vaccine["code"]: _vaccine(vaccine) for vaccine in once.get("vaccines", ())}
    documents, contexts = once_in_force(once.get("documents", ()))
    return EverInForce(
        programmes={
            programme["id"]: _programme(
                programme,
                None,
                _schedule(
                    programme,
                    {programme.get("schedule"): programme.get("plan")},
                    vaccines,
                    conditions,
                ),
            )
            for programme in once.get("programmes", ())
        },
        vaccines=vaccines,
        facilities={
            facility["code"]: _facility(facility) for facility in once.get("facilities", ())
        },
        staff={staff["code"]: _staff(staff) for staff in once.get("staff", ())},
        documents=documents,
        contexts=contexts,
        questions={item["code"]: to_question(item, language) for item in once.get("questions", ())},
    )


def _programme(
    item: Mapping[str, Any], usual: Mapping[str, Any] | None, schedule: Schedule
) -> Programme:
    return Programme(
        id=item["id"],
        name=item["name"],
        vaccines=tuple(item["vaccines"]),
        start=date.fromisoformat(item["start"]),
        end=date.fromisoformat(item["end"]) if item.get("end") else None,
        counts_from=date.fromisoformat(item["counts_from"]) if item.get("counts_from") else None,
        certificates=_plan(item.get("certificates") or usual),
        schedule=schedule,
        active=item.get("active", True),
    )


def _schedule(
    item: Mapping[str, Any],
    schedules: Mapping[str, Any],
    vaccines: Mapping[str, Vaccine],
    conditions: AddedConditions,
) -> Schedule:
    """Give a programme's schedule; without one its ages and its vaccines' intervals are it."""
    if "schedule" in item:
        return to_schedule(schedules[item["schedule"]], conditions)
    known = [vaccines[code] for code in item["vaccines"] if code in vaccines]
    return simple_schedule(
        item["id"],
        [
            SimpleSeries(
                vaccine.code,
                vaccine.name,
                tuple((gap.min, gap.max) for gap in vaccine.dose_intervals),
            )
            for vaccine in known
        ],
        item.get("min_age", 0),
        item.get("max_age", 0),
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
        sessions=session_days(item.get("session_days", ()), item.get("closed_days", ())),
        active=item.get("active", True),
        kind=item.get("kind", "fixed"),
        run_by=item.get("run_by", "government"),
        part_of=item.get("part_of", ""),
        programmes=to_facility_programmes(item),
    )


def _staff(
    item: Mapping[str, Any], facilities: Any = (), ever: Mapping[str, Staff] | None = None
) -> Staff:
    before = (ever or {}).get(item["code"])
    return Staff(
        code=item["code"],
        name=item["name"],
        facilities=with_sub_sites(item, facilities),
        roles=frozenset(item["roles"]),
        active=item.get("active", True),
        pin=item.get("pin", ""),
        certified=to_certifications(item),
        worked=before.worked if before else tuple(item.get("ever", ())),
    )
