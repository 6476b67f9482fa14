"""Whose certificate a digital locker asks for, as the sites that signed it say last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.protocol.proofs import CODE_DIGITS, plain_code
from sync.registry.judging.facts import as_mapping, told_key
from sync.registry.judging.references import plain
from sync.registry.judging.schemas import Schemas
from sync.registry.registered_people import (
    birth_span,
    last_words,
    name_words,
    registrations,
    sound_entries,
)
from sync.registry.revocations import is_revoked
from sync.registry.store.interface import Store
from sync.registry.store.records import StoredEntry

_LONGEST = 100
_LEAST_WORDS = 2
"""So many words of a name must be the same, or all there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockerCertificate:
    """A certificate that counts: its signed texts by format, whose it is and of which dose.

    ``born`` is a day as ISO 8601 writes it; ``issued_at`` an instant of the site's clock. ``names``
    are those of vaccine, manufacturer, facility and issuer in the site's campaign, if it has one.
    ``language`` is a code of ISO 639: what the person asked to be told in, else the campaign's.
    """

    number: str
    person: str
    name: str
    born: str
    gender: str
    facility: str
    issued_at: str
    credentials: Mapping[str, str] = field(repr=False)
    dose: Mapping[str, Any] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    language: str = ""


def by_number(store: Store, schemas: Schemas, number: str) -> LockerCertificate | None:
    """Find a certificate that counts by its own number; None where it was replaced, too."""
    issued_so = _issued(store, _plain_number(number))
    found = [issued for issued in issued_so if issued.counts(store, schemas)]
    return found[0].whole(store) if len(found) == 1 else None


def by_paper(
    store: Store, schemas: Schemas, code: str, name: str, born: str
) -> LockerCertificate | None:
    """Find the certificate of who knows a number or code on their paper, name and day of birth.

    Of a certificate that was replaced the one that counts is given; of a person's code the one
    that was issued last. ``born`` as ISO 8601 writes a day. None wherever anything does not fit.
    """
    number = _plain_number(code)
    found = [later for issued in _issued(store, number) for later in issued.line(store)]
    if not found and len(plain_code(code)) == CODE_DIGITS:
        found = _of_code(store, plain_code(code))
    whole = [(issued, each) for issued in found if (each := issued.whole(store)) is not None]
    fitting = [
        each
        for issued, each in whole
        if _fits(each, name, born) and issued.counts(store, schemas)  # costs more: last
    ]
    return max(fitting, key=lambda issued: issued.issued_at, default=None)


def _fits(found: LockerCertificate, name: str, born: str) -> bool:
    """Compare name and birth; a birth of which only the year is known fits no locker."""
    told, known = name_words({"name": name}), name_words({"name": found.name})
    needed = min(_LEAST_WORDS, len(told), len(known))
    return found.born == born and needed > 0 and len(told & known) >= needed


