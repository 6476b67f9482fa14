"""Real processes over a line that is slow, loses, breaks off or goes silent."""

from __future__ import annotations

import random

import pytest
from networks import Link, Networks
from processes import Registry, Site, set_up_again, until
from shares import BAD_LINES

pytestmark = pytest.mark.slow  # real processes on bad lines

Ends = tuple[Site, Registry]
SATELLITE = Link(rate=32_000, delay=0.3, loss=0.05)
SHAKY = Link(rate=256_000, delay=0.05, jitter=0.2, loss=0.02, duplication=0.1)


def everything_is_there_once(site: Site, registry: Registry, doses: int) -> None:
    """Check that the registry holds the site's own chain, whole, and that the site knows it."""
    (told,) = site.told("status")
    ((held,),) = registry.told("nodes")
    assert told["entries"] == told["delivered"] == held["entries"] > 2 * doses
    assert held["alarms"] == 0
    (proof,) = site.told("journal", "verify")
    assert proof["broken"] is None
    own = {
        (one["epoch"], one["number"]): one["hash"]
        for one in site.told("journal", "list", "--last", "100000")
    }
    ((place, hash_),) = {
        (one["epoch"], one["number"]): one["hash"] for one in told["receipts"]
    }.items()
    heads = {(one["epoch"], one["number"]): one["hash"] for one in held["heads"]}
    assert heads[place] == hash_
    assert heads == {place: own[place] for place in heads}
    entries = [
        entry for head in held["heads"] for entry in registry.entries(held["node"], head["epoch"])
    ]
    assert len({entry["id"] for entry in entries}) == len(entries) == len(own)
    assert sum(entry["type"] == "DoseGiven" for entry in entries) == doses


@pytest.mark.parametrize("link", [SATELLITE, SHAKY])
def test_a_bad_line_takes_time_and_nothing_else(
    networks: Networks, ends: Ends, people: list[str], link: Link
) -> None:
    site, registry = ends
    networks.line(link)
    with registry, site:
        assert site.settles(300, "synced", "refused", "diverged")["state"] == "synced"
        everything_is_there_once(site, registry, len(people))
    assert networks.count()["lost"] > 0


@pytest.mark.parametrize("seed", BAD_LINES)
def test_a_line_that_breaks_in_requests_and_answers_loses_nothing_and_doubles_nothing(
    networks: Networks, ends: Ends, people: list[str], seed: int
) -> None:
    site, registry = ends
    chance = random.Random(seed)
    cuts = [
        {"what": "cut", "way": way, "bytes": chance.randint(*bounds)}
        for way, bounds in (("up", (900, 6000)), ("down", (60, 700))) * 2
    ]
    networks.line(Link(rate=1_000_000, delay=0.02))
    networks.script(*cuts)
    states: list[str] = []
    with registry:
        while "synced" not in states:
            assert len(states) <= 2 * len(cuts), states
            with site:  # started anew, so that it does not wait before it tries again
                states.append(site.settles(60)["state"])
        everything_is_there_once(site, registry, len(people))
    assert networks.count()["cuts"] == len(cuts)


def test_a_line_that_goes_silent_in_an_upload_does_not_hold_a_pass_for_ever(
    networks: Networks, ends: Ends, people: list[str]
) -> None:
    site, registry = ends
    networks.line(Link(rate=256_000, delay=0.02))
    networks.script({"what": "hole", "way": "up", "bytes": 5_000})
    set_up_again(site, registry_patience=5)
    with registry, site:
        until(lambda: networks.count()["holes"], 30, "the upload is on its way")
        assert site.sync()["state"] == "waiting"
        said = site.settles(120)
        assert said["state"] == "unreachable"
        assert said["delivered"] < said["recorded"]
        networks.hole(False)
        site.settles(120, "synced")
        everything_is_there_once(site, registry, len(people))
