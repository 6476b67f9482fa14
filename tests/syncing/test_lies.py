"""Whatever is answered in the place of a registry: a pass ends, says the truth, and the next heals."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from memory_journal import Chain, Line, follower, held, open_registry
from shares import LYING_REGISTRIES
from spoiled import refusal, spoiled

from sync.protocol.letters import Letter
from sync.protocol.states import FeedHead

pytestmark = pytest.mark.slow  # a hundred lying registries

EPOCH = "00000000000000e1"
_DAY = 86_400


class Mailbox:
    """Letters that a site has taken."""

    def __init__(self) -> None:
        self.heads = {"nation": FeedHead(), "own": FeedHead()}

    def cursor(self, feed: str) -> FeedHead:
        return self.heads[feed]

    def take(self, letters: Sequence[Letter]) -> None:
        last = letters[-1]
        self.heads[last.feed] = FeedHead(last.number, last.id)


class Liar(Line):
    """A line on which somebody answers now and then: in the registry's place, or changes its answer.

    ``share`` of the answers are lies: refusals, spoiled answers, and older ones, as they were or
    spoiled.
    """

    def __init__(self, client: FlaskClient, chance: random.Random, share: float) -> None:
        super().__init__(client)
        self.authenticated = chance.random() < 0.5
        self.share = share
        self._chance = chance
        self._heard: list[Any] = []

    def ask(self, path: str, body: bytes | None) -> Any:
        chance = self._chance
        if chance.random() > self.share:
            answer = super().ask(path, body)
            self._heard.append(answer)
            return answer
        heard = super().ask(path, body) if chance.random() < 0.4 else None
        if heard is None and self._heard:
            heard = chance.choice(self._heard[-8:])
        lie = chance.choice((heard, spoiled(chance, heard), spoiled(chance, heard), None))
        return refusal(chance) if lie is None else lie


@pytest.mark.parametrize("seed", LYING_REGISTRIES)
def test_a_pass_survives_every_answer_and_never_says_synced_when_it_is_not(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    store, client = open_registry(tmp_path / "registry.db")
    chain = Chain()
    chain.open(EPOCH)
    chain.append(chance.choice((1, 30, 250)))
    line = Liar(client, chance, chance.choice((0.1, 0.3, 0.6, 1.0)))
    site = follower(chain, line, Mailbox())
    for _ in range(4):
        if chance.random() < 0.3:
            chain.append(3, type_=chance.choice(("CertificateRevoked", "DoseGiven")))
        done = site.run()
        assert done.state != "synced" or len(held(store)) == len(chain.all)
        assert chain.proven <= len(held(store))
        json.dumps([done.code, done.trouble.format(**done.values)])  # it can be shown
        assert 0 <= (done.come_back or 0) <= _DAY
    line.share = 0.0
    states = [site.run().state for _ in range(3)]
    assert states[-1] == "synced"
    assert len(held(store)) == len(chain.all) == chain.proven
    store.close()