@dataclass(frozen=True, slots=True)
class _Issued:
    """A ``CertificateIssued`` entry with its body."""

    entry: StoredEntry
    body: Mapping[str, Any]

    @property
    def number(self) -> str:
        return str(self.body.get("certificate"))

    def counts(self, store: Store, schemas: Schemas) -> bool:
        """Say whether it was neither replaced, nor revoked, nor its dose taken back."""
        withdrawn = any(
            entry.type == "DoseWithdrawn" and entry.node == self.entry.node
            for entry in sound_entries(store, [f"corrects:{self.body.get('dose')}"])
        )
        return not (
            withdrawn
            or self._replacing(store)
            or is_revoked(store, schemas, self.number, self.entry.node)
        )

    def line(self, store: Store) -> Iterator[_Issued]:
        """Give it, and what replaced it one after the other."""
        seen: set[str] = set()
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if one.number not in seen:
                seen.add(one.number)
                yield one
                waiting += one._replacing(store)

    def whole(self, store: Store) -> LockerCertificate | None:
        """Put it together with its person and dose, as its own site says they are."""
        person = self._person(store)
        days = birth_span(person)
        if not person or days is None or days[0] != days[1]:
            return None
        site, dose = store.node(self.entry.node), self._dose(store)
        campaign = _campaign(store, self.entry.node)
        return LockerCertificate(
            number=self.number,
            person=str(self.body.get("person")),
            name=str(person.get("name") or ""),
            born=days[0],
            gender=str(person.get("gender") or ""),
            facility=site.facility if site else "",
            issued_at=str(json.loads(self.entry.content).get("at", "")),
            credentials=_credentials(self.body),
            dose=dose,
            names=_names(campaign, dose),
            language=self._asked_language(store) or _plain_text(campaign.get("language")),
        )

    def _asked_language(self, store: Store) -> str:
        """Give the language in which the person asked this site last to be told; or empty."""
        told = [
            entry
            for entry in sound_entries(store, [f"person:{self.body.get('person')}"])
            if entry.type == "ContactPreferenceRecorded" and entry.node == self.entry.node
        ]
        newest = max(told, key=lambda one: (one.received_at, one.epoch, one.number), default=None)
        return _plain_text(_body(newest).get("language")) if newest else ""

    def _replacing(self, store: Store) -> list[_Issued]:
        return [
            issued
            for issued in _issued_of(store, str(self.body.get("person")))
            if issued.entry.node == self.entry.node and issued.body.get("replaces") == self.number
        ]

    def _person(self, store: Store) -> Mapping[str, Any]:
        id_ = str(self.body.get("person"))
        for entry, person in registrations(store, [f"entry:{id_}"]):
            if entry.node == self.entry.node and person.get("id") == id_:
                return last_words(store, entry, person)
        return {}

    def _dose(self, store: Store) -> Mapping[str, Any]:
        id_ = str(self.body.get("dose"))
        told: dict[str, Any] = {}
        entries = sound_entries(store, [f"entry:{id_}", f"corrects:{id_}"])
        for entry in sorted(entries, key=lambda one: (one.received_at, one.epoch, one.number)):
            body = _body(entry)
            if entry.node == self.entry.node:
                told |= as_mapping(body.get("changes")) if "changes" in body else body
        return told


def _issued(store: Store, number: str) -> list[_Issued]:
    """Give who says that they issued a number; more than one site is nobody's."""
    if not number:
        return []
    entries = sound_entries(store, [f"certificate:{number}"])
    found = [_Issued(entry, _body(entry)) for entry in entries if entry.type == "CertificateIssued"]
    return found if len(found) == 1 else []


def _issued_of(store: Store, person: str) -> list[_Issued]:
    entries = sound_entries(store, [f"person:{person}"])
    return [_Issued(entry, _body(entry)) for entry in entries if entry.type == "CertificateIssued"]


def _of_code(store: Store, code: str) -> list[_Issued]:
    return [
        issued
        for entry, person in registrations(store, [f"code:{code}"])
        for issued in _issued_of(store, str(person.get("id")))
        if issued.entry.node == entry.node
    ]


def _credentials(body: Mapping[str, Any]) -> dict[str, str]:
    listed = [as_mapping(told) for told in body.get("credentials") or ()]
    pairs = [(told.get("format"), told.get("credential")) for told in (*listed, body)]
    return {
        format_: text
        for format_, text in pairs
        if isinstance(format_, str) and isinstance(text, str)
    }


def _campaign(store: Store, node: str) -> Mapping[str, Any]:
    """Give a site's newest campaign; empty where it has none."""
    applied = sound_entries(store, [told_key("campaign", node)])
    newest = max(applied, key=lambda one: (one.received_at, one.epoch, one.number), default=None)
    return as_mapping(_body(newest).get("campaign")) if newest else {}


def _names(campaign: Mapping[str, Any], dose: Mapping[str, Any]) -> dict[str, str]:
    """Give how a campaign names what a dose has codes for."""
    vaccine = _named(campaign.get("vaccines"), dose.get("vaccine"))
    facility = _named(campaign.get("facilities"), dose.get("facility"))
    issuer = as_mapping(campaign.get("issuer"))
    found = {
        "vaccine": vaccine.get("name"),
        "manufacturer": vaccine.get("manufacturer"),
        "facility": facility.get("name"),
        "issuer": issuer.get("name"),
    }
    return {name: text for name, text in found.items() if isinstance(text, str) and text}


def _plain_text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _named(items: object, code: object) -> Mapping[str, Any]:
    listed = map(as_mapping, items) if isinstance(items, list) else ()
    return next((item for item in listed if item.get("code") == code), {})


def _plain_number(text: str) -> str:
    return plain("".join(text.split()))[:_LONGEST].upper()


def _body(entry: StoredEntry) -> Mapping[str, Any]:
    return as_mapping(as_mapping(json.loads(entry.content)).get("body"))
