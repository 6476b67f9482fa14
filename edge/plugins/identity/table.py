"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from edge.domain.identities import BY_PATTERN, OWN_CODE
from edge.plugins.identity.cards import AADHAAR, MOSIP, SignedCard
from edge.plugins.identity.contract import IdentityType
from edge.plugins.identity.mrz import TD1, TD2, TD3, ZonedPaper
from edge.plugins.identity.numbers import COUNTRIES, SCHEMES, CheckedNumber, CountryNumber
from edge.plugins.identity.papers import NoPaper, OwnCard, PhoneNumber, PlainNumber

IDENTITY_TYPES: Mapping[str, Callable[[], IdentityType]] = {
    **{name: partial(CountryNumber, module) for name, module in COUNTRIES.items()},
    "pe.cui": partial(CountryNumber, "pe.cui", 8),
    **{name: partial(CheckedNumber, validate) for name, validate in SCHEMES.items()},
    AADHAAR: partial(SignedCard, AADHAAR),
    MOSIP: partial(SignedCard, MOSIP),
    "birth-registration": PlainNumber,
    "id-card": partial(ZonedPaper, (TD1, TD2)),
    BY_PATTERN: PlainNumber,
    "own-card": OwnCard,
    "passport": partial(ZonedPaper, (TD3,)),
    "phone": PhoneNumber,
    OWN_CODE: NoPaper,
}
"""Every reader by its name in a campaign (``read_by``); a new one is a module and a line here."""
