"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from edge.domain.identities import BY_PATTERN, OWN_CODE
from edge.plugins.identity.contract import IdentityType
from edge.plugins.identity.numbers import COUNTRIES, SCHEMES, CheckedNumber, CountryNumber
from edge.plugins.identity.papers import NoPaper, OwnCard, PhoneNumber, PlainNumber

IDENTITY_TYPES: Mapping[str, Callable[[], IdentityType]] = {
    **{name: partial(CountryNumber, module) for name, module in COUNTRIES.items()},
    **{name: partial(CheckedNumber, validate) for name, validate in SCHEMES.items()},
    "birth-registration": PlainNumber,
    BY_PATTERN: PlainNumber,
    "own-card": OwnCard,
    "phone": PhoneNumber,
    OWN_CODE: NoPaper,
}
"""Every reader by its name in a campaign (``read_by``); a new one is a module and a line here."""
