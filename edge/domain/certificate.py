"""What a certificate says, whatever form it is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from edge.domain.names.texts import as_seen
from edge.domain.people import Address


@dataclass(frozen=True, slots=True)
class Needs:
    """What a campaign must say so that a format can be issued.

    ``codes`` are those every vaccine must have (see :class:`edge.domain.catalogue.Vaccine`);
    ``issuer`` names the issuer's fields. ``latin_name``: it has the name in Latin letters.
    """

    codes: tuple[str, ...] = ()
    issuer: tuple[str, ...] = ()
    latin_name: bool = False


_NEEDS: Mapping[str, Needs] = {
    "dcc": Needs(codes=("disease", "prophylaxis", "product", "manufacturer"), latin_name=True),
    "icvp": Needs(codes=("icvp",), issuer=("participant",), latin_name=True),
    "shc": Needs(issuer=("card_issuer",)),
}
"""By the name of the format without its version."""


def needs_of(format_: str) -> Needs:
    """Give what a format needs of a campaign, by its name, such as ``dcc-1.3``."""
    return _NEEDS.get(format_.partition("-")[0], Needs())


HISTORY = "-history"
"""How the name of a format ends that tells of every dose at once."""


def tells_history(format_: str) -> bool:
    """Say whether a format tells of a person's other doses as well, by its name."""
    return format_.endswith(HISTORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDose:
    """Another dose of the person, for a format that tells of the whole history.

    ``vaccine`` is its name, ``codes`` and ``icd11`` are those of :class:`Claims`.
    """

    vaccine: str
    icd11: str
    codes: Mapping[str, str]
    lot: str
    on: date
    facility: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """One dose of one person, as a certificate states it, and the ``others`` for a history.

    ``given_at`` and ``issued_at`` are instants in UTC; every other date is a calendar date of the
    site. ``subject_id`` is an IRI that names the person (``did:<type>:<number>``), never empty.
    ``age`` is in whole years on the day of the dose. ``codes`` are the vaccine's in the code
    systems of the formats (see :class:`edge.domain.catalogue.Vaccine`). ``participant`` is the
    issuer's id in WHO's trust network, ``card_issuer`` the URL that publishes its keys for SMART
    Health Cards. ``replaces`` is the number of the certificate this one corrects, or empty.
    ``passport_name`` stands where Latin letters are asked for; may be empty.
    """

    certificate_id: str
    subject_id: str
    ref_id: str
    name: str
    gender: str
    age: int
    nationality: str
    birth_date: date | None
    address: Address
    vaccine: str
    manufacturer: str
    icd11: str
    prophylaxis: str
    lot: str
    given_at: datetime
    on: date
    effective_until: date | None
    dose: int
    total_doses: int
    vaccinator: str
    facility: str
    facility_address: Address
    country: str
    issuer: str
    base_url: str
    issued_at: datetime
    birth_year: int | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    valid_from: date | None = None
    issuer_name: str = ""
    participant: str = ""
    card_issuer: str = ""
    replaces: str = ""
    passport_name: str = ""
    others: tuple[OtherDose, ...] = ()


_CLAIMED = tuple(claimed.name for claimed in fields(Claims))
_OF_OTHERS = tuple(claimed.name for claimed in fields(OtherDose))
_PARTS = tuple(part.name for part in fields(Address))


def as_signed(claims: Claims) -> Claims:
    """Give claims with every text as it is seen: nothing invisible, nothing that turns a line."""
    changed: dict[str, Any] = {}
    for name in _CLAIMED:
        told = getattr(claims, name)
        seen = _as_seen(told)
        if seen is not told and seen != told:
            changed[name] = seen
    return replace(claims, **changed) if changed else claims


def _as_seen(told: Any) -> Any:
    """Give what is claimed as it is seen, be it a text, an address or codes; the rest as it is."""
    if isinstance(told, str):
        return as_seen(told) if told else told
    if isinstance(told, Address):
        return Address(*[as_seen(getattr(told, name)) for name in _PARTS])
    if isinstance(told, Mapping):
        return {name: as_seen(text) for name, text in told.items()}
    if isinstance(told, OtherDose):
        return replace(told, **{name: _as_seen(getattr(told, name)) for name in _OF_OTHERS})
    if isinstance(told, tuple):
        return tuple(map(_as_seen, told))
    return told


def subject_id(identity: str, code: str, issuer_did: str) -> str:
    """Name a person by an IRI: the identity, or the issuer's DID and the person's code.

    DIVOC drops an empty ``credentialSubject.id`` from what is signed, so there always is one.
    """
    if identity and not set(identity) & set(' <>"{}|\\^`'):
        return identity
    return f"{issuer_did}:{code}"
