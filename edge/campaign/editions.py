"""Which edition of a campaign may come into force at a site: a newer one that keeps it open.

Decided from the campaign, the one in force, and what a site knows of itself; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.campaign.sub_sites import sub_sites, with_sub_sites
from edge.domain.errors import BadInput
from sync.protocol.editions import edition_rank, is_newer


@dataclass(frozen=True, slots=True)
class SiteCampaign:
    """What a site knows: its ``facility``, and what is in force there.

    ``campaign`` is the one in force, empty at a new site; ``versions`` are all that were ever in
    force of the campaign that is asked about; ``own_pins`` are the staff codes with a PIN that was
    set at the site itself; ``credentials`` those of types of documents by the address of their
    context, as each was last.
    """

    facility: str
    campaign: Mapping[str, Any]
    versions: Collection[str] = ()
    own_pins: Collection[str] = ()
    credentials: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def check_edition(campaign: Mapping[str, Any], now: SiteCampaign) -> None:
    """Refuse what is not newer, or would leave the site without its facility or its people.

    ``campaign`` has the PINs with it that stay as they were. Raises :class:`BadInput`. A site whose
    people have no PINs yet may stay so: they are given once the campaign is there.
    """
    _check_version(campaign, now)
    _check_contexts(campaign, now)
    named = {"id": campaign["id"], "version": campaign["version"], "facility": now.facility}
    if not has_facility(campaign, now.facility):
        raise BadInput(
            "campaign.facility",
            "This site is {facility}, which the campaign {id} {version} does not have or calls"
            " inactive: nobody could work here. It was not applied.",
            hint="Ask for a campaign with this facility, or correct the facility of this site.",
            field="facilities",
            **named,
        )
    if not staff_here(campaign, now.facility) or shuts_out(campaign, now):
        raise BadInput(
            "campaign.staff",
            "With the campaign {id} {version} nobody at {facility} could sign in. It was not"
            " applied.",
            hint="Ask for a campaign that has somebody of this facility who works here now.",
            field="staff",
            **named,
        )


def _check_version(campaign: Mapping[str, Any], now: SiteCampaign) -> None:
    version = str(campaign["version"])
    newest = max(now.versions, key=edition_rank, default=None)
    if newest is not None and not is_newer(version, newest):
        raise BadInput(
            "campaign.older",
            "The campaign {id} {version} is not newer than {newest}, which was in force here. It"
            " was not applied.",
            hint="Give what is to apply now a higher version than {newest}.",
            field="version",
            id=campaign["id"],
            version=version,
            newest=newest,
        )


def _check_contexts(campaign: Mapping[str, Any], now: SiteCampaign) -> None:
    """Refuse other contents under a context's address: papers of before would be read wrongly."""
    for name, type_ in campaign.get("documents", {}).items():
        credential = type_.get("credential", {})
        before = now.credentials.get(credential.get("context", ""))
        if before is not None and _stated(credential) != _stated(before):
            raise BadInput(
                "campaign.context",
                "The document {name} states other things than before under {context}. It was not"
                " applied: papers that exist would be read wrongly.",
                hint="Give the context a new address, such as one that ends with v2.",
                field=f"documents.{name}.credential",
                name=name,
                context=credential["context"],
            )


def _stated(credential: Mapping[str, Any]) -> list[Any]:
    """Give what the address of a context stands for."""
    groups = [credential.get(name) for name in ("subject", "evidence")]
    claims = [dict(group["claims"]) if group else {} for group in groups]
    types = [group["type"] if group else "" for group in groups]
    return [credential["type"], types, claims, dict(credential.get("terms", {}))]


def has_facility(campaign: Mapping[str, Any], code: str) -> bool:
    """Say whether people can work at a facility, by its code."""
    return any(
        facility["code"] == code and facility.get("active", True)
        for facility in campaign["facilities"]
    )


def staff_here(campaign: Mapping[str, Any], facility: str) -> list[Mapping[str, Any]]:
    """Give those who work at a facility, by its code."""
    facilities = sub_sites(campaign.get("facilities", ()))
    return [
        member
        for member in campaign.get("staff", ())
        if member.get("active", True) and facility in with_sub_sites(member, facilities)
    ]


def shuts_out(campaign: Mapping[str, Any], now: SiteCampaign) -> bool:
    """Say whether somebody can sign in at a site now, and nobody could with a campaign."""
    return _anybody(now.campaign, now) and not _anybody(campaign, now)


def _anybody(campaign: Mapping[str, Any], now: SiteCampaign) -> bool:
    return any(
        member.get("pin") or member["code"] in now.own_pins
        for member in staff_here(campaign, now.facility)
    )
