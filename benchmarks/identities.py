"""What it costs to read a number, and to hide one: a processor's time for each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.domain.campaign_texts import CampaignText
from edge.domain.identities import IdentityRule, IdentityRules
from edge.plugins.guard import Guard
from edge.plugins.identity.table import IDENTITY_TYPES
from edge.services.identities import Identities, IdentityReader, key_check
from sync.resources import resource

_KEY = bytes(32)
_TYPE = "in.gov.uidai.aadhaar"
_NUMBER = f"did:{_TYPE}:2341 2341 2346"


def measure() -> dict[str, float]:
    """Read one number again and again, kept whole and as a digest."""
    return {
        "a number checked and kept whole, ms": _each(_kept("whole"), 2000),
        "a number checked and kept as a digest, ms": _each(_kept("keyed"), 40),
    }


def _kept(how: str) -> Callable[[], str]:
    rule = IdentityRule(type=_TYPE, words=CampaignText("n"), read_by=_TYPE, kept=how)  # type: ignore[arg-type]
    rules = IdentityRules((rule,), key_check(_KEY))
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    catalogue = replace(to_catalogue(body), identities=rules)
    guard = Guard("identity", _TYPE, lambda *_: None)
    readers = {_TYPE: IdentityReader(guard, IDENTITY_TYPES[_TYPE]())}
    identities = Identities(readers, _KEY, lambda: catalogue)
    return lambda: identities.kept(_NUMBER)


def _each(work: Callable[[], str], times: int) -> float:
    work()
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) * 1000 / times


if __name__ == "__main__":
    for name, figure in measure().items():
        print(f"{name}: {figure:.3f}")
