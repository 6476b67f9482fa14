"""The wing of the registry: its letters, the line to it, the stick, and people's histories."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from edge.adapters.settings import Settings
from edge.domain.errors import EdgeError
from edge.journal.journal import Journal
from edge.services.campaigns import Campaigns
from edge.services.certificates.next_signer import next_request
from edge.services.certificates.signed_intake import SignedIntake
from edge.services.payments.told_vouchers import take_voucher_word
from edge.services.registry import letter_handlers
from edge.services.registry.carried_history import CarriedHistory
from edge.services.registry.enrolment_lists import EnrolmentLists
from edge.services.registry.history import History
from edge.services.registry.inbox import SiteInbox, pass_over, take_verdict
from edge.services.registry.introduction import Introduction
from edge.services.registry.link import LinkEnvironment, RegistryLink
from edge.services.registry.stick_memory import take_recipient
from edge.services.registry.stick_watch import StickWatch
from edge.services.registry.sticks import SiteSticks
from edge.services.registry.told_people import people_letters
from edge.wiring.certificates import Certificates
from edge.wiring.desk import UseCases
from edge.wiring.keys import Keys
from sync.protocol.enrolment_lists import LETTER
from sync.protocol.invitations import LETTER as INVITATION
from sync.protocol.letters import SUPERSEDED, WITHDRAWN
from sync.site.transports import LineOptions, Open, transport


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything between a site and its registry; ``stick_watch`` where sticks are mounted.

    ``expected`` are the lists of people whom the nation expects here.
    """

    inbox: SiteInbox
    expected: EnrolmentLists
    link: RegistryLink
    sticks: SiteSticks
    stick_watch: StickWatch | None
    history: History


def wire_registry(
    settings: Settings,
    keys: Keys,
    journal: Journal,
    intake: SignedIntake,
    certificates: Certificates,
    use_cases: UseCases,
    campaigns: Campaigns,
    transports: Mapping[str, Open],
) -> Registry:
    """Make both ways to the registry over one inbox."""
    now, nonce, site = keys.clock.now, keys.nonce, use_cases.site
    lists = EnrolmentLists(journal, use_cases.importer, site, nonce)
    inbox = _inbox(journal, intake, certificates, use_cases, campaigns, lists)
    introduction = _introduction(settings, keys, certificates)
    link = _link(settings, keys, journal, introduction, inbox, lists, transports)
    carried = CarriedHistory(site, keys.node, now, nonce)
    sticks = SiteSticks(journal, keys.node, inbox, introduction, now, nonce, carried, lists)
    folder = settings.stick_folder
    return Registry(
        inbox=inbox,
        expected=lists,
        link=link,
        sticks=sticks,
        stick_watch=(StickWatch(sticks, journal, folder, time.monotonic, now) if folder else None),
        history=History(
            journal,
            site,
            link,
            now,
            line=settings.has_line,
            stick=settings.stick_folder is not None,
        ),
    )


def _inbox(
    journal: Journal,
    intake: SignedIntake,
    certificates: Certificates,
    use_cases: UseCases,
    campaigns: Campaigns,
    lists: EnrolmentLists,
) -> SiteInbox:
    prepared = {
        "campaign": letter_handlers.campaigns(campaigns),
        "list": letter_handlers.lists(intake, lambda: certificates.issuer().did, campaigns),
        "enrolments": letter_handlers.enrolments(use_cases.importer, journal, use_cases.site),
        INVITATION: use_cases.invitations.prepare,
        WITHDRAWN: letter_handlers.withdrawn(
            use_cases.importer, journal, use_cases.site, use_cases.invitations.withdrawn
        ),
        "certificate": letter_handlers.certificates(
            certificates.signers, certificates.certifier.look_again
        ),
        LETTER: lists.prepare,
    }
    return SiteInbox(
        journal,
        {
            "verdict": take_verdict,
            "recipient": take_recipient,
            "people": people_letters(use_cases.site),
            "voucher": take_voucher_word,
            SUPERSEDED: pass_over,
        },
        prepared,
        replacing=("campaign", "list", "certificate"),
        refused={
            "campaign": letter_handlers.refused_campaign,
            **dict.fromkeys(
                ("list", "enrolments", "certificate", INVITATION), letter_handlers.refused_letter
            ),
        },
        after=letter_handlers.taken(campaigns),
    )


def _introduction(settings: Settings, keys: Keys, certificates: Certificates) -> Introduction:
    return Introduction(
        settings.facility,
        settings.enrolment_code,
        partial(_facility_name, settings, certificates),
        lambda: next_request(
            certificates.signers,
            certificates.certifier,
            certificates.issuer,
            settings.facility,
            keys.clock.now(),
        ),
        version("divoc-edge"),
        settings.registry_fingerprint,
    )


def _link(
    settings: Settings,
    keys: Keys,
    journal: Journal,
    introduction: Introduction,
    inbox: SiteInbox,
    lists: EnrolmentLists,
    transports: Mapping[str, Open],
) -> RegistryLink:
    return RegistryLink(
        journal,
        settings.registry,
        keys.node,
        introduction,
        LinkEnvironment(
            time.monotonic, keys.chance, keys.nonce, keys.clock.now, keys.clock.registry_says
        ),
        line=LineOptions(authority=settings.registry_ca, idle=settings.registry_patience),
        inbox=inbox,
        lists=lists,
        connect=partial(transport, transports=transports),
    )


def _facility_name(settings: Settings, certificates: Certificates) -> str:
    with contextlib.suppress(EdgeError):
        facility = certificates.catalogue().facilities.get(settings.facility)
        return facility.name if facility else ""
    return ""
