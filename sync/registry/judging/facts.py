"""Looks up what doses are held against, for a piece of entries at once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sync.registry.judging.bounds import BIRTH, CampaignFacts, campaigns_of, first_birthday
from sync.registry.judging.references import DOSES, References, plain
from sync.registry.judging.rules import CHANGES_ITS_OWN, CorrectedRecord, JudgingContext
from sync.registry.store.interface import Store
from sync.registry.store.records import Place, StoredEntry

ToldKind = Literal[
    "campaign",
    "refused-campaign",
    "campaign-root",
    "pieces",
    "lists",
    "refused-letter",
    "invitations",
]
"""What a site says of what the nation told it: campaigns that it applied or refused, the ministry's
roots, pieces of lists of people, how its lists stand, letters refused, invitations of staff."""
_EDITIONS = 20
"""Editions of a campaign that are looked at, the newest ones."""
_MOST, _SIZE = 1000, 8 * 1024 * 1024
_TARGETS = {"PersonCorrected": "person", "DoseCorrected": "dose", "DoseWithdrawn": "dose"}
_JUDGED = frozenset({*DOSES, "DoseCorrected", "PersonCorrected"})


@dataclass(frozen=True, slots=True)
class JudgingCase:
    """An entry that is judged: as it is stored, as it is read, and what it speaks of."""

    entry: StoredEntry
    document: Mapping[str, Any]
    spoken: References
    facility: str

    @property
    def type(self) -> str:
        """The entry's type."""
        return str(self.document.get("type"))

    @property
    def body(self) -> Mapping[str, Any]:
        """The entry's body, or nothing where it has another shape."""
        body = self.document.get("body")
        return body if isinstance(body, Mapping) else {}

    @property
    def changes(self) -> Mapping[str, Any]:
        """What a correction changes."""
        changes = self.body.get("changes")
        return changes if isinstance(changes, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known around a piece: each person, each site's campaigns, each dose.

    ``doses`` are those that a correction of the piece is about; ``days`` the first day of a dose of
    each person whose birth the piece corrects.
    """

    people: Mapping[str, CorrectedRecord]
    campaigns: Mapping[str, CampaignFacts]
    doses: Mapping[str, CorrectedRecord]
    days: Mapping[str, str]

    def known(self, case: JudgingCase, ids: Collection[str]) -> JudgingContext:
        """Give what one of the entries is judged by; ``ids`` are the people and doses known."""
        dose = self.doses.get(str(case.body.get("dose")))
        person_id = str((dose.now if dose else case.body).get("person"))
        person = self.people.get(person_id)
        return JudgingContext(
            case.facility,
            case.entry.received_at,
            ids,
            born=first_birthday(person.now) if person else "",
            first_dose=self.days.get(person_id, ""),
            dose=dose if case.type == "DoseCorrected" else None,
            campaigns=self.campaigns.get(case.entry.node, CampaignFacts()),
        )


def facts_about(store: Store, cases: Sequence[JudgingCase]) -> Facts:
    """Look up, in the store and among the cases themselves, what these are judged by."""
    judged = [case for case in cases if case.type in _JUDGED]
    doses = _records(
        store, cases, [str(c.body.get("dose")) for c in judged if c.type == "DoseCorrected"]
    )
    people = {str(case.body.get("person")) for case in judged if case.type in DOSES}
    people |= {str(dose.now.get("person")) for dose in doses.values()}
    reborn = {
        case.spoken.corrects
        for case in judged
        if case.type == "PersonCorrected" and case.changes.keys() & set(BIRTH)
    }
    hands: dict[str, set[str]] = {}
    for case in judged:
        if case.type != "PersonCorrected":
            named = (case.body.get("vaccinator"), case.changes.get("vaccinator"))
            hands.setdefault(case.entry.node, set()).update(map(str, named))
    return Facts(
        _records(store, cases, sorted(people | reborn)),
        {node: _campaigns(store, cases, node, codes) for node, codes in hands.items()},
        doses,
        {person: day for person in reborn if (day := _first_day(store, cases, person))},
    )


def target_of(store: Store, case: JudgingCase, others: Sequence[JudgingCase]) -> str:
    """Give the type of the dose's entry that one of the same node changes.

    Empty: its node has no such dose; ``*``: it changes none. ``others`` are of the same piece.
    """
    target = case.spoken.corrects
    if case.type not in CHANGES_ITS_OWN or not target:
        return "*"
    own = (other.entry for other in others if target in other.spoken.makes)
    beside = next((entry for entry in own if entry.node == case.entry.node), None)
    entry = beside or store.locate(case.entry.node, target)
    return entry.type if entry else ""


def corrected_by(known: JudgingContext, corrections: Sequence[JudgingCase]) -> JudgingContext:
    """Add what later entries of its node, oldest first, make of the one that is judged."""
    return replace(
        known,
        corrections=[correction.changes for correction in corrections],
        withdrawn=any(correction.type == "DoseWithdrawn" for correction in corrections),
    )


def campaign_keys(case: JudgingCase) -> set[str]:
    """Give the keys under which what a site says of what the nation told it is found again."""
    node = case.entry.node
    if case.type in _TOLD:
        return {told_key(_TOLD[case.type], node)}
    if case.type == "CatalogueRecorded" and case.body.get("kind") == "staff":
        items = case.body.get("items")
        named = [
            as_mapping(item).get("code") for item in (items if isinstance(items, list) else ())
        ]
        return {_staff_key(node, code) for code in named if isinstance(code, str)}
    return set()


def read_entry(content: str) -> Mapping[str, Any]:
    """Read as much of an entry as names it, where nothing more can be made of it."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError, MemoryError):
        return {}
    return document if isinstance(document, Mapping) else {}


def told_key(told: ToldKind, node: str) -> str:
    """Give the key under which what a site says of what the nation told it is found again."""
    return f"{told}:{node}"


def told_campaign(store: Store, node: str) -> Mapping[str, Any] | None:
    """Give the campaign that a site applied last, as it told it; None: it told of none."""
    for entry in store.newest_mentions(told_key("campaign", node), 1):
        return as_mapping(as_mapping(read_entry(entry.content).get("body")).get("campaign"))
    return None


_TOLD: Mapping[str, ToldKind] = {
    "CampaignApplied": "campaign",
    "CampaignRefused": "refused-campaign",
    "CampaignRootSet": "campaign-root",
    "ListsTold": "lists",
    "LetterRefused": "refused-letter",
    "EnrolmentPieceTaken": "pieces",
    "StaffInvited": "invitations",
    "StaffInvitationTaken": "invitations",
    "StaffInvitationEnded": "invitations",
    "PinSet": "invitations",
}


def _staff_key(node: str, code: str) -> str:
    return f"staff:{node}/{plain(code)[:100]}"


def _campaigns(
    store: Store, cases: Sequence[JudgingCase], node: str, hands: Collection[str]
) -> CampaignFacts:
    keys = [told_key("campaign", node), *(_staff_key(node, code) for code in sorted(hands))]
    stored = store.mentions(keys, _MOST, each=_EDITIONS)
    own = [case.document for case in cases if case.entry.node == node and campaign_keys(case)]
    return campaigns_of([*map(_document, stored), *own])


def _records(
    store: Store, cases: Sequence[JudgingCase], ids: Sequence[str]
) -> dict[str, CorrectedRecord]:
    """Give people and doses by their ids, and as their own node has corrected them."""
    wanted = {id_ for id_ in ids if id_}
    keys = sorted(key for id_ in wanted for key in (f"entry:{id_}", f"corrects:{id_}"))
    if not keys:
        return {}
    found: dict[str, dict[str, Any]] = {}
    first: dict[str, Mapping[str, Any]] = {}
    nodes: dict[str, str] = {}
    stored = [(entry, _document(entry)) for entry in _pages(store, keys)]
    piece = [(case.entry, case.document) for case in cases]
    ordered = sorted([*stored, *piece], key=lambda one: _order(one[0]))
    told = [(entry.node, document) for entry, document in ordered]
    for node, document in told:
        body = document.get("body")
        person = body.get("person") if isinstance(body, Mapping) else None
        fields = person if document.get("type") == "PersonRegistered" else body
        for id_ in {str(document.get("id")), str(as_mapping(person).get("id"))} & wanted:
            if isinstance(fields, Mapping) and document.get("type") != "PersonCorrected":
                found.setdefault(id_, dict(fields))
                first.setdefault(id_, fields)
                nodes.setdefault(id_, node)
    for node, document in told:
        body = as_mapping(document.get("body"))
        type_ = str(document.get("type"))
        target = _TARGETS.get(type_)
        id_ = str(body.get(target)) if target else ""
        if id_ in found and nodes[id_] == node:
            found[id_].update(as_mapping(body.get("changes")))
            if type_ == "DoseWithdrawn":
                found[id_].pop("on", None)  # it was given on no day
    return {id_: CorrectedRecord(first[id_], now) for id_, now in found.items()}


def _first_day(store: Store, cases: Sequence[JudgingCase], person: str) -> str:
    """Give the first day on which a dose of a person is on record, as corrected since."""
    stored = [_document(entry) for entry in _pages(store, [f"person:{person}"])]
    own = [case.document for case in cases]
    ids = [
        str(document.get("id"))
        for document in [*stored, *own]
        if document.get("type") in DOSES
        and as_mapping(document.get("body")).get("person") == person
    ]
    days = [dose.now.get("on") for dose in _records(store, cases, ids).values()]
    return min((day for day in days if isinstance(day, str)), default="")


def _pages(store: Store, keys: Sequence[str]) -> Iterable[StoredEntry]:
    place: Place = ("", "", 0)
    while page := store.mentions(keys, _MOST, place, _SIZE):
        yield from page
        place = (page[-1].node, page[-1].epoch, page[-1].number)


def _order(entry: StoredEntry) -> tuple[str, str, int]:
    return entry.received_at, entry.epoch, entry.number


def _document(entry: StoredEntry) -> Mapping[str, Any]:
    document = json.loads(entry.content)
    return document if isinstance(document, Mapping) else {}


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Give a part of an entry that is read by names; empty for anything else."""
    return value if isinstance(value, Mapping) else {}
