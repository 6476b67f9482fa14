"""Which numbers and papers a campaign asks for, and how a number is kept and shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from edge.domain.campaign_texts import CampaignText
from edge.domain.errors import Refusal
from edge.domain.people import Person
from sync.protocol.counted import Counted

KeptAs = Literal["whole", "keyed"]
ShownAs = Literal["whole", "last_four", "hidden"]
OWN_CODE = "none"
"""How the number of somebody without papers is read: it is the person's own code."""
BY_PATTERN = "pattern"
CARD_QR = "aadhaar-qr"
"""What reads UIDAI's code: its number is a reference that stays hidden."""
READ_BY = frozenset(
    (
        *("ar.dni", "br.cpf", "cl.rut", "cn.ric", "cu.ni", "do.cedula", "ec.ci", "es.dni"),
        *("fr.nir", "gb.nhs", "id.nik", "il.idnr", "in.gov.pancard", "in.gov.uidai.aadhaar"),
        *("it.cf", "ke.pin", "kr.rrn", "mu.nid", "mx.curp", "my.nric", "pe.cui", "pk.cnic"),
        *("th.pin", "tr.tckn", "za.id"),
        *("luhn", "verhoeff", "mod-11-10", "mod-37-36", "mod-97-10"),
        *(CARD_QR, "birth-registration", "claim169", "id-card", "own-card", "passport", "phone"),
        *(OWN_CODE, BY_PATTERN),
    )
)
"""What the project itself reads, by the names that a campaign has for it."""
_ENDING = 4
_KEYED = "keyed."


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRule:
    """A kind of number or paper that a campaign asks for; ``type`` is that of its DID.

    ``read_by`` names what reads it, ``pattern`` what the number is to look like besides (a regular
    expression over all of it), ``example`` one that nobody has, ``issued_by`` the state (ICAO Doc
    9303's letters) whose papers are named by their number alone. Somebody of ``needed_from`` whole
    years or more is registered with a number of some kind; None: this one asks for none.
    """

    type: str
    words: CampaignText
    read_by: str
    pattern: str = ""
    example: str = ""
    issued_by: str = ""
    needed_from: int | None = None
    kept: KeptAs = "whole"
    shown: ShownAs = "whole"


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """What a campaign asks for, in its order; none: an identity is taken as it is written.

    ``key`` is the check value of the key under which numbers are hidden, or empty.
    """

    types: tuple[IdentityRule, ...] = ()
    key: str = ""

    def of(self, identity: str) -> IdentityRule | None:
        """Find the rule of an identity, by the type of its DID."""
        type_ = split_identity(identity)[0]
        return next((rule for rule in self.types if rule.type == type_), None)


NO_IDENTITIES = IdentityRules()


def split_identity(identity: str) -> tuple[str, str]:
    """Give the type and the number of ``did:<type>:<number>``; an identity that is none: neither.

    DIVOC writes a type before the last colon and a number behind it.
    """
    if not identity.startswith("did:") or identity.count(":") < 2:
        return "", ""
    type_, _, number = identity.removeprefix("did:").rpartition(":")
    return type_.casefold(), number


def joined_identity(type_: str, number: str) -> str:
    """Write a type and a number as DIVOC does."""
    return f"did:{type_}:{number}"


def keyed_number(digest: bytes, number: str) -> str:
    """Give what stands in place of a number that is not kept: a digest, and its last four."""
    return f"{_KEYED}{base64.b32encode(digest).decode().rstrip('=').lower()}.{ending(number)}"


def is_keyed(number: str) -> bool:
    """Say whether what stands there is what :func:`keyed_number` made."""
    return number.startswith(_KEYED)


def ending(number: str) -> str:
    """Give the last four characters; of a short number half of them, so that some stay unknown."""
    if is_keyed(number):
        return number.rpartition(".")[2]
    return number[len(number) - min(_ENDING, len(number) // 2) :]


def shown_number(identity: str, rules: IdentityRules) -> str:
    """Give an identity's number as screens and paper show it; empty where it is hidden.

    What the campaign asks for no more is shown by its end, and without rules all of it.
    """
    _, number = split_identity(identity)
    rule = rules.of(identity)
    shown = rule.shown if rule else "last_four" if rules.types else "whole"
    if shown == "hidden":
        return ""
    if shown == "last_four" or is_keyed(number):
        return f"XXXX {ending(number)}" if number else ""
    return number


def on_certificates(identity: str, rules: IdentityRules) -> str:
    """Give the identity that a certificate names; empty where its number is not shown whole."""
    _, number = split_identity(identity)
    whole = shown_number(identity, rules) == number and not is_keyed(number)
    return identity if whole or not number else ""


def check_needed(person: Person, rules: IdentityRules, today: date) -> None:
    """Refuse somebody without a number who is of an age at which the campaign asks for one."""
    age = person.age_on(today)
    needed = [rule for rule in rules.types if _is_needed(rule, age)]
    if person.identity or not needed:
        return
    other = any(rule.read_by == OWN_CODE for rule in rules.types)
    raise Refusal(
        "person.identity-needed",
        Counted(
            "The campaign asks for a number of everybody from {years} year on: {kinds}.",
            "The campaign asks for a number of everybody from {years} years on: {kinds}.",
        ),
        hint=(
            "Type the number; of somebody who has none choose that it is so."
            if other
            else "Type the number of one of these papers."
        ),
        field="identity",
        years=min(rule.needed_from or 0 for rule in needed),
        kinds=_listed(rule.words for rule in needed),
    )


def with_own_code(person: Person) -> Person:
    """Put the person's own code in place of a number that they do not have (``did:<type>:``).

    So whoever takes DIVOC's records, which need an identity each, gets one that nobody else has.
    """
    if not person.identity.endswith(":"):
        return person
    return replace(person, identity=f"{person.identity}{person.code}")


def _is_needed(rule: IdentityRule, age: int) -> bool:
    return rule.needed_from is not None and age >= rule.needed_from


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
